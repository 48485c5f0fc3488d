"""Copies in use: alone, beside one another and beside an installed one, pickled, zipped, read-only. Each runs a job."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import comfy_cloud
from comfy_cloud.testing import Emulator

from .vendoring import ALONE, checkout, project, python


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project `acme` with a copy of this version; tests read it, or copy it."""
    return project(tmp_path_factory.mktemp("acme"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A server that programs find by the environment."""
    with Emulator() as running:
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", running.api_key)
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", running.url)
        yield running


JOB = """
from acme._vendor.comfy_cloud import ComfyCloud
with ComfyCloud() as cloud:
    print(cloud.run({"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}).outputs[0].text)
"""

EVERYTHING = """
import importlib, pkgutil
import acme._vendor.comfy_cloud as copy
for name in copy.__all__:
    getattr(copy, name)
names = [module.name for module in pkgutil.walk_packages(copy.__path__, copy.__name__ + ".")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
assert len(names) > 200
"""


def test_a_copy_stands_on_its_own(source: Path, server: Emulator, tmp_path: Path) -> None:
    """Whole: nothing in it asks for the installed package, which is there in this environment."""
    assert python(ALONE + EVERYTHING + JOB, source, cwd=tmp_path) == "hello\n"
    report = (
        "import runpy, sys; sys.argv[1:] = ['doctor'];runpy.run_module('acme._vendor.comfy_cloud', run_name='__main__')"
    )
    assert python(ALONE + report, source, cwd=tmp_path).startswith("acme._vendor.comfy_cloud ")


SIDE_BY_SIDE = """
import asyncio, logging, threading
import acme_a._vendor.comfy_cloud as a
import acme_b._vendor.comfy_cloud as b

records = []
class Keep(logging.Handler):
    def emit(self, record):
        records.append((record.levelno, record.name, record.getMessage()))
logging.basicConfig(level=logging.DEBUG, handlers=[Keep()])

PICTURE = {"1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 255}},
           "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}}
FAILS = {"1": {"class_type": "EmulatorFail", "inputs": {"message": "no memory", "exception_type": "OOMError"}}}
jobs, pictures, failures = {}, {}, []

def with_a():
    with a.ComfyCloud() as cloud:
        jobs[a] = cloud.run(PICTURE)
        pictures[a] = jobs[a].outputs[0].read()
        try:
            cloud.run(FAILS)
        except b.ComfyCloudError:
            failures.append("caught by the other copy")
        except a.JobFailedError as error:
            failures.append(error.exception_type)

async def with_b():
    async with b.AsyncComfyCloud() as cloud:
        jobs[b] = await cloud.run(PICTURE)
        pictures[b] = await jobs[b].outputs[0].read()

thread = threading.Thread(target=with_a)
thread.start()
asyncio.run(with_b())
thread.join()
assert pictures[a] == pictures[b] and pictures[a].startswith(b"\\x89PNG")
assert jobs[a].status is a.JobStatus.COMPLETED and jobs[b].status is b.JobStatus.COMPLETED
assert a.JobStatus is not b.JobStatus and failures == ["OOMError"]

# Both copies put a filter on httpx's loggers and log under one name: nothing is said twice, nothing is cut twice.
for job in jobs.values():
    told = [text for level, name, text in records if name == "comfy_cloud" and level == logging.INFO]
    lines = [text for text in told if job.id in text]
    assert len(lines) == len(set(lines)) == 2, lines
sent = [text for _, name, text in records if name == "httpx"]
assert len([text for text in sent if "?[redacted]" in text]) >= 2
assert not [text for text in sent if text.count("[redacted]") != text.count("?")]
assert not [text for *_, text in records if "signature=" in text]
print(a.__version__, b.__version__)
"""


def test_two_versions_live_in_one_process(server: Emulator, tmp_path: Path) -> None:
    """Two libraries that an application uses each vendor the client; both run jobs at the same time."""
    older = checkout(tmp_path / "older", "0.0.1")
    ours = project(tmp_path / "ours", "acme_a")
    theirs = project(tmp_path / "theirs", "acme_b", root=older)
    told = python(ALONE + SIDE_BY_SIDE, ours, theirs, cwd=tmp_path)
    assert told.split() == [comfy_cloud.__version__, "0.0.1"]
    assert len(server.journal.of("executePrompt")) == 3


BESIDE = """
import comfy_cloud
import acme._vendor.comfy_cloud as copy
assert comfy_cloud.__file__ != copy.__file__
for package in (comfy_cloud, copy):
    with package.ComfyCloud() as cloud:
        assert type(cloud).__module__.startswith(package.__name__ + ".")
        assert cloud.run({"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}).outputs[0].text == "hello"
assert not issubclass(comfy_cloud.ComfyCloudError, copy.ComfyCloudError)
assert not issubclass(copy.ComfyCloudError, comfy_cloud.ComfyCloudError)
"""


def test_a_copy_lives_beside_an_installed_one(source: Path, server: Emulator, tmp_path: Path) -> None:
    """An application installs the client and uses a library that vendors it."""
    python(BESIDE, source, cwd=tmp_path)
    assert len(server.journal.of("executePrompt")) == 2


RAISE = """
import pickle, sys
from acme._vendor.comfy_cloud import ComfyCloud, ComfyCloudError, Workflow
raised = []
with ComfyCloud() as cloud:
    for call in (
        lambda: cloud.run({"1": {"class_type": "EmulatorFail", "inputs": {"message": "m", "exception_type": "E"}}}),
        lambda: cloud.run({"1": {"class_type": "Unknown", "inputs": {}}}),
        lambda: cloud.jobs.get("nowhere"),
        lambda: Workflow.loads("[]"),
    ):
        try:
            call()
        except ComfyCloudError as error:
            raised.append(error)
with open("raised", "wb") as file:
    pickle.dump(raised, file)
for error in raised:
    print(type(error).__module__, type(error).__name__, error)
"""
CATCH = """
import pickle
with open("raised", "rb") as file:
    for error in pickle.load(file):
        print(type(error).__module__, type(error).__name__, error)
"""


def test_exceptions_of_a_copy_arrive_in_another_process(source: Path, server: Emulator, tmp_path: Path) -> None:
    """A worker pool hands them back as what they were, by the copy's own name."""
    raised = python(ALONE + RAISE, source, cwd=tmp_path)
    assert [line.split()[:2] for line in raised.splitlines()] == [
        ["acme._vendor.comfy_cloud.errors", name]
        for name in ("JobFailedError", "InvalidWorkflowError", "NotFoundError", "WorkflowError")
    ]
    assert python(ALONE + CATCH, source, cwd=tmp_path) == raised


def test_a_copy_runs_from_a_zip(source: Path, server: Emulator, tmp_path: Path) -> None:
    """Functions in a cloud, and zipapps, ship archives."""
    archive = shutil.make_archive(str(tmp_path / "acme"), "zip", source)
    code = JOB + f"import acme; assert acme.__file__.startswith({archive!r})"
    assert python(ALONE + code, Path(archive), cwd=tmp_path) == "hello\n"


# Root writes anywhere, unless it does without the capability.
POWERLESS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")


def test_a_copy_runs_from_a_read_only_tree(source: Path, server: Emulator, tmp_path: Path) -> None:
    """Containers mount code read-only: the copy keeps no state beside its code, and needs no caches there."""
    if not os.geteuid() and not shutil.which("setpriv"):
        pytest.skip("root writes everywhere, and there is no setpriv to take that away")
    tree, elsewhere = tmp_path / "src", tmp_path / "elsewhere"
    shutil.copytree(source, tree, ignore=shutil.ignore_patterns("__pycache__"))
    elsewhere.mkdir()
    before = sorted(tree.rglob("*"))
    with read_only(tree):
        prefix = () if os.geteuid() else POWERLESS
        denied = subprocess.run([*prefix, "touch", str(tree / "x")], capture_output=True, check=False)
        assert b"ermission denied" in denied.stderr, "the tree can be written to"
        told = python(ALONE + JOB, tree, cwd=elsewhere, prefix=prefix, PYTHONDONTWRITEBYTECODE="")
    assert told == "hello\n"
    assert sorted(tree.rglob("*")) == before
    assert list(elsewhere.iterdir()) == []


@contextlib.contextmanager
def read_only(tree: Path) -> Iterator[None]:
    """Without write permission for anybody."""
    folders = [tree, *(path for path in tree.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        yield
    finally:
        for folder in folders:
            folder.chmod(0o755)


PLUGIN = """
def test_the_client_is_the_copys_own(comfy_cloud_client, comfy_cloud_emulator):
    assert type(comfy_cloud_client).__module__.startswith("acme._vendor.comfy_cloud.")
    assert type(comfy_cloud_emulator).__module__.startswith("acme._vendor.comfy_cloud.testing.")
    graph = {"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}
    assert comfy_cloud_client.run(graph).outputs[0].text == "hello"
"""


def test_the_plugin_of_a_copy_does_not_clash_with_an_installed_one(tmp_path: Path) -> None:
    """Named in a conftest.py it takes the place of the one that pytest finds by itself."""
    source = project(tmp_path / "src", "acme", "comfy_cloud", "--testing")
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["acme._vendor.comfy_cloud.testing.plugin"]\n')
    (tmp_path / "test_acme.py").write_text(PLUGIN, encoding="utf-8")
    code = "import pytest, sys; sys.exit(pytest.main(['-W', 'error', '--strict-markers', '-p', 'no:cacheprovider']))"
    assert "1 passed" in python(code, source, cwd=tmp_path)
