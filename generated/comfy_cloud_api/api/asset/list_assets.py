# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.list_assets_order import ListAssetsOrder
from ...models.list_assets_response import ListAssetsResponse
from ...models.list_assets_sort import ListAssetsSort
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    include_tags: list[str] | Unset = UNSET,
    exclude_tags: list[str] | Unset = UNSET,
    name_contains: str | Unset = UNSET,
    metadata_filter: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    sort: ListAssetsSort | Unset = UNSET,
    order: ListAssetsOrder | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["include_tags"] = _types.joined(include_tags)
    _params["exclude_tags"] = _types.joined(exclude_tags)
    _params["name_contains"] = _types.encode(name_contains)
    _params["metadata_filter"] = _types.encode(metadata_filter)
    _params["limit"] = _types.encode(limit)
    _params["offset"] = _types.encode(offset)
    _params["sort"] = _types.encode(sort)
    _params["order"] = _types.encode(order)
    _params["include_public"] = _types.encode(include_public)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/assets",
        "params": _params,
        "extensions": {"operation": "listAssets", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> ListAssetsResponse:
    if response.status_code == 200:
        return cast(ListAssetsResponse, _types.read(ListAssetsResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(ListAssetsResponse, _types.read(ListAssetsResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "listAssets")


def _build_response(response: httpx.Response) -> Response[ListAssetsResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("listAssets", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    include_tags: list[str] | Unset = UNSET,
    exclude_tags: list[str] | Unset = UNSET,
    name_contains: str | Unset = UNSET,
    metadata_filter: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    sort: ListAssetsSort | Unset = UNSET,
    order: ListAssetsOrder | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> Response[ListAssetsResponse]:
    """List assets

    Lists the caller's assets page by page, and the public ones too unless `include_public` is false.
    Filters cover tags, name and metadata. Newer servers can report a `total` of 0, so rely on
    `has_more` for paging.

    `GET /api/assets`

    Args:
        include_tags (list[str] | Unset): Tags that an asset must carry, every one of them, to be
            listed. Sent comma-separated.
        exclude_tags (list[str] | Unset): Tags that rule an asset out, even a single one of them.
            Sent comma-separated.
        name_contains (str | Unset): Text that must occur in the name of an asset; upper and lower
            case are the same.
        metadata_filter (str | Unset): Metadata values that an asset must have, as a JSON object
            encoded in a string.
        limit (int | Unset): Page size, from 1 to 500; default 20. Default: 20.
        offset (int | Unset): How many assets to skip before the first one returned; default 0.
            Default: 0.
        sort (ListAssetsSort | Unset): What the assets are sorted by; default `created_at`.
            Default: ListAssetsSort.CREATED_AT.
        order (ListAssetsOrder | Unset): `asc` for rising, `desc` for falling values; default
            `desc`. Default: ListAssetsOrder.DESC.
        include_public (bool | Unset): False limits the answer to the caller's own assets; true,
            the default, adds public and shared ones. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[ListAssetsResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            include_tags=include_tags,
            exclude_tags=exclude_tags,
            name_contains=name_contains,
            metadata_filter=metadata_filter,
            limit=limit,
            offset=offset,
            sort=sort,
            order=order,
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
    offset: int | Unset = UNSET,
    sort: ListAssetsSort | Unset = UNSET,
    order: ListAssetsOrder | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> ListAssetsResponse:
    """List assets

    Lists the caller's assets page by page, and the public ones too unless `include_public` is false.
    Filters cover tags, name and metadata. Newer servers can report a `total` of 0, so rely on
    `has_more` for paging.

    `GET /api/assets`

    Args:
        include_tags (list[str] | Unset): Tags that an asset must carry, every one of them, to be
            listed. Sent comma-separated.
        exclude_tags (list[str] | Unset): Tags that rule an asset out, even a single one of them.
            Sent comma-separated.
        name_contains (str | Unset): Text that must occur in the name of an asset; upper and lower
            case are the same.
        metadata_filter (str | Unset): Metadata values that an asset must have, as a JSON object
            encoded in a string.
        limit (int | Unset): Page size, from 1 to 500; default 20. Default: 20.
        offset (int | Unset): How many assets to skip before the first one returned; default 0.
            Default: 0.
        sort (ListAssetsSort | Unset): What the assets are sorted by; default `created_at`.
            Default: ListAssetsSort.CREATED_AT.
        order (ListAssetsOrder | Unset): `asc` for rising, `desc` for falling values; default
            `desc`. Default: ListAssetsOrder.DESC.
        include_public (bool | Unset): False limits the answer to the caller's own assets; true,
            the default, adds public and shared ones. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        ListAssetsResponse
    """

    return sync_detailed(
        client=client,
        include_tags=include_tags,
        exclude_tags=exclude_tags,
        name_contains=name_contains,
        metadata_filter=metadata_filter,
        limit=limit,
        offset=offset,
        sort=sort,
        order=order,
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
    offset: int | Unset = UNSET,
    sort: ListAssetsSort | Unset = UNSET,
    order: ListAssetsOrder | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> Response[ListAssetsResponse]:
    """List assets

    Lists the caller's assets page by page, and the public ones too unless `include_public` is false.
    Filters cover tags, name and metadata. Newer servers can report a `total` of 0, so rely on
    `has_more` for paging.

    `GET /api/assets`

    Args:
        include_tags (list[str] | Unset): Tags that an asset must carry, every one of them, to be
            listed. Sent comma-separated.
        exclude_tags (list[str] | Unset): Tags that rule an asset out, even a single one of them.
            Sent comma-separated.
        name_contains (str | Unset): Text that must occur in the name of an asset; upper and lower
            case are the same.
        metadata_filter (str | Unset): Metadata values that an asset must have, as a JSON object
            encoded in a string.
        limit (int | Unset): Page size, from 1 to 500; default 20. Default: 20.
        offset (int | Unset): How many assets to skip before the first one returned; default 0.
            Default: 0.
        sort (ListAssetsSort | Unset): What the assets are sorted by; default `created_at`.
            Default: ListAssetsSort.CREATED_AT.
        order (ListAssetsOrder | Unset): `asc` for rising, `desc` for falling values; default
            `desc`. Default: ListAssetsOrder.DESC.
        include_public (bool | Unset): False limits the answer to the caller's own assets; true,
            the default, adds public and shared ones. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[ListAssetsResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            include_tags=include_tags,
            exclude_tags=exclude_tags,
            name_contains=name_contains,
            metadata_filter=metadata_filter,
            limit=limit,
            offset=offset,
            sort=sort,
            order=order,
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
    offset: int | Unset = UNSET,
    sort: ListAssetsSort | Unset = UNSET,
    order: ListAssetsOrder | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> ListAssetsResponse:
    """List assets

    Lists the caller's assets page by page, and the public ones too unless `include_public` is false.
    Filters cover tags, name and metadata. Newer servers can report a `total` of 0, so rely on
    `has_more` for paging.

    `GET /api/assets`

    Args:
        include_tags (list[str] | Unset): Tags that an asset must carry, every one of them, to be
            listed. Sent comma-separated.
        exclude_tags (list[str] | Unset): Tags that rule an asset out, even a single one of them.
            Sent comma-separated.
        name_contains (str | Unset): Text that must occur in the name of an asset; upper and lower
            case are the same.
        metadata_filter (str | Unset): Metadata values that an asset must have, as a JSON object
            encoded in a string.
        limit (int | Unset): Page size, from 1 to 500; default 20. Default: 20.
        offset (int | Unset): How many assets to skip before the first one returned; default 0.
            Default: 0.
        sort (ListAssetsSort | Unset): What the assets are sorted by; default `created_at`.
            Default: ListAssetsSort.CREATED_AT.
        order (ListAssetsOrder | Unset): `asc` for rising, `desc` for falling values; default
            `desc`. Default: ListAssetsOrder.DESC.
        include_public (bool | Unset): False limits the answer to the caller's own assets; true,
            the default, adds public and shared ones. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        ListAssetsResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            include_tags=include_tags,
            exclude_tags=exclude_tags,
            name_contains=name_contains,
            metadata_filter=metadata_filter,
            limit=limit,
            offset=offset,
            sort=sort,
            order=order,
            include_public=include_public,
        )
    ).parsed
