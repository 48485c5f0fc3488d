# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.model_folder import ModelFolder
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/experiment/models",
        "extensions": {"operation": "getModelFolders", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> list[ModelFolder]:
    if response.status_code == 200:
        return cast(
            list[ModelFolder], _types.read(_types.list_of(ModelFolder.from_dict), _types.json_content(response))
        )
    if response.is_success:
        return cast(
            list[ModelFolder], _types.read(_types.list_of(ModelFolder.from_dict), _types.json_content(response))
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "getModelFolders")


def _build_response(response: httpx.Response) -> Response[list[ModelFolder]]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getModelFolders", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[list[ModelFolder]]:
    """List model folders

    Lists the folders that models are sorted into, such as `checkpoints`. Experimental successor of the
    older `/models` path. No API key is needed.

    `GET /api/experiment/models`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[list[ModelFolder]]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> list[ModelFolder]:
    """List model folders

    Lists the folders that models are sorted into, such as `checkpoints`. Experimental successor of the
    older `/models` path. No API key is needed.

    `GET /api/experiment/models`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        list[ModelFolder]
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[list[ModelFolder]]:
    """List model folders

    Lists the folders that models are sorted into, such as `checkpoints`. Experimental successor of the
    older `/models` path. No API key is needed.

    `GET /api/experiment/models`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[list[ModelFolder]]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> list[ModelFolder]:
    """List model folders

    Lists the folders that models are sorted into, such as `checkpoints`. Experimental successor of the
    older `/models` path. No API key is needed.

    `GET /api/experiment/models`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        list[ModelFolder]
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
