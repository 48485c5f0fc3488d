# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.get_global_subgraphs_response_200 import GetGlobalSubgraphsResponse200
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/global_subgraphs",
        "extensions": {"operation": "getGlobalSubgraphs", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> GetGlobalSubgraphsResponse200:
    if response.status_code == 200:
        return cast(
            GetGlobalSubgraphsResponse200,
            _types.read(GetGlobalSubgraphsResponse200.from_dict, _types.json_content(response)),
        )
    if response.is_success:
        return cast(
            GetGlobalSubgraphsResponse200,
            _types.read(GetGlobalSubgraphsResponse200.from_dict, _types.json_content(response)),
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "getGlobalSubgraphs")


def _build_response(response: httpx.Response) -> Response[GetGlobalSubgraphsResponse200]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getGlobalSubgraphs", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[GetGlobalSubgraphsResponse200]:
    """List shared subgraph blueprints

    Lists the blueprints that everyone can use: ready-made parts of workflows which act like a single
    node. An entry describes its blueprint; the complete JSON comes from `GET
    /api/global_subgraphs/{id}`. No API key is needed.

    `GET /api/global_subgraphs`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetGlobalSubgraphsResponse200]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> GetGlobalSubgraphsResponse200:
    """List shared subgraph blueprints

    Lists the blueprints that everyone can use: ready-made parts of workflows which act like a single
    node. An entry describes its blueprint; the complete JSON comes from `GET
    /api/global_subgraphs/{id}`. No API key is needed.

    `GET /api/global_subgraphs`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetGlobalSubgraphsResponse200
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[GetGlobalSubgraphsResponse200]:
    """List shared subgraph blueprints

    Lists the blueprints that everyone can use: ready-made parts of workflows which act like a single
    node. An entry describes its blueprint; the complete JSON comes from `GET
    /api/global_subgraphs/{id}`. No API key is needed.

    `GET /api/global_subgraphs`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetGlobalSubgraphsResponse200]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> GetGlobalSubgraphsResponse200:
    """List shared subgraph blueprints

    Lists the blueprints that everyone can use: ready-made parts of workflows which act like a single
    node. An entry describes its blueprint; the complete JSON comes from `GET
    /api/global_subgraphs/{id}`. No API key is needed.

    `GET /api/global_subgraphs`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetGlobalSubgraphsResponse200
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
