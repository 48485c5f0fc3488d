"""Test the queue and the jobs in it: states, words, paging, cancelling, history."""

import concurrent.futures
import json
import uuid
from typing import Any

import pytest

from .conftest import Server, node, refusal, serve

SLOW = {"5": node("EmulatorSleep", seconds=3600.0)}


def text(value: str) -> dict[str, Any]:
    return {"1": node("EmulatorText", text=value)}


def job_ids(server: Server, **query: Any) -> list[str]:
    return [job["id"] for job in server.get("/api/jobs", **query).json()["jobs"]]


def status_word(server: Server, job_id: str) -> str:
    word: str = server.get(f"/api/job/{job_id}/status").json()["status"]
    return word


def test_a_job_runs_from_pending_to_completed_with_the_clouds_words(account: Server):
    account.emulator.pause()
    job_id = account.submit(text("a"))
    assert status_word(account, job_id) == "queued_waiting"
    assert account.get(f"/api/jobs/{job_id}").json()["status"] == "pending"
    account.emulator.resume()
    assert account.emulator.wait_for(job_id) == "completed"
    assert status_word(account, job_id) == "success"
    body = account.get(f"/api/jobs/{job_id}").json()
    assert (body["status"], body["outputs"]) == ("completed", {"1": {"text": ["a"]}})
    assert body["workflow"]["prompt"] == text("a")


def test_times_of_jobs_are_seconds_by_the_contract_and_milliseconds_on_newer_servers(account: Server):
    body = account.get(f"/api/jobs/{account.run(text('a'))}").json()
    (entry,) = account.get("/api/jobs").json()["jobs"]
    assert body["create_time"] == entry["create_time"]
    for time in (body["create_time"], body["update_time"]):
        assert (time < 10**11) == (account.emulator.dialect == "cloud")


def test_jobs_run_side_by_side_up_to_the_limit_and_the_rest_waits(account: Server):
    running = [account.submit(SLOW) for _ in range(3)]
    for job_id in running:
        account.emulator.wait_for(job_id, "in_progress")
    waiting = account.submit(SLOW)
    assert status_word(account, running[0]) == "executing"
    assert status_word(account, waiting) == "queued_limited"
    assert account.get("/api/prompt").json() == {"exec_info": {"queue_remaining": 4}}
    assert account.get("/api/features").json()["max_concurrent_jobs"] == 3
    queue = account.get("/api/queue").json()
    assert [item[0] for item in queue["queue_running"] + queue["queue_pending"]] == [1, 2, 3, 4]
    assert queue["queue_pending"][0][1:4] == [waiting, SLOW, ["5"]]
    assert queue["queue_pending"][0][4]["create_time"] > 10**12  # milliseconds


def test_the_limit_can_be_chosen():
    for server in serve(dialect="cloud", max_concurrent_jobs=1):
        server.emulator.wait_for(server.submit(SLOW), "in_progress")
        assert status_word(server, server.submit(SLOW)) == "queued_limited"


def test_comfyui_runs_one_job_at_a_time_and_has_its_own_queue_format(comfyui: Server):
    first, second = comfyui.submit(SLOW, client_id="c"), comfyui.submit(SLOW)
    comfyui.emulator.wait_for(first, "in_progress")
    queue = comfyui.get("/api/queue").json()
    created = [item[3].pop("create_time", 0) for item in queue["queue_running"] + queue["queue_pending"]]
    assert (min(created) > 10**12) == (comfyui.emulator.dialect == "comfyui")
    assert queue["queue_running"] == [[0, first, SLOW, {"client_id": "c"}, ["5"]]]
    assert queue["queue_pending"] == [[1, second, SLOW, {}, ["5"]]]


def test_a_waiting_job_is_cancelled_by_id(account: Server, comfyui: Server):
    for server in (account, comfyui):
        server.emulator.pause()
        gone, stays = server.submit(text("a")), server.submit(text("b"))
        response = server.post("/api/queue", {"delete": [gone, "unknown"]})
        assert response.status_code == 200
        assert [item[1] for item in server.get("/api/queue").json()["queue_pending"]] == [stays]
        if server is account:
            assert response.json() == {"deleted": [gone], "cleared": False}
            assert status_word(account, gone) == "cancelled"
        else:
            assert response.content == b""
            assert comfyui.get(f"/api/history/{gone}").json() == {}


def test_clearing_the_queue_leaves_running_jobs_alone(account: Server):
    running = account.submit(SLOW)
    account.emulator.wait_for(running, "in_progress")
    account.emulator.pause()
    waiting = account.submit(SLOW)
    assert account.post("/api/queue", {"clear": True}).json() == {"deleted": [waiting], "cleared": True}
    assert [item[1] for item in account.get("/api/queue").json()["queue_running"]] == [running]


def test_deleting_a_running_job_from_the_queue_does_nothing(server: Server):
    """The newer cloud is an exception."""
    running = server.submit(SLOW)
    server.emulator.wait_for(running, "in_progress")
    response = server.post("/api/queue", {"delete": [running]})
    if server.emulator.dialect == "cloud-next":
        assert response.json() == {"deleted": [running], "cleared": False}
        assert server.emulator.wait_for(running) == "cancelled"
        return
    assert [item[1] for item in server.get("/api/queue").json()["queue_running"]] == [running]


def test_the_cloud_refuses_unknown_fields_in_the_queue(account: Server):
    for body in ({"bogus": 1}, {"delete": "x"}, {"delete": [1]}, {"clear": 1}):
        assert account.post("/api/queue", body).status_code == 400


def test_an_interrupt_stops_the_named_job_only(account: Server):
    stopped, other = account.submit(SLOW), account.submit(SLOW)
    for job_id in (stopped, other):
        account.emulator.wait_for(job_id, "in_progress")
    assert account.post("/api/interrupt", {"prompt_id": stopped}).content == b""
    assert account.emulator.wait_for(stopped) == "cancelled"
    assert status_word(account, other) == "executing"
    body = account.get(f"/api/jobs/{stopped}").json()
    assert body["status"] == "cancelled"
    (name, data) = body["execution_status"]["messages"][-1]
    assert (name, data["node_id"], data["node_type"]) == ("execution_interrupted", "5", "EmulatorSleep")


def test_an_unnamed_interrupt_stops_every_running_job(cloud: Server):
    """This is why a client must name the job."""
    both = [cloud.submit(SLOW), cloud.submit(SLOW)]
    for job_id in both:
        cloud.emulator.wait_for(job_id, "in_progress")
    assert cloud.http.post("/api/interrupt").status_code == 200
    assert [cloud.emulator.wait_for(job_id) for job_id in both] == ["cancelled", "cancelled"]


def test_an_unnamed_interrupt_of_the_newer_cloud_stops_the_oldest_job_only():
    for server in serve(dialect="cloud-next"):
        oldest, other = server.submit(SLOW), server.submit(SLOW)
        for job_id in (oldest, other):
            server.emulator.wait_for(job_id, "in_progress")
        assert server.http.post("/api/interrupt").status_code == 200
        assert server.emulator.wait_for(oldest) == "cancelled"
        assert server.emulator.wait_for(other, "in_progress") == "in_progress"


def test_an_unnamed_interrupt_of_the_newer_cloud_cancels_a_waiting_job():
    """If no job is running, it cancels the oldest waiting job, which may be anybody's."""
    for server in serve(dialect="cloud-next"):
        server.emulator.pause()
        oldest, other = server.submit(text("a")), server.submit(text("b"))
        server.http.post("/api/interrupt")
        assert [server.emulator.wait_for(job_id, "cancelled", "pending") for job_id in (oldest, other)] == [
            "cancelled",
            "pending",
        ]


def test_an_interrupt_of_a_waiting_or_unknown_job_is_a_silent_no_op(server: Server):
    server.emulator.pause()
    waiting = server.submit(text("a"))
    for job_id in (waiting, str(uuid.uuid4())):
        assert server.post("/api/interrupt", {"prompt_id": job_id}).status_code == 200
    server.emulator.resume()
    assert server.emulator.wait_for(waiting) == "completed"


def test_an_interrupted_job_is_an_error_in_comfyuis_history(comfyui: Server):
    job_id = comfyui.submit(SLOW)
    comfyui.emulator.wait_for(job_id, "in_progress")
    assert comfyui.get(f"/api/history/{job_id}").json() == {}
    comfyui.http.post("/interrupt")
    comfyui.emulator.wait_for(job_id)
    status = comfyui.get(f"/api/history/{job_id}").json()[job_id]["status"]
    assert (status["status_str"], status["completed"]) == ("error", False)
    assert [name for name, _ in status["messages"]] == ["execution_start", "execution_cached", "execution_interrupted"]


def test_a_list_as_interrupt_body_crashes_comfyui(comfyui: Server):
    assert comfyui.post("/api/interrupt", []).status_code == 500


def test_paging_and_sorting_reach_every_job_once(account: Server):
    ids = [account.run(text(str(number))) for number in range(5)]
    pages = [account.get("/api/jobs", limit=2, offset=offset).json() for offset in (0, 2, 4)]
    assert [job["id"] for page in pages for job in page["jobs"]] == ids[::-1]
    assert [page["pagination"]["has_more"] for page in pages] == [True, True, False]
    assert pages[0]["pagination"] == {"offset": 0, "limit": 2, "total": 5, "has_more": True}
    assert job_ids(account, sort_order="asc") == ids
    assert set(job_ids(account, sort_by="execution_time")) == set(ids)


def test_filters(account: Server):
    extra = {"extra_pnginfo": {"workflow": {"id": "w1"}}}
    named = account.run(text("a"), extra_data=extra)
    video = account.run({"1": node("EmulatorFiles", kind="images", filename="v.mp4", content="x")})
    failed = account.run({"1": node("EmulatorFail", message="no")})
    account.emulator.pause()
    waiting = account.submit(text("b"))
    assert job_ids(account, workflow_id="w1") == [named]
    assert job_ids(account, output_type="video") == [video]
    assert job_ids(account, output_type="image") == []
    assert job_ids(account, status="failed") == [failed]
    assert job_ids(account, status="pending,failed") == [waiting, failed]
    assert account.get(f"/api/jobs/{named}").json()["workflow_id"] == "w1"


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"offset": -1}, {"status": "done"}, {"sort_by": "id"}]
)
def test_bad_queries_are_refused(account: Server, query: dict[str, Any]):
    assert account.get("/api/jobs", **query).status_code == 400


def test_a_job_entry_of_the_list_has_counts_and_a_preview(account: Server):
    job_id = account.run(
        {
            "1": node("EmptyImage", width=2, height=2, batch_size=1, color=0),
            "2": node("PreviewImage", images=["1", 0]),
            "3": node("SaveImage", images=["1", 0], filename_prefix="x"),
        }
    )
    (entry,) = account.get("/api/jobs").json()["jobs"]
    assert (entry["id"], entry["outputs_count"]) == (job_id, 2)
    assert (entry["preview_output"]["nodeId"], entry["preview_output"]["mediaType"]) == ("3", "images")
    assert entry["execution_start_time"] <= entry["execution_end_time"]
    assert "workflow" not in entry


def test_unknown_jobs(account: Server, comfyui: Server):
    unknown = uuid.uuid4()
    for path in ("/api/jobs/{}", "/api/job/{}/status", "/api/history_v2/{}"):
        response = account.get(path.format(unknown))
        assert (response.status_code, refusal(response)["code"]) == (404, "NOT_FOUND")
    assert comfyui.get(f"/api/history/{unknown}").json() == {}


def test_the_clouds_history(account: Server):
    ids = [
        account.run(text(str(number)), extra_data={"extra_pnginfo": {"workflow": {"id": "w"}}}) for number in range(3)
    ]
    account.submit(SLOW)
    history = account.get("/api/history_v2").json()["history"]
    assert [entry["prompt_id"] for entry in history] == ids[::-1]
    assert "workflow" not in history[0]["prompt"]["extra_data"]["extra_pnginfo"]
    page = account.get("/api/history_v2", max_items=1, offset=1).json()["history"]
    assert [entry["prompt_id"] for entry in page] == [ids[1]]
    detail = account.get(f"/api/history_v2/{ids[0]}").json()[ids[0]]
    assert detail["prompt"]["prompt"] == text("0")
    assert detail["outputs"] == {"1": {"text": ["0"]}}


def test_comfyuis_history(comfyui: Server):
    ids = [comfyui.run(text(str(number))) for number in range(3)]
    history = comfyui.get("/history").json()
    assert list(history) == ids
    entry = history[ids[0]]
    entry["prompt"][3].pop("create_time", None)
    assert entry["prompt"] == [0, ids[0], text("0"), {"client_id": "tests"}, ["1"]]
    assert entry["status"]["status_str"] == "success"
    assert entry["meta"]["1"]["display_node"] == "1"
    assert list(comfyui.get("/api/history", max_items=2).json()) == ids[1:]
    assert comfyui.get("/api/history", max_items="x").status_code == 500


def test_history_is_deleted_by_id_or_all_at_once(server: Server):
    path = "/api/history_v2" if "cloud" in server.emulator.dialect else "/api/history"
    first, _ = server.run(text("a")), server.run(text("b"))
    assert server.post("/api/history", {"delete": [first, "unknown"]}).content == b""
    assert first not in server.get(path).text
    assert server.post("/api/history", {"clear": True}).status_code == 200
    assert server.get(path).json() in ({}, {"history": []})


def test_an_id_used_twice_keeps_the_last_job(comfyui: Server):
    mine = str(uuid.uuid4())
    for value in ("first", "second"):
        comfyui.run(text(value), prompt_id=mine)
    assert comfyui.outputs(mine) == {"1": {"text": ["second"]}}
    assert len(comfyui.get("/history").json()) == 1


def test_neither_id_nor_marker_survives_if_the_server_drops_them():
    """The cloud may behave like this. Then a lost submit cannot be found again."""
    for server in serve(dialect="cloud", keeps_submission_ids=False):
        mine = str(uuid.uuid4())
        job_id = server.submit(text("a"), prompt_id=mine, extra_data={"comfy_cloud_submission": mine})
        assert job_id != mine
        assert mine not in json.dumps(server.get(f"/api/jobs/{job_id}").json())


def test_waiting_for_a_job_in_vain_names_its_state(account: Server):
    account.emulator.pause()
    job_id = account.submit(text("a"))
    with pytest.raises(
        TimeoutError, match=rf"after 0\.01 s: job {job_id} is pending, not cancelled or completed or failed"
    ):
        account.emulator.wait_for(job_id, timeout=0.01)


def test_submits_from_many_threads_all_run(account: Server):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: account.submit(text(str(number)), client_id="c"), range(40)))
    assert {account.emulator.wait_for(job_id) for job_id in ids} == {"completed"}
    assert [account.outputs(job_id)["1"]["text"] for job_id in ids] == [[str(number)] for number in range(40)]
