# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.jobs_list_response import JobsListResponse
from ...models.list_jobs_output_type import ListJobsOutputType
from ...models.list_jobs_sort_by import ListJobsSortBy
from ...models.list_jobs_sort_order import ListJobsSortOrder
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    status: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    output_type: ListJobsOutputType | Unset = UNSET,
    sort_by: ListJobsSortBy | Unset = UNSET,
    sort_order: ListJobsSortOrder | Unset = UNSET,
    offset: int | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["status"] = _types.encode(status)
    _params["workflow_id"] = _types.encode(workflow_id)
    _params["output_type"] = _types.encode(output_type)
    _params["sort_by"] = _types.encode(sort_by)
    _params["sort_order"] = _types.encode(sort_order)
    _params["offset"] = _types.encode(offset)
    _params["limit"] = _types.encode(limit)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/jobs",
        "params": _params,
        "extensions": {"operation": "listJobs", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> JobsListResponse:
    if response.status_code == 200:
        return cast(JobsListResponse, _types.read(JobsListResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(JobsListResponse, _types.read(JobsListResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "listJobs")


def _build_response(response: httpx.Response) -> Response[JobsListResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("listJobs", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    status: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    output_type: ListJobsOutputType | Unset = UNSET,
    sort_by: ListJobsSortBy | Unset = UNSET,
    sort_order: ListJobsSortOrder | Unset = UNSET,
    offset: int | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Response[JobsListResponse]:
    """List jobs

    Lists the caller's jobs page by page, with optional filters and sorting. Entries are kept small: the
    workflow and the complete outputs come only from `GET /api/jobs/{job_id}`. Servers send times in
    milliseconds.

    `GET /api/jobs`

    Args:
        status (str | Unset): Comma-separated status words; a job is listed if it has any of them.
            Words in use are `pending`, `in_progress`, `completed`, `failed` and `cancelled`. Jobs of
            every status are listed if left out.
        workflow_id (str | Unset): Lists only jobs whose workflow id equals this value.
        output_type (ListJobsOutputType | Unset): Lists only jobs with outputs of this kind, which
            leaves completed jobs alone. Open-source ComfyUI ignores it.
        sort_by (ListJobsSortBy | Unset): What the jobs are sorted by: `create_time` is the moment
            of submission, `execution_time` the duration of the run. Default `create_time`. Open-
            source ComfyUI refuses both with 400; its words are `created_at` and `execution_duration`.
            Default: ListJobsSortBy.CREATE_TIME.
        sort_order (ListJobsSortOrder | Unset): `asc` puts the smallest value first, `desc` the
            largest. Default `desc`. Default: ListJobsSortOrder.DESC.
        offset (int | Unset): Number of jobs to skip; 0, the default, starts at the first one.
            Default: 0.
        limit (int | Unset): Page size, from 1 to 1000; default 100. Open-source ComfyUI returns
            every job if it is left out. Default: 100.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[JobsListResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            status=status,
            workflow_id=workflow_id,
            output_type=output_type,
            sort_by=sort_by,
            sort_order=sort_order,
            offset=offset,
            limit=limit,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    status: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    output_type: ListJobsOutputType | Unset = UNSET,
    sort_by: ListJobsSortBy | Unset = UNSET,
    sort_order: ListJobsSortOrder | Unset = UNSET,
    offset: int | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> JobsListResponse:
    """List jobs

    Lists the caller's jobs page by page, with optional filters and sorting. Entries are kept small: the
    workflow and the complete outputs come only from `GET /api/jobs/{job_id}`. Servers send times in
    milliseconds.

    `GET /api/jobs`

    Args:
        status (str | Unset): Comma-separated status words; a job is listed if it has any of them.
            Words in use are `pending`, `in_progress`, `completed`, `failed` and `cancelled`. Jobs of
            every status are listed if left out.
        workflow_id (str | Unset): Lists only jobs whose workflow id equals this value.
        output_type (ListJobsOutputType | Unset): Lists only jobs with outputs of this kind, which
            leaves completed jobs alone. Open-source ComfyUI ignores it.
        sort_by (ListJobsSortBy | Unset): What the jobs are sorted by: `create_time` is the moment
            of submission, `execution_time` the duration of the run. Default `create_time`. Open-
            source ComfyUI refuses both with 400; its words are `created_at` and `execution_duration`.
            Default: ListJobsSortBy.CREATE_TIME.
        sort_order (ListJobsSortOrder | Unset): `asc` puts the smallest value first, `desc` the
            largest. Default `desc`. Default: ListJobsSortOrder.DESC.
        offset (int | Unset): Number of jobs to skip; 0, the default, starts at the first one.
            Default: 0.
        limit (int | Unset): Page size, from 1 to 1000; default 100. Open-source ComfyUI returns
            every job if it is left out. Default: 100.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        JobsListResponse
    """

    return sync_detailed(
        client=client,
        status=status,
        workflow_id=workflow_id,
        output_type=output_type,
        sort_by=sort_by,
        sort_order=sort_order,
        offset=offset,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    status: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    output_type: ListJobsOutputType | Unset = UNSET,
    sort_by: ListJobsSortBy | Unset = UNSET,
    sort_order: ListJobsSortOrder | Unset = UNSET,
    offset: int | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Response[JobsListResponse]:
    """List jobs

    Lists the caller's jobs page by page, with optional filters and sorting. Entries are kept small: the
    workflow and the complete outputs come only from `GET /api/jobs/{job_id}`. Servers send times in
    milliseconds.

    `GET /api/jobs`

    Args:
        status (str | Unset): Comma-separated status words; a job is listed if it has any of them.
            Words in use are `pending`, `in_progress`, `completed`, `failed` and `cancelled`. Jobs of
            every status are listed if left out.
        workflow_id (str | Unset): Lists only jobs whose workflow id equals this value.
        output_type (ListJobsOutputType | Unset): Lists only jobs with outputs of this kind, which
            leaves completed jobs alone. Open-source ComfyUI ignores it.
        sort_by (ListJobsSortBy | Unset): What the jobs are sorted by: `create_time` is the moment
            of submission, `execution_time` the duration of the run. Default `create_time`. Open-
            source ComfyUI refuses both with 400; its words are `created_at` and `execution_duration`.
            Default: ListJobsSortBy.CREATE_TIME.
        sort_order (ListJobsSortOrder | Unset): `asc` puts the smallest value first, `desc` the
            largest. Default `desc`. Default: ListJobsSortOrder.DESC.
        offset (int | Unset): Number of jobs to skip; 0, the default, starts at the first one.
            Default: 0.
        limit (int | Unset): Page size, from 1 to 1000; default 100. Open-source ComfyUI returns
            every job if it is left out. Default: 100.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[JobsListResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            status=status,
            workflow_id=workflow_id,
            output_type=output_type,
            sort_by=sort_by,
            sort_order=sort_order,
            offset=offset,
            limit=limit,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    status: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    output_type: ListJobsOutputType | Unset = UNSET,
    sort_by: ListJobsSortBy | Unset = UNSET,
    sort_order: ListJobsSortOrder | Unset = UNSET,
    offset: int | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> JobsListResponse:
    """List jobs

    Lists the caller's jobs page by page, with optional filters and sorting. Entries are kept small: the
    workflow and the complete outputs come only from `GET /api/jobs/{job_id}`. Servers send times in
    milliseconds.

    `GET /api/jobs`

    Args:
        status (str | Unset): Comma-separated status words; a job is listed if it has any of them.
            Words in use are `pending`, `in_progress`, `completed`, `failed` and `cancelled`. Jobs of
            every status are listed if left out.
        workflow_id (str | Unset): Lists only jobs whose workflow id equals this value.
        output_type (ListJobsOutputType | Unset): Lists only jobs with outputs of this kind, which
            leaves completed jobs alone. Open-source ComfyUI ignores it.
        sort_by (ListJobsSortBy | Unset): What the jobs are sorted by: `create_time` is the moment
            of submission, `execution_time` the duration of the run. Default `create_time`. Open-
            source ComfyUI refuses both with 400; its words are `created_at` and `execution_duration`.
            Default: ListJobsSortBy.CREATE_TIME.
        sort_order (ListJobsSortOrder | Unset): `asc` puts the smallest value first, `desc` the
            largest. Default `desc`. Default: ListJobsSortOrder.DESC.
        offset (int | Unset): Number of jobs to skip; 0, the default, starts at the first one.
            Default: 0.
        limit (int | Unset): Page size, from 1 to 1000; default 100. Open-source ComfyUI returns
            every job if it is left out. Default: 100.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        JobsListResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            status=status,
            workflow_id=workflow_id,
            output_type=output_type,
            sort_by=sort_by,
            sort_order=sort_order,
            offset=offset,
            limit=limit,
        )
    ).parsed
