# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.queue_info import QueueInfo
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/queue",
        "extensions": {"operation": "getQueueInfo", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> QueueInfo:
    if response.status_code == 200:
        return cast(QueueInfo, _types.read(QueueInfo.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(QueueInfo, _types.read(QueueInfo.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getQueueInfo")


def _build_response(response: httpx.Response) -> Response[QueueInfo]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getQueueInfo", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[QueueInfo]:
    """List running and waiting jobs

    Lists the jobs that run now and those that wait for their turn. Open-source ComfyUI swaps the last
    two positions of an item and does not sort the waiting jobs.

    `GET /api/queue`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[QueueInfo]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> QueueInfo:
    """List running and waiting jobs

    Lists the jobs that run now and those that wait for their turn. Open-source ComfyUI swaps the last
    two positions of an item and does not sort the waiting jobs.

    `GET /api/queue`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        QueueInfo
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[QueueInfo]:
    """List running and waiting jobs

    Lists the jobs that run now and those that wait for their turn. Open-source ComfyUI swaps the last
    two positions of an item and does not sort the waiting jobs.

    `GET /api/queue`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[QueueInfo]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> QueueInfo:
    """List running and waiting jobs

    Lists the jobs that run now and those that wait for their turn. Open-source ComfyUI swaps the last
    two positions of an item and does not sort the waiting jobs.

    `GET /api/queue`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        QueueInfo
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
