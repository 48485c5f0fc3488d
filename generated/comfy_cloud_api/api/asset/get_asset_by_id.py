# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.asset import Asset
from ...types import Response


def _get_kwargs(
    id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/assets/{id}".format(
            id=_types.path_segment(id),
        ),
        "extensions": {"operation": "getAssetById", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> Asset:
    if response.status_code == 200:
        return cast(Asset, _types.read(Asset.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(Asset, _types.read(Asset.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getAssetById")


def _build_response(response: httpx.Response) -> Response[Asset]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getAssetById", _get_kwargs, _parse_response)


def sync_detailed(
    id: str,
    *,
    client: Client,
) -> Response[Asset]:
    """Get one asset

    Reads the record of one asset: name, size in bytes, hash, tags, metadata and times. The content
    itself is not part of the answer.

    `GET /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[Asset]
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
) -> Asset:
    """Get one asset

    Reads the record of one asset: name, size in bytes, hash, tags, metadata and times. The content
    itself is not part of the answer.

    `GET /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Asset
    """

    return sync_detailed(
        id=id,
        client=client,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
) -> Response[Asset]:
    """Get one asset

    Reads the record of one asset: name, size in bytes, hash, tags, metadata and times. The content
    itself is not part of the answer.

    `GET /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[Asset]
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
) -> Asset:
    """Get one asset

    Reads the record of one asset: name, size in bytes, hash, tags, metadata and times. The content
    itself is not part of the answer.

    `GET /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Asset
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
        )
    ).parsed
