"""Test the jobs of a newer ComfyUI: the same routes as on the cloud, with other words."""

from typing import Any

import pytest

from .conftest import Server, node

TEXT = {"1": node("EmulatorText", text="a")}
SLOW = {"5": node("EmulatorSleep", seconds=3600.0)}
IMAGE = {
    "1": node("EmptyImage", width=2, height=2, batch_size=1, color=0),
    "2": node("PreviewImage", images=["1", 0]),
    "3": node("SaveImage", images=["1", 0], filename_prefix="x"),
}


def test_a_finished_job(new: Server):
    extra = {"extra_pnginfo": {"workflow": {"id": "w1"}}}
    job_id = new.run(IMAGE, extra_data=extra)
    body = new.get(f"/api/jobs/{job_id}").json()
    assert set(body) == {
        *("id", "status", "priority", "create_time", "execution_start_time", "execution_end_time", "outputs_count"),
        *("previewable_outputs_count", "preview_output", "workflow_id", "outputs", "execution_status", "workflow"),
    }
    assert (body["status"], body["priority"], body["outputs_count"], body["workflow_id"]) == ("completed", 0, 2, "w1")
    assert 10**12 < body["create_time"] <= body["execution_start_time"] <= body["execution_end_time"]
    (saved,) = body["outputs"]["3"]["images"]
    assert body["preview_output"] == {**saved, "nodeId": "3", "mediaType": "images"}
    assert body["workflow"] == {
        "prompt": IMAGE,
        "extra_data": {**extra, "client_id": "tests", "create_time": body["create_time"]},
    }
    (entry,) = new.get("/api/jobs").json()["jobs"]
    assert entry == {name: body[name] for name in body if name not in ("outputs", "execution_status", "workflow")}


def test_outputs_name_their_assets(new: Server):
    job_id = new.run(IMAGE)
    (saved,) = new.outputs(job_id)["3"]["images"]
    asset = new.get(f"/api/assets/{saved['id']}").json()
    assert (asset["prompt_id"], asset["name"], "asset_hash" in asset) == (job_id, saved["filename"], False)


def test_an_unfinished_job_does_not_show_its_workflow(new: Server):
    running = new.submit(SLOW)
    new.emulator.wait_for(running, "in_progress")
    waiting = new.submit(SLOW)
    for job_id, status, priority in ((running, "in_progress", 0), (waiting, "pending", 1)):
        body = new.get(f"/api/jobs/{job_id}").json()
        assert body.pop("create_time") > 10**12
        assert body == {
            "id": job_id,
            "status": status,
            "priority": priority,
            "outputs_count": 0,
            "previewable_outputs_count": 0,
        }


def test_a_failed_job_lists_nodes_where_the_contract_has_an_object(new: Server):
    job_id = new.run({**IMAGE, "6": node("EmulatorFail", message="boom", image=["1", 0])})
    body = new.get(f"/api/jobs/{job_id}").json()
    error = body["execution_error"]
    assert (body["status"], error["exception_message"], error["prompt_id"]) == ("failed", "boom\n", job_id)
    assert sorted(error["current_outputs"]) == ["1", "2", "3", "6"]
    assert error["timestamp"] > 10**12


@pytest.mark.parametrize(
    ("workflow", "counts", "preview"),
    [
        (TEXT, (0, 0), {"content": "a", "nodeId": "1", "mediaType": "text"}),
        ({"1": node("EmulatorFiles", kind="latents", filename="l.latent", content="x")}, (1, 0), None),
    ],
    ids=["text", "latents"],
)
def test_not_every_output_can_be_previewed(new: Server, workflow: Any, counts: tuple[int, int], preview: Any):
    body = new.get(f"/api/jobs/{new.run(workflow)}").json()
    assert (body["outputs_count"], body["previewable_outputs_count"]) == counts
    assert body.get("preview_output") == preview


def test_lists_are_complete_without_a_limit_and_have_no_highest_limit(new: Server):
    ids = [new.run(TEXT) for _ in range(3)]
    body = new.get("/api/jobs").json()
    assert [job["id"] for job in body["jobs"]] == ids[::-1]
    assert body["pagination"] == {"offset": 0, "limit": None, "total": 3, "has_more": False}
    assert new.get("/api/jobs", limit=100_000).json()["pagination"]["limit"] == 100_000
    assert new.get("/api/jobs", limit=2, offset=-1).json()["pagination"] == {
        "offset": 0,
        "limit": 2,
        "total": 3,
        "has_more": True,
    }
    assert [job["id"] for job in new.get("/api/jobs", sort_by="created_at", sort_order="asc").json()["jobs"]] == ids
    assert len(new.get("/api/jobs", sort_by="execution_duration", output_type="bogus").json()["jobs"]) == 3


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 0}, "limit must be a positive integer"),
        ({"limit": "abc"}, "limit must be an integer"),
        ({"offset": "q"}, "offset must be an integer"),
        ({"sort_by": "create_time"}, "sort_by must be 'created_at' or 'execution_duration'"),
        ({"sort_by": "execution_time"}, "sort_by must be 'created_at' or 'execution_duration'"),
        ({"sort_order": "x"}, "sort_order must be 'asc' or 'desc'"),
        (
            {"status": "pending,bogus"},
            "Invalid status value(s): bogus. Valid values: pending, in_progress, completed, failed, cancelled",
        ),
    ],
)
def test_bad_queries_are_refused_with_a_plain_string(new: Server, query: dict[str, Any], message: str):
    """The sort words of the contract are among the refused values."""
    response = new.get("/api/jobs", **query)
    assert (response.status_code, response.json()) == (400, {"error": message})


@pytest.mark.parametrize("job_id", ["6f1c2a52-0d7e-4b6e-9b39-1f0d8a4d7c11", "nope"])
def test_an_unknown_job(new: Server, job_id: str):
    response = new.get(f"/api/jobs/{job_id}")
    assert (response.status_code, response.json()) == (404, {"error": "Job not found"})


def test_a_job_that_was_removed_while_it_waited_is_unknown(new: Server):
    new.emulator.pause()
    job_id = new.submit(TEXT)
    new.post("/api/queue", {"delete": [job_id]})
    assert new.get(f"/api/jobs/{job_id}").status_code == 404


def test_jobs_can_be_cancelled_wherever_they_are(new: Server):
    """The contract does not have these routes."""
    running = new.submit(SLOW)
    new.emulator.wait_for(running, "in_progress")
    waiting, other = new.submit(SLOW), new.submit(SLOW)
    assert new.post("/api/jobs/cancel", {"job_ids": [running, waiting]}).json() == {"cancelled": True}
    assert new.emulator.wait_for(running) == "cancelled"
    new.emulator.wait_for(other, "in_progress")
    assert new.post(f"/api/jobs/{other}/cancel", {}).json() == {"cancelled": True}
    assert new.emulator.wait_for(other) == "cancelled"
    assert new.post(f"/api/jobs/{other}/cancel", {}).json() == {"cancelled": False}
    refused = new.post("/api/jobs/cancel", {"job_ids": "x"})
    assert (refused.status_code, refused.json()) == (400, {"error": "Field 'job_ids' must be a list of strings"})


def test_an_old_comfyui_has_no_cancel_route(old: Server):
    assert old.post("/api/jobs/cancel", {"job_ids": []}).status_code == 405
