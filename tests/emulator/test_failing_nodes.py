"""Test nodes that a test makes fail, on every kind of server."""

from typing import Any

import pytest

from comfy_cloud import ComfyCloud, JobFailedError
from comfy_cloud.testing import Emulator, Fault

from .conftest import Server, node, serve
from .live import live
from .recorded import NODE_INFO, text_to_image

GRAPH = {
    "1": {**node("EmptyImage", width=8, height=8, batch_size=1, color=0), "_meta": {"title": "Black"}},
    "2": node("ImageInvert", image=["1", 0]),
    "3": node("SaveImage", images=["2", 0], filename_prefix="a"),
}


@pytest.mark.parametrize("name", ["2", "ImageInvert"])
def test_a_node_fails_as_on_a_real_server(server: Server, name: str):
    """A client cannot tell it from a failure of the node itself, neither by the WebSocket nor by the job."""
    order = server.emulator.fail(name, exception_type="OOMError", message="out of memory")
    with live(server) as socket:
        job_id = server.submit(GRAPH, client_id="tests")
        assert server.emulator.wait_for(job_id) == "failed"
        error = socket.until("execution_error")
    assert (error["node_id"], error["node_type"], error["exception_type"]) == ("2", "ImageInvert", "OOMError")
    assert (error["exception_message"], error["executed"]) == ("out of memory\n", ["1"])
    assert error["traceback"]
    assert order.applied == 1


def test_a_title_names_a_node_and_the_defaults_are_a_runtime_error(cloud: Server):
    cloud.emulator.fail("Black")
    error = cloud.get(f"/api/jobs/{cloud.run(GRAPH)}").json()["execution_error"]
    assert (error["node_id"], error["exception_type"]) == ("1", "RuntimeError")
    assert error["exception_message"] == "This node fails on purpose\n"


def test_the_level_that_matches_first_decides_as_in_a_workflow(cloud: Server):
    """An id is meant before a title, and a title before a class."""
    graph: dict[str, Any] = {**GRAPH, "9": node("EmulatorText", text="x")}
    graph["9"]["_meta"] = {"title": "ImageInvert"}
    cloud.emulator.fail("ImageInvert")
    assert cloud.get(f"/api/jobs/{cloud.run(graph)}").json()["execution_error"]["node_id"] == "9"
    cloud.emulator.fail("2")
    graph["9"]["_meta"] = {"title": "2"}
    assert cloud.get(f"/api/jobs/{cloud.run(graph)}").json()["execution_error"]["node_id"] == "2"


def test_a_count_and_after_choose_the_runs(cloud: Server):
    """A node that would come from the cache must run to fail. Afterwards the cache counts again."""
    order = cloud.emulator.fail("ImageInvert", "OOMError", "no memory", after=1, count=2)
    states = [cloud.emulator.wait_for(cloud.submit(GRAPH)) for _ in range(4)]
    assert states == ["completed", "failed", "failed", "completed"]
    assert (order.applied, cloud.emulator.faults.applied) == (2, 2)


def test_cleared_failures_are_gone_and_none_means_all_runs(cloud: Server):
    cloud.emulator.fail("*", count=None)
    assert [cloud.emulator.wait_for(cloud.submit(GRAPH)) for _ in range(2)] == ["failed", "failed"]
    cloud.emulator.faults.clear()
    assert cloud.emulator.wait_for(cloud.submit(GRAPH)) == "completed"


def test_any_node_is_no_request(cloud: Server):
    cloud.emulator.fail("*")
    assert cloud.get("/api/queue").status_code == 200


def test_a_client_raises_and_its_error_names_the_title():
    with (
        Emulator(node_info=NODE_INFO) as emulator,
        ComfyCloud(emulator.api_key, base_url=emulator.url) as cloud,
    ):
        emulator.fail("The sampler", "OOMError", "out of memory")
        with pytest.raises(JobFailedError, match=r"The sampler.*OOMError: out of memory") as failed:
            cloud.run(text_to_image())
        assert (failed.value.node_id, failed.value.node_type) == ("4", "KSampler")


def test_both_kinds_of_failure_are_ordered_by_one_method(cloud: Server):
    rules = [
        cloud.emulator.fail("KSampler", Fault.exception("OOMError")),
        cloud.emulator.fail("getQueueInfo", Fault.status(503), after=3),
    ]
    assert list(cloud.emulator.faults) == rules


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("executePrompt",), {}, "'executePrompt' is an operation and not a node: pass a Fault"),
        (("storage",), {}, "is an operation and not a node"),
        (("KSampler", Fault.close()), {}, "unknown operation 'KSampler'"),
        (("KSampler", ""), {}, "exception_type must be a string that is not empty, not ''"),
        (("KSampler",), {"message": 5}, "message must be a string that is not empty, not 5"),
        (("KSampler",), {"after": -1}, "after must be a number of requests or runs, 0 or more, not -1"),
        ((5,), {}, "operation must be a string, not 5"),
        (("",), {}, "operation must not be empty"),
    ],
)
def test_what_cannot_be_is_named(cloud: Server, arguments: tuple[Any, ...], options: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        cloud.emulator.fail(*arguments, **options)


def test_a_misspelt_argument_is_a_type_error(cloud: Server):
    with pytest.raises(TypeError, match="mesage"):
        cloud.emulator.fail("KSampler", mesage="x")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="must be followed by count=, probability=, seed= or after= only"):
        cloud.emulator.fail("executePrompt", Fault.close(), 3)  # type: ignore[call-overload]


def test_a_key_stays_between_starts():
    for _ in range(2):
        for server in serve(key="a-key-of-mine"):
            assert server.emulator.api_key == "a-key-of-mine"
            assert server.get("/api/queue").status_code == 200
            assert server.http.get("/api/queue", headers={"X-API-Key": "another"}).status_code == 401


@pytest.mark.parametrize("key", ["", "with space", "käse", "line\nend", 5])
def test_a_key_that_no_header_carries_is_refused_and_not_repeated(key: Any):
    with pytest.raises(ValueError, match="key must be a string of visible ASCII") as refused:
        Emulator(key=key)
    assert "space" not in str(refused.value)


@pytest.mark.parametrize("port", [-1, 65536, 99999, "8188", 80.5, True, None])
def test_a_port_that_is_none_is_named(port: Any):
    """It was an OverflowError of a socket, after others had been opened."""
    with pytest.raises(ValueError, match="port must be a whole number from 0 "):
        Emulator(port=port)
