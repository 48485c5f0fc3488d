# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...types import Response


def _get_kwargs(
    id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/assets/{id}".format(
            id=_types.path_segment(id),
        ),
        "extensions": {"operation": "deleteAsset", "json": False},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> None:
    if response.status_code == 204:
        return None
    if response.is_success:
        return None
    raise errors.UnexpectedStatus(response.status_code, response.content, "deleteAsset")


def _build_response(response: httpx.Response) -> Response[None]:
    _parse_response(response)
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=None,
    )


operation = _types.Operation("deleteAsset", _get_kwargs, _parse_response)


def sync_detailed(
    id: str,
    *,
    client: Client,
) -> Response[None]:
    """Remove an asset

    Removes the record of an asset together with the stored bytes behind it. Open-source ComfyUI drops
    the record only and keeps the content, so a check by hash still succeeds there.

    `DELETE /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
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
) -> None:
    """Remove an asset

    Removes the record of an asset together with the stored bytes behind it. Open-source ComfyUI drops
    the record only and keeps the content, so a check by hash still succeeds there.

    `DELETE /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    sync_detailed(
        id=id,
        client=client,
    )


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
) -> Response[None]:
    """Remove an asset

    Removes the record of an asset together with the stored bytes behind it. Open-source ComfyUI drops
    the record only and keeps the content, so a check by hash still succeeds there.

    `DELETE /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
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
) -> None:
    """Remove an asset

    Removes the record of an asset together with the stored bytes behind it. Open-source ComfyUI drops
    the record only and keeps the content, so a check by hash still succeeds there.

    `DELETE /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    await asyncio_detailed(
        id=id,
        client=client,
    )
