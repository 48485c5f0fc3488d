"""The public names: all there, in order, and each where it says."""

from __future__ import annotations

import importlib
import pickle
from typing import Any

import pytest

import comfy_cloud
from comfy_cloud import errors


def test_the_list_of_names_is_sorted_and_without_repetition() -> None:
    assert comfy_cloud.__all__ == sorted(set(comfy_cloud.__all__))
    assert errors.__all__ == sorted(set(errors.__all__))


@pytest.mark.parametrize("name", comfy_cloud.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"from comfy_cloud import {name}", namespace)
    assert namespace[name] is getattr(comfy_cloud, name)


def test_each_module_lists_the_names_that_are_public_here() -> None:
    """Type checkers read those lists, where the package itself computes its own."""
    for module, names in comfy_cloud._NAMES.items():
        assert sorted(importlib.import_module(module, "comfy_cloud").__all__) == sorted(names.split())


@pytest.mark.parametrize("name", ["_async.outputs AsyncOutput", "_sync.outputs Output"])
def test_outputs_that_an_earlier_version_pickled_find_their_class(name: str) -> None:
    module, cls = name.split()
    assert pickle.loads(f"ccomfy_cloud.{module}\n{cls}\n.".encode()) is getattr(comfy_cloud, cls)


def test_a_star_import_brings_the_list() -> None:
    namespace: dict[str, Any] = {}
    exec("from comfy_cloud import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(comfy_cloud.__all__)


def test_dir_shows_every_name() -> None:
    assert set(comfy_cloud.__all__) <= set(dir(comfy_cloud))


def test_every_exception_is_at_the_top() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
    }
    assert defined == set(errors.__all__)
    assert defined <= set(comfy_cloud.__all__)
    assert all(getattr(comfy_cloud, name) is getattr(errors, name) for name in defined)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Comfy'"):
        _ = comfy_cloud.Comfy  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        exec("from comfy_cloud import nothing_of_this_name")


@pytest.mark.parametrize("name", ["errors", "events", "raw"])
def test_submodules_can_be_reached_as_attributes(name: str) -> None:
    assert getattr(comfy_cloud, name) is importlib.import_module(f"comfy_cloud.{name}")
