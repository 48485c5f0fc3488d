# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.system_stats_response import SystemStatsResponse
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/system_stats",
        "extensions": {"operation": "getSystemStats", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> SystemStatsResponse:
    if response.status_code == 200:
        return cast(SystemStatsResponse, _types.read(SystemStatsResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(SystemStatsResponse, _types.read(SystemStatsResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getSystemStats")


def _build_response(response: httpx.Response) -> Response[SystemStatsResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getSystemStats", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[SystemStatsResponse]:
    """Read server versions and resources

    Reports software versions, devices and memory of the server. No API key is needed.

    `GET /api/system_stats`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[SystemStatsResponse]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> SystemStatsResponse:
    """Read server versions and resources

    Reports software versions, devices and memory of the server. No API key is needed.

    `GET /api/system_stats`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        SystemStatsResponse
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[SystemStatsResponse]:
    """Read server versions and resources

    Reports software versions, devices and memory of the server. No API key is needed.

    `GET /api/system_stats`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[SystemStatsResponse]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> SystemStatsResponse:
    """Read server versions and resources

    Reports software versions, devices and memory of the server. No API key is needed.

    `GET /api/system_stats`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        SystemStatsResponse
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
