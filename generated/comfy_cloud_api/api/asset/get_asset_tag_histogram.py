# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.asset_tag_histogram_response import AssetTagHistogramResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    include_tags: list[str] | Unset = UNSET,
    exclude_tags: list[str] | Unset = UNSET,
    name_contains: str | Unset = UNSET,
    metadata_filter: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["include_tags"] = _types.joined(include_tags)
    _params["exclude_tags"] = _types.joined(exclude_tags)
    _params["name_contains"] = _types.encode(name_contains)
    _params["metadata_filter"] = _types.encode(metadata_filter)
    _params["limit"] = _types.encode(limit)
    _params["include_public"] = _types.encode(include_public)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/assets/tags/refine",
        "params": _params,
        "extensions": {"operation": "getAssetTagHistogram", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> AssetTagHistogramResponse:
    if response.status_code == 200:
        return cast(
            AssetTagHistogramResponse, _types.read(AssetTagHistogramResponse.from_dict, _types.json_content(response))
        )
    if response.is_success:
        return cast(
            AssetTagHistogramResponse, _types.read(AssetTagHistogramResponse.from_dict, _types.json_content(response))
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "getAssetTagHistogram")


def _build_response(response: httpx.Response) -> Response[AssetTagHistogramResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getAssetTagHistogram", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    include_tags: list[str] | Unset = UNSET,
    exclude_tags: list[str] | Unset = UNSET,
    name_contains: str | Unset = UNSET,
    metadata_filter: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> Response[AssetTagHistogramResponse]:
    """Count tags on matching assets

    Counts, for the assets that match the filters, how often each tag occurs. A search interface can
    offer the result as further filters. A tag that no matching asset carries is left out.

    `GET /api/assets/tags/refine`

    Args:
        include_tags (list[str] | Unset): An asset has to carry every one of these tags to be
            counted.
        exclude_tags (list[str] | Unset): An asset that carries even one of these tags is left
            out.
        name_contains (str | Unset): Text that the asset name has to contain; upper and lower case
            are the same.
        metadata_filter (str | Unset): Values that metadata fields have to match, as an object
            encoded in a JSON string.
        limit (int | Unset): Most tags to return, from 1 to 1000; 100 if left out. Default: 100.
        include_public (bool | Unset): Take shared public assets into account as well as private
            ones. On by default. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetTagHistogramResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            include_tags=include_tags,
            exclude_tags=exclude_tags,
            name_contains=name_contains,
            metadata_filter=metadata_filter,
            limit=limit,
            include_public=include_public,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    include_tags: list[str] | Unset = UNSET,
    exclude_tags: list[str] | Unset = UNSET,
    name_contains: str | Unset = UNSET,
    metadata_filter: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> AssetTagHistogramResponse:
    """Count tags on matching assets

    Counts, for the assets that match the filters, how often each tag occurs. A search interface can
    offer the result as further filters. A tag that no matching asset carries is left out.

    `GET /api/assets/tags/refine`

    Args:
        include_tags (list[str] | Unset): An asset has to carry every one of these tags to be
            counted.
        exclude_tags (list[str] | Unset): An asset that carries even one of these tags is left
            out.
        name_contains (str | Unset): Text that the asset name has to contain; upper and lower case
            are the same.
        metadata_filter (str | Unset): Values that metadata fields have to match, as an object
            encoded in a JSON string.
        limit (int | Unset): Most tags to return, from 1 to 1000; 100 if left out. Default: 100.
        include_public (bool | Unset): Take shared public assets into account as well as private
            ones. On by default. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetTagHistogramResponse
    """

    return sync_detailed(
        client=client,
        include_tags=include_tags,
        exclude_tags=exclude_tags,
        name_contains=name_contains,
        metadata_filter=metadata_filter,
        limit=limit,
        include_public=include_public,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    include_tags: list[str] | Unset = UNSET,
    exclude_tags: list[str] | Unset = UNSET,
    name_contains: str | Unset = UNSET,
    metadata_filter: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> Response[AssetTagHistogramResponse]:
    """Count tags on matching assets

    Counts, for the assets that match the filters, how often each tag occurs. A search interface can
    offer the result as further filters. A tag that no matching asset carries is left out.

    `GET /api/assets/tags/refine`

    Args:
        include_tags (list[str] | Unset): An asset has to carry every one of these tags to be
            counted.
        exclude_tags (list[str] | Unset): An asset that carries even one of these tags is left
            out.
        name_contains (str | Unset): Text that the asset name has to contain; upper and lower case
            are the same.
        metadata_filter (str | Unset): Values that metadata fields have to match, as an object
            encoded in a JSON string.
        limit (int | Unset): Most tags to return, from 1 to 1000; 100 if left out. Default: 100.
        include_public (bool | Unset): Take shared public assets into account as well as private
            ones. On by default. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[AssetTagHistogramResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            include_tags=include_tags,
            exclude_tags=exclude_tags,
            name_contains=name_contains,
            metadata_filter=metadata_filter,
            limit=limit,
            include_public=include_public,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    include_tags: list[str] | Unset = UNSET,
    exclude_tags: list[str] | Unset = UNSET,
    name_contains: str | Unset = UNSET,
    metadata_filter: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> AssetTagHistogramResponse:
    """Count tags on matching assets

    Counts, for the assets that match the filters, how often each tag occurs. A search interface can
    offer the result as further filters. A tag that no matching asset carries is left out.

    `GET /api/assets/tags/refine`

    Args:
        include_tags (list[str] | Unset): An asset has to carry every one of these tags to be
            counted.
        exclude_tags (list[str] | Unset): An asset that carries even one of these tags is left
            out.
        name_contains (str | Unset): Text that the asset name has to contain; upper and lower case
            are the same.
        metadata_filter (str | Unset): Values that metadata fields have to match, as an object
            encoded in a JSON string.
        limit (int | Unset): Most tags to return, from 1 to 1000; 100 if left out. Default: 100.
        include_public (bool | Unset): Take shared public assets into account as well as private
            ones. On by default. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        AssetTagHistogramResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            include_tags=include_tags,
            exclude_tags=exclude_tags,
            name_contains=name_contains,
            metadata_filter=metadata_filter,
            limit=limit,
            include_public=include_public,
        )
    ).parsed
