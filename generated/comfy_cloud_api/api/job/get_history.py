# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.history_response import HistoryResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    max_items: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["max_items"] = _types.encode(max_items)
    _params["offset"] = _types.encode(offset)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/history_v2",
        "params": _params,
        "extensions": {"operation": "getHistory", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> HistoryResponse:
    if response.status_code == 200:
        return cast(HistoryResponse, _types.read(HistoryResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(HistoryResponse, _types.read(HistoryResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getHistory")


def _build_response(response: httpx.Response) -> Response[HistoryResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getHistory", _get_kwargs, _parse_response, deprecated=True)


def sync_detailed(
    *,
    client: Client,
    max_items: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[HistoryResponse]:
    """List past runs

    Lists the caller's past runs page by page. Entries are slimmed down: the workflow inside
    `extra_pnginfo` is left out. Deprecated: `listJobs` replaces it; the date of its removal is open.
    Open-source ComfyUI lacks this path and offers `/api/history` with another format.

    Deprecated: the API may drop this operation.

    `GET /api/history_v2`

    Args:
        max_items (int | Unset): Upper limit for the number of runs in the answer.
        offset (int | Unset): How many runs to skip before the first one returned; 0 if left out.
            Default: 0.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[HistoryResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            max_items=max_items,
            offset=offset,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    max_items: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> HistoryResponse:
    """List past runs

    Lists the caller's past runs page by page. Entries are slimmed down: the workflow inside
    `extra_pnginfo` is left out. Deprecated: `listJobs` replaces it; the date of its removal is open.
    Open-source ComfyUI lacks this path and offers `/api/history` with another format.

    Deprecated: the API may drop this operation.

    `GET /api/history_v2`

    Args:
        max_items (int | Unset): Upper limit for the number of runs in the answer.
        offset (int | Unset): How many runs to skip before the first one returned; 0 if left out.
            Default: 0.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        HistoryResponse
    """

    return sync_detailed(
        client=client,
        max_items=max_items,
        offset=offset,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    max_items: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[HistoryResponse]:
    """List past runs

    Lists the caller's past runs page by page. Entries are slimmed down: the workflow inside
    `extra_pnginfo` is left out. Deprecated: `listJobs` replaces it; the date of its removal is open.
    Open-source ComfyUI lacks this path and offers `/api/history` with another format.

    Deprecated: the API may drop this operation.

    `GET /api/history_v2`

    Args:
        max_items (int | Unset): Upper limit for the number of runs in the answer.
        offset (int | Unset): How many runs to skip before the first one returned; 0 if left out.
            Default: 0.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[HistoryResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            max_items=max_items,
            offset=offset,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    max_items: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> HistoryResponse:
    """List past runs

    Lists the caller's past runs page by page. Entries are slimmed down: the workflow inside
    `extra_pnginfo` is left out. Deprecated: `listJobs` replaces it; the date of its removal is open.
    Open-source ComfyUI lacks this path and offers `/api/history` with another format.

    Deprecated: the API may drop this operation.

    `GET /api/history_v2`

    Args:
        max_items (int | Unset): Upper limit for the number of runs in the answer.
        offset (int | Unset): How many runs to skip before the first one returned; 0 if left out.
            Default: 0.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        HistoryResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            max_items=max_items,
            offset=offset,
        )
    ).parsed
