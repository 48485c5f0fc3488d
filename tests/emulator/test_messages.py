"""The messages about a job, in ComfyUI's order. They are what sockets will carry and what history keeps."""

from typing import Any

from .conftest import Server, node

START = ["status", "status", "execution_start", "execution_cached"]


def listen(server: Server) -> list[tuple[str, dict[str, Any]]]:
    heard: list[tuple[str, dict[str, Any]]] = []
    server.emulator._backend.bus.subscribe(lambda message: heard.append((message.type, message.data)))
    return heard


def run(server: Server, workflow: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The messages of one job, up to the end mark that follows its end."""
    heard = listen(server)
    server.run(workflow)
    server.emulator.close()
    return heard


def kinds(heard: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [kind for kind, _ in heard if kind != "progress_state"]


CHAIN = {
    "1": node("EmptyImage", width=2, height=2, batch_size=1, color=0),
    "5": node("EmulatorSleep", seconds=0.0, steps=2, image=["1", 0]),
    "2": node("SaveImage", images=["5", 0], filename_prefix="x"),
}


def test_a_job_that_succeeds(old: Server):
    heard = run(old, CHAIN)
    assert kinds(heard) == [
        *START,
        *("executing", "executing", "progress", "progress", "executing", "executed"),
        *("execution_success", "status", "executing"),
    ]
    assert [data["node"] for kind, data in heard if kind == "executing"] == ["1", "5", "2", None]
    assert [(data["value"], data["max"]) for kind, data in heard if kind == "progress"] == [(1, 2), (2, 2)]
    assert [data["status"]["exec_info"]["queue_remaining"] for kind, data in heard if kind == "status"] == [1, 1, 0]
    states = [data["nodes"] for kind, data in heard if kind == "progress_state"]
    assert states[0]["1"]["state"] == "running"
    assert {name: entry["state"] for name, entry in states[-1].items()} == dict.fromkeys("152", "finished")
    assert (states[-1]["5"]["value"], states[-1]["5"]["max"]) == (2, 2)


def test_a_job_that_is_cached_still_reports_its_outputs(old: Server):
    workflow = {"1": CHAIN["1"], "2": node("SaveImage", images=["1", 0], filename_prefix="x")}
    old.run(workflow)
    heard = run(old, workflow)
    assert kinds(heard) == [*START, "executed", "execution_success", "status", "executing"]
    assert next(data["nodes"] for kind, data in heard if kind == "execution_cached") == ["1", "2"]
    (state,) = [data["nodes"] for kind, data in heard if kind == "progress_state"]
    assert list(state) == ["2"]


def test_a_job_that_fails(old: Server):
    heard = run(old, {"1": CHAIN["1"], "6": node("EmulatorFail", message="boom", image=["1", 0])})
    assert kinds(heard) == [*START, "executing", "executing", "execution_error", "status", "executing"]
    error = next(data for kind, data in heard if kind == "execution_error")
    assert (error["node_id"], error["exception_message"], error["executed"]) == ("6", "boom\n", ["1"])
    assert sorted(error["current_outputs"]) == ["1", "6"]


def test_a_job_that_is_interrupted(old: Server):
    heard = listen(old)
    job_id = old.submit({"5": node("EmulatorSleep", seconds=3600.0)})
    old.emulator.wait_for(job_id, "in_progress")
    old.post("/interrupt", {})
    old.emulator.wait_for(job_id)
    old.emulator.close()
    assert kinds(heard)[-3:] == ["execution_interrupted", "status", "executing"]


def test_a_removed_job_is_named_by_nobody(old: Server):
    old.emulator.pause()
    job_id = old.submit(CHAIN)
    heard = listen(old)
    old.post("/queue", {"delete": [job_id]})
    assert heard == [("status", {"status": {"exec_info": {"queue_remaining": 0}}})]


def test_a_refused_workflow_sends_nothing(old: Server):
    heard = listen(old)
    old.post("/prompt", {"prompt": {}})
    assert heard == []
