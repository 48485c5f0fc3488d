# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.history_manage_request import HistoryManageRequest
from ...types import Response


def _get_kwargs(
    *,
    body: HistoryManageRequest,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/history",
        "extensions": {"operation": "manageHistory", "json": False},
    }

    _kwargs["json"] = _types.encode(body)
    _headers["Content-Type"] = "application/json"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> None:
    if response.status_code == 200:
        return None
    if response.is_success:
        return None
    raise errors.UnexpectedStatus(response.status_code, response.content, "manageHistory")


def _build_response(response: httpx.Response) -> Response[None]:
    _parse_response(response)
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=None,
    )


operation = _types.Operation("manageHistory", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: HistoryManageRequest,
) -> Response[None]:
    """Clear or trim the execution history

    Removes entries from the caller's own history: either all of them, or just the jobs whose ids are
    given. Open-source ComfyUI skips unknown ids without an error.

    `POST /api/history`

    Args:
        body (HistoryManageRequest): Which past jobs to remove: some by id, or all of them.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
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
    body: HistoryManageRequest,
) -> None:
    """Clear or trim the execution history

    Removes entries from the caller's own history: either all of them, or just the jobs whose ids are
    given. Open-source ComfyUI skips unknown ids without an error.

    `POST /api/history`

    Args:
        body (HistoryManageRequest): Which past jobs to remove: some by id, or all of them.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    sync_detailed(
        client=client,
        body=body,
    )


async def asyncio_detailed(
    *,
    client: Client,
    body: HistoryManageRequest,
) -> Response[None]:
    """Clear or trim the execution history

    Removes entries from the caller's own history: either all of them, or just the jobs whose ids are
    given. Open-source ComfyUI skips unknown ids without an error.

    `POST /api/history`

    Args:
        body (HistoryManageRequest): Which past jobs to remove: some by id, or all of them.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
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
    body: HistoryManageRequest,
) -> None:
    """Clear or trim the execution history

    Removes entries from the caller's own history: either all of them, or just the jobs whose ids are
    given. Open-source ComfyUI skips unknown ids without an error.

    `POST /api/history`

    Args:
        body (HistoryManageRequest): Which past jobs to remove: some by id, or all of them.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    await asyncio_detailed(
        client=client,
        body=body,
    )
