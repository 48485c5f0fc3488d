"""Fixtures for installing: the project as a repo, its archives, and a folder of packages to install from.

`make test` leaves this folder out: it has an environment of its own and needs the network, see `make test-installs`.
Packages are fetched once, by locked versions and hashes; after that pip finds them in a folder and asks no index.
"""

from __future__ import annotations

import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from ..packaging.vendoring import ROOT, repository, run

Install = Callable[..., Path]


@pytest.fixture(scope="session")
def _one_certificate() -> None:
    """Not here: the index is a public server."""


@pytest.fixture(scope="session")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project in git, as a user clones it."""
    return repository(tmp_path_factory.mktemp("git") / "comfy-cloud")


@pytest.fixture(scope="session")
def archives(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheel and sdist as `make build` makes them."""
    built = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", built, cwd=repo)
    return {"wheel": next(built.glob("*.whl")), "sdist": next(built.glob("*.tar.gz"))}


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every locked package as a file, checked by its hash: what we need, and what builds us."""
    folder = tmp_path_factory.mktemp("packages")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary=:all:"]
    run(*pip, "--dest", folder, "-r", ROOT / "requirements" / "installs.txt", cwd=folder)
    return folder


@pytest.fixture
def install(tmp_path: Path, packages: Path) -> Install:
    """Install into a new environment, and nothing else; returns its Python."""

    def do(*what: str | Path) -> Path:
        venv.create(tmp_path / "venv", with_pip=True)
        python = tmp_path / "venv" / "bin" / "python"
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index"]
        run(*pip, "--find-links", packages, *what, cwd=tmp_path)
        run(python, "-m", "pip", "check", cwd=tmp_path)
        return python

    return do
