# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.asset_updated import AssetUpdated
from ...models.update_asset_body import UpdateAssetBody
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: UpdateAssetBody,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/assets/{id}".format(
            id=_types.path_segment(id),
        ),
        "extensions": {"operation": "updateAsset", "json": True},
    }

    _kwargs["json"] = _types.encode(body)
    _headers["Content-Type"] = "application/json"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> AssetUpdated:
    if response.status_code == 200:
        return cast(AssetUpdated, _types.read(AssetUpdated.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(AssetUpdated, _types.read(AssetUpdated.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "updateAsset")


def _build_response(response: httpx.Response) -> Response[AssetUpdated]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("updateAsset", _get_kwargs, _parse_response)


def sync_detailed(
    id: str,
    *,
    client: Client,
    body: UpdateAssetBody,
) -> Response[AssetUpdated]:
    """Change the details of an asset

    Changes the fields given in the body, of which there has to be one or more. The contract names
    `name`, `tags` and `user_metadata` as the changeable ones, although the body also defines
    `mime_type` and `preview_id`. Open-source ComfyUI answers 400 to a body that holds only `tags` or
    only `mime_type`, and returns the full asset.

    `PUT /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).
        body (UpdateAssetBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetUpdated]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            id=id,
            body=body,
        )
    )
    return _build_response(response)


def sync(
    id: str,
    *,
    client: Client,
    body: UpdateAssetBody,
) -> AssetUpdated:
    """Change the details of an asset

    Changes the fields given in the body, of which there has to be one or more. The contract names
    `name`, `tags` and `user_metadata` as the changeable ones, although the body also defines
    `mime_type` and `preview_id`. Open-source ComfyUI answers 400 to a body that holds only `tags` or
    only `mime_type`, and returns the full asset.

    `PUT /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).
        body (UpdateAssetBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetUpdated
    """

    return sync_detailed(
        id=id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
    body: UpdateAssetBody,
) -> Response[AssetUpdated]:
    """Change the details of an asset

    Changes the fields given in the body, of which there has to be one or more. The contract names
    `name`, `tags` and `user_metadata` as the changeable ones, although the body also defines
    `mime_type` and `preview_id`. Open-source ComfyUI answers 400 to a body that holds only `tags` or
    only `mime_type`, and returns the full asset.

    `PUT /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).
        body (UpdateAssetBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetUpdated]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            id=id,
            body=body,
        )
    )
    return _build_response(response)


async def asyncio(
    id: str,
    *,
    client: Client,
    body: UpdateAssetBody,
) -> AssetUpdated:
    """Change the details of an asset

    Changes the fields given in the body, of which there has to be one or more. The contract names
    `name`, `tags` and `user_metadata` as the changeable ones, although the body also defines
    `mime_type` and `preview_id`. Open-source ComfyUI answers 400 to a body that holds only `tags` or
    only `mime_type`, and returns the full asset.

    `PUT /api/assets/{id}`

    Args:
        id (str): Id of the asset (UUID).
        body (UpdateAssetBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetUpdated
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
        )
    ).parsed
