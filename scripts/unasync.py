#!/usr/bin/env python3
"""Derive the synchronous flavour: overrides/comfy_cloud/_async -> _sync, tests/_async -> tests/_sync.

    python scripts/unasync.py            write
    python scripts/unasync.py --check    compare whole files; exit 1 with the command that repairs a difference

It replaces tokens, so that comments and layout are kept. A rule that matches nothing is an error, so that the table has
no dead rules. Modules that cannot be derived are written by hand in both flavours and listed in BY_HAND.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "overrides" / "comfy_cloud"
PAIRS = ((PACKAGE / "_async", PACKAGE / "_sync"), (ROOT / "tests" / "_async", ROOT / "tests" / "_sync"))
BY_HAND = frozenset({"backend.py", "websocket_backend.py"})
HEADER = "# Derived from {source} by scripts/unasync.py: do not edit. Rebuild with: make derive\n"

DROPPED = frozenset({"async", "await"})
NAMES = {
    # the language
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "AsyncIterator": "Iterator",
    # the raw client and ours
    "_async": "_sync",
    "asynccontextmanager": "contextmanager",
    "asyncio_detailed": "sync_detailed",
    "get_async_httpx_client": "get_httpx_client",
    # httpx and httpcore
    "AnyIOBackend": "SyncBackend",
    "AsyncBaseTransport": "BaseTransport",
    "AsyncByteStream": "SyncByteStream",
    "aclose": "close",
    "aclosing": "closing",
    "aiter_bytes": "iter_bytes",
    "aiter_raw": "iter_raw",
    "aread": "read",
    "async_auth_flow": "sync_auth_flow",
    "handle_async_request": "handle_request",
    "set_async_httpx_client": "set_httpx_client",
}
PREFIX = re.compile(r"^(_?)Async(?=[A-Z])")
# Strings and comments are read by people. If every word of them were replaced, sentences about `await` would break, so
# only these phrases are.
TEXTS = (
    ("async with ", "with "),
    ("await ", ""),
    ("AsyncComfyCloud", "ComfyCloud"),
    ("httpx.AsyncClient", "httpx.Client"),
)
# Since Python 3.12 an f-string is several tokens. Up to 3.11 it is one string.
FSTRING = getattr(tokenize, "FSTRING_MIDDLE", None)


def convert(source: str, used: set[str]) -> str:
    """Return the synchronous source of an asynchronous module, and add the rules that matched to `used`."""
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
        text = token.string
        if token.type == tokenize.NAME and text in DROPPED:
            used.add(text)
            copy_until(*token.start)
            row, column = token.end
            column += len(lines[row - 1][column:]) - len(lines[row - 1][column:].lstrip(" "))
            continue
        if token.type == tokenize.NAME:
            text = _name(text, used)
        elif token.type in {tokenize.STRING, tokenize.COMMENT} or (token.type == FSTRING and not set(text) & set("{}")):
            text = _text(text, used)
        # Unchanged tokens are copied from the source. Since Python 3.12 the tokens of an f-string do not add up to it.
        if text != token.string:
            copy_until(*token.start)
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
    if re.fullmatch(r'"\w+"', text):  # The string is a name, as in `__all__`.
        return f'"{_name(text[1:-1], used)}"'
    for old, new in TEXTS:
        if old in text:
            used.add(old)
            text = text.replace(old, new)
    return text


def derive() -> dict[Path, str]:
    """Return the text of each derived file by its path. Exits if a rule of the table matched nothing."""
    used: set[str] = set()
    derived: dict[Path, str] = {}
    for source_folder, target_folder in PAIRS:
        for source in sorted(source_folder.rglob("*.py")):
            name = source.relative_to(source_folder)
            if name.name in BY_HAND:
                continue
            header = HEADER.format(source=source.relative_to(ROOT).as_posix())
            try:
                derived[target_folder / name] = header + convert(source.read_text(encoding="utf-8"), used)
            except (tokenize.TokenError, SyntaxError, UnicodeDecodeError) as error:
                raise SystemExit(f"unasync: {source.relative_to(ROOT)}: {error}") from error
    rules = set(NAMES) | DROPPED | {old for old, _ in TEXTS} | {"Async*"}
    if idle := sorted(rules - used):
        raise SystemExit(f"unasync: rules that match nothing; remove them from the table: {', '.join(idle)}")
    return _formatted(derived)


def _formatted(derived: dict[Path, str]) -> dict[Path, str]:
    """Return the files with sorted imports and formatted lines: shorter names change the order and the line breaks."""
    with tempfile.TemporaryDirectory() as folder:
        places = {path: Path(folder) / path.relative_to(ROOT) for path in derived}
        for path, place in places.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(derived[path], encoding="utf-8")
        for command in (["check", "--select=I", "--fix", "--output-format=concise"], ["format"]):
            ruff = [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
            ruff += ["--config", 'lint.isort.known-first-party = ["comfy_cloud"]']
            done = subprocess.run([*ruff, folder], cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit("unasync: " + (done.stderr or done.stdout).replace(f"{folder}/", "").strip())
        return {path: place.read_text(encoding="utf-8") for path, place in places.items()}


def main(arguments: list[str]) -> int:
    """Write or compare the derived files, and return the exit code."""
    derived = derive()
    standing = {
        path
        for _, folder in PAIRS
        for path in folder.rglob("*.py")
        if path.name not in BY_HAND and "__pycache__" not in path.parts
    }
    stale = standing - set(derived)
    different = sorted(
        path for path, text in derived.items() if path not in standing or path.read_bytes() != text.encode()
    )
    if arguments == ["--check"]:
        for path in [*different, *sorted(stale)]:
            print(f"{path.relative_to(ROOT)} differs from what its async source gives", file=sys.stderr)
        if different or stale:
            print("repair it with: make derive", file=sys.stderr)
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
