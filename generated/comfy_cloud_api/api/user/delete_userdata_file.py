# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...types import Response


def _get_kwargs(
    file: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/userdata/{file}".format(
            file=_types.path_segment(file),
        ),
        "extensions": {"operation": "deleteUserdataFile", "json": False},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> None:
    if response.status_code == 204:
        return None
    if response.is_success:
        return None
    raise errors.UnexpectedStatus(response.status_code, response.content, "deleteUserdataFile")


def _build_response(response: httpx.Response) -> Response[None]:
    _parse_response(response)
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=None,
    )


operation = _types.Operation("deleteUserdataFile", _get_kwargs, _parse_response)


def sync_detailed(
    file: str,
    *,
    client: Client,
) -> Response[None]:
    """Remove a user file

    Removes one file from the personal storage.

    `DELETE /api/userdata/{file}`

    Args:
        file (str): Path of the file to remove, within the personal storage. A slash has to be
            sent as `%2F`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            file=file,
        )
    )
    return _build_response(response)


def sync(
    file: str,
    *,
    client: Client,
) -> None:
    """Remove a user file

    Removes one file from the personal storage.

    `DELETE /api/userdata/{file}`

    Args:
        file (str): Path of the file to remove, within the personal storage. A slash has to be
            sent as `%2F`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    sync_detailed(
        file=file,
        client=client,
    )


async def asyncio_detailed(
    file: str,
    *,
    client: Client,
) -> Response[None]:
    """Remove a user file

    Removes one file from the personal storage.

    `DELETE /api/userdata/{file}`

    Args:
        file (str): Path of the file to remove, within the personal storage. A slash has to be
            sent as `%2F`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            file=file,
        )
    )
    return _build_response(response)


async def asyncio(
    file: str,
    *,
    client: Client,
) -> None:
    """Remove a user file

    Removes one file from the personal storage.

    `DELETE /api/userdata/{file}`

    Args:
        file (str): Path of the file to remove, within the personal storage. A slash has to be
            sent as `%2F`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    await asyncio_detailed(
        file=file,
        client=client,
    )
