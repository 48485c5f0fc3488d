"""What an import costs: a command line tool that imports the package starts as fast as without it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pytest_httpserver import HTTPServer

LOADED = "print(*sorted(sys.modules))"


def loaded_by(code: str) -> set[str]:
    """Names of the modules that are loaded after `code` ran in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", f"import sys\n{code}\n{LOADED}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def models(modules: set[str]) -> set[str]:
    return {name.rsplit(".", 1)[1] for name in modules if name.startswith("comfy_cloud.raw.models.")}


def test_importing_the_package_loads_neither_httpx_nor_any_model() -> None:
    modules = loaded_by("import comfy_cloud")
    assert "comfy_cloud" in modules
    assert not {"httpx", "attrs", "attr", "websockets", "PIL", "dateutil", "asyncio", "ssl"} & modules
    assert not [name for name in modules if name.startswith("comfy_cloud.raw")]


def test_a_workflow_can_be_changed_without_loading_httpx() -> None:
    modules = loaded_by("from comfy_cloud import Workflow, NotFoundError, JobStatus, RetryPolicy")
    assert not {"httpx", "attrs", "websockets", "PIL"} & modules


def test_the_model_package_loads_a_model_when_it_is_named() -> None:
    assert not models(loaded_by("import comfy_cloud.raw.models"))
    assert models(loaded_by("from comfy_cloud.raw.models import QueueInfo")) == {"queue_info"}


def test_using_one_operation_loads_only_its_models(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/assets").respond_with_json({"assets": [{"name": "a", "user_metadata": {}}]})
    modules = loaded_by(f"""
from comfy_cloud.raw import Client
from comfy_cloud.raw.api.asset import list_assets
with Client(base_url={httpserver.url_for("")!r}) as client:
    print(list_assets.sync(client=client).assets[0].name)
""")
    assert models(modules) == {
        "asset",
        "asset_user_metadata",
        "list_assets_order",
        "list_assets_response",
        "list_assets_sort",
    }


def test_a_name_is_loaded_when_it_is_used_and_not_before() -> None:
    code = """
import sys, comfy_cloud
own = lambda: {name for name in sys.modules if name.startswith("comfy_cloud.")}
assert own() == set(), own()
comfy_cloud.Workflow
assert "comfy_cloud.workflow" in own()
assert not own() & {"comfy_cloud._async", "comfy_cloud._sync", "comfy_cloud.raw"}, own()
assert "Workflow" in vars(comfy_cloud)
assert dir(comfy_cloud) and "ComfyCloud" not in vars(comfy_cloud)
"""
    subprocess.run([sys.executable, "-I", "-W", "error", "-c", code], check=True)


def test_the_help_of_the_command_line_loads_no_client() -> None:
    """A shell asks the program for each completion: what it loads for that is felt."""
    modules = loaded_by("from comfy_cloud.cli import main; main(['run', '--help'])")
    assert "typer" in modules
    assert not {"httpx", "websockets", "PIL", "starlette"} & modules
    assert not [name for name in modules if name.startswith("comfy_cloud.raw")]


def test_importing_the_emulator_loads_no_server() -> None:
    """pytest loads the plugin of every installed package: it must cost nothing."""
    assert not {"starlette", "uvicorn", "PIL"} & loaded_by("import comfy_cloud.testing")


@pytest.mark.parametrize(
    ("module", "missing"),
    [("starlette", "starlette"), ("uvicorn", "uvicorn"), ("PIL", "pillow"), ("python_multipart", "python-multipart")],
)
def test_a_missing_extra_is_one_clear_line(module: str, missing: str) -> None:
    code = f"import sys; sys.modules[{module!r}] = None\nfrom comfy_cloud.testing import Emulator"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (
        f'could not import {missing}, which the emulator needs: pip install "comfy-cloud[testing]"'
        in done.stderr.splitlines()[-1]
    )


def test_tracing_loads_nothing_of_its_own() -> None:
    """A program that does not trace pays no import, though OpenTelemetry is installed here."""
    assert not [name for name in loaded_by("import comfy_cloud._tracing") if name.startswith("opentelemetry")]
    assert "httpx" not in loaded_by("import comfy_cloud._tracing")
