"""Test graphs that a submit accepts and that then fail, run nothing or kill the worker, as on real servers."""

from typing import Any

import pytest

from .conftest import Server, node, serve
from .live import live

EMPTY = node("EmptyImage", width=8, height=8, batch_size=1, color=0)
GOOD = {"1": EMPTY, "2": node("SaveImage", images=["1", 0], filename_prefix="p")}
CRASH = "500 Internal Server Error\n\nServer got itself in trouble"


def with_extra(value: Any) -> dict[str, Any]:
    """Return a good graph whose first node has an input that its class does not declare."""
    return {**GOOD, "1": {**EMPTY, "inputs": {**EMPTY["inputs"], "surplus": value}}}


def with_image(value: Any) -> dict[str, Any]:
    return {"1": node("ImageInvert", image=value), "2": GOOD["2"]}


def submitted(server: Server, workflow: dict[str, Any], **body: Any) -> dict[str, Any]:
    response = server.post("/api/prompt", {"prompt": workflow, **body})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def failure(server: Server, job_id: str) -> dict[str, Any]:
    """Return the error with which a job ended."""
    if "cloud" in server.emulator.dialect:
        error: dict[str, Any] = server.get(f"/api/jobs/{job_id}").json()["execution_error"]
        return error
    messages: list[tuple[str, dict[str, Any]]] = server.get(f"/api/history/{job_id}").json()[job_id]["status"][
        "messages"
    ]
    return dict(messages)["execution_error"]


MISSING = [["77", 0], ["16:9", 1], ["a", 1.5], ["a", True]]


@pytest.mark.parametrize("link", MISSING, ids=str)
def test_a_link_to_nowhere_in_an_undeclared_input_kills_the_worker_of_comfyui(comfyui: Server, link: list[Any]):
    """The server accepts jobs of everybody from then on, and runs none until someone restarts it."""
    assert not comfyui.emulator.worker_dead
    killer = submitted(comfyui, with_extra(link))["prompt_id"]
    comfyui.emulator.wait_for_dead_worker()
    assert comfyui.emulator.worker_dead
    behind = comfyui.submit(GOOD)
    queue = comfyui.get("/api/queue").json()
    assert [item[1] for item in queue["queue_running"]] == [killer]
    assert [item[1] for item in queue["queue_pending"]] == [behind]
    assert comfyui.get(f"/api/history/{killer}").json() == {}
    comfyui.post("/api/interrupt", {"prompt_id": killer})
    with pytest.raises(TimeoutError, match="is pending, not"):
        comfyui.emulator.wait_for(behind, timeout=0.05)
    comfyui.emulator.restart_worker()
    assert not comfyui.emulator.worker_dead
    assert comfyui.emulator.wait_for(behind) == "completed"


def test_a_dead_worker_stops_every_job_of_an_emulator_that_runs_several():
    for server in serve(dialect="comfyui", max_concurrent_jobs=3):
        server.submit(with_extra(["77", 0]))
        server.emulator.wait_for_dead_worker()
        with pytest.raises(TimeoutError):
            server.emulator.wait_for(server.submit(GOOD), timeout=0.05)


def test_a_dead_worker_is_silent_on_the_websocket(comfyui: Server):
    with live(comfyui) as socket:
        comfyui.submit(with_extra(["77", 0]), client_id="tests")
        comfyui.emulator.wait_for_dead_worker()
        socket.until("execution_cached")
        assert socket.is_silent()
    assert socket.kinds == ["status", "status", "status", "execution_start", "execution_cached"]


def test_waiting_for_a_dead_worker_in_vain(comfyui: Server):
    with pytest.raises(TimeoutError, match=r"after 0\.01 s: the worker is alive"):
        comfyui.emulator.wait_for_dead_worker(timeout=0.01)


def test_the_cloud_loses_the_job_that_killed_its_worker_and_goes_on(account: Server):
    lost = submitted(account, with_extra(["77", 0]))["prompt_id"]
    assert account.emulator.wait_for(lost) == "failed"
    assert account.get(f"/api/job/{lost}/status").json()["status"] == "lost"
    body = account.get(f"/api/jobs/{lost}").json()
    assert body["status"] == "failed"
    assert "execution_error" not in body
    assert not account.emulator.worker_dead
    assert account.emulator.wait_for(account.submit(GOOD)) == "completed"


@pytest.mark.parametrize("value", [[], [1], [512, 768], ["a", "b"], [1, "a"], ["a", 1, 2], {"__value__": ["16:9", 1]}])
def test_other_values_in_an_undeclared_input_are_ignored(server: Server, value: Any):
    assert server.emulator.wait_for(server.submit(with_extra(value))) == "completed"


@pytest.mark.parametrize("link", MISSING, ids=str)
def test_the_same_link_in_a_declared_input_is_refused(server: Server, link: list[Any]):
    response = server.post("/api/prompt", {"prompt": {"2": node("SaveImage", images=link, filename_prefix="p")}})
    assert response.status_code == 400
    assert list(response.json()["node_errors"]) == ["2"]


def test_a_node_without_inputs_kills_the_worker_even_if_no_output_needs_it(comfyui: Server):
    comfyui.submit({**GOOD, "80": {"class_type": "ImageInvert"}})
    comfyui.emulator.wait_for_dead_worker()


@pytest.mark.parametrize("inputs", [None, [], 3])
def test_inputs_that_are_no_object_kill_an_old_worker_and_are_refused_by_newer_servers(
    account: Server, new: Server, old: Server, inputs: Any
):
    workflow = {**GOOD, "80": {"class_type": "ImageInvert", "inputs": inputs}}
    old.submit(workflow)
    old.emulator.wait_for_dead_worker()
    response = new.post("/api/prompt", {"prompt": workflow})
    assert (response.status_code, response.text) == (500, CRASH)
    assert account.post("/api/prompt", {"prompt": workflow}).status_code == 400


@pytest.mark.parametrize("ring", ["self", "two"])
def test_a_ring_through_an_undeclared_input_succeeds_and_runs_nothing(comfyui: Server, ring: str):
    """The WebSocket tells an error, but every REST response calls the job a success."""
    with live(comfyui) as socket:
        job_id = comfyui.submit(with_extra(["1" if ring == "self" else "2", 0]), client_id="tests")
        error = socket.until("execution_error")
        socket.until_end()
    assert (error["exception_type"], error["executed"]) == ("graph.DependencyCycleError", [])
    assert "executing" not in socket.kinds[:-1]
    entry = comfyui.get(f"/api/history/{job_id}").json()[job_id]
    assert (entry["status"]["status_str"], entry["status"]["completed"], entry["outputs"]) == ("success", True, {})
    if comfyui.emulator.dialect == "comfyui":
        assert comfyui.get(f"/api/jobs/{job_id}").json()["status"] == "completed"


def test_a_ring_through_an_undeclared_input_fails_on_the_cloud(account: Server):
    job_id = account.submit(with_extra(["1", 0]))
    assert account.emulator.wait_for(job_id) == "failed"
    assert failure(account, job_id)["exception_message"] == "Dependency cycle detected"


@pytest.mark.parametrize("slot", [0, 99, -5, 0.5])
def test_a_link_in_an_undeclared_input_runs_its_source_and_fails(server: Server, slot: float):
    save = {**GOOD["2"], "inputs": {**GOOD["2"]["inputs"], "surplus": ["3", slot]}}
    job_id = server.run({"1": EMPTY, "2": save, "3": node("EmptyImage", width=4, height=4, batch_size=1, color=1)})
    error = failure(server, job_id)
    assert error["exception_message"] == "SaveImage.execute() got an unexpected keyword argument 'surplus'\n"
    assert (error["node_id"], sorted(error["executed"])) == ("2", ["1", "3"])


@pytest.mark.parametrize("value", ["text", 5, None, {}, {"__value__": [1, 2, 3]}], ids=str)
def test_what_is_no_image_is_accepted_and_fails_in_the_node(server: Server, value: Any):
    """Servers do not check the values of inputs that only a link can fill."""
    job_id = server.run(with_image(value))
    error = failure(server, job_id)
    assert (error["node_id"], error["exception_type"]) == ("1", "TypeError")


@pytest.mark.parametrize("value", [[1, 2, 3], [1, 0], ["9", "0"], ["9", 5], ["2", 0]], ids=str)
def test_lists_in_a_declared_input_are_read_as_links_and_refused(server: Server, value: list[Any]):
    workflow = {**with_image(value), "9": EMPTY}
    response = server.post("/api/prompt", {"prompt": workflow})
    assert (response.status_code, response.json()["error"]["type"]) == (400, "prompt_outputs_failed_validation")


def test_values_can_be_linked_and_their_types_are_checked(server: Server):
    sized = {"7": node("PrimitiveInt", value=5), "1": {**EMPTY, "inputs": {**EMPTY["inputs"], "width": ["7", 0]}}}
    assert server.image({**sized, "9": GOOD["2"]}).size == (5, 8)
    wrong = {**sized, "7": node("PrimitiveString", value="5"), "2": GOOD["2"]}
    found = server.post("/api/prompt", {"prompt": wrong}).json()["node_errors"]["1"]["errors"]
    assert [reason["type"] for reason in found] == ["return_type_mismatch"]


def test_any_value_can_be_shown_as_text(server: Server):
    values = {"3": node("PrimitiveBoolean", value=1), "4": node("PrimitiveFloat", value="0.5")}
    shown = {f"{name}0": node("PreviewAny", source=[name, 0]) for name in values}
    outputs = server.outputs(server.run({**values, **shown, "60": node("PreviewAny", source="x")}))
    assert outputs == {"30": {"text": ["True"]}, "40": {"text": ["0.5"]}, "60": {"text": ["x"]}}


def test_newer_saving_nodes_pass_their_images_on(account: Server, new: Server, old: Server):
    workflow = {**GOOD, "20": node("PreviewImage", images=["2", 0])}
    for server in (account, new):
        assert set(server.outputs(server.run(workflow))) == {"2", "20"}
    assert list(submitted(old, workflow)["node_errors"]) == ["20"]
    assert old.get("/api/object_info/SaveImage").json()["SaveImage"]["output"] == []


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"image": 5}, "'int' object has no attribute 'endswith'"),
        ({"image": None}, "'NoneType' object has no attribute 'endswith'"),
        ({"image": ["8", 0]}, "'NoneType' object has no attribute 'endswith'"),
        ({}, "LoadImage.VALIDATE_INPUTS() missing 1 required positional argument: 'image'"),
    ],
    ids=["number", "null", "link", "missing"],
)
def test_a_file_input_that_holds_no_name_breaks_the_nodes_own_check(
    server: Server, inputs: dict[str, Any], reason: str
):
    workflow = {"1": node("LoadImage", **inputs), "2": GOOD["2"], "8": node("PrimitiveString", value="x.png")}
    found = server.post("/api/prompt", {"prompt": workflow}).json()["node_errors"]["1"]["errors"]
    assert (found[-1]["type"], found[-1]["details"]) == ("exception_during_inner_validation", reason)
