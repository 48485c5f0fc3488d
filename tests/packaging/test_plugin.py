"""Test the pytest plugin as users get it: in a pytest of their own, because the package is installed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_cloud.testing import plugin

ROOT = Path(__file__).parents[2]
WORKFLOW = '{"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}'


def run_pytest(folder: Path, code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a user's test file in a process of its own, with warnings as errors and no settings of ours."""
    (folder / "test_users.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-W", "error", "--strict-markers", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def passed(done: subprocess.CompletedProcess[str]) -> int:
    """Return how many tests passed, or fail if anything else happened."""
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stdout.splitlines()[-1].strip("= ").split()[0])


OWN_CLIENT = f"""
import os
from comfy_cloud import ComfyCloud

def production_code():
    with ComfyCloud() as cloud:
        return cloud.run({WORKFLOW}).outputs[0].text

def test_one(comfy_cloud_emulator):
    assert production_code() == "hello"
    assert len(comfy_cloud_emulator.journal.of("executePrompt")) == 1
    assert comfy_cloud_emulator.journal.of("executePrompt")[0].key_present

def test_each_test_has_an_emulator_of_its_own(comfy_cloud_emulator):
    assert len(comfy_cloud_emulator.journal) == 0

def test_the_environment_is_as_it_was():
    assert os.environ["COMFY_CLOUD_API_KEY"] == "mine"
    assert "COMFY_CLOUD_BASE_URL" not in os.environ
"""

READY_CLIENTS = f"""
import asyncio
import pytest

def test_sync(comfy_cloud_client, comfy_cloud_emulator):
    assert comfy_cloud_client.run({WORKFLOW}).outputs[0].text == "hello"
    assert comfy_cloud_emulator.url in repr(comfy_cloud_client)

def test_async(async_comfy_cloud_client):
    async def main():
        async with async_comfy_cloud_client as cloud:
            return (await cloud.run({WORKFLOW})).outputs[0].text
    assert asyncio.run(main()) == "hello"

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_async_by_a_plugin(async_comfy_cloud_client):
    async with async_comfy_cloud_client as cloud:
        assert (await cloud.run({WORKFLOW})).outputs[0].text == "hello"

def test_unused(async_comfy_cloud_client):
    pass
"""

MARKERS = """
import pytest

@pytest.mark.comfy_cloud(dialect="comfyui-old", max_concurrent_jobs=2)
def test_marked(comfy_cloud_emulator):
    assert comfy_cloud_emulator.dialect == "comfyui-old"

@pytest.mark.comfy_cloud(dialect="comfyui-old")
class TestMarked:
    def test_by_class(self, comfy_cloud_emulator):
        assert comfy_cloud_emulator.dialect == "comfyui-old"

    @pytest.mark.comfy_cloud(dialect="cloud")
    def test_the_nearest_marker_counts(self, comfy_cloud_emulator):
        assert comfy_cloud_emulator.dialect == "cloud"

def test_unmarked(comfy_cloud_emulator):
    assert comfy_cloud_emulator.dialect == "cloud"
"""

FAILURES = f"""
import pytest
from comfy_cloud import JobFailedError, ServerError
from comfy_cloud.testing import Fault

INPUTS = {{"required": {{"text": ["STRING", {{}}]}}}}
NODES = {{"Paint": {{"input": INPUTS, "output": ["STRING"], "output_node": True}}}}
OWN = {{"1": {{"class_type": "Paint", "inputs": {{"text": "a ship"}}}}}}

@pytest.mark.comfy_cloud_fail("EmulatorText", exception_type="OOMError", message="no memory")
def test_a_node(comfy_cloud_client):
    with pytest.raises(JobFailedError, match="OOMError: no memory"):
        comfy_cloud_client.run({WORKFLOW})
    assert comfy_cloud_client.run({WORKFLOW}).outputs[0].text == "hello"

@pytest.mark.comfy_cloud_fail("1", after=1)
class TestFailing:
    @pytest.mark.comfy_cloud_fail("getQueueInfo", Fault.status(500), count=None)
    def test_a_node_and_an_operation(self, comfy_cloud_client, comfy_cloud_emulator):
        assert [rule.operation for rule in comfy_cloud_emulator.faults] == ["1", "getQueueInfo"]
        comfy_cloud_client.run({WORKFLOW})
        with pytest.raises(JobFailedError):
            comfy_cloud_client.run({WORKFLOW})

@pytest.mark.comfy_cloud(node_info=NODES, key="my-own-key", max_queued_jobs=1)
def test_own_nodes(comfy_cloud_client, comfy_cloud_emulator):
    assert comfy_cloud_emulator.api_key == "my-own-key"
    assert comfy_cloud_client.run(OWN).outputs[0].text == "a ship"
"""

OWN_EMULATOR = f"""
import pytest
from comfy_cloud.testing import Emulator

@pytest.fixture
def comfy_cloud_emulator():
    with Emulator(dialect="comfyui-old") as emulator:
        yield emulator

def test_it(comfy_cloud_client, comfy_cloud_emulator):
    assert comfy_cloud_client.run({WORKFLOW}).outputs[0].text == "hello"
    assert comfy_cloud_emulator.journal.of("executePrompt")
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, int]]:
    """Run the files of several users together. Return for each what pytest printed, and how many tests passed."""
    folder = tmp_path_factory.mktemp("users")
    files = {
        "own_client": OWN_CLIENT,
        "ready_clients": READY_CLIENTS,
        "markers": MARKERS,
        "failures": FAILURES,
        "own_emulator": OWN_EMULATOR,
    }
    for name, code in files.items():
        (folder / f"test_{name}.py").write_text(code, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COMFY_CLOUD_BASE_URL", raising=False)
        printed = run_pytest(folder, "", "-rA", COMFY_CLOUD_API_KEY="mine").stdout
    return {name: (printed, printed.count(f"\nPASSED test_{name}.py::")) for name in files}


def test_code_that_makes_its_own_client_is_tested_unchanged(outcomes: dict[str, tuple[str, int]]):
    """The environment points to the emulator for one test, and is restored for the next."""
    printed, count = outcomes["own_client"]
    assert count == 3, printed


def test_the_clients_are_ready_to_use(outcomes: dict[str, tuple[str, int]]):
    """The test itself enters the async client.

    A fixture that enters it would fail if fixtures and tests have different event loops.
    """
    printed, count = outcomes["ready_clients"]
    assert count == 4, printed


def test_a_marker_starts_another_emulator(outcomes: dict[str, tuple[str, int]]):
    printed, count = outcomes["markers"]
    assert count == 4, printed


def test_a_marker_makes_nodes_and_operations_fail(outcomes: dict[str, tuple[str, int]]):
    printed, count = outcomes["failures"]
    assert count == 3, printed


def test_a_user_can_replace_the_emulator_and_keep_the_clients(outcomes: dict[str, tuple[str, int]]):
    printed, count = outcomes["own_emulator"]
    assert count == 1, printed


def test_nothing_else_happens_in_the_files_of_users(outcomes: dict[str, tuple[str, int]]):
    """No fixture fails at its end, and no test is skipped."""
    printed = next(printed for printed, _ in outcomes.values())
    assert re.fullmatch(r"=+ 15 passed in \S+s =+", printed.splitlines()[-1]), printed


def test_the_marker_and_the_fixtures_are_listed(tmp_path: Path):
    assert (
        "@pytest.mark.comfy_cloud(dialect=..., **options): how to start" in run_pytest(tmp_path, "", "--markers").stdout
    )
    listed = run_pytest(tmp_path, "", "--fixtures").stdout
    assert all(name in listed for name in ("comfy_cloud_emulator", "comfy_cloud_client", "async_comfy_cloud_client"))


def test_a_wrong_marker_is_one_clear_line(tmp_path: Path):
    messages = {
        'dialect="comfy"': "@pytest.mark.comfy_cloud: dialect must be one of cloud",
        "colour=1": "@pytest.mark.comfy_cloud: Emulator.__init__() got an unexpected keyword argument 'colour'",
        '"cloud"': "@pytest.mark.comfy_cloud must have keyword arguments only, such as dialect=...",
        "port=99999": "@pytest.mark.comfy_cloud: port must be a whole number from 0",
        'node_info="nowhere.json"': "@pytest.mark.comfy_cloud: [Errno 2] No such file or directory: 'nowhere.json'",
        '_fail("getQueueInfo"': "@pytest.mark.comfy_cloud_fail: 'getQueueInfo' is an operation and not a node",
    }
    tests = (
        f"@pytest.mark.comfy_cloud{marker if marker.startswith('_') else f'({marker}'})\n"
        f"def test_{number}(comfy_cloud_emulator): pass\n"
        for number, marker in enumerate(messages)
    )
    done = run_pytest(tmp_path, "import pytest\n" + "".join(tests))
    assert done.returncode == 1
    assert f" {len(messages)} errors in " in done.stdout
    for number, message in enumerate(messages.values()):
        shown = done.stdout.partition(f" ERROR at setup of test_{number} ")[2].partition(" ERROR at setup of ")[0]
        assert message in shown.partition(" short test summary info ")[0]
    assert "Traceback" not in done.stdout
    assert "_emulator.py" not in done.stdout


def test_a_missing_extra_is_one_clear_line_and_only_if_a_fixture_is_used(tmp_path: Path):
    """Users who installed only the client can still run all other tests."""
    (tmp_path / "conftest.py").write_text("import sys\nsys.modules['starlette'] = None\n", encoding="utf-8")
    done = run_pytest(tmp_path, "def test_one(comfy_cloud_client): pass\ndef test_other(): pass\n")
    assert "1 passed, 1 error" in done.stdout
    assert 'could not import starlette, which the emulator needs: pip install "comfy-cloud[testing]"' in done.stdout
    assert "Traceback" not in done.stdout
    assert "import_module" not in done.stdout


def test_pytest_loads_nothing_if_no_fixture_is_used(tmp_path: Path):
    """Every pytest run on the machine loads the plugin, so it must cost nothing."""
    code = """
import sys

def test_it(pytestconfig):
    assert pytestconfig.pluginmanager.get_plugin("comfy-cloud") is not None
    heavy = {"starlette", "uvicorn", "PIL", "httpx", "attrs", "websockets", "blake3", "comfy_cloud.raw"}
    assert not heavy & set(sys.modules)
"""
    assert passed(run_pytest(tmp_path, code, "-p", "no:anyio")) == 1


def test_the_fixtures_work_in_this_run_too(comfy_cloud_emulator, comfy_cloud_client):  # type: ignore[no-untyped-def]
    assert comfy_cloud_client.run({"1": {"class_type": "EmulatorText", "inputs": {"text": "x"}}}).outputs
    assert comfy_cloud_emulator.storage_keys_seen == 0
    assert plugin.__name__.endswith(".plugin")
