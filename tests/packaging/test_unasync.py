"""The derivation: names change, everything else stays, and neither the table nor the derived code can rot."""

from __future__ import annotations

import ast
import functools
import shutil
from pathlib import Path
from typing import Any

import pytest

import unasync

MEND = "repair it with: make derive"


ROOT, PAIRS, CONVERT = unasync.ROOT, unasync.PAIRS, unasync.convert


@functools.cache
def converted(source: str) -> tuple[str, frozenset[str]]:
    used: set[str] = set()
    return CONVERT(source, used), frozenset(used)


def convert_once(source: str, used: set[str]) -> str:
    """What the script's own gives. To derive all files takes seconds, and between tests one or none of them changes."""
    text, rules = converted(source)
    used |= rules
    return text


def work_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the script read and write there instead of in the repo."""
    pairs = tuple(tuple(folder / path.relative_to(ROOT) for path in pair) for pair in PAIRS)
    monkeypatch.setattr(unasync, "convert", convert_once)
    monkeypatch.setattr(unasync, "ROOT", folder)
    monkeypatch.setattr(unasync, "PAIRS", pairs)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folders that the script reads and writes, in which it works."""
    copy_sources(tmp_path)
    work_in(tmp_path, monkeypatch)
    return tmp_path


def copy_sources(folder: Path) -> None:
    for path in [path for pair in PAIRS for path in pair]:
        shutil.copytree(path, folder / path.relative_to(ROOT), ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)


@pytest.fixture(scope="module")
def up_to_date(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("derived")
    copy_sources(folder)
    with pytest.MonkeyPatch.context() as patch:
        work_in(folder, patch)
        assert unasync.main([]) == 0
    return folder


@pytest.fixture
def derived(
    up_to_date: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """The same, with the derived code up to date."""
    shutil.copytree(up_to_date, tmp_path, dirs_exist_ok=True)
    work_in(tmp_path, monkeypatch)
    capsys.readouterr()
    return tmp_path


def texts(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}


def test_the_repo_holds_what_its_async_code_gives(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = texts(copy)
    assert unasync.main(["--check"]) == 0, capsys.readouterr().err
    assert unasync.main([]) == 0
    assert texts(copy) == before


def change(folder: Path) -> str:
    path = folder / "overrides" / "comfy_cloud" / "_sync" / "client.py"
    path.write_text(path.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    return "overrides/comfy_cloud/_sync/client.py"


def line_endings(folder: Path) -> str:
    path = folder / "overrides" / "comfy_cloud" / "_sync" / "client.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return "overrides/comfy_cloud/_sync/client.py"


def one_comment(folder: Path) -> str:
    path = folder / "overrides" / "comfy_cloud" / "_async" / "jobs.py"
    path.write_text(path.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    return "overrides/comfy_cloud/_sync/jobs.py"


def remove(folder: Path) -> str:
    (folder / "overrides" / "comfy_cloud" / "_sync" / "http.py").unlink()
    return "overrides/comfy_cloud/_sync/http.py"


def stale(folder: Path) -> str:
    (folder / "tests" / "_sync" / "test_gone.py").write_text("", encoding="utf-8")
    return "tests/_sync/test_gone.py"


@pytest.mark.parametrize("edit", [change, line_endings, one_comment, remove, stale])
def test_check_names_the_file_and_the_command_that_mends(
    edit: Any, derived: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An edit of derived code is lost on the next run, and one flavour without the other is a bug."""
    name = edit(derived)
    before = texts(derived)
    assert unasync.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert told == f"{name} differs from what its async source gives\n{MEND}\n"
    assert texts(derived) == before, "--check writes nothing"
    assert unasync.main([]) == 0
    assert unasync.main(["--check"]) == 0


def test_what_is_written_by_hand_is_left_alone(derived: Path) -> None:
    """Sleeping and running in parallel cannot be derived."""
    path = derived / "overrides" / "comfy_cloud" / "_sync" / "backend.py"
    path.write_text("BY_HAND = True\n", encoding="utf-8")
    assert unasync.main([]) == 0
    assert unasync.main(["--check"]) == 0
    assert path.read_text(encoding="utf-8") == "BY_HAND = True\n"


def test_what_is_written_by_hand_stands_in_both_flavours() -> None:
    for name in unasync.BY_HAND:
        assert (unasync.PACKAGE / "_async" / name).is_file()
        assert (unasync.PACKAGE / "_sync" / name).is_file()


def test_a_rule_that_matches_nothing_fails(derived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the table keeps what nobody dares to remove."""
    monkeypatch.setitem(unasync.NAMES, "never_written_anywhere", "x")
    before = texts(derived)
    with pytest.raises(SystemExit, match=r"rules that match nothing.*: never_written_anywhere$"):
        unasync.main([])
    assert texts(derived) == before


def test_a_source_that_does_not_parse_is_named(derived: Path) -> None:
    path = derived / "overrides" / "comfy_cloud" / "_async" / "jobs.py"
    path.write_text(path.read_text(encoding="utf-8") + "\ndef broken(:\n", encoding="utf-8")
    before = texts(derived)
    with pytest.raises(SystemExit, match=r"^unasync: overrides/comfy_cloud/_async/jobs\.py: "):
        unasync.main([])
    assert texts(derived) == before


def test_an_unknown_argument_is_refused(derived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert unasync.main(["--chekc"]) == 2
    assert "--check" in capsys.readouterr().err


SOURCE = '''\
# Comments stay; only "await it" loses a word.
class AsyncThing(_AsyncBase):
    """Use it as `async with AsyncComfyCloud()`."""

    async def __aenter__(self) -> AsyncIterator[int]:  # and so does this
        async with self.lock, other:
            return await self.aread(
                await self.parts,   # odd   spacing   stays
                f"{{braces}} {self.name!r:>{width}}",
            )

    asynchronous = [x async for x in awaited]
    await_me = Asynchronous
'''

WANTED = '''\
# Comments stay; only "it" loses a word.
class Thing(_Base):
    """Use it as `with ComfyCloud()`."""

    def __enter__(self) -> Iterator[int]:  # and so does this
        with self.lock, other:
            return self.read(
                self.parts,   # odd   spacing   stays
                f"{{braces}} {self.name!r:>{width}}",
            )

    asynchronous = [x for x in awaited]
    await_me = Asynchronous
'''


def test_names_change_and_everything_else_stays() -> None:
    used: set[str] = set()
    assert unasync.convert(SOURCE, used) == WANTED
    assert {"async", "await", "Async*", "AsyncIterator", "__aenter__", "aread", "async with "} <= used


def test_no_f_string_holds_names_that_the_table_changes() -> None:
    """Python 3.11 sees an f-string as one text and later ones see its parts: they would derive different code."""
    for folder, _ in unasync.PAIRS:
        for path in folder.rglob("*.py"):
            for string in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(string, ast.JoinedStr):
                    parts = list(ast.walk(string))
                    words = {getattr(part, "id", getattr(part, "attr", "")) for part in parts}
                    changed = [word for word in words if unasync._name(word, set()) != word]
                    waiting = [part for part in parts if isinstance(part, ast.Await) or getattr(part, "is_async", 0)]
                    assert not changed + waiting, f"{path}:{string.lineno}"


def test_the_derived_code_has_nothing_asynchronous_left() -> None:
    """An `await` that survived is a coroutine that nobody runs."""
    for _, folder in unasync.PAIRS:
        for path in folder.rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            waiting = (ast.AsyncFunctionDef, ast.AsyncWith, ast.AsyncFor, ast.Await)
            found = [node for node in ast.walk(tree) if isinstance(node, waiting)]
            assert not found, path
