"""The pages of the documentation are true: their code runs, from top to bottom, and prints what they show.

README.md and docs/testing.md have tests of their own (`test_readme.py`, `test_docs.py`), since their blocks are whole
programs; on any other page the blocks build on each other. Only the server is another one here: an emulator.
"""

from __future__ import annotations

import doctest
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parent.parent
FILES = [
    *ROOT.glob("*.md"),
    *(path for name in ("docs", "examples", "scripts") for path in (ROOT / name).rglob("*.md")),
]
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(FILES)}
OTHERWISE_TESTED = {"README.md", "docs/testing.md", "docs/vendoring.md"}
# Blocks of Python that cannot be run here, by page: how many, each below a line `<!-- not run: why -->`.
NOT_RUN: dict[str, int] = {}
# How the server of a page is started, and what stands still there so that the page can tell of it.
SERVERS: dict[str, dict[str, Any]] = {"docs/guide/comfyui.md": {"dialect": "comfyui"}}
HELD: dict[str, Callable[[Emulator], None]] = {"docs/guide/cancelling.md": Emulator.pause}

FENCE = re.compile(r"^(<!-- not run: .+ -->\n+)?```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    line: int
    code: str
    prints: str
    """What it prints, as the page shows it in a block of text below."""


def blocks_of(page: str) -> list[Block]:
    """The blocks of Python on a page that are run."""
    fences = [(match.start(3), *match.groups()) for match in FENCE.finditer(PAGES[page])]
    found = []
    for number, (start, skipped, language, code) in enumerate(fences):
        if language == "python" and not skipped:
            below = fences[number + 1] if number + 1 < len(fences) else None
            prints = below[3] if below and below[2] == "text" else ""
            found.append(Block(PAGES[page].count("\n", 0, start), code, prints))
    return found


WITH_CODE = [page for page in PAGES if page not in OTHERWISE_TESTED and blocks_of(page)]


@pytest.mark.parametrize("page", WITH_CODE)
def test_a_page_runs_from_top_to_bottom_and_prints_what_it_shows(
    page: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    httpserver: HTTPServer,
) -> None:
    """A reader copies it block by block; dots stand for what differs from run to run."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    httpserver.expect_request("/harbour.safetensors").respond_with_data(b"weights")
    names: dict[str, Any] = {"__name__": "__main__"}
    with Emulator(**SERVERS.get(page, {})) as server:
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", server.api_key)
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", server.url)
        HELD.get(page, lambda _: None)(server)
        addresses = {
            "http://127.0.0.1:8188": server.url,
            "https://huggingface.co/acme/harbour/resolve/main": httpserver.url_for("/").rstrip("/"),
        }
        try:
            for block in blocks_of(page):
                run(page, block, addresses, names)
                printed = capsys.readouterr()
                shown = doctest.OutputChecker().check_output(block.prints, printed.out, doctest.ELLIPSIS)
                assert shown, f"{page}:{block.line} prints\n{printed.out}and the page shows\n{block.prints}"
                assert printed.err == ""
        finally:
            for client in [value for value in names.values() if isinstance(value, ComfyCloud)]:
                client.close()


def run(page: str, block: Block, addresses: dict[str, str], names: dict[str, Any]) -> None:
    code = block.code
    for address, here in addresses.items():
        code = code.replace(address, here)
    # Empty lines in front, so that a traceback names the line of the page.
    exec(compile("\n" * block.line + code, str(ROOT / page), "exec", dont_inherit=True), names)


def test_no_block_of_python_is_left_out() -> None:
    """Code that nobody runs is wrong within a year."""
    not_run = {page: len(re.findall(r"^<!-- not run: .+ -->\n+```python$", text, re.M)) for page, text in PAGES.items()}
    assert {page: count for page, count in not_run.items() if count} == NOT_RUN
    for page, text in PAGES.items():
        marked = len(re.findall(r"```[ {]*(?:code-block::)? *(?:python|py|pycon|python3)\b", text))
        assert len(blocks_of(page)) + not_run[page] == marked, f"{page}: a block of Python in a form that is not run"


def test_every_link_between_files_leads_somewhere() -> None:
    """A page of a Git host does not say that a link is dead until somebody follows it."""
    dead = []
    for page, text in PAGES.items():
        without_code = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
        for link in re.findall(r"\]\(([^)\s]+)\)", without_code):
            path, _, place = link.partition("#")
            if re.match(r"\w+:", link):
                continue
            target = (ROOT / page).parent / path if path else ROOT / page
            if not target.exists() or (place and place not in places(target)):
                dead.append(f"{page}: {link}")
    assert dead == []


def places(page: Path) -> set[str]:
    """The anchors of a page's headings, as Git hosts and the site make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
