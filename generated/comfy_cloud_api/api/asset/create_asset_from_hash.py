# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.asset_created import AssetCreated
from ...models.create_asset_from_hash_body import CreateAssetFromHashBody
from ...types import Response


def _get_kwargs(
    *,
    body: CreateAssetFromHashBody,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/assets/from-hash",
        "extensions": {"operation": "createAssetFromHash", "json": True},
    }

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
    raise errors.UnexpectedStatus(response.status_code, response.content, "createAssetFromHash")


def _build_response(response: httpx.Response) -> Response[AssetCreated]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("createAssetFromHash", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: CreateAssetFromHashBody,
) -> Response[AssetCreated]:
    """Create an asset from stored content

    Makes an asset out of content that the cloud holds already, found by its hash, so nothing is
    uploaded. That saves time with large or widely used files. Name, tags and metadata are the caller's
    own.

    `POST /api/assets/from-hash`

    Args:
        body (CreateAssetFromHashBody):

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
    body: CreateAssetFromHashBody,
) -> AssetCreated:
    """Create an asset from stored content

    Makes an asset out of content that the cloud holds already, found by its hash, so nothing is
    uploaded. That saves time with large or widely used files. Name, tags and metadata are the caller's
    own.

    `POST /api/assets/from-hash`

    Args:
        body (CreateAssetFromHashBody):

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
    body: CreateAssetFromHashBody,
) -> Response[AssetCreated]:
    """Create an asset from stored content

    Makes an asset out of content that the cloud holds already, found by its hash, so nothing is
    uploaded. That saves time with large or widely used files. Name, tags and metadata are the caller's
    own.

    `POST /api/assets/from-hash`

    Args:
        body (CreateAssetFromHashBody):

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
    body: CreateAssetFromHashBody,
) -> AssetCreated:
    """Create an asset from stored content

    Makes an asset out of content that the cloud holds already, found by its hash, so nothing is
    uploaded. That saves time with large or widely used files. Name, tags and metadata are the caller's
    own.

    `POST /api/assets/from-hash`

    Args:
        body (CreateAssetFromHashBody):

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
