"""What an import costs: a command line tool that imports the package starts as fast as without it."""

from __future__ import annotations

import subprocess
import sys

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
