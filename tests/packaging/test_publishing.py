"""The files by which others install and cite the package say what the package says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

import comfy_cloud

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(path: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return data


def spaced(requirement: str) -> str:
    """A requirement as conda writes it."""
    name, bounds = re.fullmatch(r"([\w-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
    return f"{name} {bounds}"


def test_the_citation_names_this_version() -> None:
    citation = read("CITATION.cff")
    assert (citation["title"], citation["version"]) == (PROJECT["name"], comfy_cloud.__version__)
    assert citation["license"] == PROJECT["license"]


def test_the_recipe_requires_what_the_package_requires() -> None:
    recipe = read("recipe/recipe.yaml")
    assert recipe["context"]["version"] == comfy_cloud.__version__
    assert f">={recipe['context']['python_min']}" == PROJECT["requires-python"]
    scripts = [f"{name} = {target}" for name, target in PROJECT["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == scripts
    assert recipe["requirements"]["run"][1:] == [spaced(each) for each in PROJECT["dependencies"]]
    assert recipe["about"]["summary"] == PROJECT["description"]


def test_the_classifiers_name_the_pythons_that_are_tested() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    newer = re.search(r"for version in ([\d. ]+);", makefile)
    assert newer
    tested = [PROJECT["requires-python"].removeprefix(">="), *newer[1].split()]
    named = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", name)]
    assert named == tested
