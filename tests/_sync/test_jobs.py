# Derived from tests/_async/test_jobs.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Workflows in, jobs followed to their end: on the emulator, in the dialects that differ in how jobs are asked for."""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import (
    APIConnectionError,
    AuthenticationError,
    ComfyCloud,
    InvalidWorkflowError,
    Job,
    JobCancelled,
    JobCancelledError,
    JobCompleted,
    JobError,
    JobEvent,
    JobFailed,
    JobFailedError,
    JobLostError,
    JobQueued,
    JobStarted,
    JobStatus,
    JobTimeoutError,
    NotFoundError,
    RetryPolicy,
    ServerError,
    SubmissionUncertainError,
    Workflow,
    WorkflowError,
)
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

QUICK = Timing(
    poll_first=0.005, poll_longest=0.02, unknown_grace=0.05, outputs_grace=0.05, unreachable=0.2, submit_lookup=0.1
)


def quick(cloud: ComfyCloud) -> ComfyCloud:
    """The client with the pauses of seconds made pauses of milliseconds."""
    cloud._connection.timing = QUICK
    return cloud


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def picture(colour: tuple[int, int, int] = (10, 100, 200), size: tuple[int, int] = (8, 6)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


INVERT = {
    "1": node("LoadImage", image="none.png"),
    "2": node("ImageInvert", image=["1", 0]),
    "3": node("SaveImage", images=["2", 0], filename_prefix="inverted"),
}
TEXT = {"1": node("EmulatorText", text="hello")}
LONG = {"1": node("EmulatorSleep", seconds=600), "2": node("EmulatorText", text="never")}


@pytest.fixture(params=["cloud", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with quick(ComfyCloud(server.api_key, base_url=server.url)) as client:
        yield client


@pytest.fixture
def scripted(httpserver: HTTPServer) -> Iterator[ComfyCloud]:
    """A client on a server whose answers the test writes."""
    retry = RetryPolicy(base_delay=0.001)
    with quick(ComfyCloud("key", base_url=httpserver.url_for("/"), retry=retry, live=False)) as client:
        yield client


def as_json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")


def detail(status: str, **fields: Any) -> dict[str, Any]:
    return {"id": "j", "status": status, "create_time": 1, "update_time": 1, **fields}


def test_a_picture_goes_in_and_comes_out(cloud: ComfyCloud, server: Emulator, tmp_path: Path) -> None:
    """The main job: upload, run, save."""
    source = tmp_path / "in.png"
    source.write_bytes(picture((10, 100, 200)))
    workflow = Workflow(INVERT)
    workflow["LoadImage"]["image"] = source

    job = cloud.run(workflow, timeout=30)

    assert job.status is JobStatus.COMPLETED
    (path,) = job.outputs.save(tmp_path / "out")
    with Image.open(path) as result:
        assert result.getpixel((0, 0)) == (245, 155, 55)
        assert result.info["prompt"].startswith("{"), "the picture carries its workflow"
    assert server.storage_keys_seen == 0


@pytest.mark.parametrize("kind", ["bytes", "file", "image", "file from the middle"])
def test_inputs_of_every_sort_are_uploaded(cloud: ComfyCloud, kind: str) -> None:
    """Whoever has the picture in memory need not write a file first."""
    data = picture((1, 2, 3))
    workflow = Workflow(INVERT)
    middle = io.BytesIO(b"before" + data)
    middle.seek(6)
    contents: dict[str, Any] = {
        "bytes": data,
        "file": io.BytesIO(data),
        "image": Image.open(io.BytesIO(data)),
        "file from the middle": middle,
    }
    workflow["LoadImage"]["image"] = contents[kind]

    job = cloud.run(workflow, timeout=30)

    with Image.open(io.BytesIO(job.outputs[0].read())) as result:
        assert result.getpixel((0, 0)) == (254, 253, 252)
    assert middle.tell() == 6, "a file stands where it was handed over"


def test_equal_contents_are_uploaded_once(cloud: ComfyCloud, server: Emulator, tmp_path: Path) -> None:
    """Nobody pays for the same bytes twice, whatever they are called; on the cloud not even in another run."""
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(picture())
    graph = {**INVERT, "4": node("LoadImage", image="x.png"), "5": node("PreviewImage", images=["4", 0])}
    workflow = Workflow(graph)
    workflow["1"]["image"] = tmp_path / "a.png"
    workflow["4"]["image"] = tmp_path / "b.png"

    cloud.run(workflow, timeout=30)
    operations = [entry.operation for entry in server.journal]
    assert operations.count("uploadAsset") + operations.count("uploadImage") == 1

    if server.dialect == "cloud":
        cloud.run(workflow, timeout=30)
        operations = [entry.operation for entry in server.journal]
        assert operations.count("uploadAsset") == 1
        assert operations.count("createAssetFromHash") == 1


def test_a_workflow_is_taken_as_it_is_when_submitted(cloud: ComfyCloud) -> None:
    """A sweep may change the workflow for the next run while this one is on its way."""
    workflow = Workflow(TEXT)
    first = cloud.submit(workflow)
    workflow["1"]["text"] = "second"
    second = cloud.submit(workflow)
    assert [output.text for output in (first.wait(30)).outputs] == ["hello"]
    assert [output.text for output in (second.wait(30)).outputs] == ["second"]


def test_submit_returns_at_once_and_the_job_is_taken_up_elsewhere(cloud: ComfyCloud, server: Emulator) -> None:
    """The id is all that another process needs."""
    server.pause()
    job = cloud.submit(TEXT)
    assert job.status is JobStatus.PENDING
    server.resume()
    with quick(ComfyCloud(server.api_key, base_url=server.url)) as other:
        again = other.job(job.id).wait(30)
    assert again.id == job.id
    assert again.outputs.texts[0].text == "hello"


def test_attributes_hold_the_last_answer_and_never_ask(cloud: ComfyCloud, server: Emulator) -> None:
    """Reading an attribute in a loop costs nothing and surprises nobody."""
    server.pause()
    job = cloud.submit(TEXT)
    asked = len(server.journal)
    assert (job.status, job.raw_status, job.error, job.raw) == (JobStatus.PENDING, None, None, None)
    assert cloud.job(job.id).status is None, "nothing is known of a bare id"
    with pytest.raises(JobError, match=r"refresh\(\)") as caught:
        _ = job.outputs
    assert caught.value.job_id == job.id
    assert len(server.journal) == asked
    assert (job.refresh()).status is JobStatus.PENDING
    assert list(job.outputs) == []


def test_events_tell_the_course_of_a_job(cloud: ComfyCloud, server: Emulator) -> None:
    """Each state is told once, in order."""
    events: list[JobEvent] = []

    def note(event: JobEvent) -> None:
        events.append(event)
        if isinstance(event, JobQueued):
            server.resume()

    server.pause()
    job = cloud.run({"1": node("EmulatorSleep", seconds=0.1)}, timeout=30, on_event=note)
    states = [type(event) for event in events if isinstance(event, (JobQueued, JobStarted, JobCompleted))]
    assert states == [JobQueued, JobStarted, JobCompleted]
    assert {event.job_id for event in events} == {job.id}


def test_a_wait_that_runs_out_leaves_the_job_running(cloud: ComfyCloud, server: Emulator) -> None:
    """Long jobs are not lost to a timeout: the exception has the job, and waiting goes on later."""
    job = cloud.submit(LONG)
    server.wait_for(job.id, "in_progress")
    with pytest.raises(TimeoutError) as caught:
        job.wait(0.03)
    assert isinstance(caught.value, JobTimeoutError)
    assert caught.value.job is job
    assert caught.value.job_id == job.id
    assert job.id in str(caught.value)
    assert (job.refresh()).status is JobStatus.IN_PROGRESS


def test_a_failed_job_names_node_and_reason_and_keeps_its_outputs(cloud: ComfyCloud) -> None:
    """What was paid for before the failure can still be saved."""
    graph = {
        "1": node("EmulatorText", text="before"),
        "2": node("EmulatorFail", message="out of luck", exception_type="MemoryError"),
    }
    job = cloud.submit(graph)
    events: list[JobEvent] = []
    with pytest.raises(JobFailedError) as caught:
        job.wait(30, on_event=events.append)
    error = caught.value
    assert (error.node_id, error.node_type, error.exception_type) == ("2", "EmulatorFail", "MemoryError")
    assert error.traceback
    assert "out of luck" in str(error)
    assert isinstance(events[-1], JobFailed)
    assert [output.text for output in error.job.outputs] == ["before"]
    assert (job.wait(30, check=False)).status is JobStatus.FAILED


def test_an_interrupted_job_is_cancelled_not_failed(cloud: ComfyCloud, server: Emulator) -> None:
    """Whoever cancels is not told of a failure."""
    job = cloud.submit(LONG)
    server.wait_for(job.id, "in_progress")
    cloud._http.request("POST", "/api/interrupt", json={"prompt_id": job.id})
    events: list[JobEvent] = []
    with pytest.raises(JobCancelledError) as caught:
        job.wait(30, on_event=events.append)
    assert caught.value.job_id == job.id
    assert isinstance(events[-1], JobCancelled)


def test_a_job_removed_while_it_waited_is_lost_not_waited_for(cloud: ComfyCloud, server: Emulator) -> None:
    """A wait for what will never come must end."""
    server.pause()
    job = cloud.submit(TEXT)
    job.refresh()
    cloud._http.request("POST", "/api/queue", json={"delete": [job.id]})
    if server.dialect == "cloud":  # which remembers it as cancelled
        with pytest.raises(JobCancelledError):
            job.wait(30)
    else:
        with pytest.raises(JobLostError, match=job.id):
            job.wait(30)


def test_a_job_nobody_knows_is_lost(cloud: ComfyCloud) -> None:
    """A mistyped id ends in an error that names it."""
    job = cloud.job("00000000-0000-4000-8000-000000000000")
    with pytest.raises(JobLostError, match="00000000-0000-4000-8000-000000000000"):
        job.wait(30)
    with pytest.raises(JobLostError):
        job.refresh()


def test_a_refused_workflow_says_which_node(cloud: ComfyCloud) -> None:
    """Before a credit is spent: the node and what is wrong with it."""
    with pytest.raises(InvalidWorkflowError) as caught:
        cloud.submit({"1": node("EmulatorText"), "2": node("ImageInvert")})
    assert caught.value.node_errors["1"]["class_type"] == "EmulatorText"
    assert "node 1 (EmulatorText)" in str(caught.value)
    assert caught.value.status == 400


def test_what_the_server_dropped_is_told_at_submit(cloud: ComfyCloud) -> None:
    """A job that runs without one of its outputs would look complete."""
    graph = {**TEXT, "2": node("EmulatorFiles", kind="images", filename="a.png")}
    with pytest.warns(UserWarning, match=r"node 2 \(EmulatorFiles\)"):
        job = cloud.submit(graph)
    assert list(job.node_errors) == ["2"]
    assert [output.node_id for output in (job.wait(30)).outputs] == ["1"]


def test_extra_data_and_partner_key_travel_only_when_given(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    """A null `extra_data` hangs a real server, and a key that nobody gave is nobody's to send."""
    bodies: list[dict[str, Any]] = []

    def accept(request: Request) -> Response:
        bodies.append(request.get_json())
        return Response('{"prompt_id": "j", "number": 1, "node_errors": {}}', content_type="application/json")

    httpserver.expect_request("/api/prompt", method="POST").respond_with_handler(accept)
    scripted.submit(TEXT)
    scripted.submit(TEXT, partner_key="partner", extra_data={"tag": 1})
    first, second = bodies
    assert set(first) == {"prompt", "prompt_id", "client_id", "extra_data"}
    assert first["extra_data"] == {"comfy_cloud_submission": first["prompt_id"]}
    assert second["extra_data"] == {
        "comfy_cloud_submission": second["prompt_id"],
        "api_key_comfy_org": "partner",
        "tag": 1,
    }
    assert first["client_id"] == second["client_id"]
    assert first["prompt_id"] != second["prompt_id"]
    with pytest.raises(WorkflowError, match="extra_data"):
        scripted.submit(TEXT, extra_data={"when": object()})


def test_words_nobody_has_heard_of_mean_still_running(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    """A new status word of the server must not end a wait, nor break it."""
    for word in ("queued_limited", "polishing"):
        httpserver.expect_ordered_request("/api/jobs/j").respond_with_json(detail(word))
    httpserver.expect_ordered_request("/api/jobs/j").respond_with_json(detail("completed"))  # outputs not told yet
    outputs = {"1": {"text": ["done"]}}
    httpserver.expect_ordered_request("/api/jobs/j").respond_with_json(detail("completed", outputs=outputs))
    job = scripted.job("j").wait(30)
    assert job.outputs.texts[0].text == "done"


def test_a_server_in_trouble_is_survived(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    """A gateway's bad minute does not lose a paid job."""
    scripted._connection.timing = replace(QUICK, unreachable=30)
    page = "<html><title>502 Bad Gateway</title></html>"
    for _ in range(4):
        httpserver.expect_ordered_request("/api/jobs/j").respond_with_data(page, status=502, content_type="text/html")
    httpserver.expect_ordered_request("/api/jobs/j").respond_with_data(page, content_type="text/html")
    httpserver.expect_ordered_request("/api/jobs/j").respond_with_json(detail("completed", outputs={}))
    assert (scripted.job("j").wait(30)).status is JobStatus.COMPLETED


def test_a_route_that_answered_once_is_not_given_up(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    """A gateway's 404 page in the middle of a job does not make the client ask elsewhere for ever."""
    missing = re.compile("^/api/(history|queue)")
    httpserver.expect_request(missing).respond_with_json({"code": "NOT_FOUND", "message": "no"}, status=404)
    httpserver.expect_oneshot_request("/api/jobs/j").respond_with_json(detail("in_progress"))
    job = scripted.job("j").refresh()
    page = "<html>404</html>"
    httpserver.expect_oneshot_request("/api/jobs/j").respond_with_data(page, status=404, content_type="text/html")
    with pytest.raises(NotFoundError):
        job.refresh()
    httpserver.expect_oneshot_request("/api/jobs/j").respond_with_json(detail("completed", outputs={}))
    assert (job.wait(30)).status is JobStatus.COMPLETED


def test_a_server_out_of_reach_ends_the_wait_with_the_jobs_id(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    """After five minutes without an answer (0.2 s here) the error names the job."""
    httpserver.expect_request("/api/jobs/some-job").respond_with_data("", status=503)
    with pytest.raises(ServerError) as caught:
        scripted.job("some-job").wait(30)
    assert caught.value.job_id == "some-job"
    assert "some-job" in str(caught.value)


def test_a_refusal_ends_the_wait_at_once(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    """A revoked key is not waited out."""
    body = {"code": "UNAUTHORIZED", "message": "no such key"}
    httpserver.expect_oneshot_request("/api/jobs/j").respond_with_json(body, status=401)
    with pytest.raises(AuthenticationError) as caught:
        scripted.job("j").wait(30)
    assert caught.value.job_id == "j"


@pytest.mark.parametrize("answer", ["nothing", "gateway", "no id"])
@pytest.mark.parametrize("found", ["by id", "in the queue", "by its marker", "not"])
def test_a_lost_answer_is_looked_up_and_never_sent_again(
    scripted: ComfyCloud, httpserver: HTTPServer, answer: str, found: str
) -> None:
    """Submitting is paid for: one request, whatever happens to its answer."""
    if found != "not":
        scripted._connection.timing = replace(scripted._connection.timing, submit_lookup=30)
    bodies: list[dict[str, Any]] = []

    def lose(request: Request) -> Response:
        bodies.append(request.get_json())
        if answer == "nothing":
            cut = Response("{", content_type="application/json")
            cut.headers["Content-Length"] = "100"
            cut.automatically_set_content_length = False
            return cut
        if answer == "gateway":
            return Response("<html></html>", status=502, content_type="text/html")
        return Response("{}", content_type="application/json")

    def job_detail(request: Request) -> Response:
        wanted = request.path.rsplit("/", 1)[1]
        mine = bodies[0]["prompt_id"]
        if (found == "by id" and wanted == mine) or (found == "by its marker" and wanted == "other"):
            extra = {"comfy_cloud_submission": mine}
            return as_json(detail("pending", id=wanted, workflow={"prompt": {}, "extra_data": extra}))
        return as_json({"code": "NOT_FOUND", "message": "no such job"}, status=404)

    def queue(_: Request) -> Response:
        extra = {"comfy_cloud_submission": bodies[0]["prompt_id"]}
        pending = [[1, "renamed", {}, extra, []]] if found == "in the queue" else []
        return as_json({"queue_running": [], "queue_pending": pending})

    def jobs(_: Request) -> Response:
        items = [{"id": "other", "status": "pending", "create_time": 9999999999}] if found == "by its marker" else []
        return as_json(
            {"jobs": items, "pagination": {"offset": 0, "limit": 20, "total": len(items), "has_more": False}}
        )

    httpserver.expect_request("/api/prompt", method="POST").respond_with_handler(lose)
    httpserver.expect_request("/api/jobs").respond_with_handler(jobs)
    httpserver.expect_request("/api/queue").respond_with_handler(queue)
    httpserver.expect_request(re.compile("^/api/jobs/")).respond_with_handler(job_detail)
    httpserver.expect_request(re.compile("^/api/history")).respond_with_json({"code": "NOT_FOUND"}, status=404)

    if found == "not":
        with pytest.raises(SubmissionUncertainError) as caught:
            scripted.submit(TEXT)
        assert caught.value.submission_id == bodies[0]["prompt_id"]
        assert caught.value.since.tzinfo is not None
        assert httpserver.url_for("").rstrip("/") in str(caught.value)
    else:
        job = scripted.submit(TEXT)
        expected = {"by id": bodies[0]["prompt_id"], "in the queue": "renamed", "by its marker": "other"}
        assert job.id == expected[found]
    assert len(bodies) == 1


def test_a_submit_that_cannot_have_arrived_says_so(unused_port: int) -> None:
    """A refused connection is no uncertain submit: nothing is looked for, nothing may have been paid."""
    retry = RetryPolicy(base_delay=0.001)
    with quick(ComfyCloud(base_url=f"http://127.0.0.1:{unused_port}", retry=retry)) as client:
        with pytest.raises(APIConnectionError) as caught:
            client.submit(TEXT)
    assert caught.value.sent is False


@pytest.fixture
def unused_port() -> int:
    """A loopback port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_many_jobs_at_once(cloud: ComfyCloud) -> None:
    """One client serves a whole batch; each job has its own outputs."""
    jobs: list[Job] = [cloud.submit({"1": node("EmulatorText", text=str(number))}) for number in range(10)]
    for job in jobs:
        job.wait(30)
    assert [job.outputs[0].text for job in jobs] == [str(number) for number in range(10)]


@pytest.mark.parametrize("server", ["cloud", "cloud-next", "comfyui", "comfyui-old"], indirect=True)
def test_a_failure_names_the_node_by_its_title(cloud: ComfyCloud) -> None:
    """Nobody knows node 2 by its number; also where the handle was made from an id."""
    graph = {"1": {**node("EmulatorFail", message="no luck"), "_meta": {"title": "Refine"}}}
    job = cloud.submit(graph)
    for handle in (job, cloud.job(job.id)):
        with pytest.raises(JobFailedError, match=r"node 1 'Refine' \(EmulatorFail\)") as caught:
            handle.wait(30)
        assert str(caught.value) == f"job {job.id} {handle.error}"
        assert (caught.value.job_id, caught.value.node_title) == (job.id, "Refine")


def test_errors_about_a_job_have_its_id_as_a_string(cloud: ComfyCloud) -> None:
    """A log line is made of it without a check for None."""
    job = cloud.job("not-asked")
    with pytest.raises(JobError) as caught:
        len(job.outputs)
    assert caught.value.job_id == "not-asked"
    assert JobError("of nobody").job_id == ""
    assert JobFailedError("of nobody").job_id == ""
