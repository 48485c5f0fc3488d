"""Many jobs waited for at once: one question serves all, and no wait keeps the others from being served."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from functools import partial
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncJob,
    ConfigurationError,
    JobEvent,
    JobLostError,
    JobQueued,
    JobStarted,
    JobStatus,
    JobTimeoutError,
)
from comfy_cloud._async import backend
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

# A wait that lost its turn would not be found by the long interval that makes up for such mistakes.
QUICK = Timing(
    poll_first=0.02, poll_early=0.05, poll_longest=0.05, poll_live=1000, list_spacing=0.02, unknown_grace=0.05
)
LAZY = Timing(poll_first=30, poll_early=30, poll_longest=30, poll_live=1000, list_spacing=0.02)
LISTS = {"cloud": "listJobs", "comfyui-old": "getQueueInfo"}
NOBODY = "00000000-0000-4000-8000-000000000000"


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


TEXT = {"1": node("EmulatorText", text="hello")}
LONG = {"1": node("EmulatorSleep", seconds=600, steps=100)}
FAIL = {"1": node("EmulatorFail", message="no luck")}


@pytest.fixture(params=["cloud", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param, max_concurrent_jobs=100) as emulator:
        yield emulator


@pytest.fixture
async def cloud(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with AsyncComfyCloud(server.api_key, base_url=server.url, live=False) as client:
        client._connection.timing = QUICK
        yield client


async def test_sixty_waits_ask_one_question(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """A service that waits for many jobs neither floods the server nor runs out of connections."""
    server.pause()
    jobs: list[AsyncJob] = [await cloud.submit(TEXT) for _ in range(60)]
    server.journal.clear()
    queued: set[str] = set()

    def note(event: JobEvent) -> None:
        if isinstance(event, JobQueued):
            queued.add(event.job_id)
            if len(queued) == len(jobs):
                server.resume()

    waits = [partial(job.wait, 30, on_event=note) for job in jobs]
    done = await backend.gather(waits, len(waits))

    assert [job.outputs[0].text for job in done] == ["hello"] * 60
    asked = Counter(entry.path.rpartition("/")[2] for entry in server.journal)
    details = {job_id: asked[job_id] for job_id in queued}
    assert len([job_id for job_id, count in details.items() if count > 1]) <= 1, "the first one was alone at first"
    assert sum(details.values()) <= 65
    assert len(server.journal.of(LISTS[server.dialect])) >= 2


async def test_wait_returns_all_jobs_in_order_and_tells_their_events(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """A job that failed does not hide how the others went."""
    good, bad, stopped = await cloud.submit(TEXT), await cloud.submit(FAIL), await cloud.submit(LONG)
    server.wait_for(stopped.id, "in_progress")
    await stopped.cancel()
    events: list[JobEvent] = []

    jobs = await cloud.wait([good, bad.id, stopped, good.id], 30, events.append)

    assert [job.id for job in jobs] == [good.id, bad.id, stopped.id, good.id]
    assert jobs[3] is good
    assert [job.status for job in jobs[:3]] == [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED]
    assert jobs[0] is good
    assert jobs[1].error is not None
    assert {event.job_id for event in events} == {good.id, bad.id, stopped.id}
    assert await cloud.wait([]) == []


async def test_jobs_come_as_they_end(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """The work after a job begins while the next one runs."""
    slow, quick = await cloud.submit(LONG), await cloud.submit(TEXT)
    ended: list[str] = []
    async with aclosing(cloud.as_completed([slow, quick], 10)) as jobs:
        async for job in jobs:
            ended.append(job.id)
            if job.id == quick.id:
                assert job.outputs[0].text == "hello"
                await slow.cancel()
    assert ended == [quick.id, slow.id]


async def test_jobs_that_are_not_over_in_time_are_named(cloud: AsyncComfyCloud) -> None:
    """Whoever gets the error knows what to take up again."""
    slow: list[AsyncJob] = [await cloud.submit(LONG) for _ in range(2)]
    quick = await cloud.submit(TEXT)
    with pytest.raises(JobTimeoutError) as caught:
        await cloud.wait([*slow, quick], 0.5)
    assert "2 of 3 jobs" in str(caught.value)
    assert all(job.id in str(caught.value) for job in slow)
    assert quick.id not in str(caught.value)
    assert caught.value.job is slow[0]
    assert quick.status is JobStatus.COMPLETED


async def test_a_lost_job_is_told_when_the_others_are_over(cloud: AsyncComfyCloud) -> None:
    """A mistyped id costs nobody the outputs of 99 other jobs."""
    job = await cloud.submit(TEXT)
    ended: list[str] = []

    async def collect() -> None:
        async with aclosing(cloud.as_completed([NOBODY, job], 10)) as jobs:
            async for found in jobs:
                ended.append(found.id)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(JobLostError, match=NOBODY):
        await collect()
    assert ended == [job.id]


async def test_a_slow_listener_does_not_hold_up_the_others(cloud: AsyncComfyCloud) -> None:
    """Who does something long in a callback, or between two jobs, is not the one that asks for all."""
    jobs: list[AsyncJob] = [await cloud.submit(TEXT) for _ in range(4)]
    done: list[AsyncJob] = []
    free = backend.Flag()

    async def hold(_: JobEvent) -> None:
        assert await free.wait(20), "the others wait for this one"

    async def wait(job: AsyncJob) -> None:
        done.append(await job.wait(30))
        if len(done) == 3:
            free.set()

    waits: list[Any] = [partial(jobs[0].wait, 30, on_event=hold), *(partial(wait, job) for job in jobs[1:])]
    await backend.gather(waits, 4)
    assert [job.status for job in jobs] == [JobStatus.COMPLETED] * 4


async def test_who_leaves_early_leaves_the_others_served(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """A wait that times out may have been the one that asked for all."""
    server.pause()
    jobs: list[AsyncJob] = [await cloud.submit(TEXT) for _ in range(4)]

    async def give_up(job: AsyncJob) -> None:
        with pytest.raises(JobTimeoutError):
            await job.wait(0.2)
        if job is jobs[2]:
            server.resume()

    waits: list[Any] = [partial(give_up, job) for job in jobs[:3]]
    await backend.gather([*waits, partial(jobs[3].wait, 10)], 4)
    assert jobs[3].status is JobStatus.COMPLETED
    assert cloud._connection.waits.resting() == []


async def test_two_waits_for_the_last_job_are_both_served(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """When the others have gone, no list is asked for any more, and each has to ask for itself."""
    server.pause()
    last, other = await cloud.submit(LONG), await cloud.submit(TEXT)
    started: list[JobEvent] = []

    async def note(event: JobEvent) -> None:
        if isinstance(event, JobStarted):
            started.append(event)
            if len(started) == 2:
                await last.cancel()

    async def give_up() -> None:
        with pytest.raises(JobTimeoutError):
            await other.wait(0.2)
        server.resume()

    waits: list[Any] = [partial(cloud.job(last.id).wait, 10, on_event=note, check=False) for _ in range(2)]
    await backend.gather([*waits, give_up], 3)
    assert len(started) == 2


async def test_who_comes_later_does_not_wait_for_the_others_next_question(
    cloud: AsyncComfyCloud, server: Emulator
) -> None:
    """The first answer comes at once, also while 500 jobs are asked for every five seconds only."""
    later = cloud.job((await cloud.run(TEXT, timeout=30)).id)
    server.pause()
    jobs: list[AsyncJob] = [await cloud.submit(TEXT) for _ in range(2)]
    cloud._connection.timing = LAZY
    told: list[JobEvent] = []
    resting = backend.Flag()

    def note(event: JobEvent) -> None:
        told.append(event)
        if len(told) == 2:
            resting.set()

    async def wait_long() -> None:
        with pytest.raises(JobTimeoutError):
            await cloud.wait(jobs, 1.5, note)
        assert later.status is JobStatus.COMPLETED

    async def come_later() -> None:
        assert await resting.wait(20)
        await later.wait(20)

    await backend.gather([wait_long, come_later], 2)


@pytest.mark.parametrize("refusal", [400, 403, 404, 500])
async def test_a_server_that_refuses_the_list_is_asked_job_by_job(httpserver: HTTPServer, refusal: int) -> None:
    """A gateway may let the route of one job through and no other."""

    def detail(request: Request) -> Response:
        return Response('{"status": "completed", "outputs": {}}', content_type="application/json")

    httpserver.expect_request("/api/jobs").respond_with_json({"code": "NO", "message": "no"}, status=refusal)
    httpserver.expect_request(re.compile("^/api/jobs/")).respond_with_handler(detail)
    async with AsyncComfyCloud("key", base_url=httpserver.url_for(""), retry=None, live=False) as cloud:
        cloud._connection.timing = QUICK
        jobs = await cloud.wait(["a", "b", "c"], 30)
    assert [job.status for job in jobs] == [JobStatus.COMPLETED] * 3


async def test_many_pages_are_read_as_far_as_needed(httpserver: HTTPServer) -> None:
    """On an account with more jobs than a page holds, those on the second are no reason for a question each."""
    lists = 0

    def answer(request: Request) -> Response:
        nonlocal lists
        lists += 1
        offset = int(request.args["offset"])
        assert request.args["status"] == "pending,in_progress"
        ids, more = (["x", "a"], "true") if offset == 0 else (["b"], "false")
        if lists > 2:
            ids, more = [], "false"
        jobs = ", ".join(f'{{"id": "{job_id}", "status": "in_progress"}}' for job_id in ids)
        return Response(f'{{"jobs": [{jobs}], "pagination": {{"has_more": {more}}}}}', content_type="application/json")

    httpserver.expect_request("/api/jobs").respond_with_handler(answer)
    done = {"status": "completed", "outputs": {}}
    httpserver.expect_request(re.compile("^/api/jobs/")).respond_with_json(done)
    events: list[JobEvent] = []
    async with AsyncComfyCloud("key", base_url=httpserver.url_for(""), live=False) as cloud:
        cloud._connection.timing = QUICK
        await cloud.wait(["a", "b"], 30, events.append)
    assert events[:2] == [JobStarted("a"), JobStarted("b")]
    assert [request.path for request, _ in httpserver.log].count("/api/jobs/a") == 1


@pytest.mark.parametrize("wrong", [5, None, "", b"id"])
async def test_what_is_no_job_is_refused_before_anything_is_sent(
    cloud: AsyncComfyCloud, server: Emulator, wrong: Any
) -> None:
    """A list with a hole in it is a mistake of the program, not a job that was lost."""
    with pytest.raises(ConfigurationError, match="job"):
        await cloud.wait([wrong], 30)
    with pytest.raises(ConfigurationError, match="job"):
        cloud.job(wrong)
    with pytest.raises(ConfigurationError, match="must be a list"):
        await cloud.wait("an-id")
    assert len(server.journal) == 0
