# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.model_file import ModelFile
from ...types import Response


def _get_kwargs(
    folder: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/experiment/models/{folder}".format(
            folder=_types.path_segment(folder),
        ),
        "extensions": {"operation": "getModelsInFolder", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> list[ModelFile]:
    if response.status_code == 200:
        return cast(list[ModelFile], _types.read(_types.list_of(ModelFile.from_dict), _types.json_content(response)))
    if response.is_success:
        return cast(list[ModelFile], _types.read(_types.list_of(ModelFile.from_dict), _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getModelsInFolder")


def _build_response(response: httpx.Response) -> Response[list[ModelFile]]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getModelsInFolder", _get_kwargs, _parse_response)


def sync_detailed(
    folder: str,
    *,
    client: Client,
) -> Response[list[ModelFile]]:
    """List the models of a folder

    Lists the model files of one folder, with more detail than the older model listing. Experimental. No
    API key is needed. For an empty folder the cloud answers 404, open-source ComfyUI 200 with an empty
    list.

    `GET /api/experiment/models/{folder}`

    Args:
        folder (str): Folder whose models are listed, for instance `checkpoints`. Example: vae.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[list[ModelFile]]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            folder=folder,
        )
    )
    return _build_response(response)


def sync(
    folder: str,
    *,
    client: Client,
) -> list[ModelFile]:
    """List the models of a folder

    Lists the model files of one folder, with more detail than the older model listing. Experimental. No
    API key is needed. For an empty folder the cloud answers 404, open-source ComfyUI 200 with an empty
    list.

    `GET /api/experiment/models/{folder}`

    Args:
        folder (str): Folder whose models are listed, for instance `checkpoints`. Example: vae.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        list[ModelFile]
    """

    return sync_detailed(
        folder=folder,
        client=client,
    ).parsed


async def asyncio_detailed(
    folder: str,
    *,
    client: Client,
) -> Response[list[ModelFile]]:
    """List the models of a folder

    Lists the model files of one folder, with more detail than the older model listing. Experimental. No
    API key is needed. For an empty folder the cloud answers 404, open-source ComfyUI 200 with an empty
    list.

    `GET /api/experiment/models/{folder}`

    Args:
        folder (str): Folder whose models are listed, for instance `checkpoints`. Example: vae.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[list[ModelFile]]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            folder=folder,
        )
    )
    return _build_response(response)


async def asyncio(
    folder: str,
    *,
    client: Client,
) -> list[ModelFile]:
    """List the models of a folder

    Lists the model files of one folder, with more detail than the older model listing. Experimental. No
    API key is needed. For an empty folder the cloud answers 404, open-source ComfyUI 200 with an empty
    list.

    `GET /api/experiment/models/{folder}`

    Args:
        folder (str): Folder whose models are listed, for instance `checkpoints`. Example: vae.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        list[ModelFile]
    """

    return (
        await asyncio_detailed(
            folder=folder,
            client=client,
        )
    ).parsed
