"""The rules of the house that make a copy under another name work, a change of httpx one change, and reading easy."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import comfy_cloud

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "overrides" / "comfy_cloud"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if (PACKAGE / "raw") not in path.parents)
NAMES = [path.relative_to(PACKAGE).as_posix() for path in MODULES]

every_module = pytest.mark.parametrize("path", MODULES, ids=NAMES)


def part_of(path: Path) -> str:
    """The folder of the package that a module stands in; empty for the top."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports(path: Path) -> list[tuple[int, str]]:
    """(level, dotted name) of every import, wherever it stands; `from . import a` counts as `a`."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            found += [(node.level, module + alias.name) for alias in node.names]
    return found


def targets(path: Path) -> set[str]:
    """What a module imports of the package, as dotted names from the package on."""
    home = path.relative_to(PACKAGE).parts[:-1]
    return {".".join((*home[: len(home) - level + 1], name)) for level, name in imports(path) if level}


@every_module
def test_imports_of_our_own_are_relative(path: Path) -> None:
    """A vendored copy lives under another name, perhaps beside an installed one."""
    absolute = [name for level, name in imports(path) if not level and name.split(".")[0] == "comfy_cloud"]
    assert absolute == []


def test_the_generated_client_imports_itself_relatively() -> None:
    for path in (PACKAGE / "raw").rglob("*.py"):
        tops = {name.split(".")[0] for level, name in imports(path) if not level}
        assert not tops & {"comfy_cloud", "comfy_cloud_api"}, path


def code_strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Strings that code uses: no docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


@every_module
def test_the_name_of_the_package_is_in_no_string(path: Path) -> None:
    """It would lead a renamed copy to an installed one. What is sent to servers under that name may stay."""
    found = [(line, text) for line, text in code_strings(tree_of(path)) if re.search(r"\bcomfy_cloud\b(?!_)", text)]
    if path.name == "_logging.py":
        assert [text for _, text in found] == ["comfy_cloud"], "the logger's name, and nothing else"
    else:
        assert found == []


@every_module
def test_only_the_two_flavours_know_the_raw_client(path: Path) -> None:
    """The rest works on plain values, so that a regenerated client touches two folders only."""
    if part_of(path) in {"_async", "_sync"}:
        return
    raw = {name for name in targets(path) if name.split(".")[0] == "raw"}
    if path == PACKAGE / "__init__.py":
        raw -= {"raw"}  # it is public; here only as a name
    assert raw == set()


@every_module
def test_httpx_is_imported_in_one_module(path: Path) -> None:
    """A move to its successor is then one change."""
    if path.name == "_httpx.py":
        return
    tops = {name.split(".")[0] for level, name in imports(path) if not level}
    assert not tops & {"httpx", "httpcore"}


OUTSIDE = frozenset(
    {"asyncio", "anyio", "httpx", "os", "select", "socket", "ssl", "subprocess", "threading", "time", "urllib3"}
)
# Types and spellings of paths; neither asks the machine.
HARMLESS = frozenset({"os.PathLike", "os.fsdecode", "os.fspath"})
CLOCKS_AND_FILES = re.compile(r"(open|print|input|(datetime\.)?date(time)?\.(now|utcnow|today))")


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(path) == "_core"], ids=lambda path: path.name)
def test_the_core_does_no_io_and_reads_no_clock(path: Path) -> None:
    """Decisions are tested without servers, and used by both flavours."""
    tree = tree_of(path)
    names = {name for level, name in imports(path) if not level}
    assert not [name for name in names - HARMLESS if name.split(".")[0] in OUTSIDE]
    inside = {name.split(".")[0] for name in targets(path)}
    assert not inside & {"_async", "_sync", "_httpx", "_settings", "raw", "testing"}
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not [call for call in calls if CLOCKS_AND_FILES.fullmatch(call)]


@every_module
def test_the_client_does_not_need_the_emulator(path: Path) -> None:
    """Users install it without the extra `testing`."""
    if part_of(path) != "testing":
        assert not {name for name in targets(path) if name.split(".")[0] == "testing"}


@every_module
def test_modules_are_short_and_say_what_they_are(path: Path) -> None:
    tree = tree_of(path)
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
    assert not tree.body or ast.get_docstring(tree), "the first lines say what a module does"


# Lines of code of the layer: without blank lines, comments and docstrings. Lower it when code goes; raising it is a
# decision that a commit message explains.
LAYER_LINES = 5000


def test_the_layer_does_not_grow_unnoticed() -> None:
    """Written by hand, without the emulator and what is derived. Thin is a promise that is lost line by line."""
    layer = [path for path in MODULES if part_of(path) not in {"testing", "_sync"}]
    lines = {path.name: code_lines(path) for path in layer}
    assert sum(lines.values()) <= LAYER_LINES, sorted(lines.items(), key=lambda item: item[1])


def code_lines(path: Path) -> int:
    """Lines with code on them."""
    source = path.read_text(encoding="utf-8")
    texts = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    kept = (line for number, line in enumerate(source.splitlines(), 1) if number not in texts)
    return sum(1 for line in kept if line.strip() and not line.lstrip().startswith("#"))


def test_scripts_are_short_too() -> None:
    for path in (ROOT / "scripts").glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 400, path.name


def test_the_version_is_the_newest_of_the_changelog() -> None:
    """A release is read from both."""
    headings = re.findall(r"^## (\S+) - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings, "CHANGELOG.md has headings like: ## 0.1.0 - unreleased"
    assert headings[0][0] == comfy_cloud.__version__
    for _, date in headings[1:]:
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", date), "only the newest may be unreleased"


def attribute(name: str, path: str) -> str:
    command = ["git", "check-attr", name, "--", path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip().rpartition(": ")[2]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git reads .gitattributes only in a checkout")
@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("generated/comfy_cloud_api/types.py", "true"),
        ("overrides/comfy_cloud/_sync/client.py", "true"),
        ("tests/_sync/test_jobs.py", "true"),
        ("overrides/comfy_cloud/_sync/backend.py", "false"),
        ("overrides/comfy_cloud/_async/client.py", "unspecified"),
    ],
)
def test_reviews_fold_away_what_no_one_wrote(path: str, wanted: str) -> None:
    assert attribute("linguist-generated", path) == wanted


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git reads .gitattributes only in a checkout")
def test_line_endings_are_the_same_everywhere() -> None:
    """The drift checks compare bytes."""
    assert attribute("eol", "overrides/comfy_cloud/workflow.py") == "lf"
    assert attribute("text", "examples/picture.png") == "unset"


def test_one_package_from_two_roots() -> None:
    """Editable installs and type checkers see the generated client through a relative link."""
    link = PACKAGE / "raw"
    assert link.is_symlink()
    assert link.readlink() == Path("../../generated/comfy_cloud_api")
