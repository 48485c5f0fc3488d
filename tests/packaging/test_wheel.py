"""The archives: a wheel is the same whichever way it is built, holds the whole package, and nothing else."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import comfy_cloud

from .vendoring import ROOT, repository, run

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the files of the project are those git knows")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as git would give it: no environment, no caches."""
    return repository(tmp_path_factory.mktemp("git") / "tree")


@pytest.fixture(scope="module")
def archives(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sdist, the wheel built from it (as `python -m build` does), both built from the tree by hatchling, and pip's
    from git."""
    built = tmp_path_factory.mktemp("built")
    date = {"SOURCE_DATE_EPOCH": "1790000000"}
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", built / "from-sdist", cwd=tree, **date)
    run(sys.executable, "-m", "hatchling", "build", "--directory", built / "from-tree", cwd=tree, **date)
    # What others may not read in a clone stands in the archive all the same.
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "-w"]
    private = ["sh", "-c", 'umask 077 && exec "$@"', "sh"]
    run(*private, *pip, built / "from-git", f"git+file://{tree}", cwd=built, PIP_DISABLE_PIP_VERSION_CHECK="1", **date)
    return {
        "sdist": next((built / "from-sdist").glob("*.tar.gz")),
        "sdist again": next((built / "from-tree").glob("*.tar.gz")),
        "wheel": next((built / "from-sdist").glob("*.whl")),
        "wheel from tree": next((built / "from-tree").glob("*.whl")),
        "wheel from git": next((built / "from-git").glob("*.whl")),
    }


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        assert not [info for info in archive.infolist() if (info.external_attr >> 16) & 0o170000 == 0o120000], "a link"
        return {name: archive.read(name) for name in archive.namelist()}


def expected(tree: Path) -> dict[str, bytes]:
    """The package as it stands in the project, the link replaced by what it leads to."""
    files: dict[str, bytes] = {}
    for folder, name in (
        (tree / "overrides/comfy_cloud", "comfy_cloud"),
        (tree / "generated/comfy_cloud_api", "comfy_cloud/raw"),
    ):
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                files[f"{name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return files


def test_an_archive_is_the_same_whichever_way_it_is_built(archives: dict[str, Path]) -> None:
    """pip builds from an sdist or from git; both must install what the index has. With one SOURCE_DATE_EPOCH the bytes
    are the same, so that anybody can check a release."""
    assert archives["wheel"].name == f"comfy_cloud-{comfy_cloud.__version__}-py3-none-any.whl"
    for name in ("wheel from tree", "wheel from git"):
        assert archives[name].name == archives["wheel"].name
        assert contents(archives[name]) == contents(archives["wheel"])
        assert archives[name].read_bytes() == archives["wheel"].read_bytes()
    assert archives["sdist again"].read_bytes() == archives["sdist"].read_bytes()


def test_a_wheel_holds_the_whole_package_and_nothing_else(archives: dict[str, Path], tree: Path) -> None:
    inside = contents(archives["wheel"])
    package = {name: content for name, content in inside.items() if ".dist-info/" not in name}
    assert package == expected(tree)
    for name in (
        "py.typed",
        "raw/py.typed",
        "raw/GENERATED.json",
        "raw/api/workflow/execute_prompt.py",
        "testing/__init__.py",
    ):
        assert f"comfy_cloud/{name}" in inside
    parts = {part for name in inside for part in name.split("/")}
    assert not parts & {"overrides", "generated", "tests", "scripts", "comfy_cloud_api", "__pycache__"}


def test_the_metadata_says_what_a_user_gets(archives: dict[str, Path]) -> None:
    inside = contents(archives["wheel"])
    info = f"comfy_cloud-{comfy_cloud.__version__}.dist-info"
    metadata = inside[f"{info}/METADATA"].decode()
    for line in (
        "Name: comfy-cloud",
        f"Version: {comfy_cloud.__version__}",
        "License-Expression: MIT",
        "Requires-Python: >=3.11",
        "Provides-Extra: images",
        "Provides-Extra: testing",
    ):
        assert f"\n{line}\n" in metadata
    assert f"{info}/licenses/LICENSE" in inside
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: ") and "extra ==" not in line]
    names = {line.split()[1].partition(">")[0].partition("<")[0] for line in required}
    assert names == {"attrs", "blake3", "httpx", "platformdirs", "python-dateutil", "sniffio", "websockets"}


def test_an_sdist_can_be_built_and_tested_from(archives: dict[str, Path], tree: Path) -> None:
    """Distributions build and test from it, without git."""
    with tarfile.open(archives["sdist"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        links = [member.name for member in archive.getmembers() if member.issym() or member.islnk()]
    assert links == [], "a link that an archive tool follows twice would double the client"
    for path in (
        "pyproject.toml",
        "LICENSE",
        "README.md",
        "openapi-cloud.yaml",
        "scripts/generate.py",
        "tests/conftest.py",
    ):
        assert path in names
    assert "generated/comfy_cloud_api/client.py" in names
    assert not [name for name in names if name.startswith((".venv", "out/", "dist/")) or "__pycache__" in name]


USE = """
import sys, warnings
warnings.simplefilter("error")
sys.path[:0] = [sys.argv[1]]
sys.path[:] = [entry for entry in sys.path if "/overrides" not in entry]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
import comfy_cloud
assert comfy_cloud.__file__.startswith(sys.argv[1]), comfy_cloud.__file__
assert "httpx" not in sys.modules
from comfy_cloud.raw.api.workflow import execute_prompt
assert execute_prompt.__file__.startswith(sys.argv[1])
from comfy_cloud.testing import Emulator
for name in comfy_cloud.__all__:
    getattr(comfy_cloud, name)
print(comfy_cloud.__version__, execute_prompt.sync.__name__)
"""


def test_an_installed_wheel_imports(archives: dict[str, Path], tmp_path: Path) -> None:
    """Outside the project, where no link can help."""
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--target"]
    run(*pip, site, archives["wheel"], cwd=tmp_path, PIP_DISABLE_PIP_VERSION_CHECK="1")
    found = {path.name.partition("-")[0] for path in site.iterdir()}
    assert found == {"bin", "comfy_cloud"}, "nothing but the package and its command"
    assert [path.name for path in (site / "bin").iterdir()] == ["comfy-cloud"]
    told = run(sys.executable, "-B", "-c", USE, site, cwd=tmp_path)
    assert told.split() == [comfy_cloud.__version__, "sync"]


def test_a_wheel_imports_from_its_zip(archives: dict[str, Path], tmp_path: Path) -> None:
    """Some deployments ship archives; nothing in the package opens files of its own."""
    told = run(sys.executable, "-B", "-c", USE, archives["wheel"], cwd=tmp_path)
    assert told.split() == [comfy_cloud.__version__, "sync"]
