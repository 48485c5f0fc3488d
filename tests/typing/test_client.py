"""Typical uses of the client, sync and async, as a type checker sees them. Nothing here runs."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, assert_type

from comfy_cloud import (
    AssetImport,
    AsyncAssetImport,
    AsyncComfyCloud,
    AsyncJob,
    AsyncOutput,
    AsyncOutputs,
    ComfyCloud,
    ComfyCloudError,
    ExecutionError,
    InvalidWorkflowError,
    Job,
    JobEvent,
    JobFailedError,
    JobStatus,
    Node,
    NodeFinished,
    NodeProgress,
    Output,
    Outputs,
    Preview,
    Problem,
    QueueItem,
    QueueState,
    RateLimitError,
    SignedURL,
    SubmissionUncertainError,
    UserFile,
    Workflow,
    show_progress,
)
from comfy_cloud.raw.api.job import get_queue_info
from comfy_cloud.raw.client import Client
from comfy_cloud.raw.models import (
    Asset,
    AssetCreated,
    AssetMetadataResponse,
    AssetTagHistogramResponse,
    AssetUpdated,
    GlobalSubgraphData,
    HistoryDetailEntry,
    HistoryEntry,
    ModelFile,
    QueueInfo,
    SystemStatsResponse,
    TagInfo,
    TagsModificationResponse,
    UserResponse,
)
from comfy_cloud.testing import Emulator, Fault, FaultOrder, JournalEntry


def build_a_workflow() -> Workflow:
    workflow = Workflow.load("portrait_api.json")
    assert_type(workflow, Workflow)
    assert_type(workflow["KSampler"], Node)
    workflow["Load Image"]["image"] = Path("me.jpg")
    workflow["KSampler"]["seed"] = 42
    assert_type(workflow.nodes, tuple[Node, ...])
    assert_type(workflow["6"].title, str)
    assert_type(workflow.copy(), Workflow)
    assert_type(workflow.to_dict(), dict[str, Any])
    assert_type(workflow.check({}), list[Problem])
    return workflow


def run_a_job(workflow: Workflow) -> None:
    with ComfyCloud() as cloud:
        assert_type(cloud, ComfyCloud)
        job = cloud.run(workflow, timeout=60)
        assert_type(job, Job)
        assert_type(cloud.submit({"1": {"class_type": "EmptyImage", "inputs": {}}}), Job)
        assert_type(cloud.job("id").refresh(), Job)
        assert_type(job.wait(10, check=False), Job)
        assert_type(cloud.job(job), Job)
        assert_type(cloud.wait([job, "id"], 10), list[Job])
        for ended in cloud.as_completed([job, "id"], 10):
            assert_type(ended, Job)
        assert_type(job.id, str)
        assert_type(job.status, JobStatus | None)
        assert_type(job.error, ExecutionError | None)
        read_outputs(job.outputs)


def read_outputs(outputs: Outputs) -> None:
    assert_type(outputs[0], Output)
    assert_type(outputs["9"], Outputs)
    assert_type(outputs[:2], Outputs)
    assert_type(outputs.images, Outputs)
    assert_type(list(outputs), list[Output])
    assert_type(outputs.save("out"), list[Path])
    assert_type(outputs[0].save(Path("out"), overwrite=True), Path)
    assert_type(outputs[0].read(), bytes)
    assert_type(outputs[0].filename, str | None)
    chunks: Iterator[bytes] = outputs[0].iter_bytes()
    del chunks


async def run_a_job_asynchronously(workflow: Workflow) -> None:
    async with AsyncComfyCloud(api_key="key", base_url="http://127.0.0.1:8188") as cloud:
        assert_type(cloud, AsyncComfyCloud)
        job = await cloud.run(workflow)
        assert_type(job, AsyncJob)
        assert_type(await cloud.submit(workflow), AsyncJob)
        assert_type(await job.wait(), AsyncJob)
        assert_type(await cloud.wait([job, "id"]), list[AsyncJob])
        async for ended in cloud.as_completed([job]):
            assert_type(ended, AsyncJob)
        assert_type(job.outputs, AsyncOutputs)
        assert_type(job.outputs[0], AsyncOutput)
        assert_type(await job.outputs.save("out"), list[Path])
        assert_type(await job.outputs[0].read(), bytes)
        chunks: AsyncIterator[bytes] = job.outputs[0].iter_bytes()
        del chunks


def follow_a_job(cloud: ComfyCloud, job: Job) -> None:
    seen: list[JobEvent] = []
    cloud.run({}, on_event=seen.append)
    cloud.run({}, on_event=show_progress(), on_progress=show_progress(previews=True, always=True))
    assert_type(job.refresh().created_at, datetime | None)
    assert_type(job.cancel(force=True), Job)
    assert_type(job.node_errors, dict[str, Any])
    for event in job.events(timeout=10):
        assert_type(event, JobEvent)
        if isinstance(event, NodeProgress):
            assert_type(event.fraction, float)
        elif isinstance(event, Preview):
            assert_type((event.image, event.node_id), tuple[bytes, str | None])
        elif isinstance(event, NodeFinished):
            assert_type(event.outputs, Mapping[str, Any])


def fetch_by_address(output: Output) -> None:
    address = output.url()
    assert_type(address, SignedURL)
    assert_type((address.reveal(), address.expires), tuple[str, datetime | None])


def manage_assets(cloud: ComfyCloud) -> None:
    for asset in cloud.assets.list(include_tags=["input"], created_after="2026-06-01", limit=10):
        assert_type(asset, Asset)
    stored = cloud.assets.upload(Path("a.png"), tags=["input"], on_progress=lambda sent, size: print(sent, size))
    assert_type(stored, AssetCreated)
    assert_type(cloud.assets.get("id"), Asset)
    assert_type(cloud.assets.create_from_hash("blake3:0"), AssetCreated)
    assert_type(cloud.assets.exists("blake3:0"), bool)
    assert_type(cloud.assets.update("id", name="b.png"), AssetUpdated)
    assert_type(cloud.assets.add_tags("id", "new"), TagsModificationResponse)
    assert_type(list(cloud.assets.tags(prefix="in")), list[TagInfo])
    assert_type(cloud.assets.tag_histogram(), AssetTagHistogramResponse)
    assert_type(cloud.assets.remote_metadata("https://example.com/a"), AssetMetadataResponse)
    task = cloud.assets.import_url("https://example.com/a", tags=["models"])
    assert_type(task, AssetImport)
    assert_type(task.wait(10).asset, Asset | None)


def use_the_other_groups(cloud: ComfyCloud) -> None:
    for job in cloud.jobs.list(status=["pending", "in_progress"], limit=5):
        assert_type(job, Job)
    assert_type(cloud.jobs.get("id"), Job)
    assert_type(cloud.jobs.status("id"), JobStatus)
    assert_type(cloud.queue.get(), QueueState)
    assert_type(cloud.queue.get().running[0], QueueItem)
    assert_type(cloud.queue.remaining(), int)
    assert_type(list(cloud.history.list(limit=3)), list[HistoryEntry])
    assert_type(cloud.history.get("id"), HistoryDetailEntry)
    assert_type(cloud.files.upload_image(b"content"), str)
    assert_type(cloud.files.upload_mask(Path("mask.png"), cloud.files.download("a.png", type="input")), str)
    assert_type(cloud.models.list("checkpoints")[0], ModelFile)
    assert_type(cloud.models.preview("checkpoints", "a.safetensors"), bytes)
    assert_type(Workflow({}).check(cloud.nodes.info()), list[Problem])
    assert_type(cloud.userdata.list(), Sequence[UserFile])
    assert_type(cloud.userdata.write("a.json", {"a": 1}), UserFile)
    assert_type(cloud.userdata.read("a.json"), bytes)
    assert_type(cloud.workflows.subgraph("id"), GlobalSubgraphData)
    assert_type(cloud.system.stats(), SystemStatsResponse)
    assert_type(cloud.account(), UserResponse)
    assert_type(cloud.with_options(retry=None, timeout=5), ComfyCloud)
    assert_type(ComfyCloud.from_profile("lab", timeout=5), ComfyCloud)


async def use_the_groups_asynchronously(cloud: AsyncComfyCloud, job: AsyncJob) -> None:
    async def on_event(event: JobEvent) -> None:
        await job.refresh()

    assert_type(await cloud.run({}, on_event=on_event), AsyncJob)
    async for event in job.events():
        assert_type(event, JobEvent)
    async for found in cloud.jobs.list(limit=5):
        assert_type(found, AsyncJob)
    async for asset in cloud.assets.list(include_public=False):
        assert_type(asset, Asset)
    assert_type([entry async for entry in cloud.history.list()], list[HistoryEntry])
    assert_type(await cloud.assets.upload(b"content"), AssetCreated)
    assert_type(await (await cloud.assets.import_url("https://example.com/a")).wait(), AsyncAssetImport)
    assert_type(cloud.files.download("a.png"), AsyncOutput)
    assert_type(await cloud.files.download("a.png").url(), SignedURL)
    assert_type(await cloud.queue.get(), QueueState)
    assert_type(await cloud.userdata.read("a.json"), bytes)
    assert_type(await cloud.account(), UserResponse)
    assert_type(cloud.with_options(total_timeout=None), AsyncComfyCloud)
    assert_type(AsyncComfyCloud.from_profile(), AsyncComfyCloud)


def order_a_fault() -> None:
    with Emulator(dialect="cloud-next") as emulator:
        assert_type(emulator.fail("storage", Fault.close("middle"), count=None), FaultOrder)
        assert_type(emulator.journal.of("executePrompt"), list[JournalEntry])
        assert_type(emulator.keys.no_credits, str)


def handle_errors(cloud: ComfyCloud, workflow: Workflow) -> None:
    try:
        cloud.run(workflow)
    except JobFailedError as error:
        assert_type(error.job_id, str)
        assert_type(error.node_title, str | None)
    except InvalidWorkflowError as error:
        assert_type(error.node_errors, dict[str, Any])
    except RateLimitError as error:
        assert_type((error.retry_after, error.status, error.code), tuple[float | None, int, str | None])
    except SubmissionUncertainError as error:
        assert_type((error.submission_id, error.since), tuple[str, datetime])
    except ComfyCloudError as error:
        assert_type((error.job_id, error.message), tuple[str | None, str])


def call_what_the_layer_does_not_wrap(cloud: ComfyCloud) -> None:
    assert_type(cloud.raw, Client)
    assert_type(get_queue_info.sync(client=cloud.raw), QueueInfo)
