#!/usr/bin/env python3
"""Write docs/operations.md: every operation of the contract with its method of the client and its raw function.

    python scripts/operations_table.py            write
    python scripts/operations_table.py --check    compare; exit 1 with the command that mends a difference

Operations come from openapi-cloud.yaml, methods from the table in `_core/operations.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from openapi_python_client.config import ConfigFile

from adapt import function_of
from comfy_cloud._core.operations import OPERATIONS
from contract import operations, parse
from simplify import number_operations

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "operations.md"
HEADER = """\
<!-- Written by scripts/operations_table.py: do not edit. Rebuild with: make generate -->
# Operations

What stands behind each method: the operation of the contract and the function of the raw client. `cloud` is a
`ComfyCloud` or an `AsyncComfyCloud`, `raw` is `comfy_cloud.raw`.

| operation | HTTP | method here | raw function |
| --- | --- | --- | --- |
"""


def table() -> str:
    """The whole text of the page, in the order of the contract."""
    source = ROOT / "openapi-cloud.yaml"
    document = parse(source.read_bytes(), source.name)
    prefix = ConfigFile.load_from_path(ROOT / "generator-config.yaml").field_prefix
    list(number_operations(document, prefix))
    rows = []
    for path, verb, operation in operations(document):
        module, function = function_of(path, verb, operation, prefix)
        name = operation.get("operationId") or function
        # An operation that came with a new contract has no row yet; a test asks for one.
        named = OPERATIONS[name].method.split(", ") if name in OPERATIONS else []
        methods = ", ".join(f"`cloud.{method}`" for method in named) or "none yet"
        rows.append(f"| {name} | `{verb.upper()} {path}` | {methods} | `raw.api.{module}.{function}` |\n")
    return HEADER + "".join(rows)


def main(arguments: list[str]) -> int:
    text = table()
    if arguments == ["--check"]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            print(
                f"{TARGET.relative_to(ROOT)} is not what the table gives\nmend it with: make generate", file=sys.stderr
            )
            return 1
        print(f"{TARGET.relative_to(ROOT)}: up to date")
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
