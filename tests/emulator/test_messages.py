"""Test the WebSocket messages about a job: which are sent, in which order, and what they contain."""

import io
import threading
import time
import uuid
from typing import Any

import pytest
from PIL import Image

from comfy_cloud.testing._engine.events import Message

from .conftest import Server, node
from .live import Live, live

START = ["status", "status", "status", "execution_start", "execution_cached"]
CHAIN = {
    "1": node("EmptyImage", width=2, height=2, batch_size=1, color=0),
    "5": node("EmulatorSleep", seconds=0.0, steps=2, image=["1", 0]),
    "2": node("SaveImage", images=["5", 0], filename_prefix="x"),
}


def run(server: Server, workflow: dict[str, Any], **flags: Any) -> Live:
    """Return all messages of one job, from before its submit to the end mark."""
    with live(server) as socket:
        if flags:
            socket.say({"type": "feature_flags", "data": flags})
            socket.until("feature_flags")
        server.submit(workflow, client_id="tests")
        return socket.until_end()


def states(socket: Live) -> list[dict[str, tuple[float, float, str]]]:
    return [
        {name: (entry["value"], entry["max"], entry["state"]) for name, entry in data["nodes"].items()}
        for data in socket.of("progress_state")
    ]


def test_a_job_that_succeeds(comfyui: Server):
    heard = run(comfyui, CHAIN)
    assert heard.kinds == [
        *START,
        *("executing", "executing", "progress", "progress", "executing", "executed"),
        *("execution_success", "status", "executing"),
    ]
    job_id = heard.of("execution_start")[0]["prompt_id"]
    assert heard.of("executing") == [
        *({"node": name, "display_node": name, "prompt_id": job_id} for name in "152"),
        {"node": None, "prompt_id": job_id},
    ]
    assert heard.of("progress") == [{"value": step, "max": 2, "prompt_id": job_id, "node": "5"} for step in (1, 2)]
    remaining = [data["status"]["exec_info"]["queue_remaining"] for data in heard.of("status")]
    assert remaining == [0, 1, 1, 0]
    waiting, done = (0.0, 1.0, "running"), (1.0, 1.0, "finished")
    assert states(heard) == [
        {"1": waiting},
        {"1": done},
        {"1": done, "5": waiting},
        {"1": done, "5": (1, 2, "running")},
        {"1": done, "5": (2, 2, "running")},
        {"1": done, "5": (2, 2, "finished")},
        {"1": done, "5": (2, 2, "finished"), "2": waiting},
        {"1": done, "5": (2, 2, "finished"), "2": done},
    ]
    assert heard.of("progress_state")[0]["nodes"]["1"] == {
        "value": 0.0,
        "max": 1.0,
        "state": "running",
        "node_id": "1",
        "prompt_id": job_id,
        "display_node_id": "1",
        "parent_node_id": None,
        "real_node_id": "1",
    }


def test_the_end_of_a_job_is_told_before_rest_knows_it(comfyui: Server):
    """A client that reads the outputs at `execution_success` finds none. At the end mark they are there."""
    seen: dict[str, tuple[float, dict[str, Any], float]] = {}
    looked = threading.Event()
    with live(comfyui) as socket:
        comfyui.emulator.pause()
        job_id = comfyui.submit(CHAIN, client_id="tests")

        def look(message: Message) -> None:
            # Listeners run in the thread that publishes, so nothing changes while they look.
            if message.type in ("execution_success", "executing"):
                start = time.monotonic()
                history = comfyui.get(f"/api/history/{job_id}").json()
                seen[message.type] = (start, history.get(job_id, {}).get("outputs", {}), time.monotonic())
            if message.type == "executing" and message.data.get("node") is None:
                looked.set()

        comfyui.emulator._backend.bus.subscribe(look)
        comfyui.emulator.resume()
        # The socket may hear of the end before the listener has looked.
        assert looked.wait(10)
        socket.until_end()
    success, mark = seen["execution_success"], seen["executing"]
    assert success[1] == {}
    assert list(mark[1]) == ["2"]
    assert mark[0] - success[2] >= 0.002


def test_a_job_that_is_cached_still_reports_its_outputs(comfyui: Server):
    workflow = {"1": CHAIN["1"], "2": node("SaveImage", images=["1", 0], filename_prefix="x")}
    first = run(comfyui, workflow)
    heard = run(comfyui, workflow)
    assert heard.kinds == [*START, "executed", "execution_success", "status", "executing"]
    assert heard.of("execution_cached")[0]["nodes"] == ["1", "2"]
    assert states(heard) == [{"2": (1, 1, "finished")}]
    assert heard.of("executed")[0]["output"] == first.of("executed")[0]["output"]


def test_a_job_that_fails(comfyui: Server):
    heard = run(comfyui, {"1": CHAIN["1"], "6": node("EmulatorFail", message="boom", image=["1", 0])})
    assert heard.kinds == [*START, "executing", "executing", "execution_error", "status", "executing"]
    (error,) = heard.of("execution_error")
    assert (error["node_id"], error["node_type"], error["executed"]) == ("6", "EmulatorFail", ["1"])
    assert (error["exception_message"], error["exception_type"]) == ("boom\n", "RuntimeError")
    assert sorted(error["current_outputs"]) == ["1", "6"]


def test_a_job_that_is_interrupted(comfyui: Server):
    with live(comfyui) as socket:
        job_id = comfyui.submit({"5": node("EmulatorSleep", seconds=3600.0)}, client_id="tests")
        socket.until("executing")
        comfyui.post("/interrupt", {})
        socket.until_end()
    assert socket.kinds == [*START, "executing", "execution_interrupted", "status", "executing"]
    (data,) = socket.of("execution_interrupted")
    del data["timestamp"]
    assert data == {"prompt_id": job_id, "node_id": "5", "node_type": "EmulatorSleep", "executed": []}


def test_no_message_names_a_removed_job(comfyui: Server):
    """A client that waits for a message about it waits for ever."""
    comfyui.emulator.pause()
    first, second = comfyui.submit(CHAIN, client_id="tests"), comfyui.submit(CHAIN, client_id="tests")
    with live(comfyui) as socket:
        comfyui.post("/queue", {"delete": [first]})
        comfyui.post("/queue", {"delete": [second]})
        socket.until_idle()
        socket.until_idle()
        assert socket.is_silent()
    # ComfyUI tells twice when the queue becomes empty by it.
    remaining = [data["status"]["exec_info"]["queue_remaining"] for data in socket.of("status")]
    assert remaining == [2, 1, 0, 0]
    assert set(socket.kinds) == {"status"}


def test_a_refused_workflow_sends_nothing(comfyui: Server):
    with live(comfyui) as socket:
        comfyui.post("/prompt", {"prompt": {}, "client_id": "tests"})
        assert socket.is_silent()


def test_three_jobs_of_one_client_are_reported_one_after_the_other(comfyui: Server):
    """One WebSocket serves all jobs, and a failed job does not end it."""
    workflows = [
        {"1": node("EmulatorText", text="a")},
        {"6": node("EmulatorFail")},
        {"1": node("EmulatorText", text="b")},
    ]
    workflows[1]["6"]["inputs"]["message"] = "no"
    with live(comfyui) as socket:
        ids = [comfyui.submit(workflow, client_id="tests") for workflow in workflows]
        for job_id in ids:
            socket.until("executing", node=None, prompt_id=job_id)
    assert [data["prompt_id"] for data in socket.of("execution_start")] == ids
    ends = [kind for kind in socket.kinds if kind in ("execution_success", "execution_error")]
    assert ends == ["execution_success", "execution_error", "execution_success"]


def test_outputs_that_came_before_a_failure_were_reported(comfyui: Server):
    workflow = {
        "1": CHAIN["1"],
        "7": node("PreviewImage", images=["1", 0]),
        "6": node("EmulatorFail", message="late", image=["1", 0]),
    }
    heard = run(comfyui, workflow)
    assert heard.kinds[-4:] == ["executing", "execution_error", "status", "executing"]
    assert [data["node"] for data in heard.of("executed")] == ["7"]
    assert heard.of("execution_error")[0]["executed"] == ["1", "7"]


def test_a_node_that_expands_reports_nodes_that_nobody_submitted(comfyui: Server):
    """Only `display_node` is in the submitted workflow."""
    heard = run(comfyui, {"1": node("EmulatorExpand"), "2": node("SaveImage", images=["1", 0], filename_prefix="x")})
    assert [(data["node"], data.get("display_node")) for data in heard.of("executing")] == [
        ("1", "1"),
        ("1.0.0.1", "1"),
        ("1.0.0.2", "1"),
        ("2", "2"),
        (None, None),
    ]
    run_, done = "running", "finished"
    assert [{name: entry[2] for name, entry in state.items()} for state in states(heard)] == [
        {"1": run_},
        {"1": run_, "1.0.0.1": run_},
        {"1": run_, "1.0.0.1": done},
        {"1": run_, "1.0.0.1": done, "1.0.0.2": run_},
        {"1": run_, "1.0.0.1": done, "1.0.0.2": done},
        {"1": done, "1.0.0.1": done, "1.0.0.2": done},
        {"1": done, "1.0.0.1": done, "1.0.0.2": done, "2": run_},
        {"1": done, "1.0.0.1": done, "1.0.0.2": done, "2": done},
    ]
    inner = heard.of("progress_state")[-1]["nodes"]["1.0.0.2"]
    assert (inner["display_node_id"], inner["parent_node_id"], inner["real_node_id"]) == ("1", "1", "1")


def test_outputs_inside_an_expanded_node_are_reported_under_their_own_ids(comfyui: Server):
    heard = run(comfyui, {"1": node("EmulatorExpand", text="inside")})
    job_id = heard.of("execution_start")[0]["prompt_id"]
    assert heard.of("executed") == [
        {"node": "1.0.0.3", "display_node": "1", "output": {"text": ["inside"]}, "prompt_id": job_id}
    ]
    assert heard.of("3") == [{"head": "1.0.0.3", "rest": b"inside"}]
    assert comfyui.outputs(job_id) == {"1.0.0.3": {"text": ["inside"]}}
    meta = comfyui.get(f"/history/{job_id}").json()[job_id]["meta"]["1.0.0.3"]
    assert meta == {"node_id": "1.0.0.3", "display_node": "1", "parent_node": "1", "real_node_id": "1"}


def test_a_text_is_sent_as_a_frame_of_its_own_before_the_outputs(comfyui: Server):
    heard = run(comfyui, {"3": node("EmulatorText", text="hallo wörld")})
    assert heard.kinds[len(START) :] == ["executing", "3", "executed", "execution_success", "status", "executing"]
    assert heard.of("3") == [{"head": "3", "rest": "hallo wörld".encode()}]


PREVIEWS = {"2": node("EmulatorPreview", seconds=0.0, frames=2)}


@pytest.mark.parametrize(("kind", "number"), [("JPEG", 1), ("PNG", 2)])
def test_previews_have_no_metadata_and_follow_their_progress(comfyui: Server, kind: str, number: int):
    heard = run(comfyui, {"2": node("EmulatorPreview", seconds=0.0, frames=2, format=kind)})
    assert heard.kinds[len(START) + 1 :][:4] == ["progress", "1", "progress", "1"]
    for frame in heard.of("1"):
        assert frame["head"] == number
        assert Image.open(io.BytesIO(frame["rest"])).format == kind


def test_previews_with_metadata_precede_their_progress_for_clients_that_support_them(comfyui: Server):
    heard = run(
        comfyui, {"2": node("EmulatorPreview", seconds=0.0, frames=2, format="PNG")}, supports_preview_metadata=True
    )
    kinds = [kind for kind in heard.kinds if kind != "feature_flags"]
    assert kinds[len(START) + 1 :][:4] == ["4", "progress", "4", "progress"]
    job_id = heard.of("execution_start")[0]["prompt_id"]
    for frame in heard.of("4"):
        assert frame["head"] == {
            "node_id": "2",
            "prompt_id": job_id,
            "display_node_id": "2",
            "parent_node_id": None,
            "real_node_id": "2",
            "image_type": "image/png",
        }
        assert frame["rest"].startswith(b"\x89PNG")


def test_images_can_be_sent_instead_of_saved(comfyui: Server):
    """Clients that read images from the WebSocket find them where ComfyUI sends them, and there are no outputs."""
    batch = node("EmptyImage", width=2, height=3, batch_size=2, color=0xFF0000)
    heard = run(comfyui, {"1": batch, "2": node("SaveImageWebsocket", images=["1", 0])})
    assert heard.kinds[len(START) :] == [
        *("executing", "executing", "progress", "1", "progress", "1", "execution_success", "status", "executing")
    ]
    assert [(data["value"], data["max"]) for data in heard.of("progress")] == [(0, 2), (1, 2)]
    for frame in heard.of("1"):
        image = Image.open(io.BytesIO(frame["rest"]))
        assert (frame["head"], image.size, image.getpixel((0, 0))) == (2, (2, 3), (255, 0, 0))
    assert comfyui.outputs(heard.of("execution_start")[0]["prompt_id"]) == {}


def test_a_client_that_does_not_support_metadata_gets_plain_previews(comfyui: Server):
    assert run(comfyui, PREVIEWS, supports_preview_metadata=False).of("4") == []


def test_the_cloud_ends_a_job_without_a_mark_and_names_classes(account: Server):
    """A client that waits for ComfyUI's end mark would wait for ever."""
    with live(account) as socket:
        account.submit(CHAIN)
        socket.until("execution_success")
        socket.until_idle()
        assert socket.is_silent()
    assert None not in [data["node"] for data in socket.of("executing")]
    entry = socket.of("progress_state")[-1]["nodes"]["5"]
    assert (entry["class_type"], entry["state"]) == ("EmulatorSleep", "finished")


def test_the_clouds_errors_have_the_shape_of_the_contract(account: Server):
    with live(account) as socket:
        account.submit({"6": node("EmulatorFail", message="no", exception_type="OOMError")})
        error = socket.until("execution_error")
    assert (error["exception_type"], error["current_outputs"]) == ("OOMError", {})
    assert uuid.UUID(error["prompt_id"])
