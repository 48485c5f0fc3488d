"""Every operation of the contract has a method, in both flavours, and the page that says so is true."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

import comfy_cloud.raw.api as raw_api
from comfy_cloud import AsyncComfyCloud, ComfyCloud
from comfy_cloud._core.operations import OPERATIONS

ROOT = Path(__file__).resolve().parent.parent
METHODS = [(name, method) for name, row in OPERATIONS.items() for method in row.method.split(", ")]


def test_no_operation_needs_raw_http() -> None:
    """Of the contract, only what the page lists as raw only may lack a method."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    raw_only = set(re.findall(r"^\| (\w+)(?: \(deprecated\))? \| .* \| raw only, no method yet \|", page, re.MULTILINE))
    assert {name for name, row in OPERATIONS.items() if row.method} == set(raw_api.OPERATIONS) - raw_only
    assert len({method for _, method in METHODS}) == len(METHODS)


@pytest.mark.parametrize("flavour", [ComfyCloud, AsyncComfyCloud])
@pytest.mark.parametrize(("operation", "method"), METHODS)
def test_the_method_of_an_operation_is_there_and_says_what_it_stands_on(
    flavour: type[Any], operation: str, method: str
) -> None:
    cloud = flavour(base_url="http://127.0.0.1:1")
    found = attrgetter(method)(cloud)
    assert callable(found)
    assert " /api/" in (inspect.getdoc(found) or ""), "the docstring names its operation"


def test_every_raw_function_of_the_page_exists() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in re.findall(r"`raw\.api\.([a-z_.]+)`", page):
        assert callable(import_module(f"comfy_cloud.raw.api.{name}").sync)
