"""The pages of the documentation are true: their code runs, from top to bottom, and prints what they show.

README.md and docs/testing.md have tests of their own (`test_readme.py`, `test_docs.py`), since their blocks are whole
programs; on any other page the blocks build on each other. Only the server is another one here: an emulator, of each
kind of server in turn.

A block that cannot do its work on every kind of server has a line above it that says where it can, which error it
raises elsewhere, and why: `<!-- dialects: cloud cloud-next; elsewhere NotSupportedError: why -->`. Both are tested. If
servers make a block print different things, each block of text below it has a line `<!-- prints on: cloud -->`.
"""

from __future__ import annotations

import doctest
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from opentelemetry import trace
from opentelemetry.util._once import Once
from pytest_httpserver import HTTPServer

from comfy_cloud import ComfyCloud, errors
from comfy_cloud.testing import Emulator, Gateway
from comfy_cloud.testing._servers.dialect_table import DialectName

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *ROOT.glob("*.md"),
    *(path for name in ("docs", "examples", "scripts") for path in (ROOT / name).rglob("*.md")),
]
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(FILES)}
# A page on the emulator names the server in each block; one that copies the package starts none. Blocks that are tests
# are run by pytest.
OTHERWISE_TESTED = {"README.md", "docs/testing.md", "docs/vendoring.md", "docs/guide/in-tests.md"}
# Blocks of Python that cannot be run here, by page: how many, each below a line `<!-- not run: why -->`.
NOT_RUN: dict[str, int] = {"docs/guide/dask.md": 4}
DIALECTS: tuple[DialectName, ...] = get_args(DialectName)
# What is in front of the server of a page.
GATEWAYS = {"docs/guide/gateways.md": Gateway.basic("ann", "secret")}
# What stands still on the server of a page so that the page can tell of it.
HELD: dict[str, Callable[[Emulator], None]] = {"docs/guide/cancelling.md": Emulator.pause}

FENCE = re.compile(r"^(?:<!-- ([^\n]+) -->\n+)?```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
WORKS_ON = re.compile(r"dialects: ([a-z -]+); elsewhere (\w+): \S.+")
PRINTS_ON = re.compile(r"prints on: ([a-z -]+)")


class Block(NamedTuple):
    line: int
    code: str
    works_on: list[str]
    error: str
    """The error that it raises on every other server."""
    prints: dict[str, str]
    """What it prints on each server, as the page shows it in blocks of text below."""


def blocks_of(page: str) -> list[Block]:
    """The blocks of Python on a page that are run."""
    found: list[Block] = []
    for match in FENCE.finditer(PAGES[page]):
        mark, language, text = match.groups(default="")
        if language == "python" and not mark.startswith("not run: "):
            works_on = WORKS_ON.fullmatch(mark)
            names, error = works_on.groups() if works_on else (" ".join(DIALECTS), "")
            found.append(Block(PAGES[page].count("\n", 0, match.start(3)), text, names.split(), error, {}))
        elif language == "text" and found:
            prints_on = PRINTS_ON.fullmatch(mark)
            found[-1].prints.update(dict.fromkeys(prints_on[1].split() if prints_on else DIALECTS, text))
    return found


WITH_CODE = [page for page in PAGES if page not in OTHERWISE_TESTED and blocks_of(page)]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("page", WITH_CODE)
def test_a_page_runs_from_top_to_bottom_and_prints_what_it_shows(
    page: str,
    dialect: DialectName,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    httpserver: HTTPServer,
) -> None:
    """A reader copies it block by block; dots stand for what differs from run to run."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(tmp_path)  # as for a script, which can import modules that stand beside it
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)  # a page sets it, which a process can do once
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    httpserver.expect_request("/harbour.safetensors").respond_with_data(b"weights")
    names: dict[str, Any] = {"__name__": "__main__"}
    with Emulator(dialect=dialect, gateway=GATEWAYS.get(page)) as server:
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", server.api_key)
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", server.url)
        HELD.get(page, lambda _: None)(server)
        addresses = {
            "http://127.0.0.1:8188": server.url,
            "https://huggingface.co/acme/harbour/resolve/main": httpserver.url_for("/").rstrip("/"),
        }
        try:
            for block in blocks_of(page):
                if dialect not in block.works_on:
                    with pytest.raises(getattr(errors, block.error)):
                        run(page, block, addresses, names)
                    capsys.readouterr()
                    continue
                run(page, block, addresses, names)
                printed, wanted = capsys.readouterr(), block.prints.get(dialect, "")
                shown = doctest.OutputChecker().check_output(wanted, printed.out, doctest.ELLIPSIS)
                assert shown, f"{page}:{block.line} prints\n{printed.out}and the page shows\n{wanted}"
                assert printed.err == ""
        finally:
            for client in [value for value in names.values() if isinstance(value, ComfyCloud)]:
                client.close()
            for name, module in [*sys.modules.items()]:  # written by the page, for this server
                if str(getattr(module, "__file__", "")).startswith(f"{tmp_path}"):
                    del sys.modules[name]


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


def test_every_word_on_where_a_block_works_is_read() -> None:
    """A slip in a line that nobody sees would leave a kind of server out, or say nothing at all."""
    for page in WITH_CODE:
        marks = [mark for mark, *_ in FENCE.findall(PAGES[page]) if mark and not mark.startswith("not run: ")]
        assert all(WORKS_ON.fullmatch(mark) or PRINTS_ON.fullmatch(mark) for mark in marks)
        assert len(re.findall(r"\b(?:dialects|prints on)\b", PAGES[page])) == len(marks), f"{page}: not above a block"
        for block in blocks_of(page):
            assert set(DIALECTS) >= {*block.works_on, *block.prints}
            assert bool(block.error) == (set(block.works_on) < set(DIALECTS))
            assert not block.prints or {*block.prints} >= {*block.works_on}


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
