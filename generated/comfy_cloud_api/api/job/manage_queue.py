# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.queue_manage_request import QueueManageRequest
from ...models.queue_manage_response import QueueManageResponse
from ...types import Response


def _get_kwargs(
    *,
    body: QueueManageRequest,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/queue",
        "extensions": {"operation": "manageQueue", "json": True},
    }

    _kwargs["json"] = _types.encode(body)
    _headers["Content-Type"] = "application/json"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> QueueManageResponse:
    if response.status_code == 200:
        return cast(QueueManageResponse, _types.read(QueueManageResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(QueueManageResponse, _types.read(QueueManageResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "manageQueue")


def _build_response(response: httpx.Response) -> Response[QueueManageResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("manageQueue", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: QueueManageRequest,
) -> Response[QueueManageResponse]:
    """Cancel waiting jobs

    Takes waiting jobs off the queue, either those named in `delete` or all of them with `clear`. By the
    contract, jobs that run already are untouched and need `POST /api/interrupt`; newer servers cancel
    running jobs named in `delete` too. Open-source ComfyUI answers without a body.

    `POST /api/queue`

    Args:
        body (QueueManageRequest): Which waiting jobs to cancel: some by id, or all of them.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[QueueManageResponse]
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
    body: QueueManageRequest,
) -> QueueManageResponse:
    """Cancel waiting jobs

    Takes waiting jobs off the queue, either those named in `delete` or all of them with `clear`. By the
    contract, jobs that run already are untouched and need `POST /api/interrupt`; newer servers cancel
    running jobs named in `delete` too. Open-source ComfyUI answers without a body.

    `POST /api/queue`

    Args:
        body (QueueManageRequest): Which waiting jobs to cancel: some by id, or all of them.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        QueueManageResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: QueueManageRequest,
) -> Response[QueueManageResponse]:
    """Cancel waiting jobs

    Takes waiting jobs off the queue, either those named in `delete` or all of them with `clear`. By the
    contract, jobs that run already are untouched and need `POST /api/interrupt`; newer servers cancel
    running jobs named in `delete` too. Open-source ComfyUI answers without a body.

    `POST /api/queue`

    Args:
        body (QueueManageRequest): Which waiting jobs to cancel: some by id, or all of them.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[QueueManageResponse]
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
    body: QueueManageRequest,
) -> QueueManageResponse:
    """Cancel waiting jobs

    Takes waiting jobs off the queue, either those named in `delete` or all of them with `clear`. By the
    contract, jobs that run already are untouched and need `POST /api/interrupt`; newer servers cancel
    running jobs named in `delete` too. Open-source ComfyUI answers without a body.

    `POST /api/queue`

    Args:
        body (QueueManageRequest): Which waiting jobs to cancel: some by id, or all of them.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        QueueManageResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
