"""Test `POST /api/prompt`: what is accepted, what is refused, and with which words."""

import uuid
from typing import Any

import pytest

from .conftest import Server, node, refusal

EMPTY = node("EmptyImage", width=8, height=8, batch_size=1, color=0)
CRASH = "500 Internal Server Error\n\nServer got itself in trouble"


def save(source: Any = "1", slot: Any = 0) -> dict[str, Any]:
    return node("SaveImage", images=[source, slot], filename_prefix="p")


GOOD = {"1": EMPTY, "2": save()}


def refused(server: Server, workflow: Any, **body: Any) -> dict[str, Any]:
    response = server.post("/api/prompt", {"prompt": workflow, **body})
    assert response.status_code == 400, response.text
    found: dict[str, Any] = response.json()
    assert set(found) == {"error", "node_errors"}
    return found


def only_reason(found: dict[str, Any], node_id: str) -> dict[str, Any]:
    """Return the single reason for a single node, and check that nothing else is reported."""
    assert list(found["node_errors"]) == [node_id]
    (reason,) = found["node_errors"][node_id]["errors"]
    assert found["node_errors"][node_id]["dependent_outputs"] == ["2"]
    return dict(reason)


def test_a_good_workflow_is_accepted_and_numbered(server: Server):
    for number in (0, 1):
        body = server.post("/api/prompt", {"prompt": GOOD}).json()
        assert uuid.UUID(body["prompt_id"])
        assert (body["number"], body["node_errors"]) == (number, {})


def test_a_missing_input_is_named_with_its_node(server: Server):
    found = refused(server, {"1": EMPTY, "2": node("SaveImage", filename_prefix="p")})
    assert found["error"] == {
        "type": "prompt_outputs_failed_validation",
        "message": "Prompt outputs failed validation",
        "details": "Required input is missing: images",
        "extra_info": {},
    }
    assert found["node_errors"]["2"]["class_type"] == "SaveImage"
    assert only_reason(found, "2") == {
        "type": "required_input_missing",
        "message": "Required input is missing",
        "details": "images",
        "extra_info": {"input_name": "images"},
    }


def test_bad_values_above_the_output_leave_the_details_empty(server: Server):
    """A client that reads only `error.details` would show nothing."""
    found = refused(server, {"1": {**EMPTY, "inputs": {**EMPTY["inputs"], "width": "abc", "height": -4}}, "2": save()})
    assert found["error"]["details"] == ""
    width, height = found["node_errors"]["1"]["errors"]
    assert width["type"] == "invalid_input_type"
    assert width["message"] == "Failed to convert an input value to a INT value"
    assert width["details"] == "width, abc, invalid literal for int() with base 10: 'abc'"
    assert height["type"] == "value_smaller_than_min"
    assert height["message"] == "Value -4 smaller than min of 1"
    assert height["extra_info"] == {
        "input_name": "height",
        "input_config": ["INT", {"default": 512, "min": 1, "max": 16384, "step": 1}],
        "received_value": -4,
    }


def test_a_value_above_the_maximum(server: Server):
    found = refused(server, {"1": {**EMPTY, "inputs": {**EMPTY["inputs"], "width": 99999}}, "2": save()})
    reason = only_reason(found, "1")
    assert (reason["type"], reason["message"]) == ("value_bigger_than_max", "Value 99999 bigger than max of 16384")


def test_a_choice_that_is_not_offered(server: Server):
    scale = node("ImageScale", image=["1", 0], upscale_method="nope", width=4, height=4, crop="disabled")
    reason = only_reason(refused(server, {"1": EMPTY, "3": scale, "2": save("3")}), "3")
    offered = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
    assert reason["type"] == "value_not_in_list"
    assert reason["details"] == f"upscale_method: 'nope' not in {offered}"
    assert reason["extra_info"]["input_config"] == [offered, {}]


def test_a_choice_of_a_combo_input_that_is_not_offered(account: Server, new: Server, old: Server):
    """An old ComfyUI checks only choices that are a list. The node itself fails there."""
    blend = node("ImageBlend", image1=["1", 0], image2=["1", 0], blend_factor=0.5, blend_mode="dodge")
    workflow = {"1": EMPTY, "3": blend, "2": save("3")}
    for server in (account, new):
        reason = only_reason(refused(server, workflow), "3")
        assert reason["type"] == "value_not_in_list"
        assert reason["extra_info"]["input_config"][0] == "COMBO"
    job_id = old.run(workflow)
    messages = dict(old.get(f"/api/history/{job_id}").json()[job_id]["status"]["messages"])
    assert messages["execution_error"]["exception_message"] == "Unsupported blend mode: dodge\n"


def test_a_missing_file(server: Server):
    load = node("LoadImage", image="nope.png")
    assert only_reason(refused(server, {"1": load, "2": save()}), "1") == {
        "type": "custom_validation_failed",
        "message": "Custom validation failed for node",
        "details": "image - Invalid image file: nope.png",
        "extra_info": {"input_name": "image"},
    }


def test_a_link_that_is_not_a_pair(server: Server):
    found = refused(server, {"1": EMPTY, "2": node("SaveImage", images=["1"], filename_prefix="p")})
    assert only_reason(found, "2")["type"] == "bad_linked_input"


def test_a_link_to_a_missing_node(server: Server):
    reason = only_reason(refused(server, {"2": save("99")}), "2")
    assert (reason["type"], reason["details"]) == ("exception_during_validation", "'99'")
    assert reason["extra_info"]["exception_type"] == "KeyError"


def test_a_link_to_a_missing_node_further_up(server: Server):
    found = refused(server, {"1": node("ImageInvert", image=["99", 0]), "2": save()})
    assert only_reason(found, "1")["type"] == "exception_during_inner_validation"


def test_a_slot_that_the_node_does_not_have(server: Server):
    reason = only_reason(refused(server, {"1": EMPTY, "2": save(slot=7)}), "2")
    assert (reason["type"], reason["details"]) == ("exception_during_validation", "tuple index out of range")


def test_a_link_of_the_wrong_type(account: Server):
    account.upload(b"\x00", "x.png")
    found = refused(account, {"1": node("LoadImage", image="x.png"), "2": save(slot=1)})
    reason = only_reason(found, "2")
    assert reason["type"] == "return_type_mismatch"
    assert reason["details"] == "images, received_type(MASK) mismatch input_type(IMAGE)"
    assert reason["extra_info"]["linked_node"] == ["1", 1]


def test_a_node_without_inputs(server: Server):
    reason = only_reason(refused(server, {"2": {"class_type": "SaveImage"}}), "2")
    assert (reason["type"], reason["details"]) == ("exception_during_validation", "'inputs'")


def test_a_cycle_is_named_by_new_servers_and_not_by_old_ones(account: Server, new: Server, old: Server):
    cycle = {"1": node("ImageInvert", image=["3", 0]), "3": node("ImageInvert", image=["1", 0]), "2": save()}
    for server in (account, new):
        found = refused(server, cycle)
        assert (found["error"]["details"], set(found["node_errors"])) == ("", {"1", "3"})
        for node_id in ("1", "3"):
            (reason,) = found["node_errors"][node_id]["errors"]
            assert reason["type"] == "dependency_cycle"
            assert reason["details"] == "1 (ImageInvert) -> 3 (ImageInvert) -> 1 (ImageInvert)"
            assert reason["extra_info"] == {"node_id": node_id, "cycle_nodes": ["1", "3"]}
    found = refused(old, cycle)
    assert (found["error"]["details"], found["node_errors"]) == ("", {})


def test_a_workflow_without_outputs(server: Server):
    for workflow in ({}, {"1": EMPTY}):
        found = refused(server, workflow)
        assert (found["error"]["type"], found["node_errors"]) == ("prompt_no_outputs", {})


def test_a_missing_prompt(server: Server):
    response = server.post("/api/prompt", {"client_id": "x"})
    assert (response.status_code, response.json()["error"]["type"]) == (400, "no_prompt")


def test_an_unknown_class(account: Server, new: Server, old: Server):
    workflow = {"1": EMPTY, "2": {**node("NoSuchNode"), "_meta": {"title": "My node"}}}
    assert refused(old, workflow)["error"] == {
        "type": "invalid_prompt",
        "message": "Cannot execute because node NoSuchNode does not exist.",
        "details": "Node ID '#2'",
        "extra_info": {},
    }
    for server in (account, new):
        error = refused(server, workflow)["error"]
        assert error["type"] == "missing_node_type"
        assert error["extra_info"] == {"node_id": "2", "class_type": "NoSuchNode", "node_title": "My node"}


def test_a_good_output_runs_beside_a_bad_one_and_the_bad_one_is_reported(server: Server):
    """The server drops the branch silently. Only the `node_errors` of the 200 show it."""
    workflow = {**GOOD, "9": node("SaveImage", filename_prefix="x")}
    response = server.post("/api/prompt", {"prompt": workflow, "client_id": "c"})
    assert response.status_code == 200
    assert response.json()["node_errors"]["9"]["dependent_outputs"] == ["9"]
    job_id = response.json()["prompt_id"]
    assert server.emulator.wait_for(job_id) == "completed"
    assert list(server.outputs(job_id)) == ["2"]


def test_only_the_requested_outputs_run(server: Server):
    workflow = {**GOOD, "9": node("PreviewImage", images=["1", 0])}
    assert list(server.outputs(server.run(workflow, partial_execution_targets=["9"]))) == ["9"]
    assert refused(server, workflow, partial_execution_targets=["77"])["error"]["type"] == "prompt_no_outputs"


def test_values_are_converted_and_unknown_inputs_are_ignored(server: Server):
    image = server.image(
        {
            "1": {**node("EmptyImage", width="9", height=8.7, batch_size=1, color=0, bogus=1), "_meta": {"title": "x"}},
            "9": save(),
        }
    )
    assert image.size == (9, 8)


def test_a_ui_export_is_refused_as_the_servers_do(account: Server, new: Server, old: Server):
    export = {"nodes": [], "links": [], "version": 0.4}
    assert refused(old, export)["error"]["details"] == "Node ID '#nodes'"
    assert refused(account, export)["error"]["type"] == "invalid_prompt"
    assert new.post("/prompt", {"prompt": export}).status_code == 500


def test_a_comment_key_crashes_the_cloud(account: Server):
    response = account.post("/api/prompt", {"prompt": {**GOOD, "_comment": "made by me"}})
    assert response.status_code == 500


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"prompt": null}', b'{"prompt": {}, "number": "x"}'])
def test_malformed_bodies_crash_comfyui_and_are_refused_by_the_cloud(account: Server, comfyui: Server, body: bytes):
    response = comfyui.http.post("/api/prompt", content=body)
    assert (response.status_code, response.text) == (500, CRASH)
    assert response.headers["content-type"].startswith("text/plain")
    response = account.http.post("/api/prompt", content=body)
    assert response.status_code == 400
    assert refusal(response)["code"].startswith("INVALID_")


def test_chosen_ids_are_echoed_if_the_server_accepts_them(account: Server, new: Server, old: Server):
    mine = str(uuid.uuid4())
    for server in (account, new):
        assert server.submit(GOOD, prompt_id=mine) == mine
        assert uuid.UUID(server.submit(GOOD, prompt_id=None))
        for bad in ("my-own-id", mine.upper()):
            assert refused(server, GOOD, prompt_id=bad)["error"]["type"] == "invalid_prompt_id"
    assert old.submit(GOOD, prompt_id="my-own-id") == "my-own-id"
    assert old.submit(GOOD, prompt_id=None) == "None"


def test_a_chosen_id_is_not_an_idempotency_key(server: Server):
    """Repeating a submit runs the job again, which is paid twice on the cloud."""
    mine = str(uuid.uuid4())
    server.emulator.pause()
    server.submit(GOOD, prompt_id=mine)
    server.submit(GOOD, prompt_id=mine)
    assert [item[1] for item in server.get("/api/queue").json()["queue_pending"]] == [mine, mine]


def test_numbers_order_comfyui_and_are_ignored_by_the_cloud(account: Server, comfyui: Server):
    for server in (account, comfyui):
        server.emulator.pause()
    first, last = comfyui.submit(GOOD), comfyui.submit(GOOD)
    response = comfyui.post("/api/prompt", {"prompt": GOOD, "front": True}).json()
    assert response["number"] == -2
    assert comfyui.post("/api/prompt", {"prompt": GOOD, "number": "3"}).json()["number"] == 3.0
    pending = [item[1] for item in comfyui.get("/api/queue").json()["queue_pending"]]
    assert pending[0] == response["prompt_id"]
    assert {first, last} < set(pending)
    ids = [account.submit(GOOD), account.submit(GOOD, number=-7.5), account.submit(GOOD, front=True)]
    assert [item[1] for item in account.get("/api/queue").json()["queue_pending"]] == ids


def test_a_null_extra_data_hangs_an_old_comfyui(old: Server):
    """A client that sends explicit nulls would stop the user's server until someone restarts it."""
    stuck = old.submit(GOOD, extra_data=None)
    old.emulator.wait_for(stuck, "in_progress")
    behind = old.submit(GOOD)
    with pytest.raises(TimeoutError, match="is pending, not"):
        old.emulator.wait_for(behind, timeout=0.05)
    old.emulator.restart_worker()
    assert old.emulator.wait_for(behind) == "completed"
    assert old.get("/api/queue").json() == {"queue_running": [], "queue_pending": []}


def test_a_null_extra_data_crashes_a_newer_comfyui_harmlessly(new: Server):
    assert new.post("/prompt", {"prompt": GOOD, "extra_data": None}).status_code == 500
    assert new.emulator.wait_for(new.submit(GOOD)) == "completed"


def test_the_same_id_and_number_again_crashes_a_newer_comfyui_but_is_queued(new: Server):
    """A submit that got a 500 may have started a job, so it must not be repeated without looking."""
    new.emulator.pause()
    body = {"prompt": GOOD, "prompt_id": str(uuid.uuid4()), "number": 5}
    assert [new.post("/prompt", body).status_code for _ in range(2)] == [200, 500]
    assert len(new.get("/queue").json()["queue_pending"]) == 2


def test_a_null_extra_data_is_refused_by_the_cloud(account: Server):
    assert account.post("/api/prompt", {"prompt": GOOD, "extra_data": None}).status_code == 400


def test_extra_data_is_kept_and_partner_keys_are_not_shown(account: Server, new: Server, old: Server):
    extra = {"comfy_cloud_submission": "s1", "api_key_comfy_org": "partner-secret"}
    shown = account.get(f"/api/jobs/{account.run(GOOD, extra_data=extra)}").json()["workflow"]["extra_data"]
    assert shown["comfy_cloud_submission"] == "s1"
    assert shown["api_key_comfy_org"] == "[REDACTED]"
    old.emulator.pause()
    job_id = old.submit(GOOD, extra_data=extra, client_id="c")
    (item,) = old.get("/api/queue").json()["queue_pending"]
    assert item[3] == {**extra, "client_id": "c"}
    old.emulator.resume()
    old.emulator.wait_for(job_id)
    kept = old.get(f"/api/history/{job_id}").json()[job_id]["prompt"][3]
    assert kept == {"comfy_cloud_submission": "s1", "client_id": "c"}

    new.emulator.pause()
    new.submit(GOOD, extra_data=extra, client_id="c")
    (item,) = new.get("/api/queue").json()["queue_pending"]
    assert item[3].pop("create_time") > 10**12
    assert item[3] == {"comfy_cloud_submission": "s1", "client_id": "c"}
