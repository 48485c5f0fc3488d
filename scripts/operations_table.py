#!/usr/bin/env python3
"""Write docs/operations.md: each operation of the contract with its method of the client and its raw function.

    python scripts/operations_table.py            write
    python scripts/operations_table.py --check    compare; exit 1 with the command that repairs a difference

The operations come from openapi-cloud.yaml, the methods from the table in `_core/operations.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from openapi_python_client.config import ConfigFile

from adapt import function_of
from comfy_cloud._core.operations import OPERATIONS
from contract import operations, parse

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "operations.md"
HEADER = """\
<!-- Written by scripts/operations_table.py: do not edit. Rebuild with: make generate -->
# Operations

The operations of the contract, each with its method of the client and its function of the raw client. `cloud` is a
`ComfyCloud` or an `AsyncComfyCloud`, `raw` is `comfy_cloud.raw`.

| operation | HTTP | method here | raw function |
| --- | --- | --- | --- |
"""


def table() -> str:
    """Return the text of the page, in the order of the contract."""
    source = ROOT / "openapi-cloud.yaml"
    document = parse(source.read_bytes(), source.name)
    prefix = ConfigFile.load_from_path(ROOT / "generator-config.yaml").field_prefix
    rows = []
    for path, verb, operation in operations(document):
        module, function = function_of(path, verb, operation, prefix)
        name = operation.get("operationId") or function
        # A new operation of an adopted contract has no method at first; this page lists it as such.
        named = OPERATIONS[name].method.split(", ") if name in OPERATIONS else []
        methods = ", ".join(f"`cloud.{method}`" for method in named) or "raw only, no method yet"
        mark = " (deprecated)" if operation.get("deprecated") is True else ""
        rows.append(f"| {name}{mark} | `{verb.upper()} {path}` | {methods} | `raw.api.{module}.{function}` |\n")
    return HEADER + "".join(rows)


def main(arguments: list[str]) -> int:
    """Write or compare the page, and return the exit code."""
    text = table()
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if arguments:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET.relative_to(ROOT)} differs from the table; repair it with: make generate", file=sys.stderr)
            return 1
        print(f"{TARGET.relative_to(ROOT)}: up to date")
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
