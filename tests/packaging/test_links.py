"""The check of the built site: without it, dead links go out unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_links


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ('<a href="other.html#here">', None),
        ('<a href="#top">', None),
        ('<a href="https://example.com/">', None),
        ('<a href="none.html">', "none.html leads to a file that does not exist"),
        ('<a href="other.html#there">', "other.html#there leads to an anchor that does not exist on that page"),
        ('<script src="https://example.com/x.js">', "loads https://example.com/x.js from another site"),
        ('<link rel="stylesheet" href="none.css">', "none.css leads to a file that does not exist"),
    ],
    ids=["place", "top", "elsewhere", "no file", "no place", "foreign script", "no style"],
)
def test_what_leads_nowhere_or_loads_from_elsewhere_is_told(
    link: str, says: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader who follows a link gets a page, and nobody else hears of it."""
    (tmp_path / "index.html").write_text(link, encoding="utf-8")
    (tmp_path / "other.html").write_text('<h1 id="here">Here</h1>', encoding="utf-8")
    assert check_links.main(str(tmp_path)) == (0 if says is None else 1)
    assert capsys.readouterr().err == ("" if says is None else f"index.html: {says}\n")


def test_a_site_without_pages_is_no_success(tmp_path: Path) -> None:
    """A build that wrote nothing would otherwise pass."""
    assert check_links.main(str(tmp_path)) == 1
