# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.job_detail_response import JobDetailResponse
from ...types import Response


def _get_kwargs(
    job_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/jobs/{job_id}".format(
            job_id=_types.path_segment(job_id),
        ),
        "extensions": {"operation": "getJobDetail", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> JobDetailResponse:
    if response.status_code == 200:
        return cast(JobDetailResponse, _types.read(JobDetailResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(JobDetailResponse, _types.read(JobDetailResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getJobDetail")


def _build_response(response: httpx.Response) -> Response[JobDetailResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getJobDetail", _get_kwargs, _parse_response)


def sync_detailed(
    job_id: str,
    *,
    client: Client,
) -> Response[JobDetailResponse]:
    """Fetch one job with its outputs

    Fetches everything known about one job, its workflow and outputs included, for display, debugging or
    another run. In the workflow the server replaces a partner-node key by the literal `[REDACTED]`, so
    put the real key back before submitting it again.

    `GET /api/jobs/{job_id}`

    Args:
        job_id (str): UUID of the job, as given by `POST /api/prompt`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[JobDetailResponse]
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
) -> JobDetailResponse:
    """Fetch one job with its outputs

    Fetches everything known about one job, its workflow and outputs included, for display, debugging or
    another run. In the workflow the server replaces a partner-node key by the literal `[REDACTED]`, so
    put the real key back before submitting it again.

    `GET /api/jobs/{job_id}`

    Args:
        job_id (str): UUID of the job, as given by `POST /api/prompt`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        JobDetailResponse
    """

    return sync_detailed(
        job_id=job_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    job_id: str,
    *,
    client: Client,
) -> Response[JobDetailResponse]:
    """Fetch one job with its outputs

    Fetches everything known about one job, its workflow and outputs included, for display, debugging or
    another run. In the workflow the server replaces a partner-node key by the literal `[REDACTED]`, so
    put the real key back before submitting it again.

    `GET /api/jobs/{job_id}`

    Args:
        job_id (str): UUID of the job, as given by `POST /api/prompt`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[JobDetailResponse]
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
) -> JobDetailResponse:
    """Fetch one job with its outputs

    Fetches everything known about one job, its workflow and outputs included, for display, debugging or
    another run. In the workflow the server replaces a partner-node key by the literal `[REDACTED]`, so
    put the real key back before submitting it again.

    `GET /api/jobs/{job_id}`

    Args:
        job_id (str): UUID of the job, as given by `POST /api/prompt`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        JobDetailResponse
    """

    return (
        await asyncio_detailed(
            job_id=job_id,
            client=client,
        )
    ).parsed
