"""What a notebook shows: bounded, escaped, and fetched from nowhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from comfy_cloud._core.display import ShownOutput, can_be_shown, card, gallery
from comfy_cloud._core.job_state import JobStatus

PNG = b"\x89PNG\r\n\x1a\n"
EVIL = "\"><script>alert('x')</script>"


def test_what_servers_and_users_wrote_is_escaped() -> None:
    """A file's name or an error of a custom node runs no code in somebody's notebook."""
    html = gallery(
        [
            ShownOutput(EVIL, EVIL, "image", "image/png", content=PNG, hint=EVIL),
            ShownOutput(EVIL, EVIL, "video", EVIL, content=b"film"),
            ShownOutput(EVIL, EVIL, "text", "text/plain", text=EVIL),
            ShownOutput(EVIL, EVIL, "file", EVIL, hint=EVIL),
        ]
    ) + card(EVIL, JobStatus.FAILED, error=EVIL, dropped=[EVIL])
    assert "<script" not in html
    assert len(re.findall(r"&quot;&gt;&lt;script&gt;", html)) >= 10


@pytest.mark.parametrize(
    ("kind", "content", "tag"),
    [
        ("image", PNG, "<img "),
        ("file", PNG, "<img "),
        ("image", b"<svg onload=alert(1)>", None),
        ("video", b"film", "<video controls"),
        ("audio", b"sound", "<audio controls"),
        ("video", b"", None),
        ("3d", b"glTF", None),
    ],
)
def test_only_what_a_notebook_can_show_is_shown(kind: str, content: bytes, tag: str | None) -> None:
    shown = can_be_shown(kind, content)  # type: ignore[arg-type]
    assert shown is (tag is not None)
    html = ShownOutput("1", "a", kind, "a/b", content=content if shown else None).html()  # type: ignore[arg-type]
    assert tag is None or tag in html
    assert "svg" not in html


def test_a_gallery_is_bounded_in_number_and_size() -> None:
    """It is stored inside the notebook's file, and sent to the browser each time."""
    small = ShownOutput("1", "a.png", "image", "image/png", content=PNG)
    assert gallery([small] * 30).count("<img ") == 24
    assert "and 6 more" in gallery([small] * 30)
    large = ShownOutput("1", "b.png", "image", "image/png", content=PNG + bytes(5 << 20))
    html = gallery([large] * 6 + [small])
    assert html.count("<img ") == 4, "three large ones are 15 MB, a fourth would be beyond 20, a small one is not"
    assert "and 3 more" in html
    text = ShownOutput("1", "a", "text", "text/plain", text="x" * 1_000_000)
    assert len(gallery([text])) < 30_000
    assert "no outputs" in gallery([])


def test_a_card_tells_the_state_of_a_job() -> None:
    html = card(
        "0123",
        JobStatus.FAILED,
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        error="failed in node 7",
        dropped=["9"],
        kinds=["image", "image", "text"],
    )
    for told in (
        "<b>failed</b>",
        "<code>0123</code>",
        "submitted 2026-01-02 03:04:05 UTC",
        "failed in node 7",
        "left out by the server: 9",
        "outputs: 2x image, 1x text",
    ):
        assert told in html
    assert "in progress" in card("a", JobStatus.IN_PROGRESS)
    assert "not asked yet" in card("a", None)
