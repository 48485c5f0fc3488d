# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.get_node_info_response_200 import GetNodeInfoResponse200
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/object_info",
        "extensions": {"operation": "getNodeInfo", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> GetNodeInfoResponse200:
    if response.status_code == 200:
        return cast(
            GetNodeInfoResponse200, _types.read(GetNodeInfoResponse200.from_dict, _types.json_content(response))
        )
    if response.is_success:
        return cast(
            GetNodeInfoResponse200, _types.read(GetNodeInfoResponse200.from_dict, _types.json_content(response))
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "getNodeInfo")


def _build_response(response: httpx.Response) -> Response[GetNodeInfoResponse200]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getNodeInfo", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[GetNodeInfoResponse200]:
    """List the definitions of all nodes

    Gives the definition of every installed node, keyed by its class name, with inputs and outputs. The
    answer is large, several hundred kilobytes on open-source ComfyUI.

    `GET /api/object_info`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetNodeInfoResponse200]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> GetNodeInfoResponse200:
    """List the definitions of all nodes

    Gives the definition of every installed node, keyed by its class name, with inputs and outputs. The
    answer is large, several hundred kilobytes on open-source ComfyUI.

    `GET /api/object_info`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetNodeInfoResponse200
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[GetNodeInfoResponse200]:
    """List the definitions of all nodes

    Gives the definition of every installed node, keyed by its class name, with inputs and outputs. The
    answer is large, several hundred kilobytes on open-source ComfyUI.

    `GET /api/object_info`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetNodeInfoResponse200]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> GetNodeInfoResponse200:
    """List the definitions of all nodes

    Gives the definition of every installed node, keyed by its class name, with inputs and outputs. The
    answer is large, several hundred kilobytes on open-source ComfyUI.

    `GET /api/object_info`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetNodeInfoResponse200
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
