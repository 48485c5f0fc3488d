"""The table in docs/guide/traces.md is true: it has every span and attribute that the code names, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guide" / "traces.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "overrides" / "comfy_cloud"
CODE = [PACKAGE / "_tracing.py", *(PACKAGE / "_async").rglob("*.py")]


def test_the_page_names_every_span_and_attribute() -> None:
    """Whoever makes a dashboard has nothing else to go by."""
    told = set(re.findall(r"`((?:comfy|file|server|error)\.[a-z.]+)", PAGE))
    named = {
        node.value.strip()
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"(comfy|file|server|error)\.[a-z.]+ ?", node.value)
    }
    assert told == named
