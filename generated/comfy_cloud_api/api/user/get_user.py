# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.user_response import UserResponse
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/user",
        "extensions": {"operation": "getUser", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> UserResponse:
    if response.status_code == 200:
        return cast(UserResponse, _types.read(UserResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(UserResponse, _types.read(UserResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getUser")


def _build_response(response: httpx.Response) -> Response[UserResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getUser", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[UserResponse]:
    """Show the account of the key

    Tells about the account that the API key belongs to. Open-source ComfyUI has no such operation.

    `GET /api/user`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[UserResponse]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> UserResponse:
    """Show the account of the key

    Tells about the account that the API key belongs to. Open-source ComfyUI has no such operation.

    `GET /api/user`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        UserResponse
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[UserResponse]:
    """Show the account of the key

    Tells about the account that the API key belongs to. Open-source ComfyUI has no such operation.

    `GET /api/user`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[UserResponse]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> UserResponse:
    """Show the account of the key

    Tells about the account that the API key belongs to. Open-source ComfyUI has no such operation.

    `GET /api/user`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        UserResponse
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
