# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.asset_created import AssetCreated
from ...models.upload_asset_files_body import UploadAssetFilesBody
from ...models.upload_asset_json_body import UploadAssetJsonBody
from ...types import Response


def _get_kwargs(
    *,
    body: UploadAssetFilesBody | UploadAssetJsonBody,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/assets",
        "extensions": {"operation": "uploadAsset", "json": True},
    }

    if isinstance(body, UploadAssetFilesBody):
        _kwargs["files"] = body.to_multipart()

    elif isinstance(body, UploadAssetJsonBody):
        _kwargs["json"] = _types.encode(body)
        _headers["Content-Type"] = "application/json"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> AssetCreated:
    if response.status_code == 200:
        return cast(AssetCreated, _types.read(AssetCreated.from_dict, _types.json_content(response)))
    if response.status_code == 201:
        return cast(AssetCreated, _types.read(AssetCreated.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(AssetCreated, _types.read(AssetCreated.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "uploadAsset")


def _build_response(response: httpx.Response) -> Response[AssetCreated]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("uploadAsset", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: UploadAssetFilesBody | UploadAssetJsonBody,
) -> Response[AssetCreated]:
    """Store a file as an asset

    Creates an asset from a file sent as `multipart/form-data`, or from a web address given in a JSON
    body, which the server then fetches itself. Open-source ComfyUI takes only the multipart form and
    answers 415 to JSON.

    Content that the server holds already is not stored again; the answer is then 200 with the asset
    that exists (open-source ComfyUI gives it a new id every time). In a workflow, an input such as that
    of `LoadImage` refers to the asset by its `asset_hash`, not by its display name.

    `POST /api/assets`

    Args:
        body (UploadAssetFilesBody):
        body (UploadAssetJsonBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetCreated]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    body: UploadAssetFilesBody | UploadAssetJsonBody,
) -> AssetCreated:
    """Store a file as an asset

    Creates an asset from a file sent as `multipart/form-data`, or from a web address given in a JSON
    body, which the server then fetches itself. Open-source ComfyUI takes only the multipart form and
    answers 415 to JSON.

    Content that the server holds already is not stored again; the answer is then 200 with the asset
    that exists (open-source ComfyUI gives it a new id every time). In a workflow, an input such as that
    of `LoadImage` refers to the asset by its `asset_hash`, not by its display name.

    `POST /api/assets`

    Args:
        body (UploadAssetFilesBody):
        body (UploadAssetJsonBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetCreated
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: UploadAssetFilesBody | UploadAssetJsonBody,
) -> Response[AssetCreated]:
    """Store a file as an asset

    Creates an asset from a file sent as `multipart/form-data`, or from a web address given in a JSON
    body, which the server then fetches itself. Open-source ComfyUI takes only the multipart form and
    answers 415 to JSON.

    Content that the server holds already is not stored again; the answer is then 200 with the asset
    that exists (open-source ComfyUI gives it a new id every time). In a workflow, an input such as that
    of `LoadImage` refers to the asset by its `asset_hash`, not by its display name.

    `POST /api/assets`

    Args:
        body (UploadAssetFilesBody):
        body (UploadAssetJsonBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetCreated]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    body: UploadAssetFilesBody | UploadAssetJsonBody,
) -> AssetCreated:
    """Store a file as an asset

    Creates an asset from a file sent as `multipart/form-data`, or from a web address given in a JSON
    body, which the server then fetches itself. Open-source ComfyUI takes only the multipart form and
    answers 415 to JSON.

    Content that the server holds already is not stored again; the answer is then 200 with the asset
    that exists (open-source ComfyUI gives it a new id every time). In a workflow, an input such as that
    of `LoadImage` refers to the asset by its `asset_hash`, not by its display name.

    `POST /api/assets`

    Args:
        body (UploadAssetFilesBody):
        body (UploadAssetJsonBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetCreated
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
