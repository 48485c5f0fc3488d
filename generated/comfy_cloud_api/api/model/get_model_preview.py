# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...types import File, Response


def _get_kwargs(
    folder: str,
    path_index: int,
    filename: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/experiment/models/preview/{folder}/{path_index}/{filename}".format(
            folder=_types.path_segment(folder),
            path_index=_types.path_segment(path_index),
            filename=_types.path_segment(filename),
        ),
        "extensions": {"operation": "getModelPreview", "json": False},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> File:
    if response.status_code == 200:
        return cast(File, _types.read(_types.File.from_bytes, response.content))
    if response.is_success:
        return cast(File, _types.read(_types.File.from_bytes, response.content))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getModelPreview")


def _build_response(response: httpx.Response) -> Response[File]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getModelPreview", _get_kwargs, _parse_response)


def sync_detailed(
    folder: str,
    path_index: int,
    filename: str,
    *,
    client: Client,
) -> Response[File]:
    """Fetch the preview picture of a model

    Fetches the picture that goes with a model, encoded as WebP. No API key is needed.

    `GET /api/experiment/models/preview/{folder}/{path_index}/{filename}`

    Args:
        folder (str): Folder that the model belongs to, for instance `checkpoints`. Example: vae.
        path_index (int): Position of the model's storage path among those of the folder. In the
            cloud this is usually 0. Example: 0.
        filename (str): File name of the model; a trailing `.webp` is optional. Example:
            taesd_encoder.safetensors.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[File]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            folder=folder,
            path_index=path_index,
            filename=filename,
        )
    )
    return _build_response(response)


def sync(
    folder: str,
    path_index: int,
    filename: str,
    *,
    client: Client,
) -> File:
    """Fetch the preview picture of a model

    Fetches the picture that goes with a model, encoded as WebP. No API key is needed.

    `GET /api/experiment/models/preview/{folder}/{path_index}/{filename}`

    Args:
        folder (str): Folder that the model belongs to, for instance `checkpoints`. Example: vae.
        path_index (int): Position of the model's storage path among those of the folder. In the
            cloud this is usually 0. Example: 0.
        filename (str): File name of the model; a trailing `.webp` is optional. Example:
            taesd_encoder.safetensors.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        File
    """

    return sync_detailed(
        folder=folder,
        path_index=path_index,
        filename=filename,
        client=client,
    ).parsed


async def asyncio_detailed(
    folder: str,
    path_index: int,
    filename: str,
    *,
    client: Client,
) -> Response[File]:
    """Fetch the preview picture of a model

    Fetches the picture that goes with a model, encoded as WebP. No API key is needed.

    `GET /api/experiment/models/preview/{folder}/{path_index}/{filename}`

    Args:
        folder (str): Folder that the model belongs to, for instance `checkpoints`. Example: vae.
        path_index (int): Position of the model's storage path among those of the folder. In the
            cloud this is usually 0. Example: 0.
        filename (str): File name of the model; a trailing `.webp` is optional. Example:
            taesd_encoder.safetensors.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[File]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            folder=folder,
            path_index=path_index,
            filename=filename,
        )
    )
    return _build_response(response)


async def asyncio(
    folder: str,
    path_index: int,
    filename: str,
    *,
    client: Client,
) -> File:
    """Fetch the preview picture of a model

    Fetches the picture that goes with a model, encoded as WebP. No API key is needed.

    `GET /api/experiment/models/preview/{folder}/{path_index}/{filename}`

    Args:
        folder (str): Folder that the model belongs to, for instance `checkpoints`. Example: vae.
        path_index (int): Position of the model's storage path among those of the folder. In the
            cloud this is usually 0. Example: 0.
        filename (str): File name of the model; a trailing `.webp` is optional. Example:
            taesd_encoder.safetensors.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        File
    """

    return (
        await asyncio_detailed(
            folder=folder,
            path_index=path_index,
            filename=filename,
            client=client,
        )
    ).parsed
