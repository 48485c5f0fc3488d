# Derived from tests/_async/test_arguments.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""What a client is given is checked before it sends anything: no job is paid for and then lost to a wrong argument."""

from __future__ import annotations

import inspect
import math
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import ComfyCloud, ConfigurationError, show_progress

from .conftest import KEY, connect

pytestmark = pytest.mark.anyio

URL = "http://127.0.0.1:9"
SETTINGS: dict[str, list[Any]] = {
    "timeout": ["60", 0, -1, math.nan, math.inf, True, (1, 2), httpx.Timeout(math.nan), httpx.Timeout(1, read=-1)],
    "total_timeout": ["60", -1, math.nan, math.inf, False, []],
    "retry": [5, 0, True, "3", {"attempts": 3}],
    "headers": ["a: b", [("a", "b")], {"X-Team": 5}, {"X-Team": None}, {"X-Team": "a\r\nb: c"}, {"é": "x"}],
}
MORE: dict[str, list[Any]] = {
    "http_client": ["x", 5, httpx, object()],
    "proxy": [5, "", "nowhere", httpx],
    "ssl_context": [False, True, "ca.pem"],
    "user_agent": [5, "a\nb", "é"],
    "live": [None, 0, "no"],
    "base_url": [5, b"http://127.0.0.1", ""],
    "api_key": [5, b"key", ""],
}


def rows(settings: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name} {index}")
        for name, values in settings.items()
        for index, value in enumerate(values)
    ]


@pytest.mark.parametrize(("name", "value"), rows({**SETTINGS, **MORE}))
def test_a_setting_that_cannot_work_is_refused_when_the_client_is_made(name: str, value: Any) -> None:
    """It would work until the first 503, or fail deep inside of another library."""
    with pytest.raises(ConfigurationError, match=name):
        ComfyCloud(**{"api_key": KEY, "base_url": URL, name: value})


@pytest.mark.parametrize(("name", "value"), rows(SETTINGS))
def test_a_sibling_takes_no_other_settings(name: str, value: Any) -> None:
    with ComfyCloud(KEY, base_url=URL) as cloud:
        with pytest.raises(ConfigurationError, match=name):
            cloud.with_options(**{name: value})


def test_settings_that_work_are_taken() -> None:
    for settings in (
        {"timeout": 5, "total_timeout": 60.5, "retry": None, "headers": {"X-Team": "blue"}},
        {"timeout": None, "total_timeout": None, "headers": {}},
        {"timeout": httpx.Timeout(5, read=None)},
    ):
        with ComfyCloud(KEY, base_url=URL, **settings) as cloud:  # type: ignore[arg-type]
            cloud.with_options(**settings)  # type: ignore[arg-type]


GRAPH = {"1": {"class_type": "A", "inputs": {}}}
PATIENCE: dict[str, list[Any]] = {"timeout": ["60", -1, math.nan, math.inf, True, [5]]}
WAIT = {**PATIENCE, "on_event": [3, "print", show_progress, lambda: None, lambda event, more: None]}
EXIT = {"cancel_on_exit": [1, "no", None]}
IDS: dict[str, list[Any]] = {"id": [None, "", 5, [None], ["a", ""]]}
LIMIT: dict[str, list[Any]] = {"limit": ["5", -1, 2.5, True, math.nan]}
CALLS: dict[str, tuple[Any, dict[str, list[Any]]]] = {
    "run": (
        lambda cloud, given: cloud.run(GRAPH, **given),
        {**WAIT, **EXIT, "partner_key": [5, b"key"], "number": [10**400, math.nan]},
    ),
    "submit": (lambda cloud, given: cloud.submit(GRAPH, **given), {"partner_key": [5, b"key"]}),
    "job.wait": (lambda cloud, given: cloud.job("j").wait(**given), {**WAIT, **EXIT, "check": [0, None]}),
    "job.events": (lambda cloud, given: cloud.job("j").events(**given), PATIENCE),
    "job.cancel": (lambda cloud, given: cloud.job("j").cancel(**given), {"force": ["yes", 1, None]}),
    "wait": (lambda cloud, given: cloud.wait(["j"], **given), WAIT),
    "as_completed": (lambda cloud, given: cloud.as_completed(["j"], **given), PATIENCE),
    "jobs.list": (
        lambda cloud, given: cloud.jobs.list(**given),
        {
            **LIMIT,
            "status": ["done", 5, ["pending", "done"], [None]],
            "output_type": ["film", 5],
            "sort_by": ["beauty", 5],
            "sort_order": ["up", True],
        },
    ),
    "jobs.get": (lambda cloud, given: cloud.jobs.get(**given), {"job_id": [None, "", " ", 5]}),
    "jobs.status": (lambda cloud, given: cloud.jobs.status(**given), {"job_id": [None, "", 5]}),
    "history.list": (lambda cloud, given: cloud.history.list(**given), LIMIT),
    "history.get": (lambda cloud, given: cloud.history.get(**given), {"job_id": [None, "", 5]}),
    "history.delete": (lambda cloud, given: cloud.history.delete(given["id"]), IDS),
    "queue.cancel": (lambda cloud, given: cloud.queue.cancel(given["id"]), IDS),
    "assets.list": (
        lambda cloud, given: cloud.assets.list(**given),
        {**LIMIT, "sort": ["beauty", 5], "order": ["up"], "metadata_filter": [[], {"a": math.nan}, {"a": print}]},
    ),
    "assets.tags": (lambda cloud, given: cloud.assets.tags(**given), {**LIMIT, "order": ["desc"]}),
    "assets.tag_histogram": (lambda cloud, given: cloud.assets.tag_histogram(**given), LIMIT),
    "assets.remote_metadata": (lambda cloud, given: cloud.assets.remote_metadata(**given), {"url": [None, "", 5]}),
    "assets.import_url": (lambda cloud, given: cloud.assets.import_url(**given), {"url": [None, "", 5]}),
    "files.upload_image": (lambda cloud, given: cloud.files.upload_image(b"x", **given), {"type": ["model", 5]}),
    "assets.get": (lambda cloud, given: cloud.assets.get(**given), {"asset_id": [None, "", 5]}),
    "assets.delete": (lambda cloud, given: cloud.assets.delete(**given), {"asset_id": [None, "", b"a"]}),
    "assets.exists": (lambda cloud, given: cloud.assets.exists(**given), {"asset_hash": [None, "", 5]}),
    "files.download": (lambda cloud, given: cloud.files.download("a.png", **given), {"type": ["model", 5]}),
    "files.mask_layers": (lambda cloud, given: cloud.files.mask_layers(**given), {"filename": [None, "", 5]}),
    "models.list": (lambda cloud, given: cloud.models.list(given["folder"]), {"folder": [None, b"loras"]}),
    "userdata.list": (lambda cloud, given: cloud.userdata.list(**given), {"dir": [None, 5]}),
    "userdata.write": (
        lambda cloud, given: cloud.userdata.write("a", given["data"]),
        {"data": ["\ud83d", print, math.nan]},
    ),
    "userdata.read": (lambda cloud, given: cloud.userdata.read(given["path"]), {"path": [None, "", 5]}),
    "workflows.subgraph": (lambda cloud, given: cloud.workflows.subgraph(given["id"]), {"id": [None]}),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_argument_sends_nothing(httpserver: HTTPServer, call: str) -> None:
    """Above all no job, which would be paid for, and then followed by nobody."""
    act, wrong = CALLS[call]
    with connect(httpserver.url_for(""), live=False) as cloud:
        for name, values in wrong.items():
            for value in values:
                with pytest.raises((TypeError, ValueError, ConfigurationError), match=r"must|cannot"):
                    # What gives a list, or events, refuses at the call and not at the first item.
                    act(cloud, {name: value})
    assert httpserver.log == []


# A value of the wrong type for each annotation of a parameter, and what methods need beside it.
WRONG: dict[str, Any] = {
    "bool": "no",
    "str": 5,
    "int": 2.5,
    "float": "60",
    "Tags": 5,
    "Metadata": 5,
    "Ids": 5,
    "str | UUID": 5,
    "TimeLike": [],
    "OnEvent": 5,
    "Progress": 5,
}
NEEDED: dict[str, Any] = {
    "workflow": GRAPH,
    "jobs": ["j"],
    "job_id": "j",
    "job_ids": ["j"],
    "content": b"x",
    "original": "a.png",
    "asset_id": "11111111-1111-4111-8111-111111111111",
    "asset_hash": "0" * 64,
    "url": "http://127.0.0.1/a",
    "tags": "a",
    "filename": "a.png",
    "folder": "loras",
    "path": "a.json",
    "data": b"x",
    "subgraph_id": "a",
}
GROUPS = ("assets", "files", "history", "jobs", "models", "nodes", "queue", "system", "userdata", "workflows")


def parameters(function: Any) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())


def test_every_argument_of_a_plain_type_is_checked(httpserver: HTTPServer) -> None:
    """Whatever method is added: a switch that is "no" and a name that is 5 mean something else to each server."""
    tried = 0
    with connect(httpserver.url_for(""), live=False) as cloud:
        for owner in (cloud, *(getattr(cloud, group) for group in GROUPS)):
            for name, method in inspect.getmembers(owner, callable):
                if name.startswith("_") or name in {"raw", "from_profile", "with_options"}:
                    continue
                needed = {each.name: NEEDED[each.name] for each in parameters(method) if each.default is each.empty}
                for each in parameters(method):
                    wrong = WRONG.get(str(each.annotation).removesuffix(" | None"))
                    if wrong is not None:
                        tried += 1
                        with pytest.raises((TypeError, ValueError, ConfigurationError), match=f"{each.name}|must"):
                            method(**{**needed, each.name: wrong})
    assert tried > 60
    assert httpserver.log == []


def test_jobs_that_are_none_are_refused(httpserver: HTTPServer) -> None:
    with connect(httpserver.url_for(""), live=False) as cloud:
        for jobs in (None, 5, "j", [None], [""]):
            with pytest.raises(ConfigurationError, match="job"):
                cloud.wait(jobs)  # type: ignore[arg-type]
    assert httpserver.log == []
