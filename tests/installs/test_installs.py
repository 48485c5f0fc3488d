"""Installed in each of the ways that people install: the same package, all of it, and nothing beside it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ..packaging.vendoring import run
from .conftest import Install

LIST = """
import hashlib, importlib.metadata, json
found = importlib.metadata.distribution("comfy-cloud")
files = {str(path): hashlib.sha256(path.read_binary()).hexdigest() for path in found.files if path.suffix != ".pyc"}
print(json.dumps(files))
"""
# What a base install must be able to import.
IMPORT = """
import importlib, pkgutil, warnings
warnings.simplefilter("error")
import comfy_cloud
for name in comfy_cloud.__all__:
    getattr(comfy_cloud, name)
names = [module.name for module in pkgutil.walk_packages(comfy_cloud.__path__, "comfy_cloud.")]
names = [name for name in names if not name.endswith("__main__") and ".testing" not in name and ".cli." not in name]
for name in names:
    importlib.import_module(name)
assert len(names) > 200
print(comfy_cloud.__version__)
"""
JOB = """
from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator
with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
    print(cloud.run({"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}).outputs[0].text)
"""


def isolated(python: Path, code: str, cwd: Path) -> str:
    return run(python, "-I", "-W", "error", "-c", code, cwd=cwd)


def installed_files(python: Path, cwd: Path) -> dict[str, str]:
    """What is recorded as installed, without what pip writes itself: the command, and files about the installation."""
    files: dict[str, str] = json.loads(isolated(python, LIST, cwd))
    own = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "/bin/comfy-cloud")
    return {name: digest for name, digest in files.items() if not name.endswith(own)}


@pytest.mark.parametrize("way", ["wheel", "sdist", "git"])
def test_each_way_installs_the_same_and_nothing_but_the_package(
    way: str, archives: dict[str, Path], repo: Path, install: Install, tmp_path: Path
) -> None:
    """With the dependencies that pip chooses by our metadata, and without an extra: everything but testing imports."""
    python = install(archives.get(way, f"git+file://{repo}"))
    with zipfile.ZipFile(archives["wheel"]) as wheel:
        inside = {name: hashlib.sha256(wheel.read(name)).hexdigest() for name in wheel.namelist()}
    found = installed_files(python, tmp_path)
    assert found == {name: digest for name, digest in inside.items() if not name.endswith("RECORD")}
    assert {name.partition("/")[0].partition("-")[0] for name in found} == {"comfy_cloud"}
    assert isolated(python, IMPORT, tmp_path).strip() in archives["wheel"].name
    told = run(python, "-I", "-m", "comfy_cloud", cwd=tmp_path)
    assert "httpx " in told
    assert "not installed (optional)" in told


def test_an_editable_install_shows_changes_at_once(repo: Path, install: Install, tmp_path: Path) -> None:
    """Who works on the project installs it so; the link in the tree brings the raw client."""
    python = install("--editable", repo)
    isolated(python, IMPORT, tmp_path)
    where = isolated(python, "import comfy_cloud.raw as raw; print(raw.__file__)", tmp_path)
    assert Path(where.strip()).resolve() == repo / "generated" / "comfy_cloud_api" / "__init__.py"
    assert {Path(name).suffix for name in installed_files(python, tmp_path) if "dist-info" not in name} == {".pth"}


def test_the_extra_testing_brings_all_that_the_emulator_needs(
    archives: dict[str, Path], install: Install, tmp_path: Path
) -> None:
    python = install(f"comfy-cloud[testing] @ {archives['wheel'].as_uri()}")
    assert isolated(python, JOB, tmp_path) == "hello\n"


def test_the_extra_images_brings_pillow_and_no_server(
    archives: dict[str, Path], install: Install, tmp_path: Path
) -> None:
    python = install(f"comfy-cloud[images] @ {archives['wheel'].as_uri()}")
    code = (
        "from PIL import Image; from comfy_cloud import Workflow;"
        "flow = Workflow({'1': {'class_type': 'LoadImage', 'inputs': {'image': ''}}});"
        "flow['1']['image'] = Image.new('RGB', (2, 2));"
        "from importlib.util import find_spec; print(find_spec('starlette'))"
    )
    assert isolated(python, code, tmp_path) == "None\n"


def test_a_base_install_says_what_the_emulator_needs(
    archives: dict[str, Path], install: Install, tmp_path: Path
) -> None:
    """One line with the command, not a traceback about a module nobody has heard of."""
    python = install(archives["wheel"])
    hint = 'pip install "comfy-cloud[testing]"'
    started = subprocess.run(
        [python, "-I", "-m", "comfy_cloud.testing"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (started.returncode, started.stdout, len(started.stderr.splitlines())) == (1, "", 1)
    assert hint in started.stderr
    code = "import comfy_cloud.testing as t\ntry: t.Emulator\nexcept ImportError as error: print(error)"
    assert hint in isolated(python, code, tmp_path)


def test_a_base_install_says_what_the_command_line_needs(
    archives: dict[str, Path], install: Install, tmp_path: Path
) -> None:
    """The command is on the path of everybody, and so is its report."""
    python = install(archives["wheel"])
    program = python.with_name("comfy-cloud")
    refused = subprocess.run([program, "jobs"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (3, "", 1)
    assert 'pip install "comfy-cloud[cli]"' in refused.stderr
    assert run(program, "doctor", cwd=tmp_path) == run(python, "-I", "-m", "comfy_cloud", cwd=tmp_path)


def test_the_extra_cli_brings_the_command_line(archives: dict[str, Path], install: Install, tmp_path: Path) -> None:
    """And no server: the emulator is an extra of its own."""
    python = install(f"comfy-cloud[cli] @ {archives['wheel'].as_uri()}")
    program = python.with_name("comfy-cloud")
    assert "Commands:" in run(program, "--help", cwd=tmp_path)
    assert "Commands:" in run(python, "-I", "-m", "comfy_cloud", "--help", cwd=tmp_path)
    emulator = subprocess.run([program, "emulator"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (emulator.returncode, len(emulator.stderr.splitlines())) == (3, 1)
    assert 'pip install "comfy-cloud[testing]"' in emulator.stderr


def test_the_index_would_take_the_archives(archives: dict[str, Path], repo: Path) -> None:
    """Complete metadata, a README that renders, and no file in the wheel that does not belong there."""
    both = [str(path) for path in archives.values()]
    assert run(sys.executable, "-m", "twine", "check", "--strict", *both, cwd=repo).count("PASSED") == 2
    told = run(sys.executable, "-m", "check_wheel_contents", archives["wheel"], cwd=repo)
    assert told.strip().endswith(": OK")
