"""The whole repo inside another one: as a git subtree it can be imported, installed and vendored from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import comfy_cloud

from .vendoring import ROOT, git, has_subtree, python, repository, vendor

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the files of the project are those git knows")
PLACE = "third_party/comfy-cloud"


def add_subtree(origin: Path, into: Path) -> None:
    """`git subtree add`, or what it comes down to where git has no subtree command."""
    if has_subtree():
        git("subtree", "add", f"--prefix={PLACE}", origin, "main", "--squash", cwd=into)
        return
    git("fetch", "--quiet", origin, "main", cwd=into)
    git("read-tree", f"--prefix={PLACE}/", "-u", "FETCH_HEAD", cwd=into)
    git("commit", "--quiet", "--message", "add a subtree", cwd=into)


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo of somebody else with this project in a folder of it."""
    folder = tmp_path_factory.mktemp("subtree")
    origin, acme = repository(folder / "origin"), folder / "acme"
    acme.mkdir()
    git("init", "--quiet", cwd=acme)
    git("commit", "--quiet", "--allow-empty", "--message", "start", cwd=acme)
    add_subtree(origin, acme)
    assert git("status", "--porcelain", cwd=acme) == ""
    return acme


RAW = """
import comfy_cloud
from comfy_cloud.raw.api.workflow import execute_prompt
print(comfy_cloud.__version__, comfy_cloud.__file__)
"""


def test_a_subtree_can_be_imported_by_its_path(acme: Path, tmp_path: Path) -> None:
    """The link is relative: it leads to the generated client wherever the tree stands. A fresh clone has it, too."""
    git("clone", "--quiet", acme, tmp_path / "clone", cwd=tmp_path)
    for root in (acme, tmp_path / "clone"):
        version, where = python(RAW, root / PLACE / "overrides", cwd=tmp_path).split()
        assert version == comfy_cloud.__version__
        assert Path(where).is_relative_to(root)


def test_without_symbolic_links_a_subtree_can_be_vendored_from(acme: Path, tmp_path: Path) -> None:
    """As git on Windows may check it out: the path alone lacks the raw client and says so, a copy has all."""
    git("-c", "core.symlinks=false", "clone", "--quiet", acme, tmp_path / "clone", cwd=tmp_path)
    root = tmp_path / "clone" / PLACE
    assert (root / "overrides" / "comfy_cloud" / "raw").is_file()
    environment = {"PYTHONPATH": str(root / "overrides"), "PATH": "/usr/bin:/bin"}
    for command, said in (
        (["-c", "import comfy_cloud.raw"], "No module named 'comfy_cloud.raw'"),
        (["-m", "comfy_cloud", "doctor"], "the raw client is missing"),
    ):
        done = subprocess.run(
            [sys.executable, *command], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert said in done.stdout + done.stderr
    assert vendor(tmp_path / "src", "--name", "comfy", root=root).returncode == 0
    assert python("import comfy.raw.client as raw; print(raw.__name__)", tmp_path / "src", cwd=tmp_path) == (
        "comfy.raw.client\n"
    )
