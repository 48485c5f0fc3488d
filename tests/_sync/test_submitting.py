# Derived from tests/_async/test_submitting.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""What a submit can ask for: a key under which a job is found again, a place in the queue, some outputs only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import (
    AmbiguousNodeError,
    ComfyCloud,
    Job,
    JobCancelledError,
    JobFailedError,
    JobStatus,
    NodeNotFoundError,
    SubmissionUncertainError,
    Workflow,
    WorkflowError,
)
from comfy_cloud._core.watch import Timing
from comfy_cloud._sync import backend
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
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as client:
        client._connection.timing = QUICK
        yield client


@pytest.fixture
def another(server: Emulator) -> Iterator[ComfyCloud]:
    """The client of another process: it shares nothing but the server."""
    with ComfyCloud(server.api_key, base_url=f"{server.url}/", live=False) as client:
        client._connection.timing = QUICK
        yield client


def test_the_same_key_is_the_same_job(cloud: ComfyCloud, another: ComfyCloud, server: Emulator) -> None:
    """A process that died after its submit, and starts again, does not pay twice: whether the job waits or is over."""
    server.pause()
    first = cloud.submit(TEXT, key="cat-42")
    assert str(UUID(first.id)) == first.id
    assert (another.submit(TEXT, key="cat-42")).id == first.id
    server.resume()
    first.wait(30)
    for client in (cloud, another):
        job = client.run(TEXT, key="cat-42", timeout=30)
        assert (job.id, job.status) == (first.id, JobStatus.COMPLETED)
        assert [output.text for output in job.outputs] == ["hello"]
    assert len(server.journal.of("executePrompt")) == 1


def test_another_key_is_another_job(cloud: ComfyCloud, server: Emulator) -> None:
    """As is none: the same workflow is often to be run again."""
    jobs = [cloud.submit(TEXT, key="a"), cloud.submit(TEXT, key="b"), cloud.submit(TEXT)]
    assert len({job.id for job in jobs}) == len(server.journal.of("executePrompt")) == 3


def test_two_submits_under_one_key_at_the_same_time_are_one(cloud: ComfyCloud, server: Emulator) -> None:
    """Of two threads of a service that were asked for the same, one submits."""
    jobs: list[Job] = backend.gather([partial(cloud.submit, TEXT, key="cat-42")] * 5, 5)
    assert len({job.id for job in jobs}) == 1
    assert len(server.journal.of("executePrompt")) == 1


def test_a_job_that_failed_or_was_cancelled_is_taken_up_as_it_is(cloud: ComfyCloud, server: Emulator) -> None:
    """The key names a job. Whoever wants another try takes another key."""
    with pytest.raises(JobFailedError):
        cloud.run({"1": node("EmulatorFail", message="no luck")}, key="f", timeout=30)
    with pytest.raises(JobFailedError, match="no luck"):
        cloud.run(TEXT, key="f", timeout=30)
    server.pause()
    (cloud.submit(LONG, key="c")).cancel()
    assert (cloud.submit(TEXT, key="c")).status is JobStatus.CANCELLED
    with pytest.raises(JobCancelledError):
        cloud.run(TEXT, key="c", timeout=30)
    assert len(server.journal.of("executePrompt")) == 2


def test_nothing_is_uploaded_for_a_job_that_is_there(cloud: ComfyCloud, server: Emulator) -> None:
    """A film of a gigabyte is not sent to find out that its job was done."""
    workflow = Workflow({**TEXT, "2": node("LoadImage", image="none.png")})
    cloud.run(TEXT, key="k", timeout=30)
    workflow["2"]["image"] = b"content"
    cloud.submit(workflow, key="k")
    assert not server.journal.of("uploadImage") + server.journal.of("createAssetFromHash")


def test_an_answer_that_is_lost_under_a_key_is_found_by_the_next_submit(httpserver: HTTPServer) -> None:
    """It is not sent again by itself, and not at all if the job turns up."""
    bodies: list[dict[str, Any]] = []
    seen: list[bool] = []

    def lose(request: Request) -> Response:
        bodies.append(request.get_json())
        return Response("<html>", status=502, content_type="text/html")

    def find() -> Job:
        with ComfyCloud("k", base_url=httpserver.url_for(""), live=False, retry=None) as cloud:
            cloud._connection.timing = QUICK
            return cloud.submit(TEXT, key="cat-42")

    def job(_: Request) -> Response:
        if not seen:
            return Response('{"code": "NOT_FOUND", "message": "no"}', status=404, content_type="application/json")
        return Response('{"status": "completed", "outputs": {}}', content_type="application/json")

    httpserver.expect_request("/api/prompt").respond_with_handler(lose)
    httpserver.expect_request("/api/queue").respond_with_json({"queue_running": [], "queue_pending": []})
    httpserver.expect_request("/api/jobs").respond_with_json({"jobs": []})
    httpserver.expect_request(re.compile("^/api/(jobs|history)")).respond_with_handler(job)
    with pytest.raises(SubmissionUncertainError) as caught:
        find()
    assert caught.value.submission_id == bodies[0]["prompt_id"]
    assert caught.value.since.tzinfo is not None
    seen.append(True)
    assert (find()).id == bodies[0]["prompt_id"]
    assert len(bodies) == 1


def test_a_job_that_is_not_visible_yet_is_known_in_this_client(httpserver: HTTPServer) -> None:
    """A cloud answers 404 for a moment after it accepted a job. A server may also choose the id itself."""
    httpserver.expect_request("/api/prompt").respond_with_json({"prompt_id": "of-the-server"})
    httpserver.expect_request("/api/queue").respond_with_json({"queue_running": [], "queue_pending": []})
    httpserver.expect_request(re.compile(".*")).respond_with_json({"code": "NOT_FOUND", "message": "no"}, status=404)
    with ComfyCloud("k", base_url=httpserver.url_for(""), live=False) as cloud:
        assert [(cloud.submit(TEXT, key="k")).id for _ in range(2)] == ["of-the-server"] * 2
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
def test_what_cannot_be_asked_for_is_refused_before_anything_is_sent(
    cloud: ComfyCloud, server: Emulator, options: dict[str, Any], wrong: str
) -> None:
    """ComfyUI would answer 500, or run something else."""
    for call in (cloud.submit, cloud.run):
        with pytest.raises((TypeError, ValueError), match=wrong):
            call(TEXT, **options)
    assert len(server.journal) == 0


def test_a_job_goes_in_front_or_where_its_number_is(cloud: ComfyCloud, server: Emulator) -> None:
    """On a ComfyUI. The cloud takes both and orders jobs itself."""
    server.pause()
    second, fourth = cloud.submit(LONG), cloud.submit(LONG)
    first = cloud.submit(LONG, front=True)
    third = cloud.submit(LONG, number=0.5 + number(cloud))
    jobs = [item.job_id for item in (cloud.queue.get()).pending]
    if server.dialect.startswith("cloud"):
        assert jobs == [job.id for job in (second, fourth, first, third)]
    else:
        assert jobs == [job.id for job in (first, second, third, fourth)]
    assert [item.position for item in (cloud.queue.get()).pending] == [1, 2, 3, 4]


def number(cloud: ComfyCloud) -> float:
    """The number of the job that was submitted first."""
    return sorted(item.number or 0 for item in (cloud.queue.get()).pending)[-2]


@pytest.mark.parametrize("name", ["2", 2, "Second", ["Second"], ["2", "Second"], "node"])
def test_only_the_outputs_that_were_asked_for_are_run(cloud: ComfyCloud, name: Any) -> None:
    """Named as in `workflow[...]`."""
    workflow = Workflow(TWO)
    job = cloud.run(workflow, outputs=workflow["Second"] if name == "node" else name, timeout=30)
    assert [output.text for output in job.outputs] == ["two"]


def test_outputs_that_are_not_there_are_refused(cloud: ComfyCloud, server: Emulator) -> None:
    """Before anything is uploaded."""
    with pytest.raises(NodeNotFoundError):
        cloud.submit(TWO, outputs=["3"])
    with pytest.raises(AmbiguousNodeError):
        cloud.submit(TWO, outputs="EmulatorText")
    with pytest.raises(WorkflowError, match="another workflow"):
        cloud.submit(TWO, outputs=Workflow(TWO)["1"])
    assert len(server.journal) == 0
