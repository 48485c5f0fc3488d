# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.prompt_info import PromptInfo
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/prompt",
        "extensions": {"operation": "getPromptInfo", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> PromptInfo:
    if response.status_code == 200:
        return cast(PromptInfo, _types.read(PromptInfo.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(PromptInfo, _types.read(PromptInfo.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getPromptInfo")


def _build_response(response: httpx.Response) -> Response[PromptInfo]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getPromptInfo", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[PromptInfo]:
    """Read the state of the queue

    Tells how much work is left in the execution queue. Open-source ComfyUI counts running and pending
    jobs of all users.

    `GET /api/prompt`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[PromptInfo]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> PromptInfo:
    """Read the state of the queue

    Tells how much work is left in the execution queue. Open-source ComfyUI counts running and pending
    jobs of all users.

    `GET /api/prompt`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        PromptInfo
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[PromptInfo]:
    """Read the state of the queue

    Tells how much work is left in the execution queue. Open-source ComfyUI counts running and pending
    jobs of all users.

    `GET /api/prompt`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[PromptInfo]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> PromptInfo:
    """Read the state of the queue

    Tells how much work is left in the execution queue. Open-source ComfyUI counts running and pending
    jobs of all users.

    `GET /api/prompt`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        PromptInfo
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
