"""What a submit can ask for: a key under which a job is found again, a place in the queue, some outputs only."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import (
    AmbiguousNodeError,
    AsyncComfyCloud,
    AsyncJob,
    JobCancelledError,
    JobFailedError,
    JobStatus,
    NodeNotFoundError,
    SubmissionUncertainError,
    Workflow,
    WorkflowError,
)
from comfy_cloud._async import backend
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

QUICK = Timing(poll_first=0.005, poll_longest=0.02, unknown_grace=0.05, outputs_grace=0.05, submit_lookup=0.05)


def node(class_type: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs, **({"_meta": {"title": title}} if title else {})}


TEXT = {"1": node("EmulatorText", text="hello")}
LONG = {"1": node("EmulatorSleep", seconds=600, steps=1000)}
TWO = {"1": node("EmulatorText", "First", text="one"), "2": node("EmulatorText", "Second", text="two")}


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param, max_concurrent_jobs=1) as emulator:
        yield emulator


@pytest.fixture
async def cloud(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with AsyncComfyCloud(server.api_key, base_url=server.url, live=False) as client:
        client._connection.timing = QUICK
        yield client


@pytest.fixture
async def another(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    """The client of another process: it shares nothing but the server."""
    async with AsyncComfyCloud(server.api_key, base_url=f"{server.url}/", live=False) as client:
        client._connection.timing = QUICK
        yield client


async def test_the_same_key_is_the_same_job(cloud: AsyncComfyCloud, another: AsyncComfyCloud, server: Emulator) -> None:
    """A process that died after its submit, and starts again, does not pay twice: whether the job waits or is over."""
    server.pause()
    first = await cloud.submit(TEXT, key="cat-42")
    assert str(UUID(first.id)) == first.id
    assert (await another.submit(TEXT, key="cat-42")).id == first.id
    server.resume()
    await first.wait(30)
    for client in (cloud, another):
        job = await client.run(TEXT, key="cat-42", timeout=30)
        assert (job.id, job.status) == (first.id, JobStatus.COMPLETED)
        assert [output.text for output in job.outputs] == ["hello"]
    assert len(server.journal.of("executePrompt")) == 1


async def test_another_key_is_another_job(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """As is none: the same workflow is often to be run again."""
    jobs = [await cloud.submit(TEXT, key="a"), await cloud.submit(TEXT, key="b"), await cloud.submit(TEXT)]
    assert len({job.id for job in jobs}) == len(server.journal.of("executePrompt")) == 3


async def test_two_submits_under_one_key_at_the_same_time_are_one(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Of two threads of a service that were asked for the same, one submits."""
    jobs: list[AsyncJob] = await backend.gather([partial(cloud.submit, TEXT, key="cat-42")] * 5, 5)
    assert len({job.id for job in jobs}) == 1
    assert len(server.journal.of("executePrompt")) == 1


async def test_a_job_that_failed_or_was_cancelled_is_taken_up_as_it_is(
    cloud: AsyncComfyCloud, server: Emulator
) -> None:
    """The key names a job. Whoever wants another try takes another key."""
    with pytest.raises(JobFailedError):
        await cloud.run({"1": node("EmulatorFail", message="no luck")}, key="f", timeout=30)
    with pytest.raises(JobFailedError, match="no luck"):
        await cloud.run(TEXT, key="f", timeout=30)
    server.pause()
    await (await cloud.submit(LONG, key="c")).cancel()
    assert (await cloud.submit(TEXT, key="c")).status is JobStatus.CANCELLED
    with pytest.raises(JobCancelledError):
        await cloud.run(TEXT, key="c", timeout=30)
    assert len(server.journal.of("executePrompt")) == 2


async def test_nothing_is_uploaded_for_a_job_that_is_there(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """A film of a gigabyte is not sent to find out that its job was done."""
    workflow = Workflow({**TEXT, "2": node("LoadImage", image="none.png")})
    await cloud.run(TEXT, key="k", timeout=30)
    workflow["2"]["image"] = b"content"
    await cloud.submit(workflow, key="k")
    assert not server.journal.of("uploadImage") + server.journal.of("createAssetFromHash")


async def test_an_answer_that_is_lost_under_a_key_is_found_by_the_next_submit(httpserver: HTTPServer) -> None:
    """It is not sent again by itself, and not at all if the job turns up."""
    bodies: list[dict[str, Any]] = []
    seen: list[bool] = []

    def lose(request: Request) -> Response:
        bodies.append(request.get_json())
        return Response("<html>", status=502, content_type="text/html")

    async def find() -> AsyncJob:
        async with AsyncComfyCloud("k", base_url=httpserver.url_for(""), live=False, retry=None) as cloud:
            cloud._connection.timing = QUICK
            return await cloud.submit(TEXT, key="cat-42")

    def job(_: Request) -> Response:
        if not seen:
            return Response('{"code": "NOT_FOUND", "message": "no"}', status=404, content_type="application/json")
        return Response('{"status": "completed", "outputs": {}}', content_type="application/json")

    httpserver.expect_request("/api/prompt").respond_with_handler(lose)
    httpserver.expect_request("/api/queue").respond_with_json({"queue_running": [], "queue_pending": []})
    httpserver.expect_request("/api/jobs").respond_with_json({"jobs": []})
    httpserver.expect_request(re.compile("^/api/(jobs|history)")).respond_with_handler(job)
    with pytest.raises(SubmissionUncertainError) as caught:
        await find()
    assert caught.value.submission_id == bodies[0]["prompt_id"]
    assert caught.value.since.tzinfo is not None
    seen.append(True)
    assert (await find()).id == bodies[0]["prompt_id"]
    assert len(bodies) == 1


async def test_a_job_that_is_not_visible_yet_is_known_in_this_client(httpserver: HTTPServer) -> None:
    """A cloud answers 404 for a moment after it accepted a job. A server may also choose the id itself."""
    httpserver.expect_request("/api/prompt").respond_with_json({"prompt_id": "of-the-server"})
    httpserver.expect_request("/api/queue").respond_with_json({"queue_running": [], "queue_pending": []})
    httpserver.expect_request(re.compile(".*")).respond_with_json({"code": "NOT_FOUND", "message": "no"}, status=404)
    async with AsyncComfyCloud("k", base_url=httpserver.url_for(""), live=False) as cloud:
        assert [(await cloud.submit(TEXT, key="k")).id for _ in range(2)] == ["of-the-server"] * 2
    assert [request.path for request, _ in httpserver.log].count("/api/prompt") == 1


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"key": ""}, "key"),
        ({"key": 5}, "key"),
        ({"front": 1}, "front"),
        ({"number": "1"}, "number"),
        ({"number": True}, "number"),
        ({"number": math.nan}, "number"),
        ({"number": 1, "front": True}, "front"),
        ({"outputs": []}, "outputs"),
        ({"outputs": 5.5}, "outputs"),
        ({"outputs": [None]}, "outputs"),
    ],
)
@pytest.mark.parametrize("server", ["comfyui"], indirect=True)
async def test_what_cannot_be_asked_for_is_refused_before_anything_is_sent(
    cloud: AsyncComfyCloud, server: Emulator, options: dict[str, Any], wrong: str
) -> None:
    """ComfyUI would answer 500, or run something else."""
    for call in (cloud.submit, cloud.run):
        with pytest.raises((TypeError, ValueError), match=wrong):
            await call(TEXT, **options)
    assert len(server.journal) == 0


async def test_a_job_goes_in_front_or_where_its_number_is(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """On a ComfyUI. The cloud takes both and orders jobs itself."""
    server.pause()
    second, fourth = await cloud.submit(LONG), await cloud.submit(LONG)
    first = await cloud.submit(LONG, front=True)
    third = await cloud.submit(LONG, number=0.5 + await number(cloud))
    jobs = [item.job_id for item in (await cloud.queue.get()).pending]
    if server.dialect.startswith("cloud"):
        assert jobs == [job.id for job in (second, fourth, first, third)]
    else:
        assert jobs == [job.id for job in (first, second, third, fourth)]
    assert [item.position for item in (await cloud.queue.get()).pending] == [1, 2, 3, 4]


async def number(cloud: AsyncComfyCloud) -> float:
    """The number of the job that was submitted first."""
    return sorted(item.number or 0 for item in (await cloud.queue.get()).pending)[-2]


@pytest.mark.parametrize("name", ["2", 2, "Second", ["Second"], ["2", "Second"], "node"])
async def test_only_the_outputs_that_were_asked_for_are_run(cloud: AsyncComfyCloud, name: Any) -> None:
    """Named as in `workflow[...]`."""
    workflow = Workflow(TWO)
    job = await cloud.run(workflow, outputs=workflow["Second"] if name == "node" else name, timeout=30)
    assert [output.text for output in job.outputs] == ["two"]


async def test_outputs_that_are_not_there_are_refused(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Before anything is uploaded."""
    with pytest.raises(NodeNotFoundError):
        await cloud.submit(TWO, outputs=["3"])
    with pytest.raises(AmbiguousNodeError):
        await cloud.submit(TWO, outputs="EmulatorText")
    with pytest.raises(WorkflowError, match="another workflow"):
        await cloud.submit(TWO, outputs=Workflow(TWO)["1"])
    assert len(server.journal) == 0
