# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...types import File, Response


def _get_kwargs(
    file: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/userdata/{file}".format(
            file=_types.path_segment(file),
        ),
        "extensions": {"operation": "getUserdataFile", "json": False},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> File:
    if response.status_code == 200:
        return cast(File, _types.read(_types.File.from_bytes, response.content))
    if response.is_success:
        return cast(File, _types.read(_types.File.from_bytes, response.content))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getUserdataFile")


def _build_response(response: httpx.Response) -> Response[File]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getUserdataFile", _get_kwargs, _parse_response)


def sync_detailed(
    file: str,
    *,
    client: Client,
) -> Response[File]:
    """Download a user file

    Downloads the content of one file from the personal storage as raw bytes. Open-source ComfyUI sends
    a content type guessed from the file name.

    `GET /api/userdata/{file}`

    Args:
        file (str): Path of the file within the personal storage. A slash has to be sent as `%2F`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[File]
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
) -> File:
    """Download a user file

    Downloads the content of one file from the personal storage as raw bytes. Open-source ComfyUI sends
    a content type guessed from the file name.

    `GET /api/userdata/{file}`

    Args:
        file (str): Path of the file within the personal storage. A slash has to be sent as `%2F`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        File
    """

    return sync_detailed(
        file=file,
        client=client,
    ).parsed


async def asyncio_detailed(
    file: str,
    *,
    client: Client,
) -> Response[File]:
    """Download a user file

    Downloads the content of one file from the personal storage as raw bytes. Open-source ComfyUI sends
    a content type guessed from the file name.

    `GET /api/userdata/{file}`

    Args:
        file (str): Path of the file within the personal storage. A slash has to be sent as `%2F`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[File]
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
) -> File:
    """Download a user file

    Downloads the content of one file from the personal storage as raw bytes. Open-source ComfyUI sends
    a content type guessed from the file name.

    `GET /api/userdata/{file}`

    Args:
        file (str): Path of the file within the personal storage. A slash has to be sent as `%2F`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        File
    """

    return (
        await asyncio_detailed(
            file=file,
            client=client,
        )
    ).parsed
