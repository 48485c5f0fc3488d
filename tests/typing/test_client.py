"""Typical uses of the client, sync and async, as a type checker sees them. Nothing here runs."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, assert_type

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncJob,
    AsyncOutput,
    AsyncOutputs,
    ComfyCloud,
    ComfyCloudError,
    ExecutionError,
    InvalidWorkflowError,
    Job,
    JobFailedError,
    JobStatus,
    Node,
    Output,
    Outputs,
    Problem,
    Workflow,
)
from comfy_cloud.raw.api.job import get_queue_info
from comfy_cloud.raw.client import Client
from comfy_cloud.raw.models import QueueInfo


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
        assert_type(job.outputs, AsyncOutputs)
        assert_type(job.outputs[0], AsyncOutput)
        assert_type(await job.outputs.save("out"), list[Path])
        assert_type(await job.outputs[0].read(), bytes)
        chunks: AsyncIterator[bytes] = job.outputs[0].iter_bytes()
        del chunks


def handle_errors(cloud: ComfyCloud, workflow: Workflow) -> None:
    try:
        cloud.run(workflow)
    except JobFailedError as error:
        assert_type(error.job_id, str | None)
    except InvalidWorkflowError as error:
        assert_type(error.node_errors, dict[str, Any])
    except ComfyCloudError as error:
        assert_type(str(error), str)


def call_what_the_layer_does_not_wrap(cloud: ComfyCloud) -> None:
    assert_type(cloud.raw, Client)
    assert_type(get_queue_info.sync(client=cloud.raw), QueueInfo)
