#!/usr/bin/env python3
"""Derive the synchronous flavour: overrides/comfy_cloud/_async -> _sync, tests/_async -> tests/_sync.

    python scripts/unasync.py            write
    python scripts/unasync.py --check    compare whole texts; exit 1 with the command that mends a difference

Works on tokens, so comments and layout stay. A rule that matches nothing fails: the table cannot rot. What cannot be
derived is written by hand in both flavours and listed in BY_HAND.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "overrides" / "comfy_cloud"
PAIRS = ((PACKAGE / "_async", PACKAGE / "_sync"), (ROOT / "tests" / "_async", ROOT / "tests" / "_sync"))
BY_HAND = frozenset({"backend.py"})
HEADER = "# Derived from {source} by scripts/unasync.py: do not edit. Rebuild with: make derive\n"

DROPPED = frozenset({"async", "await"})
NAMES = {
    # the language
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "AsyncIterator": "Iterator",

    # httpx
    "AsyncBaseTransport": "BaseTransport",
    "AsyncByteStream": "SyncByteStream",
    "aclose": "close",
    "aiter_bytes": "iter_bytes",
    "aread": "read",
    "handle_async_request": "handle_request",
    "set_async_httpx_client": "set_httpx_client",
}
PREFIX = re.compile(r"^(_?)Async(?=[A-Z])")
# In strings and comments only whole phrases change, since they are read by people.
TEXTS = (("async with ", "with "), ("await ", ""), ("AsyncComfyCloud", "ComfyCloud"))


def convert(source: str, used: set[str]) -> str:
    """The synchronous text of an asynchronous module; the rules that matched are added to `used`."""
    lines = source.splitlines(keepends=True)
    result: list[str] = []
    row, column = 1, 0

    def copy_until(end_row: int, end_column: int) -> None:
        nonlocal row, column
        while row < end_row:
            result.append(lines[row - 1][column:])
            row, column = row + 1, 0
        if row <= len(lines):
            result.append(lines[row - 1][column:end_column])
            column = end_column

    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in {tokenize.ENDMARKER, tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT}:
            continue
        copy_until(*token.start)
        if token.type == tokenize.NAME and token.string in DROPPED:
            used.add(token.string)
            row, column = token.end
            column += len(lines[row - 1][column:]) - len(lines[row - 1][column:].lstrip(" "))
            continue
        text = token.string
        if token.type == tokenize.NAME:
            text = _name(text, used)
        elif token.type in {tokenize.STRING, tokenize.COMMENT}:
            text = _text(text, used)
        result.append(text)
        row, column = token.end
    copy_until(len(lines) + 1, 0)
    return "".join(result)


def _name(name: str, used: set[str]) -> str:
    if name in NAMES:
        used.add(name)
        return NAMES[name]
    shorter = PREFIX.sub(r"\1", name)
    if shorter != name:
        used.add("Async*")
    return shorter


def _text(text: str, used: set[str]) -> str:
    for old, new in TEXTS:
        if old in text:
            used.add(old)
            text = text.replace(old, new)
    return text


def derive() -> dict[Path, str]:
    """Every derived file with its text. Fails where a rule of the table matched nothing."""
    used: set[str] = set()
    derived: dict[Path, str] = {}
    for source_folder, target_folder in PAIRS:
        for source in sorted(source_folder.rglob("*.py")):
            name = source.relative_to(source_folder)
            if name.name in BY_HAND:
                continue
            header = HEADER.format(source=source.relative_to(ROOT).as_posix())
            derived[target_folder / name] = header + convert(source.read_text(encoding="utf-8"), used)
    rules = set(NAMES) | DROPPED | {old for old, _ in TEXTS} | {"Async*"}
    if idle := sorted(rules - used):
        raise SystemExit(f"unasync: rules that match nothing, take them out of the table: {', '.join(idle)}")
    return {path: _formatted(path, text) for path, text in derived.items()}


def _formatted(path: Path, text: str) -> str:
    # Names get shorter, so lines and the order of imports change.
    for command in (["check", "--select=I", "--fix"], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--quiet", "--stdin-filename", str(path), "-"]
        ruff += ["--config", str(ROOT / "pyproject.toml"), "--config", "force-exclude=false"]
        done = subprocess.run(ruff, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"unasync: {path.relative_to(ROOT)}: {done.stderr.strip()}")
        text = done.stdout
    return text


def main(arguments: list[str]) -> int:
    derived = derive()
    standing = {
        path
        for _, folder in PAIRS
        for path in folder.rglob("*.py")
        if path.name not in BY_HAND and "__pycache__" not in path.parts
    }
    stale = standing - set(derived)
    different = sorted(path for path, text in derived.items() if path not in standing or path.read_text("utf-8") != text)
    if arguments == ["--check"]:
        for path in [*different, *sorted(stale)]:
            print(f"{path.relative_to(ROOT)} is not what its async source gives", file=sys.stderr)
        if different or stale:
            print("mend it with: make derive", file=sys.stderr)
            return 1
        print(f"derived code: {len(derived)} files up to date")
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for path in different:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(derived[path], encoding="utf-8")
    for path in stale:
        path.unlink()
    print(f"derived code: {len(different)} of {len(derived)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
