# Derived from tests/_async/test_cancelling.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Cancelling: known at once to everybody in this client who waits, on every server, and it stops no other job."""

from __future__ import annotations

import pickle
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import (
    ComfyCloud,
    ConflictError,
    Job,
    JobCancelled,
    JobCancelledError,
    JobEvent,
    JobLostError,
    JobStatus,
    NotFoundError,
)
from comfy_cloud._core.watch import Timing
from comfy_cloud._sync import backend
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

# Nobody who waits learns of anything by asking now and then: half a minute is longer than any test.
LAZY = Timing(poll_first=30, poll_early=30, poll_longest=30, poll_live=30, unknown_grace=30, list_spacing=0.01)
QUICK = Timing(poll_first=0.005, poll_longest=0.02, unknown_grace=0.05)
NOBODY = "00000000-0000-4000-8000-000000000000"


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


TEXT = {"1": node("EmulatorText", text="hello")}
LONG = {"1": node("EmulatorSleep", seconds=600, steps=1000)}


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as client:
        client._connection.timing = LAZY
        yield client


def by_its_handle(cloud: ComfyCloud, job: Job) -> None:
    job.cancel()


def by_its_id(cloud: ComfyCloud, job: Job) -> None:
    cloud.job(job.id).cancel()


def by_the_queue(cloud: ComfyCloud, job: Job) -> None:
    cloud.queue.cancel([job.id])


def by_clearing_the_queue(cloud: ComfyCloud, job: Job) -> None:
    cloud.queue.clear()


def by_a_sibling(cloud: ComfyCloud, job: Job) -> None:
    cloud.with_options(retry=None).job(job.id).cancel()


WAYS = [by_its_handle, by_its_id, by_the_queue, by_clearing_the_queue, by_a_sibling]


@pytest.mark.parametrize("cancel", WAYS)
def test_who_waits_for_a_cancelled_job_knows_at_once(
    cloud: ComfyCloud, server: Emulator, cancel: Callable[..., Any]
) -> None:
    """A ComfyUI forgets a job that is removed while it waits: nobody is to find that out by ten seconds of 404."""
    server.pause()
    job, other = cloud.submit(LONG), cloud.submit(LONG)
    waiting: list[JobEvent] = []
    everybody_waits = backend.Flag()
    ended: list[str] = []

    def note(event: JobEvent) -> None:
        waiting.append(event)
        if len(waiting) == 3:
            everybody_waits.set()

    def wait() -> None:
        with pytest.raises(JobCancelledError, match=job.id):
            cloud.job(job.id).wait(20, on_event=note)
        ended.append("wait")

    def watch() -> None:
        seen: list[JobEvent] = []
        with closing(cloud.job(job.id).events(20)) as events:
            for event in events:
                seen.append(event)
                if len(seen) == 1:
                    note(event)
        assert seen[-1] == JobCancelled(job.id)
        ended.append("events")

    def wait_for_all() -> None:
        with closing(cloud.as_completed([job, cloud.job(other.id)], 20)) as jobs:
            for found in jobs:
                assert (found.id, found.status) == (job.id, JobStatus.CANCELLED)
                ended.append("as_completed")
                return

    def wait_for_one() -> None:
        (found,) = cloud.wait([job.id], 20, note)
        assert found.status is JobStatus.CANCELLED
        ended.append("cloud.wait")

    def stop() -> None:
        assert everybody_waits.wait(20)
        cancel(cloud, job)

    started = time.monotonic()
    backend.gather([wait, watch, wait_for_all, wait_for_one, stop], 5)
    assert sorted(ended) == ["as_completed", "cloud.wait", "events", "wait"]
    assert time.monotonic() - started < 15
    assert (cloud.job(job.id).refresh()).status is JobStatus.CANCELLED, "a new handle, too"
    assert (cloud.jobs.get(job.id)).status is JobStatus.CANCELLED


@pytest.mark.parametrize("cancel", WAYS)
def test_who_comes_later_knows_it_as_well(cloud: ComfyCloud, server: Emulator, cancel: Callable[..., Any]) -> None:
    """Waiting for a job that was cancelled a while ago neither takes long nor ends in JobLostError."""
    server.pause()
    job = cloud.submit(LONG)
    cancel(cloud, job)
    if cancel is by_its_handle:
        assert job.status is JobStatus.CANCELLED
    with pytest.raises(JobCancelledError):
        job.wait(20)
    assert (job.cancel()).status is JobStatus.CANCELLED, "once more does nothing"
    assert [event for event in job.events(20)] == [JobCancelled(job.id)]
    assert len(job.outputs) == 0
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as another:
        with pytest.raises(JobCancelledError):
            another.job(pickle.loads(pickle.dumps(job))).wait(20)


def test_a_running_job_stops_and_who_waits_for_it_knows_soon(cloud: ComfyCloud, server: Emulator) -> None:
    """Without a WebSocket, too, and although the next question was due in half a minute."""
    job = cloud.submit(LONG)
    server.wait_for(job.id, "in_progress")
    begun = backend.Flag()
    cloud._connection.timing = Timing(poll_first=0.05, poll_early=30, poll_longest=30)

    def wait() -> None:
        found = cloud.job(job.id).wait(20, on_event=lambda _: begun.set(), check=False)
        assert found.status is JobStatus.CANCELLED

    def stop() -> None:
        assert begun.wait(20)
        job.cancel()

    backend.gather([wait, stop], 2)
    assert (job.wait(20, check=False)).status is JobStatus.CANCELLED


def test_a_job_that_is_over_stays_what_it_is(cloud: ComfyCloud, server: Emulator) -> None:
    """A cancel that comes too late takes nobody's outputs, known to be over or not."""
    cloud._connection.timing = QUICK
    job = cloud.run(TEXT, timeout=30)
    for handle in (job, cloud.job(job.id)):
        assert (handle.cancel()).status is JobStatus.COMPLETED
        assert [output.text for output in handle.outputs] == ["hello"]
    assert (cloud.job(job.id).wait(30)).status is JobStatus.COMPLETED


def test_a_job_that_nobody_knows_is_not_called_cancelled(cloud: ComfyCloud) -> None:
    """A mistyped id is to be found out."""
    cloud._connection.timing = QUICK
    job = cloud.job(NOBODY).cancel()
    cloud.queue.cancel([NOBODY])
    assert job.status is None
    with pytest.raises(JobLostError):
        job.wait(30)


@pytest.mark.parametrize("server", ["comfyui", "comfyui-old"], indirect=True)
def test_a_job_that_somebody_else_removed_is_lost(cloud: ComfyCloud, server: Emulator) -> None:
    """Only what this client did is known for certain."""
    cloud._connection.timing = QUICK
    server.pause()
    job = cloud.submit(LONG)
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as another:
        another.job(job.id).cancel()
    with pytest.raises(JobLostError):
        job.wait(30)


def test_cancelling_asks_for_the_route_that_is_made_for_it(cloud: ComfyCloud, server: Emulator) -> None:
    """Servers since 2026 have it, and deprecate the other two; one that lacks it is not asked again for each job."""
    server.pause()
    for job in [cloud.submit(LONG) for _ in range(3)]:
        assert (job.cancel()).status is JobStatus.CANCELLED
    tries = len([entry for entry in server.journal if entry.path.endswith("/cancel")])
    has_route = server.dialect in ("cloud-next", "comfyui")
    assert tries == (3 if has_route else 1)
    assert len(server.journal.of("manageQueue")) == (0 if has_route else 3)


@pytest.mark.parametrize("server", ["cloud"], indirect=True)
def test_the_jobs_that_could_be_stopped_are_named(server: Emulator) -> None:
    """A program decides by them whether it forces it."""
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as cloud:
        mine, *others = [cloud.submit(LONG) for _ in range(3)]
        for job in (mine, *others):
            server.wait_for(job.id, "in_progress")
        with pytest.raises(ConflictError) as caught:
            mine.cancel()
        assert sorted(caught.value.job_ids) == sorted(job.id for job in others)
        assert caught.value.job_id == mine.id


def test_a_refusal_names_the_job(httpserver: HTTPServer) -> None:
    """Whoever cancels a hundred jobs reads which one was not."""
    httpserver.expect_request(re.compile(".*")).respond_with_json({"code": "NO", "message": "no"}, status=403)
    with ComfyCloud("key", base_url=httpserver.url_for(""), live=False) as cloud:
        for call in (cloud.job("job-7").cancel, cloud.job("job-7").refresh, partial(cloud.job("job-7").wait, 5)):
            with pytest.raises(Exception, match="job-7") as caught:
                call()
            assert getattr(caught.value, "job_id", None) == "job-7"


def test_an_unknown_route_of_a_job_that_is_not_there_is_no_missing_route(httpserver: HTTPServer) -> None:
    """A cloud answers 404 with JSON for both. The next job is tried by the route again."""
    httpserver.expect_request(re.compile("^/api/queue")).respond_with_json({"queue_running": [], "queue_pending": []})
    httpserver.expect_request(re.compile(".*")).respond_with_json({"code": "NOT_FOUND", "message": "no"}, status=404)
    with ComfyCloud("key", base_url=httpserver.url_for(""), live=False) as cloud:
        for job_id in ("a", "b"):
            cloud.job(job_id).cancel()
        with pytest.raises(NotFoundError):
            cloud.jobs.get("a")
    tries = [request.path for request, _ in httpserver.log if request.path.endswith("/cancel")]
    assert tries == ["/api/jobs/a/cancel", "/api/jobs/b/cancel"]
