# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.asset_metadata_response import AssetMetadataResponse
from ...types import UNSET, Response


def _get_kwargs(
    *,
    url_query: str,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["url"] = _types.encode(url_query)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/assets/remote-metadata",
        "params": _params,
        "extensions": {"operation": "getRemoteAssetMetadata", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> AssetMetadataResponse:
    if response.status_code == 200:
        return cast(AssetMetadataResponse, _types.read(AssetMetadataResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(AssetMetadataResponse, _types.read(AssetMetadataResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getRemoteAssetMetadata")


def _build_response(response: httpx.Response) -> Response[AssetMetadataResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getRemoteAssetMetadata", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    url_query: str,
) -> Response[AssetMetadataResponse]:
    """Inspect a remote file before importing it

    Looks up size, type, name and the like of a file at a download address, by a HEAD request or the API
    of the source, so the content itself is not transferred. CivitAI and other model hosts are
    understood. It serves as a preview before an import; for an asset that is stored already, fetch the
    asset instead. Open-source ComfyUI has no such operation.

    `GET /api/assets/remote-metadata`

    Args:
        url_query (str): Download address of the remote file to inspect. Example:
            https://civitai.com/api/download/models/42.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetMetadataResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            url_query=url_query,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    url_query: str,
) -> AssetMetadataResponse:
    """Inspect a remote file before importing it

    Looks up size, type, name and the like of a file at a download address, by a HEAD request or the API
    of the source, so the content itself is not transferred. CivitAI and other model hosts are
    understood. It serves as a preview before an import; for an asset that is stored already, fetch the
    asset instead. Open-source ComfyUI has no such operation.

    `GET /api/assets/remote-metadata`

    Args:
        url_query (str): Download address of the remote file to inspect. Example:
            https://civitai.com/api/download/models/42.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetMetadataResponse
    """

    return sync_detailed(
        client=client,
        url_query=url_query,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    url_query: str,
) -> Response[AssetMetadataResponse]:
    """Inspect a remote file before importing it

    Looks up size, type, name and the like of a file at a download address, by a HEAD request or the API
    of the source, so the content itself is not transferred. CivitAI and other model hosts are
    understood. It serves as a preview before an import; for an asset that is stored already, fetch the
    asset instead. Open-source ComfyUI has no such operation.

    `GET /api/assets/remote-metadata`

    Args:
        url_query (str): Download address of the remote file to inspect. Example:
            https://civitai.com/api/download/models/42.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetMetadataResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            url_query=url_query,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    url_query: str,
) -> AssetMetadataResponse:
    """Inspect a remote file before importing it

    Looks up size, type, name and the like of a file at a download address, by a HEAD request or the API
    of the source, so the content itself is not transferred. CivitAI and other model hosts are
    understood. It serves as a preview before an import; for an asset that is stored already, fetch the
    asset instead. Open-source ComfyUI has no such operation.

    `GET /api/assets/remote-metadata`

    Args:
        url_query (str): Download address of the remote file to inspect. Example:
            https://civitai.com/api/download/models/42.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetMetadataResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            url_query=url_query,
        )
    ).parsed
