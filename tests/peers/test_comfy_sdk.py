"""comfy-sdk through comfy-api-proxy, which puts the API of that SDK in front of a ComfyUI: here, of the emulator.

Its users who test against the emulator lose, with each of these, something that works on their ComfyUI.

The proxy asks for the history of a job and then for the queue; a job that ends in between has "expired" for it, on a
ComfyUI too. So that a test does not depend on this, a job is over before it is asked for, or waits until it is listened
to.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from comfy_sdk import AsyncComfy, Comfy
from comfy_sdk.events import Preview, Progress, StatusChange
from comfy_sdk.exceptions import InvalidWorkflow, JobFailed
from comfy_sdk.jobs import Job

from comfy_cloud.testing import Emulator

from .conftest import failing, inverting, is_inverse, node, refused, while_listening


@pytest.fixture
def proxied(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The emulator with the proxy before it, to which clients of the SDK go while this is active."""
    command = [sys.executable, "-m", "comfy_api_proxy.cli", "run", "--port", "0", "--comfyui", emulator.url]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        try:
            assert process.stdout is not None
            _, _, address = process.stdout.readline().partition("Running on ")
            assert address, "the proxy did not start"
            monkeypatch.setenv("COMFY_BASE_URL", address.split()[0])
            monkeypatch.delenv("COMFY_API_KEY", raising=False)
            yield emulator
        finally:
            process.kill()  # it keeps nothing, and would wait for open streams


@pytest.fixture
def client(proxied: Emulator) -> Iterator[Comfy]:
    with Comfy() as found:
        yield found


def ended(emulator: Emulator, job: Job) -> Job:
    """The job as the SDK sees it once it is over."""
    emulator.wait_for(job.id)
    return job.wait(timeout=30)


def test_a_picture_goes_through_a_workflow(proxied: Emulator, client: Comfy, picture: Path) -> None:
    workflow = client.workflows.from_json(inverting())
    workflow.set_input("1", "image", client.assets.from_file(picture))
    job = client.submit(workflow)
    (output,) = ended(proxied, job).result().outputs
    assert (output.node_id, output.name, output.type) == ("3", "peers_00001_.png", "image")
    assert (output.content_type, output.job_id) == ("image/png", job.id)
    assert is_inverse(output.to_bytes(), picture)
    assert output.to_bytes(range=(1, 3)) == b"PNG"
    assert len(proxied.journal.of("executePrompt")) == 1


def test_a_job_is_found_again_by_its_id(proxied: Emulator, client: Comfy) -> None:
    job = client.submit(client.workflows.from_json({"1": node("Text", "EmulatorText", text="a")}))
    proxied.wait_for(job.id)
    assert client.jobs.get(job.id).status == "succeeded"
    assert [(summary.id, summary.status) for summary in client.list_jobs()] == [(job.id, "succeeded")]


def test_events_tell_how_a_job_goes(proxied: Emulator, client: Comfy) -> None:
    """State, progress and pictures come while the job runs, its outputs when it is over."""
    image = node("Blue", "EmptyImage", width=4, height=2, batch_size=1, color=0xFF)
    work = node("Work", "EmulatorPreview", seconds=0.0, frames=2, format="PNG", image=["1", 0])
    save = node("Save Image", "SaveImage", images=["2", 0], filename_prefix="peers")
    workflow = client.workflows.from_json({"1": image, "2": work, "3": save})
    jobs = []

    def heard() -> list[object]:
        jobs.append(client.submit(workflow))
        return list(jobs[0].events())

    events = while_listening(proxied, heard)
    assert (events[0], events[-1]) == (StatusChange("queued", 1), StatusChange("succeeded"))
    assert any(isinstance(event, Progress) for event in events)
    # It names its node only where the proxy's handshake was faster than the job.
    preview = next(event for event in events if isinstance(event, Preview))
    assert (preview.content_type, preview.to_pil().getpixel((3, 1))) == ("image/png", (0, 0, 255))
    assert [output.node_id for output in jobs[0].result().outputs] == ["3"]


def test_events_and_the_result_tell_of_a_failure(proxied: Emulator, client: Comfy) -> None:
    job: list[Job] = []

    def heard() -> list[object]:
        job.append(client.submit(client.workflows.from_json(failing())))
        return list(job[0].events())

    # The proxy asks about 2 ms too early when the WebSocket tells of a failure. It then takes the job for expired, on a
    # ComfyUI as here.
    assert while_listening(proxied, heard)[-1] in (StatusChange("failed"), StatusChange("expired"))
    proxied.wait_for(job[0].id)
    with pytest.raises(JobFailed) as caught:
        job[0].result()
    error = caught.value.error
    assert error is not None
    assert (error.node_id, error.class_type, error.message) == ("7", "EmulatorFail", "no memory\n")


def test_a_refused_workflow_names_the_node(proxied: Emulator, client: Comfy) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        client.submit(client.workflows.from_json(refused()))
    assert list(caught.value.details["node_errors"]) == ["3"]


@pytest.mark.parametrize("emulator", ["comfyui"], indirect=True)
def test_a_running_job_can_be_cancelled(proxied: Emulator, client: Comfy) -> None:
    """Where ComfyUI has the route that the proxy asks for it; an older one has not."""
    job = client.submit(client.workflows.from_json({"5": node("Sleep", "EmulatorSleep", seconds=3600.0)}))
    proxied.wait_for(job.id, "in_progress")
    assert job.refresh().status == "running"
    job.cancel()
    assert proxied.wait_for(job.id) == "cancelled"
    assert ended(proxied, job).status == "canceled"


@pytest.mark.anyio
async def test_the_asynchronous_client(proxied: Emulator, picture: Path) -> None:
    async with AsyncComfy() as client:
        workflow = client.workflows.from_json(inverting())
        workflow.set_input("1", "image", client.assets.from_file(picture))
        job = await client.submit(workflow)
        proxied.wait_for(job.id)
        assert [event async for event in job.events()] == [StatusChange("succeeded")]
        (output,) = (await job.result()).outputs
        assert is_inverse(await output.to_bytes(), picture)
