# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.asset_created import AssetCreated
from ...models.asset_download_response import AssetDownloadResponse
from ...models.create_asset_download_body import CreateAssetDownloadBody
from ...types import Response


def _get_kwargs(
    *,
    body: CreateAssetDownloadBody,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/assets/download",
        "extensions": {"operation": "createAssetDownload", "json": True},
    }

    _kwargs["json"] = _types.encode(body)
    _headers["Content-Type"] = "application/json"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> AssetCreated | AssetDownloadResponse:
    if response.status_code == 200:
        return cast(AssetCreated, _types.read(AssetCreated.from_dict, _types.json_content(response)))
    if response.status_code == 202:
        return cast(AssetDownloadResponse, _types.read(AssetDownloadResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(AssetCreated, _types.read(AssetCreated.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "createAssetDownload")


def _build_response(response: httpx.Response) -> Response[AssetCreated | AssetDownloadResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("createAssetDownload", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: CreateAssetDownloadBody,
) -> Response[AssetCreated | AssetDownloadResponse]:
    """Import a remote file as an asset

    Lets the server fetch a file, usually a large model, from Hugging Face or CivitAI into asset
    storage.

    Content that is stored already becomes an asset at once and the answer is 200 with that asset.
    Otherwise the transfer runs in the background and the answer is 202 with a `task_id`; its progress
    can be read from `GET /api/tasks/{task_id}`, which this contract mentions without defining it. Open-
    source ComfyUI has no such operation.

    `POST /api/assets/download`

    Args:
        body (CreateAssetDownloadBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetCreated | AssetDownloadResponse]
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
    body: CreateAssetDownloadBody,
) -> AssetCreated | AssetDownloadResponse:
    """Import a remote file as an asset

    Lets the server fetch a file, usually a large model, from Hugging Face or CivitAI into asset
    storage.

    Content that is stored already becomes an asset at once and the answer is 200 with that asset.
    Otherwise the transfer runs in the background and the answer is 202 with a `task_id`; its progress
    can be read from `GET /api/tasks/{task_id}`, which this contract mentions without defining it. Open-
    source ComfyUI has no such operation.

    `POST /api/assets/download`

    Args:
        body (CreateAssetDownloadBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetCreated | AssetDownloadResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: CreateAssetDownloadBody,
) -> Response[AssetCreated | AssetDownloadResponse]:
    """Import a remote file as an asset

    Lets the server fetch a file, usually a large model, from Hugging Face or CivitAI into asset
    storage.

    Content that is stored already becomes an asset at once and the answer is 200 with that asset.
    Otherwise the transfer runs in the background and the answer is 202 with a `task_id`; its progress
    can be read from `GET /api/tasks/{task_id}`, which this contract mentions without defining it. Open-
    source ComfyUI has no such operation.

    `POST /api/assets/download`

    Args:
        body (CreateAssetDownloadBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetCreated | AssetDownloadResponse]
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
    body: CreateAssetDownloadBody,
) -> AssetCreated | AssetDownloadResponse:
    """Import a remote file as an asset

    Lets the server fetch a file, usually a large model, from Hugging Face or CivitAI into asset
    storage.

    Content that is stored already becomes an asset at once and the answer is 200 with that asset.
    Otherwise the transfer runs in the background and the answer is 202 with a `task_id`; its progress
    can be read from `GET /api/tasks/{task_id}`, which this contract mentions without defining it. Open-
    source ComfyUI has no such operation.

    `POST /api/assets/download`

    Args:
        body (CreateAssetDownloadBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetCreated | AssetDownloadResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
