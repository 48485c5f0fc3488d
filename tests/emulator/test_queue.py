"""Test the order of ComfyUI's queue, ids that are used twice, and the cancel routes of newer servers."""

import uuid

import pytest

from .conftest import Server, node, refusal, serve

TEXT = {"1": node("EmulatorText", text="a")}
SLOW = {"5": node("EmulatorSleep", seconds=3600.0)}


def pending(server: Server) -> list[tuple[float, str]]:
    return [(item[0], item[1]) for item in server.get("/api/queue").json()["queue_pending"]]


def test_the_waiting_jobs_of_comfyui_are_a_heap_and_not_in_order(comfyui: Server):
    """A client that shows them as they come shows a wrong order."""
    comfyui.emulator.pause()
    ids = {number: comfyui.submit(TEXT, number=number) for number in (3, 4, 5, 6, 7)}
    comfyui.post("/api/queue", {"delete": [ids[3]]})
    comfyui.submit(TEXT, number=1)
    assert [number for number, _ in pending(comfyui)] == [1, 4, 6, 7, 5]
    comfyui.emulator.resume()
    for job_id in ids.values():
        if job_id != ids[3]:
            comfyui.emulator.wait_for(job_id)
    ran = [entry["prompt"][0] for entry in comfyui.get("/api/history").json().values()]
    assert ran == [1, 4, 5, 6, 7]


def test_equal_numbers_are_ordered_by_id(comfyui: Server):
    comfyui.emulator.pause()
    low, high = sorted(str(uuid.uuid4()) for _ in range(2))
    for job_id in (high, low):
        comfyui.submit(TEXT, prompt_id=job_id, number=2)
    assert pending(comfyui) == [(2, low), (2, high)]


def test_a_job_in_front_runs_before_all_that_wait(comfyui: Server):
    comfyui.emulator.pause()
    last, first = comfyui.submit(TEXT), comfyui.submit(TEXT, front=True)
    assert pending(comfyui) == [(-1, first), (0, last)]


def test_deleting_an_id_removes_one_job_at_a_time(comfyui: Server):
    """An id that was used twice still runs once after one delete."""
    comfyui.emulator.pause()
    mine = str(uuid.uuid4())
    for number in (1, 2):
        comfyui.submit(TEXT, prompt_id=mine, number=number)
    comfyui.post("/api/queue", {"delete": [mine]})
    assert pending(comfyui) == [(2, mine)]
    comfyui.post("/api/queue", {"delete": [mine, mine]})
    assert pending(comfyui) == []


def test_an_id_used_again_shows_the_finished_job_until_the_new_one_ends(comfyui: Server):
    mine = comfyui.run(TEXT, prompt_id=str(uuid.uuid4()))
    comfyui.submit(SLOW, prompt_id=mine)
    comfyui.emulator.wait_for(mine, "in_progress")
    assert comfyui.outputs(mine) == {"1": {"text": ["a"]}}
    if comfyui.emulator.dialect == "comfyui":
        assert comfyui.get(f"/api/jobs/{mine}").json()["status"] == "completed"


def test_a_removed_job_leaves_no_trace_on_comfyui(comfyui: Server):
    comfyui.emulator.pause()
    gone = comfyui.submit(TEXT)
    comfyui.post("/api/queue", {"delete": [gone]})
    assert pending(comfyui) == []
    assert comfyui.get(f"/api/history/{gone}").json() == {}
    assert comfyui.get(f"/api/jobs/{gone}").status_code == 404


@pytest.mark.parametrize("dialect", ["comfyui", "cloud-next"])
def test_newer_servers_cancel_a_job_wherever_it_is(dialect: str):
    for server in serve(dialect=dialect, max_concurrent_jobs=1):
        running = server.submit(SLOW)
        server.emulator.wait_for(running, "in_progress")
        waiting, other, last = (server.submit(SLOW) for _ in range(3))
        assert server.post(f"/api/jobs/{other}/cancel", {}).json() == {"cancelled": True}
        assert [job_id for _, job_id in pending(server)] == [waiting, last]
        assert server.post("/api/jobs/cancel", {"job_ids": [running, waiting]}).json() == {"cancelled": True}
        assert server.emulator.wait_for(running) == "cancelled"
        for gone in (running, waiting, str(uuid.uuid4())):
            assert server.post(f"/api/jobs/{gone}/cancel", {}).json() == {"cancelled": False}
        found = server.get(f"/api/jobs/{waiting}")
        if dialect == "comfyui":
            assert found.status_code == 404
        else:
            assert found.json()["status"] == "cancelled"


@pytest.mark.parametrize("dialect", ["cloud", "cloud-next"])
def test_the_cloud_refuses_a_job_when_the_queue_is_full(dialect: str):
    for server in serve(dialect=dialect, max_concurrent_jobs=1, max_queued_jobs=2):
        running, waiting = server.submit(SLOW), server.submit(TEXT)
        server.emulator.wait_for(running, "in_progress")
        refused = server.post("/api/prompt", {"prompt": TEXT})
        assert (refused.status_code, "retry-after" in refused.headers) == (429, False)
        error = refused.json()["error"]
        assert (error["type"], error["message"]) == ("QUEUE_LIMIT", "Queue limit reached: 2 jobs are queued or running")
        server.post("/api/interrupt", {"prompt_id": running})
        server.emulator.wait_for(waiting)
        assert server.emulator.wait_for(server.submit(TEXT)) == "completed"


def test_a_hundred_jobs_fit_into_the_queue_of_the_cloud_and_any_number_into_that_of_comfyui(
    account: Server, comfyui: Server
):
    for server in (account, comfyui):
        server.emulator.pause()
        statuses = [server.post("/api/prompt", {"prompt": TEXT}).status_code for _ in range(101)]
        assert statuses == [200] * 100 + [429 if server is account else 200]


def test_the_features_of_the_cloud_tell_how_many_jobs_run_at_once(account: Server, comfyui: Server):
    assert account.get("/api/features").json()["max_concurrent_jobs"] == 3
    assert "max_concurrent_jobs" not in comfyui.get("/api/features").json()


def test_the_cancel_routes_check_their_body():
    for server in serve(dialect="cloud-next"):
        response = server.post("/api/jobs/cancel", {"job_ids": "x"})
        assert (response.status_code, refusal(response)["code"]) == (400, "INVALID_BODY")


def test_the_published_cloud_and_an_old_comfyui_have_no_cancel_route(cloud: Server, old: Server):
    job_id = str(uuid.uuid4())
    assert cloud.post(f"/api/jobs/{job_id}/cancel", {}).status_code == 404
    assert old.post(f"/api/jobs/{job_id}/cancel", {}).status_code == 405
