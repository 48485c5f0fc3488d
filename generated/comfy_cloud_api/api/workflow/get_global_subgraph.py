# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.global_subgraph_data import GlobalSubgraphData
from ...types import Response


def _get_kwargs(
    id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/global_subgraphs/{id}".format(
            id=_types.path_segment(id),
        ),
        "extensions": {"operation": "getGlobalSubgraph", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> GlobalSubgraphData:
    if response.status_code == 200:
        return cast(GlobalSubgraphData, _types.read(GlobalSubgraphData.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(GlobalSubgraphData, _types.read(GlobalSubgraphData.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getGlobalSubgraph")


def _build_response(response: httpx.Response) -> Response[GlobalSubgraphData]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getGlobalSubgraph", _get_kwargs, _parse_response)


def sync_detailed(
    id: str,
    *,
    client: Client,
) -> Response[GlobalSubgraphData]:
    """Fetch one subgraph blueprint

    Fetches one blueprint with its complete JSON. No API key is needed. For an unknown id, open-source
    ComfyUI answers 200 with `null` where the cloud answers 404.

    `GET /api/global_subgraphs/{id}`

    Args:
        id (str): Id of the blueprint, as used for the keys of the blueprint list.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GlobalSubgraphData]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            id=id,
        )
    )
    return _build_response(response)


def sync(
    id: str,
    *,
    client: Client,
) -> GlobalSubgraphData:
    """Fetch one subgraph blueprint

    Fetches one blueprint with its complete JSON. No API key is needed. For an unknown id, open-source
    ComfyUI answers 200 with `null` where the cloud answers 404.

    `GET /api/global_subgraphs/{id}`

    Args:
        id (str): Id of the blueprint, as used for the keys of the blueprint list.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GlobalSubgraphData
    """

    return sync_detailed(
        id=id,
        client=client,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
) -> Response[GlobalSubgraphData]:
    """Fetch one subgraph blueprint

    Fetches one blueprint with its complete JSON. No API key is needed. For an unknown id, open-source
    ComfyUI answers 200 with `null` where the cloud answers 404.

    `GET /api/global_subgraphs/{id}`

    Args:
        id (str): Id of the blueprint, as used for the keys of the blueprint list.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GlobalSubgraphData]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            id=id,
        )
    )
    return _build_response(response)


async def asyncio(
    id: str,
    *,
    client: Client,
) -> GlobalSubgraphData:
    """Fetch one subgraph blueprint

    Fetches one blueprint with its complete JSON. No API key is needed. For an unknown id, open-source
    ComfyUI answers 200 with `null` where the cloud answers 404.

    `GET /api/global_subgraphs/{id}`

    Args:
        id (str): Id of the blueprint, as used for the keys of the blueprint list.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GlobalSubgraphData
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
        )
    ).parsed
