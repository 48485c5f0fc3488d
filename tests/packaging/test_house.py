"""The rules of the house that make a copy under another name work, a change of httpx one change, and reading easy."""

from __future__ import annotations

import ast
import functools
import io
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import comfy_cloud

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "overrides" / "comfy_cloud"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if (PACKAGE / "raw") not in path.parents)
SCRIPTS = sorted((ROOT / "scripts").rglob("*.py"))

NOT_CODE = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def part_of(path: Path) -> str:
    """Return the folder of the package that holds a module; empty for the package itself."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def named(path: Path) -> str:
    """Name a file in a failure message, by its path in the repo."""
    return path.relative_to(ROOT).as_posix()


def tops(path: Path) -> set[str]:
    """Return the top-level packages of others that a module imports."""
    return {name.split(".")[0] for level, name in imports(path) if not level}


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports(path: Path) -> list[tuple[int, str]]:
    """List level and dotted name of every import, also inside functions; `from . import a` counts as `a`."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            found += [(node.level, module + alias.name) for alias in node.names]
    return found


def targets(path: Path) -> set[str]:
    """Return what a module imports of the package, as dotted names from the package on."""
    home = path.relative_to(PACKAGE).parts[:-1]
    return {".".join((*home[: len(home) - level + 1], name)) for level, name in imports(path) if level}


def test_imports_of_our_own_are_relative() -> None:
    """A vendored copy lives under another name, perhaps beside an installed one."""
    assert [
        f"{named(path)}: {name}"
        for path in MODULES
        for level, name in imports(path)
        if not level and name.split(".")[0] == "comfy_cloud"
    ] == []


def test_the_generated_client_imports_itself_relatively() -> None:
    generated = (PACKAGE / "raw").rglob("*.py")
    assert [named(path) for path in generated if tops(path) & {"comfy_cloud", "comfy_cloud_api"}] == []


def code_strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of the strings that code uses, which docstrings are not."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_the_name_of_the_package_is_in_no_string() -> None:
    """It would lead a renamed copy to an installed one. Only the logger is called by it."""
    assert [
        f"{named(path)}: {text}"
        for path in MODULES
        for _, text in code_strings(tree_of(path))
        if re.search(r"\bcomfy_cloud\b(?!_)", text)
    ] == ["overrides/comfy_cloud/_logging.py: comfy_cloud"]


def test_only_the_two_flavours_know_the_raw_client() -> None:
    """The rest works on plain values, so that a regenerated client touches two folders only."""
    public = {
        (PACKAGE / "__init__.py", "raw"),  # the name of the raw client is public
        (PACKAGE / "testing" / "_servers" / "operations.py", "raw.api.OPERATIONS"),  # to name what is not emulated
    }
    assert [
        f"{named(path)}: {name}"
        for path in MODULES
        for name in sorted(targets(path))
        if name.split(".")[0] == "raw" and part_of(path) not in {"_async", "_sync"} and (path, name) not in public
    ] == []


def test_the_layer_calls_no_builder_of_the_generated_code() -> None:
    """The connection takes an operation and builds its request, so that a change of the generator is one change."""
    assert [named(path) for path in MODULES if "_get_kwargs" in path.read_text(encoding="utf-8")] == []


def test_no_module_imports_from_the_package_itself() -> None:
    """The package's `__init__` is the public surface: it loads the others, and none of them loads it for a name."""
    modules = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} | {"raw"}
    assert [
        f"{named(path)}: {name}"
        for path in MODULES
        for name in sorted(targets(path))
        if name.split(".")[0] not in modules
    ] == []


def test_httpx_is_imported_in_one_module() -> None:
    """A move to its successor is then one change."""
    knows = [named(path) for path in MODULES if tops(path) & {"httpx", "httpcore"}]
    assert knows == ["overrides/comfy_cloud/_httpx.py"]


OUTSIDE = frozenset(
    {"asyncio", "anyio", "httpx", "os", "select", "socket", "ssl", "subprocess", "threading", "time", "urllib3"}
)
# Types and spellings of paths; neither asks the machine.
HARMLESS = frozenset({"os.PathLike", "os.fsdecode", "os.fspath"})
CLOCKS_AND_FILES = re.compile(r"(open|print|input|(datetime\.)?date(time)?\.(now|utcnow|today))")


def test_the_core_does_no_io_and_reads_no_clock() -> None:
    """Decisions are tested without servers, and used by both flavours."""
    inside = {"_async", "_sync", "_httpx", "_settings", "raw", "testing"}
    found = []
    for path in MODULES:
        if part_of(path) == "_core":
            outer = {name for level, name in imports(path) if not level and name.split(".")[0] in OUTSIDE} - HARMLESS
            inner = {name for name in targets(path) if name.split(".")[0] in inside}
            calls = {ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}
            asked = {call for call in calls if CLOCKS_AND_FILES.fullmatch(call)}
            found += [f"{named(path)}: {name}" for name in sorted(outer | inner | asked)]
    assert found == []


def test_the_client_does_not_need_the_emulator() -> None:
    """Users install it without the extra `testing`. Only the command `emulator` starts one."""
    assert [
        f"{named(path)}: {name}"
        for path in MODULES
        for name in sorted(targets(path))
        if name.split(".")[0] == "testing" and part_of(path) != "testing"
    ] == ["overrides/comfy_cloud/cli/app.py: testing.__main__.main"]


def test_nothing_needs_the_command_line() -> None:
    """Users install the package without the extra `cli`, and a copy in another project has its own."""
    assert [
        f"{named(path)}: {name}"
        for path in MODULES
        for name in sorted(targets(path))
        if name.split(".")[0] == "cli" and part_of(path) != "cli"
    ] == ["overrides/comfy_cloud/__main__.py: cli.main"]
    for path in MODULES:
        # The bar draws with rich where that is installed.
        found = tops(path) & ({"typer"} if path.name == "_progress.py" else {"typer", "rich"})
        assert part_of(path) == "cli" or not found, named(path)


# Lines of code; a longer module is asking to be two. Explanations are not counted: no comment shall be
# cut to meet a limit.
MODULE_LINES = 400


def test_modules_are_short() -> None:
    counted = sizes([*MODULES, *SCRIPTS])
    assert [f"{named(path)}: {lines}" for path, lines in counted.items() if lines > MODULE_LINES] == []


def test_modules_say_what_they_are() -> None:
    """The first lines of a module say what it does and what it refuses to do."""
    trees = {path: tree_of(path) for path in [*MODULES, *SCRIPTS]}
    assert [named(path) for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


# A docstring starts with what its function does, or what its class is. These words start a riddle instead.
RIDDLE = re.compile(r"(What|Whether|As|Where|That|How|Told|It|Every\w*)\b")


def test_docstrings_do_not_start_with_a_riddle() -> None:
    """A reader looks for the verb. Ruff's D401 asks functions for it, but not properties, classes and modules."""
    found = [
        f"{named(path)}:{getattr(node, 'lineno', 1)}: {docstring.splitlines()[0]}"
        for path in [*MODULES, *SCRIPTS]
        if (PACKAGE / "_sync") not in path.parents or path.name == "backend.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, DOCUMENTED) and (docstring := ast.get_docstring(node)) and RIDDLE.match(docstring)
    ]
    assert not found, "\n".join(found)


# Tests that start processes, build or install have targets of their own.
SLOW = {"packaging", "conformance", "installs", "peers", "regeneration", "fuzz", "engines"}


def test_what_a_contributor_runs_starts_no_process() -> None:
    """`make test` is run at every change: what takes its time there is not run at all."""
    tests = (ROOT / "tests").rglob("*.py")
    assert [
        f"{named(path)}: {name}"
        for path in sorted(tests)
        if path.relative_to(ROOT / "tests").parts[0] not in SLOW
        for name in sorted(tops(path) & {"multiprocessing", "pty", "subprocess"})
    ] == []


# Lines of code, counted by `code_lines`. Lower these numbers when code goes. Raising one is a decision that a commit
# message explains: a thin layer grows thick one line at a time.
LAYER_LINES = 11739
CLI_LINES = 1315
SCRIPTS_LINES = 2973


def code_lines(source: str) -> int:
    """Count the lines that hold code: no blank line, no comment, no docstring. A string counts with all its lines."""
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NOT_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            code.difference_update(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    return len(code)


def sizes(paths: Iterable[Path]) -> dict[Path, int]:
    """Count the lines of code of each file. The key is the whole path, since two folders may hold files of one name."""
    return {path: code_lines(path.read_text(encoding="utf-8")) for path in paths}


def by_size(counted: dict[Path, int]) -> str:
    """List the files for a failure message, the largest last."""
    rows = sorted(counted.items(), key=lambda row: row[1])
    return "\n".join(f"{size:6d} {named(path)}" for path, size in rows)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("", 0),
        ('"""What it is."""\n\n# why\nX = 1  # one\n', 1),
        ('def f():\n    """Return\n\n    one."""\n    return 1\n', 2),
        ('class A:\n    x: int\n    """An attribute is followed by a string, which is no docstring."""\n', 3),
        ('TEXT = """\n# no comment\n\nlast"""\n', 4),
        ("f(\n    1,\n\n    # why\n    2,\n)\n", 4),
    ],
)
def test_lines_of_code_are_neither_blank_nor_comments_nor_docstrings(source: str, lines: int) -> None:
    assert code_lines(source) == lines


def test_files_of_one_name_are_all_counted(tmp_path: Path) -> None:
    """A gate that counts one file for two lets the layer grow unseen."""
    for folder in ("_core", "_async"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "jobs.py").write_text("A = 1\nB = 2\n", encoding="utf-8")
    assert sum(sizes(tmp_path.rglob("*.py")).values()) == 4


def test_the_layer_does_not_grow_unnoticed() -> None:
    """The layer is what is written by hand: no emulator or command line, of the derived flavour only its backend."""
    by_hand = PACKAGE / "_sync" / "backend.py"
    counted = sizes(path for path in MODULES if path == by_hand or part_of(path) not in {"testing", "_sync", "cli"})
    assert sum(counted.values()) <= LAYER_LINES, by_size(counted)


def test_the_command_line_does_not_grow_unnoticed() -> None:
    """It calls the layer and decides nothing itself."""
    counted = sizes(path for path in MODULES if part_of(path) == "cli")
    assert sum(counted.values()) <= CLI_LINES, by_size(counted)


def test_the_scripts_do_not_grow_unnoticed() -> None:
    counted = sizes(SCRIPTS)
    assert sum(counted.values()) <= SCRIPTS_LINES, by_size(counted)


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
