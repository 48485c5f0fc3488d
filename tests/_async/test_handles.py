"""Handles are data: they cross to other processes without a client, read back as they were, and are bound again."""

from __future__ import annotations

import copy
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import AsyncComfyCloud, AsyncJob, ConfigurationError, JobError, JobFailedError, JobStatus
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

QUICK = Timing(poll_first=0.005, poll_longest=0.02)
FILES = {
    "1": {"class_type": "EmulatorFiles", "inputs": {"kind": "images", "filename": "a.png", "content": "picture"}},
    "2": {"class_type": "EmulatorText", "inputs": {"text": "words"}},
}
FAIL = {"1": {"class_type": "EmulatorFail", "inputs": {"message": "no luck"}}}


def through_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


every_copy = pytest.mark.parametrize("duplicate", [through_pickle, copy.copy, copy.deepcopy])


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def cloud(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with AsyncComfyCloud(server.api_key, base_url=server.url, live=False) as client:
        client._connection.timing = QUICK
        yield client


def shown(job: AsyncJob) -> tuple[Any, ...]:
    """All that a handle tells without asking."""
    outputs = [(output.node_id, output.key, output.kind, output.filename, output.text) for output in job.outputs]
    return (job.id, job.status, job.raw_status, job.raw, job.error, job.node_errors, job.created_at, outputs, repr(job))


@every_copy
@pytest.mark.parametrize("graph", [FILES, FAIL])
async def test_a_copy_tells_what_the_original_told(
    cloud: AsyncComfyCloud, server: Emulator, duplicate: Callable[[Any], Any], graph: dict[str, Any]
) -> None:
    """A worker that gets a job by a queue has its outputs and errors, and no key."""
    job = await (await cloud.submit(graph)).wait(30, check=False)
    asked = len(server.journal)
    again = duplicate(job)
    assert shown(again) == shown(job)
    assert len(server.journal) == asked
    assert server.api_key.encode() not in pickle.dumps(job)


@every_copy
async def test_a_bound_copy_reads_its_outputs_and_goes_on(
    cloud: AsyncComfyCloud, duplicate: Callable[[Any], Any], tmp_path: Path
) -> None:
    """Bind, then use it as if it had never left."""
    job = await cloud.run(FILES, timeout=30)
    bound = cloud.job(duplicate(job))
    assert shown(bound) == shown(job)
    picture, words = await bound.outputs.save(tmp_path)
    assert (picture.read_bytes(), words.read_bytes()) == (b"picture", b"words")
    assert (await bound.refresh()).status is JobStatus.COMPLETED
    assert (await bound.wait(30)) is bound


@every_copy
async def test_an_unbound_copy_says_what_to_do(cloud: AsyncComfyCloud, duplicate: Callable[[Any], Any]) -> None:
    """Instead of an attribute error from somewhere inside."""
    job = duplicate(await cloud.run(FILES, timeout=30))
    for call in (job.refresh, job.wait, job.cancel, job.outputs[0].read, job.outputs[0].url):
        with pytest.raises(ConfigurationError, match=r"not bound to a client.*cloud\.job\(handle\)"):
            await call()
    assert await job.outputs.texts[0].read() == b"words", "a text is all there"


async def test_a_handle_that_was_never_asked_for_stays_so(cloud: AsyncComfyCloud) -> None:
    """A copy invents no state."""
    submitted, bare = through_pickle(await cloud.submit(FILES)), through_pickle(cloud.job("some-id"))
    assert (submitted.status, bare.status) == (JobStatus.PENDING, None)
    for job in (submitted, bare):
        with pytest.raises(JobError, match=r"refresh\(\)"):
            _ = job.outputs
    assert (await cloud.job(submitted).wait(30)).status is JobStatus.COMPLETED


async def test_a_handle_that_is_bound_stays_the_same(cloud: AsyncComfyCloud) -> None:
    """Who holds it sees what a wait for many jobs learns."""
    job = await cloud.submit(FILES)
    assert cloud.job(job) is job
    assert cloud.with_options(retry=None).job(job) is job


async def test_a_handle_of_another_server_is_refused(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Ids of one server mean nothing, or something else, on another."""
    with Emulator() as other:
        async with AsyncComfyCloud(other.api_key, base_url=other.url, live=False) as elsewhere:
            job = await elsewhere.submit(FILES)
            for handle in (job, through_pickle(job)):
                with pytest.raises(ConfigurationError, match=f"{other.url}.*{server.url}"):
                    cloud.job(handle)


async def test_an_error_pickles_beside_its_job(cloud: AsyncComfyCloud) -> None:
    """A process pool hands exceptions back as pickles."""
    job = await cloud.submit(FAIL)
    with pytest.raises(JobFailedError) as caught:
        await job.wait(30)
    assert caught.value.job is job
    again = through_pickle(caught.value)
    assert (again.job_id, str(again)) == (job.id, str(caught.value))


async def test_an_import_is_data_too(httpserver: HTTPServer) -> None:
    """What it was is readable; only asking needs the client."""
    httpserver.expect_request("/api/assets/download").respond_with_json({"task_id": "t", "status": "created"})
    async with AsyncComfyCloud("key", base_url=httpserver.url_for("")) as cloud:
        task = through_pickle(await cloud.assets.import_url("https://example.com/a"))
    assert (task.id, task.status, task.raw) == ("t", "created", {"task_id": "t", "status": "created"})
    with pytest.raises(ConfigurationError, match="not bound to a client"):
        await task.wait(1)
