# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.get_features_response_200 import GetFeaturesResponse200
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/features",
        "extensions": {"operation": "getFeatures", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> GetFeaturesResponse200:
    if response.status_code == 200:
        return cast(
            GetFeaturesResponse200, _types.read(GetFeaturesResponse200.from_dict, _types.json_content(response))
        )
    if response.is_success:
        return cast(
            GetFeaturesResponse200, _types.read(GetFeaturesResponse200.from_dict, _types.json_content(response))
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "getFeatures")


def _build_response(response: httpx.Response) -> Response[GetFeaturesResponse200]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getFeatures", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[GetFeaturesResponse200]:
    """Read what the server supports

    Lists the abilities and limits that the server announces. Works with or without an API key. Servers
    add keys of their own, for instance `max_concurrent_jobs`, the number of jobs that may run at once.

    `GET /api/features`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetFeaturesResponse200]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> GetFeaturesResponse200:
    """Read what the server supports

    Lists the abilities and limits that the server announces. Works with or without an API key. Servers
    add keys of their own, for instance `max_concurrent_jobs`, the number of jobs that may run at once.

    `GET /api/features`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetFeaturesResponse200
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[GetFeaturesResponse200]:
    """Read what the server supports

    Lists the abilities and limits that the server announces. Works with or without an API key. Servers
    add keys of their own, for instance `max_concurrent_jobs`, the number of jobs that may run at once.

    `GET /api/features`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetFeaturesResponse200]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> GetFeaturesResponse200:
    """Read what the server supports

    Lists the abilities and limits that the server announces. Works with or without an API key. Servers
    add keys of their own, for instance `max_concurrent_jobs`, the number of jobs that may run at once.

    `GET /api/features`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetFeaturesResponse200
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
