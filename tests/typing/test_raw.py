"""Typical uses of the raw client as a type checker sees them. Nothing here runs: mypy and basedpyright read it.

Who loses the types of the generated client loses completion and every warning about a misspelt field.
"""

from typing import Any, assert_type
from uuid import UUID

from comfy_cloud import raw
from comfy_cloud.raw.api.asset import check_asset_by_hash, list_assets
from comfy_cloud.raw.api.file import upload_image, view_file
from comfy_cloud.raw.api.job import get_job_detail, list_jobs
from comfy_cloud.raw.api.node import get_node_info
from comfy_cloud.raw.api.workflow import execute_prompt
from comfy_cloud.raw.client import AuthenticatedClient, Client
from comfy_cloud.raw.models import (
    ExecutionError,
    GetNodeInfoResponse200,
    JobDetailResponse,
    JobDetailResponseStatus,
    JobEntry,
    JobsListResponse,
    ListAssetsResponse,
    ListJobsSortOrder,
    PromptRequest,
    PromptRequestPrompt,
    PromptResponse,
    UploadImageBody,
    UploadImageResponse200,
)
from comfy_cloud.raw.types import UNSET, File, Response, Unset


def read_a_job(client: Client, job_id: str) -> None:
    detail = get_job_detail.sync(job_id, client=client)
    assert_type(detail, JobDetailResponse)
    assert_type(detail.id, UUID)
    assert_type(detail.status, JobDetailResponseStatus)
    assert_type(detail.execution_error, ExecutionError | Unset)
    if detail.execution_error:
        assert_type(detail.execution_error, ExecutionError)
    assert_type(detail.to_dict(), dict[str, Any])
    assert_type(detail["something new"], Any)
    assert_type(JobDetailResponse.from_dict({}), JobDetailResponse)


def read_with_status_and_headers(client: Client, job_id: str) -> None:
    answer = get_job_detail.sync_detailed(job_id, client=client)
    assert_type(answer, Response[JobDetailResponse])
    assert_type(answer.status_code, int)
    assert_type(answer.content, bytes)
    assert_type(answer.parsed, JobDetailResponse)


async def read_asynchronously(client: Client, job_id: str) -> None:
    assert_type(await get_job_detail.asyncio(job_id, client=client), JobDetailResponse)
    assert_type(await get_job_detail.asyncio_detailed(job_id, client=client), Response[JobDetailResponse])
    assert_type(await check_asset_by_hash.asyncio("blake3:00", client=client), None)


def list_things(client: Client) -> None:
    jobs = list_jobs.sync(client=client, status="completed", sort_order=ListJobsSortOrder.DESC, limit=10)
    assert_type(jobs, JobsListResponse)
    assert_type(jobs.jobs, list[JobEntry])
    assert_type(list_assets.sync(client=client, include_tags=["input"], limit=UNSET), ListAssetsResponse)
    assert_type(get_node_info.sync(client=client), GetNodeInfoResponse200)


def submit(client: Client) -> None:
    prompt = PromptRequestPrompt.from_dict({"1": {"class_type": "EmptyImage", "inputs": {}}})
    answer = execute_prompt.sync(client=client, body=PromptRequest(prompt=prompt, prompt_id="id"))
    assert_type(answer, PromptResponse)


def move_files(client: Client) -> None:
    body = UploadImageBody(image=File(payload=b"", file_name="a.png", mime_type="image/png"))
    assert_type(upload_image.sync(client=client, body=body), UploadImageResponse200)
    assert_type(view_file.sync(client=client, filename="a.png"), File | None)


def make_clients() -> None:
    client = AuthenticatedClient(base_url="http://127.0.0.1:8188", token="key")
    assert_type(client.with_headers({"X-Trace": "1"}), AuthenticatedClient)
    assert_type(raw.client.Client(base_url="http://127.0.0.1:8188"), Client)
