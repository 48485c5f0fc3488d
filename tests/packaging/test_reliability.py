"""docs/reliability.md names a test for each promise, and its figures are those of the matrix that is run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ..faults.cases import OPERATIONS, all_cases  # noqa: TID252 - the size of what is tried

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_each_test_that_holds_a_promise_exists(path: str, name: str) -> None:
    """A promise whose test was renamed or removed is held by nothing."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_promise_has_a_test() -> None:
    """Each item of each list names one at least."""
    items = re.findall(r"^- (.+?)(?=^- |^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert len(items) > 30
    assert [item for item in items if "`tests/" not in item] == []


def test_the_size_of_the_matrix_is_told() -> None:
    faults = {case.fault for case in all_cases()}
    assert f"{len(OPERATIONS)} operations, {len(faults)} faults, {len(all_cases()):,} cases" in PAGE
