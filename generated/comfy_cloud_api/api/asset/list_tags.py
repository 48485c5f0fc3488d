# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.list_tags_order import ListTagsOrder
from ...models.list_tags_response import ListTagsResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    prefix: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    order: ListTagsOrder | Unset = UNSET,
    include_zero: bool | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["prefix"] = _types.encode(prefix)
    _params["limit"] = _types.encode(limit)
    _params["offset"] = _types.encode(offset)
    _params["order"] = _types.encode(order)
    _params["include_zero"] = _types.encode(include_zero)
    _params["include_public"] = _types.encode(include_public)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/tags",
        "params": _params,
        "extensions": {"operation": "listTags", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> ListTagsResponse:
    if response.status_code == 200:
        return cast(ListTagsResponse, _types.read(ListTagsResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(ListTagsResponse, _types.read(ListTagsResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "listTags")


def _build_response(response: httpx.Response) -> Response[ListTagsResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("listTags", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    prefix: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    order: ListTagsOrder | Unset = UNSET,
    include_zero: bool | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> Response[ListTagsResponse]:
    """List tags and their use

    Lists the tags found on assets, each with the number of assets that carry it, one page at a time.

    `GET /api/tags`

    Args:
        prefix (str | Unset): Only tags that begin with this text.
        limit (int | Unset): Page size, from 1 to 1000 tags; 100 if left out. Default: 100.
        offset (int | Unset): How many tags to leave out from the start of the list; 0 by default.
            Default: 0.
        order (ListTagsOrder | Unset): `count_desc` (default) puts the most used first, `name_asc`
            sorts by name. Default: ListTagsOrder.COUNT_DESC.
        include_zero (bool | Unset): With true, tags that no asset carries are listed too. The
            default is false in the cloud and true on open-source ComfyUI. Default: False.
        include_public (bool | Unset): Count shared public assets as well as private ones. On by
            default. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[ListTagsResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            prefix=prefix,
            limit=limit,
            offset=offset,
            order=order,
            include_zero=include_zero,
            include_public=include_public,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    prefix: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    order: ListTagsOrder | Unset = UNSET,
    include_zero: bool | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> ListTagsResponse:
    """List tags and their use

    Lists the tags found on assets, each with the number of assets that carry it, one page at a time.

    `GET /api/tags`

    Args:
        prefix (str | Unset): Only tags that begin with this text.
        limit (int | Unset): Page size, from 1 to 1000 tags; 100 if left out. Default: 100.
        offset (int | Unset): How many tags to leave out from the start of the list; 0 by default.
            Default: 0.
        order (ListTagsOrder | Unset): `count_desc` (default) puts the most used first, `name_asc`
            sorts by name. Default: ListTagsOrder.COUNT_DESC.
        include_zero (bool | Unset): With true, tags that no asset carries are listed too. The
            default is false in the cloud and true on open-source ComfyUI. Default: False.
        include_public (bool | Unset): Count shared public assets as well as private ones. On by
            default. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        ListTagsResponse
    """

    return sync_detailed(
        client=client,
        prefix=prefix,
        limit=limit,
        offset=offset,
        order=order,
        include_zero=include_zero,
        include_public=include_public,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    prefix: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    order: ListTagsOrder | Unset = UNSET,
    include_zero: bool | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> Response[ListTagsResponse]:
    """List tags and their use

    Lists the tags found on assets, each with the number of assets that carry it, one page at a time.

    `GET /api/tags`

    Args:
        prefix (str | Unset): Only tags that begin with this text.
        limit (int | Unset): Page size, from 1 to 1000 tags; 100 if left out. Default: 100.
        offset (int | Unset): How many tags to leave out from the start of the list; 0 by default.
            Default: 0.
        order (ListTagsOrder | Unset): `count_desc` (default) puts the most used first, `name_asc`
            sorts by name. Default: ListTagsOrder.COUNT_DESC.
        include_zero (bool | Unset): With true, tags that no asset carries are listed too. The
            default is false in the cloud and true on open-source ComfyUI. Default: False.
        include_public (bool | Unset): Count shared public assets as well as private ones. On by
            default. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[ListTagsResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            prefix=prefix,
            limit=limit,
            offset=offset,
            order=order,
            include_zero=include_zero,
            include_public=include_public,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    prefix: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    order: ListTagsOrder | Unset = UNSET,
    include_zero: bool | Unset = UNSET,
    include_public: bool | Unset = UNSET,
) -> ListTagsResponse:
    """List tags and their use

    Lists the tags found on assets, each with the number of assets that carry it, one page at a time.

    `GET /api/tags`

    Args:
        prefix (str | Unset): Only tags that begin with this text.
        limit (int | Unset): Page size, from 1 to 1000 tags; 100 if left out. Default: 100.
        offset (int | Unset): How many tags to leave out from the start of the list; 0 by default.
            Default: 0.
        order (ListTagsOrder | Unset): `count_desc` (default) puts the most used first, `name_asc`
            sorts by name. Default: ListTagsOrder.COUNT_DESC.
        include_zero (bool | Unset): With true, tags that no asset carries are listed too. The
            default is false in the cloud and true on open-source ComfyUI. Default: False.
        include_public (bool | Unset): Count shared public assets as well as private ones. On by
            default. Default: True.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        ListTagsResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            prefix=prefix,
            limit=limit,
            offset=offset,
            order=order,
            include_zero=include_zero,
            include_public=include_public,
        )
    ).parsed
