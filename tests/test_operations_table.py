"""Every operation of the contract has a method, in both flavours, and the page that says so is true."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud
from comfy_cloud._core.operations import OPERATIONS

ROOT = Path(__file__).resolve().parent.parent
METHODS = [(name, method) for name, row in OPERATIONS.items() for method in row.method.split(", ")]


def test_no_operation_needs_raw_http() -> None:
    assert len([row for row in OPERATIONS.values() if row.method]) == 42
    assert len({method for _, method in METHODS}) == len(METHODS) == 44


@pytest.mark.parametrize("flavour", [ComfyCloud, AsyncComfyCloud])
@pytest.mark.parametrize(("operation", "method"), METHODS)
def test_the_method_of_an_operation_is_there_and_says_what_it_stands_on(
    flavour: type[Any], operation: str, method: str
) -> None:
    cloud = flavour(base_url="http://127.0.0.1:1")
    found = attrgetter(method)(cloud)
    assert callable(found)
    assert " /api/" in (inspect.getdoc(found) or ""), "the docstring names its operation"


def test_the_page_of_operations_is_up_to_date() -> None:
    """Who reads it looks for the name of a method."""
    command = [sys.executable, "scripts/operations_table.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line for line in (ROOT / "docs" / "operations.md").read_text().splitlines() if "`raw.api." in line]
    assert len(rows) == 42


def test_every_raw_function_of_the_page_exists() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in re.findall(r"`raw\.api\.([a-z_.]+)`", page):
        assert callable(import_module(f"comfy_cloud.raw.api.{name}").sync)
