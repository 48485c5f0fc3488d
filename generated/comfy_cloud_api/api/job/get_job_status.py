# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast
from uuid import UUID

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.job_status_response import JobStatusResponse
from ...types import Response


def _get_kwargs(
    job_id: UUID,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/job/{job_id}/status".format(
            job_id=_types.path_segment(job_id),
        ),
        "extensions": {"operation": "getJobStatus", "json": True},
    }

    return _kwargs


def _parse_response(*, client: Client, response: httpx.Response) -> JobStatusResponse:
    if response.status_code == 200:
        return cast(JobStatusResponse, _types.read(JobStatusResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(JobStatusResponse, _types.read(JobStatusResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getJobStatus")


def _build_response(*, client: Client, response: httpx.Response) -> Response[JobStatusResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    job_id: UUID,
    *,
    client: Client,
) -> Response[JobStatusResponse]:
    """Check how far a job is

    Tells the present state of one job. Servers send more status words than the contract lists; any word
    not known to be final means that the job is still in flight. Open-source ComfyUI has no such
    operation.

    `GET /api/job/{job_id}/status`

    Args:
        job_id (UUID):

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
    return _build_response(client=client, response=response)


def sync(
    job_id: UUID,
    *,
    client: Client,
) -> JobStatusResponse:
    """Check how far a job is

    Tells the present state of one job. Servers send more status words than the contract lists; any word
    not known to be final means that the job is still in flight. Open-source ComfyUI has no such
    operation.

    `GET /api/job/{job_id}/status`

    Args:
        job_id (UUID):

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
    job_id: UUID,
    *,
    client: Client,
) -> Response[JobStatusResponse]:
    """Check how far a job is

    Tells the present state of one job. Servers send more status words than the contract lists; any word
    not known to be final means that the job is still in flight. Open-source ComfyUI has no such
    operation.

    `GET /api/job/{job_id}/status`

    Args:
        job_id (UUID):

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
    return _build_response(client=client, response=response)


async def asyncio(
    job_id: UUID,
    *,
    client: Client,
) -> JobStatusResponse:
    """Check how far a job is

    Tells the present state of one job. Servers send more status words than the contract lists; any word
    not known to be final means that the job is still in flight. Open-source ComfyUI has no such
    operation.

    `GET /api/job/{job_id}/status`

    Args:
        job_id (UUID):

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
