"""The workflows call only make, may do little, and their very steps work: here they run against a repo on this disk."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_httpserver import HTTPServer

from .conftest import ROOT, TESTS, Contract

BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return document


def steps_of(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_the_published_schema_takes_them() -> None:
    """A workflow that GitHub refuses fails without anybody noticing."""
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(WORKFLOWS) == 4


def test_the_lint_finds_no_hole() -> None:
    command = [str(BIN / "zizmor"), "--offline", "--quiet", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_they_only_call_make_and_pin_each_action(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert load(path)["permissions"] == {}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for step in steps_of(load(path)):
        if "run" in step:
            made = re.fullmatch(r'make ([a-z-]+)(?: [A-Z]+=(?:"[\w -]+"|\w+))*', step["run"])
            assert made is not None
            assert made[1] in targets
        else:
            assert re.search(rf"{re.escape(step['uses'])} # v\d+\.\d+\.\d+\n", text), "a version beside the hash"
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_each_job_may_do_no_more_than_it_must() -> None:
    granted = {(path.stem, name): job["permissions"] for path in WORKFLOWS for name, job in load(path)["jobs"].items()}
    assert granted == {
        ("ci", "test"): {"contents": "read"},
        ("ci", "elsewhere"): {"contents": "read"},
        ("ci", "check"): {"contents": "read"},
        ("docs", "build"): {"contents": "read"},
        ("docs", "publish"): {"contents": "write"},
        ("regenerate", "regenerate"): {"contents": "read"},
        ("regenerate", "propose"): {"contents": "write", "pull-requests": "write"},
        ("regenerate", "tell"): {"contents": "read", "issues": "write"},
        ("release", "build"): {"contents": "read"},
        ("release", "publish"): {"id-token": "write"},
    }


def test_what_must_not_run_twice_at_once_does_not() -> None:
    """Two runs at one time would open a pull request each, or publish a version twice."""
    assert {path.stem: load(path)["concurrency"]["cancel-in-progress"] for path in WORKFLOWS} == {
        "ci": "true",
        "docs": "false",
        "regenerate": "false",
        "release": "false",
    }


def test_no_page_claims_a_system_that_was_not_tried() -> None:
    """Jobs for macOS and Windows are declared; nobody has seen them pass yet."""
    jobs = load(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    assert jobs["elsewhere"]["strategy"]["matrix"]["system"] == ["macos-15", "windows-2025"]
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "pyproject.toml"]
    claims = re.compile(r"(runs|works|tested|supported) on .*(macOS|Windows)|Operating System :: (MacOS|Microsoft)")
    assert [path.name for path in pages if claims.search(path.read_text(encoding="utf-8"))] == []


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def ready() -> bool:
    """Whether `.venv` is up to date; else make would set it up anew, for the copy that the steps run in."""
    stamp = ROOT / ".venv" / ".dev"
    sources = (ROOT / "requirements" / "dev.txt", ROOT / "pyproject.toml")
    return stamp.exists() and all(path.stat().st_mtime < stamp.stat().st_mtime for path in sources)


@pytest.mark.skipif(not ready(), reason="the steps call make, and .venv is not up to date: make test-regenerate")
def test_the_steps_of_the_workflow_open_a_pull_request(
    tree: Path, tmp_path: Path, httpserver: HTTPServer, contract: Contract
) -> None:
    """A published change reaches maintainers as a pull request with the report, and main stays as it is."""
    origin = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "Start")
    git(tree, "remote", "add", "origin", str(origin))
    git(tree, "push", "--quiet", "origin", "main")
    second = tmp_path / "second"
    git(tmp_path, "clone", "--quiet", str(origin), str(second))
    (tree / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "bin").mkdir()
    shutil.copy(Path(__file__).with_name("gh.py"), tmp_path / "bin" / "gh")
    (tmp_path / "bin" / "gh").chmod(0o755)
    contract["components"]["schemas"]["JobDetailResponse"]["properties"]["gpu_seconds"] = {"type": "number"}
    httpserver.expect_request("/new.yaml").respond_with_data(yaml.safe_dump(contract, sort_keys=False))
    environment = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "GH_STATE": str(tmp_path / "gh.json"),
        "GH_ORIGIN": str(origin),
        "RESULT": "success",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "SPEC": httpserver.url_for("/new.yaml"),
        "TESTS": TESTS,
        "PYTHONPATH": str(tree / "overrides"),
    }
    jobs = load(ROOT / ".github" / "workflows" / "regenerate.yml")["jobs"]

    def play(job: str, folder: Path) -> None:
        for step in jobs[job]["steps"]:
            if "run" in step:
                done = subprocess.run(
                    ["bash", "-e", "-c", step["run"]], cwd=folder, env=environment, capture_output=True, text=True
                )
                assert done.returncode == 0, done.stdout + done.stderr

    play("regenerate", tree)
    output = (tmp_path / "output").read_text(encoding="utf-8")
    assert output == "status=compatible\ntests=passed\ntitle=The contract changed, compatibly\n"
    (second / "out").mkdir()
    for name in ("regenerate.md", "regenerate-whole.md", "regenerate.patch"):
        shutil.copy(tree / "out" / name, second / "out" / name)
    play("propose", second)
    play("tell", second)
    state = json.loads((tmp_path / "gh.json").read_text(encoding="utf-8"))
    title = "The contract changed, compatibly"
    assert state["calls"] == ["auth setup-git", "pr list", "pr create", "issue list"]
    assert state["pr"][0]["title"] == title
    assert state["pr"][0]["body"].startswith(f"# {title}\n")
    assert state["issue"] == []
    assert git(origin, "log", "--format=%s", "regenerate").splitlines() == [title, "Start"]
    assert git(origin, "log", "--format=%s", "main").splitlines() == ["Start"]
    assert "gpu_seconds" in git(origin, "show", "regenerate:openapi-cloud.yaml")


def test_the_site_is_put_on_a_branch_of_its_own(tmp_path: Path) -> None:
    """The branch holds the last build alone, also after a second one, and main stays as it is."""
    origin, tree = tmp_path / "origin.git", tmp_path / "tree"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(tree))
    shutil.copy(ROOT / "Makefile", tree)
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "Start")
    git(tree, "remote", "add", "origin", str(origin))
    git(tree, "push", "--quiet", "origin", "main")
    (tmp_path / "bin").mkdir()
    shutil.copy(Path(__file__).with_name("gh.py"), tmp_path / "bin" / "gh")
    (tmp_path / "bin" / "gh").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "GH_STATE": str(tmp_path / "gh.json")}
    for page in ("first", "second"):
        shutil.rmtree(tree / "out", ignore_errors=True)
        (tree / "out" / "site" / "main").mkdir(parents=True)
        (tree / "out" / "site" / "main" / f"{page}.html").write_text(page, encoding="utf-8")
        done = subprocess.run(["make", "publish-site"], cwd=tree, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert git(origin, "ls-tree", "-r", "--name-only", "gh-pages").split() == [".nojekyll", "main/second.html"]
    assert git(origin, "rev-list", "--count", "gh-pages").strip() == "1"
    assert git(origin, "rev-parse", "main") == git(tree, "rev-parse", "main")
