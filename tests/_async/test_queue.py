"""The queue in the order in which its jobs run, and the place of a job in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import AsyncComfyCloud, JobQueued
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

QUICK = Timing(poll_first=0.005, poll_longest=0.02, unknown_grace=0.05, outputs_grace=0.05, list_spacing=0.01)


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


TEXT = {"1": node("EmulatorText", text="hello")}
LONG = {"1": node("EmulatorSleep", seconds=600, steps=1000)}


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param, max_concurrent_jobs=1) as emulator:
        yield emulator


@pytest.fixture
async def cloud(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with AsyncComfyCloud(server.api_key, base_url=server.url, live=False) as client:
        client._connection.timing = QUICK
        yield client


async def test_a_queue_is_in_the_order_in_which_its_jobs_run(httpserver: HTTPServer) -> None:
    """ComfyUI answers with its heap, which is in no order."""
    heap = [[number, f"job-{number}", {}, {}, []] for number in (3, 5, 6, 7, 4)]
    heap += [[4.5, "b", {}, {}, []], [4.5, "a", {}, {}, []], [None, "unnumbered", {}, {}, []]]
    body = {"queue_running": [[1, "r", {}, {}, []]], "queue_pending": heap}
    httpserver.expect_request("/api/queue").respond_with_data(json.dumps(body), content_type="application/json")
    async with AsyncComfyCloud("k", base_url=httpserver.url_for(""), live=False) as cloud:
        queue = await cloud.queue.get()
    assert [item.job_id for item in queue.pending] == [
        *("job-3", "job-4", "a", "b", "job-5", "job-6", "job-7", "unnumbered")
    ]
    assert [item.position for item in (*queue.running, *queue.pending)] == [None, *range(1, 9)]


async def test_the_place_in_the_queue_is_told_when_it_changes(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Who waits for a busy server sees that it goes on."""
    server.pause()
    ahead = [await cloud.submit(LONG) for _ in range(2)]
    job = await cloud.submit(TEXT)
    places: list[int | None] = []
    async for event in job.events(30):
        if isinstance(event, JobQueued):
            places.append(event.position)
            if ahead:
                await ahead.pop().cancel()
            else:
                server.resume()
    assert places == [3, 2, 1]


async def test_places_are_told_to_who_waits_for_several(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """One question of the queue serves all."""
    server.pause()
    jobs = [await cloud.submit(TEXT) for _ in range(3)]
    places: dict[str, list[int | None]] = {job.id: [] for job in jobs}

    def note(event: Any) -> None:
        if isinstance(event, JobQueued):
            places[event.job_id].append(event.position)
            if all(places.values()):
                server.resume()

    await cloud.wait(jobs, 30, note)
    assert [places[job.id][-1] is not None for job in jobs] == [True] * 3
    assert places[jobs[2].id][0] in (None, 3)
