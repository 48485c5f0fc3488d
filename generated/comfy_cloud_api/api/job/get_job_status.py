# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.job_status_response import JobStatusResponse
from ...types import Response


def _get_kwargs(
    job_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/job/{job_id}/status".format(
            job_id=_types.path_segment(job_id),
        ),
        "extensions": {"operation": "getJobStatus", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> JobStatusResponse:
    if response.status_code == 200:
        return cast(JobStatusResponse, _types.read(JobStatusResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(JobStatusResponse, _types.read(JobStatusResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getJobStatus")


def _build_response(response: httpx.Response) -> Response[JobStatusResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getJobStatus", _get_kwargs, _parse_response)


def sync_detailed(
    job_id: str,
    *,
    client: Client,
) -> Response[JobStatusResponse]:
    """Check how far a job is

    Tells the present state of one job. Servers send more status words than the contract lists; any word
    not known to be final means that the job is still in flight. Open-source ComfyUI has no such
    operation.

    `GET /api/job/{job_id}/status`

    Args:
        job_id (str): UUID of the job, which is the `prompt_id` from submitting it.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[JobStatusResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            job_id=job_id,
        )
    )
    return _build_response(response)


def sync(
    job_id: str,
    *,
    client: Client,
) -> JobStatusResponse:
    """Check how far a job is

    Tells the present state of one job. Servers send more status words than the contract lists; any word
    not known to be final means that the job is still in flight. Open-source ComfyUI has no such
    operation.

    `GET /api/job/{job_id}/status`

    Args:
        job_id (str): UUID of the job, which is the `prompt_id` from submitting it.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        JobStatusResponse
    """

    return sync_detailed(
        job_id=job_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    job_id: str,
    *,
    client: Client,
) -> Response[JobStatusResponse]:
    """Check how far a job is

    Tells the present state of one job. Servers send more status words than the contract lists; any word
    not known to be final means that the job is still in flight. Open-source ComfyUI has no such
    operation.

    `GET /api/job/{job_id}/status`

    Args:
        job_id (str): UUID of the job, which is the `prompt_id` from submitting it.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[JobStatusResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            job_id=job_id,
        )
    )
    return _build_response(response)


async def asyncio(
    job_id: str,
    *,
    client: Client,
) -> JobStatusResponse:
    """Check how far a job is

    Tells the present state of one job. Servers send more status words than the contract lists; any word
    not known to be final means that the job is still in flight. Open-source ComfyUI has no such
    operation.

    `GET /api/job/{job_id}/status`

    Args:
        job_id (str): UUID of the job, which is the `prompt_id` from submitting it.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        JobStatusResponse
    """

    return (
        await asyncio_detailed(
            job_id=job_id,
            client=client,
        )
    ).parsed
