"""Fixtures: a copy of the repo to regenerate in, and a contract served over HTTP.

A copy has mypy's cache, which `make test-regenerate` fills first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_httpserver import HTTPServer

from contract import parse
from regenerate.adopt import NOT_COPIED

ROOT = Path(__file__).resolve().parents[2]
# A real part of the tests, and one that a new or lost operation fails.
TESTS = "python -m pytest -q -p no:cacheprovider tests/core/test_operations.py"
Contract = dict[str, Any]


def our_contract() -> Contract:
    return parse((ROOT / "openapi-cloud.yaml").read_bytes(), "openapi-cloud.yaml")


@pytest.fixture
def contract() -> Contract:
    """Our contract as data, to be changed and published."""
    return our_contract()


@dataclass(frozen=True)
class Run:
    """What a run left: its exit status, its report, what it printed and the names of the files that differ."""

    status: int
    report: str
    out: str
    err: str
    changed: set[str]
    tree: Path

    def text(self, name: str) -> str:
        return (self.tree / name).read_text(encoding="utf-8")


def copy_of_the_repo(home: Path) -> Path:
    copy = home / "tree"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return copy


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_of_the_repo(tmp_path)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", "out", ".git"} & set(path.parts) and not path.is_symlink()
    }


Publish = Callable[[Contract | str], Run]


def publisher(tree: Path, httpserver: HTTPServer) -> Publish:
    """Return a function that serves a contract and regenerates from it, as `make regenerate` does."""

    def run(document: Contract | str) -> Run:
        text = document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False, width=1000)
        httpserver.clear()  # else the contract that was published first is served again
        httpserver.expect_request("/openapi-cloud.yaml").respond_with_data(text)
        before = files_of(tree)
        report = tree.parent / "report.md"
        command = [sys.executable, str(tree / "scripts" / "regenerate"), "--tests", TESTS, "--report", str(report)]
        command += ["--spec", httpserver.url_for("/openapi-cloud.yaml")]
        environment = {**os.environ, "PYTHONPATH": str(tree / "overrides")}
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
        after = files_of(tree)
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        return Run(done.returncode, report.read_text(encoding="utf-8"), done.stdout, done.stderr, changed, tree)

    return run


@pytest.fixture
def publish(tree: Path, httpserver: HTTPServer) -> Publish:
    return publisher(tree, httpserver)
