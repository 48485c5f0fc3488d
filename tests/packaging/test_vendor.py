"""scripts/vendor.py: a complete copy or none, never over what somebody else wrote, and a true `--check`."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import comfy_cloud
import vendor as script

from .vendoring import ROOT, checkout, vendor

HERE = comfy_cloud.__version__
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def copy(tmp_path: Path, capsys: Capture) -> Path:
    """A fresh copy, as `make vendor` leaves it."""
    dest = tmp_path / "_vendor"
    assert script.main([str(dest), "--name", "comfy"]) == 0
    (dest / "__init__.py").touch()
    capsys.readouterr()
    return dest / "comfy"


def run(copy: Path, *options: str) -> int:
    return script.main([str(copy.parent), "--name", copy.name, *options])


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its bytes, whatever it is called."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_is_the_whole_package_but_testing_with_its_licence(copy: Path) -> None:
    """It works in a repo that has no link, no generator and no build step of ours."""
    files = snapshot(copy)
    assert not [path for path in copy.rglob("*") if path.is_symlink()]
    assert {"__init__.py", "py.typed", "raw/py.typed", "raw/client.py", "raw/GENERATED.json"} <= files.keys()
    assert not [name for name in files if name.startswith("testing/") or "__pycache__" in name]
    assert files["LICENSE"] == (ROOT / "LICENSE").read_bytes()
    for source, part in ((ROOT / "overrides" / "comfy_cloud", ""), (ROOT / "generated" / "comfy_cloud_api", "raw/")):
        for path in source.rglob("*.py"):
            name = path.relative_to(source).as_posix()
            if not name.startswith(("raw/", "testing/")):
                assert files[part + name] == path.read_bytes()


def test_the_manifest_says_what_is_there_and_what_it_needs(copy: Path) -> None:
    """Who finds the folder in three years knows what it is, under which licence, and what to install for it."""
    manifest = json.loads((copy / "VENDORED.json").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    contract = hashlib.sha256()
    content = (ROOT / "openapi-cloud.yaml").read_bytes()
    contract.update(len(content).to_bytes(8, "big") + content)
    files = manifest.pop("files")
    assert manifest == {
        "distribution": "comfy-cloud",
        "version": HERE,
        "contract_sha256": contract.hexdigest(),
        "name": "comfy",
        "testing": False,
        "license": "MIT",
        "requires_python": ">=3.11",
        "requirements": sorted(project["dependencies"]),
    }
    written = {name: hashlib.sha256(content).hexdigest() for name, content in snapshot(copy).items()}
    assert files == {name: digest for name, digest in written.items() if name != "VENDORED.json"}


def test_testing_comes_when_asked_for_with_what_it_needs(copy: Path) -> None:
    assert run(copy, "--testing") == 0
    manifest = json.loads((copy / "VENDORED.json").read_text(encoding="utf-8"))
    assert manifest["testing"]
    assert (copy / "testing" / "plugin.py").is_file()
    assert {requirement.partition(">")[0] for requirement in manifest["requirements"]} >= {"httpx", "starlette"}
    assert run(copy, "--check") == 0, "it is compared with what was asked for"
    assert run(copy) == 0
    assert not (copy / "testing").exists(), "and goes when it is not"


def test_the_script_runs_without_any_package_and_gives_the_same_bytes(copy: Path, tmp_path: Path) -> None:
    """A repo vendors from a plain checkout, and its diff shows what changed and nothing else."""
    done = vendor(tmp_path / "other", "--name", "comfy")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"other/comfy: written, comfy-cloud {HERE}, " in done.stdout
    assert "needs at run time: attrs>=" in done.stdout
    assert "other has no __init__.py; " in done.stdout
    assert snapshot(tmp_path / "other" / "comfy") == snapshot(copy)


def test_a_checkout_without_symbolic_links_gives_the_same_copy(copy: Path, tmp_path: Path) -> None:
    """Git on Windows may leave a small text file where the link is."""
    plain = checkout(tmp_path / "checkout", HERE + ".post1")
    link = plain / "overrides" / "comfy_cloud" / "raw"
    link.unlink()
    link.write_text("../../generated/comfy_cloud_api", encoding="utf-8")
    shutil.copy(ROOT / "overrides" / "comfy_cloud" / "_version.py", link.parent)
    assert vendor(tmp_path / "other", "--name", "comfy", root=plain).returncode == 0
    assert snapshot(tmp_path / "other" / "comfy") == snapshot(copy)


def test_a_copy_that_was_used_is_unedited(copy: Path, capsys: Capture) -> None:
    """Python's caches are nobody's edit, and neither are line ends that git has turned."""
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "errors.cpython-311.pyc").write_bytes(b"x")
    text = (copy / "errors.py").read_bytes()
    (copy / "errors.py").write_bytes(text.replace(b"\n", b"\r\n"))
    assert run(copy, "--check") == 0
    assert f"unedited, up to date, comfy-cloud {HERE}" in capsys.readouterr().out
    assert run(copy) == 0
    assert not (copy / "__pycache__").exists(), "caches of the old code do not outlive it"


def edit(copy: Path) -> None:
    """Everything that people do to a copy."""
    with (copy / "errors.py").open("a") as file:
        file.write("# mine\n")
    (copy / "_core" / "times.py").unlink()
    (copy / "_core" / "mine.py").write_text("MINE = True\n", encoding="utf-8")
    (copy / "events.py").unlink()
    (copy / "events.py").symlink_to("workflow.py")


EDITS = ["added: _core/mine.py", "changed: errors.py", "changed: events.py", "removed: _core/times.py"]


def test_check_names_each_edit(copy: Path, capsys: Capture) -> None:
    edit(copy)
    assert run(copy, "--check") == 1
    told = capsys.readouterr().out.splitlines()
    assert told == [f"{copy} was edited since it was written:", *(f"  {line}" for line in EDITS)]


def test_check_tells_a_copy_of_another_version(copy: Path, tmp_path: Path) -> None:
    """After a pull of this project, a repo learns that its copy is behind; that is no edit."""
    newer = checkout(tmp_path / "newer", "99.0")
    done = vendor(copy.parent, "--name", "comfy", "--check", root=newer)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == (
        f"{copy} is not up to date with this checkout: version {HERE} there, 99.0 here; files that differ: 1\n"
    )
    facts = newer / "generated" / "comfy_cloud_api" / "GENERATED.json"
    facts.write_text(json.dumps({"contract_sha256": "f" * 64}), encoding="utf-8")
    done = vendor(copy.parent, "--name", "comfy", "--check", root=newer)
    assert " there, ffffffffffff here; files that differ: 2" in done.stdout
    edit(copy)
    done = vendor(copy.parent, "--name", "comfy", "--check", root=newer)
    assert done.returncode == 1, "an edit weighs more: it would be lost"
    assert "was edited" in done.stdout
    assert "not up to date" in done.stdout


def test_check_tells_a_copy_of_another_state_of_the_same_version(copy: Path, tmp_path: Path) -> None:
    other = checkout(tmp_path / "other", HERE + ".post1")
    version = other / "overrides" / "comfy_cloud" / "_version.py"
    version.write_bytes((copy / "_version.py").read_bytes())
    (other / "overrides" / "comfy_cloud" / "new.py").write_text("NEW = True\n", encoding="utf-8")
    done = vendor(copy.parent, "--name", "comfy", "--check", root=other)
    assert done.returncode == 3
    assert done.stdout.endswith(f": version {HERE} in both; files that differ: 1\n")


def test_an_edited_copy_is_only_replaced_by_force(copy: Path, capsys: Capture) -> None:
    """Nobody loses a repair of theirs to a routine update."""
    fresh = snapshot(copy)
    edit(copy)
    edited = snapshot(copy)
    assert run(copy) == 1
    refused = capsys.readouterr()
    assert "was edited; --force (FORCE=1) replaces it" in refused.err
    assert all(line in refused.err for line in EDITS)
    assert snapshot(copy) == edited
    assert run(copy, "--force") == 0
    told = capsys.readouterr().out
    assert all(line in told for line in EDITS), "what was lost is told"
    assert snapshot(copy) == fresh
    assert sorted(path.name for path in copy.parent.iterdir()) == ["__init__.py", "comfy"]


@pytest.mark.parametrize("manifest", [None, "", "[]", "{}", '{"distribution": "other", "files": {}}'])
@pytest.mark.parametrize("options", [(), ("--force",), ("--check",)], ids=" ".join)
def test_a_folder_of_somebody_else_is_never_touched(
    tmp_path: Path, capsys: Capture, manifest: str | None, options: tuple[str, ...]
) -> None:
    """A slip in DEST or NAME costs nobody their code, whatever else is said."""
    mine = tmp_path / "comfy"
    mine.mkdir()
    (mine / "code.py").write_text("MINE = True\n", encoding="utf-8")
    if manifest is not None:
        (mine / "VENDORED.json").write_text(manifest, encoding="utf-8")
    before = snapshot(tmp_path)
    assert run(mine, *options) == 2
    assert f"{mine} was not written by this script" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


def test_a_file_or_a_link_in_the_way_is_never_touched(copy: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "comfy").write_text("mine\n", encoding="utf-8")
    (tmp_path / "link").symlink_to(copy)
    (tmp_path / "dangling").symlink_to("nowhere")
    before = snapshot(tmp_path)
    for name in ("comfy", "link", "dangling"):
        assert script.main([str(tmp_path), "--name", name]) == 2
        assert "was not written by this script" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


def test_check_says_that_there_is_no_copy(tmp_path: Path, capsys: Capture) -> None:
    assert run(tmp_path / "comfy", "--check") == 2
    assert (
        capsys.readouterr().err
        == f"vendor: {tmp_path / 'comfy'} does not exist; write a copy with: make vendor DEST=folder NAME=name\n"
    )


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "comfy").mkdir()
    assert run(tmp_path / "comfy") == 0
    assert (tmp_path / "comfy" / "VENDORED.json").is_file()


@pytest.mark.parametrize("name", ["", ".", "..", "a.b", "a-b", "1a", "class", "a/b", "/tmp", "ä"])
def test_a_name_that_no_package_can_have_is_refused(tmp_path: Path, capsys: Capture, name: str) -> None:
    with pytest.raises(SystemExit) as refused:
        script.main([str(tmp_path / "dest"), "--name", name])
    assert refused.value.code == 2
    assert "must be a Python identifier" in capsys.readouterr().err
    assert not (tmp_path / "dest").exists()


def test_what_makes_no_sense_together_is_refused(copy: Path, capsys: Capture) -> None:
    for options in (["--check", "--testing"], ["--check", "--force"]):
        with pytest.raises(SystemExit):
            run(copy, *options)
    with pytest.raises(SystemExit):
        script.main([""])
    assert "DEST must not be empty, as in: make vendor DEST=" in capsys.readouterr().err


def test_a_disk_that_fills_up_leaves_the_old_copy(copy: Path) -> None:
    """Half a package would import, and fail in production."""
    before = snapshot(copy.parent)
    code = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000));"
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-B", "-c", code, str(ROOT / "scripts" / "vendor.py"), str(copy.parent), "--name=comfy"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("vendor: ")
    assert "Traceback" not in done.stderr
    assert snapshot(copy.parent) == before
    assert sorted(path.name for path in copy.parent.iterdir()) == ["__init__.py", "comfy"]


def test_make_hands_its_arguments_on(tmp_path: Path) -> None:
    """The command of the documentation, spaces in a path included."""
    dest = tmp_path / "some where"

    def make(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["make", "--no-print-directory", "vendor", f"BIN={Path(sys.executable).parent}", f"DEST={dest}"]
        return subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)

    done = make("NAME=comfy", "TESTING=1")
    assert (done.returncode, done.stderr) == (0, "")
    assert (dest / "comfy" / "testing").is_dir()
    assert "up to date" in make("NAME=comfy", "CHECK=1").stdout
    (dest / "comfy" / "errors.py").unlink()
    assert "removed: errors.py" in make("NAME=comfy").stderr
    assert make("NAME=comfy", "FORCE=1").returncode == 0
