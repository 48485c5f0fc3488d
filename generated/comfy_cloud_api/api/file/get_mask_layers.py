# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.get_mask_layers_response_200 import GetMaskLayersResponse200
from ...types import UNSET, Response


def _get_kwargs(
    *,
    filename: str,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["filename"] = _types.encode(filename)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/files/mask-layers",
        "params": _params,
        "extensions": {"operation": "getMaskLayers", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> GetMaskLayersResponse200:
    if response.status_code == 200:
        return cast(
            GetMaskLayersResponse200, _types.read(GetMaskLayersResponse200.from_dict, _types.json_content(response))
        )
    if response.is_success:
        return cast(
            GetMaskLayersResponse200, _types.read(GetMaskLayersResponse200.from_dict, _types.json_content(response))
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "getMaskLayers")


def _build_response(response: httpx.Response) -> Response[GetMaskLayersResponse200]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getMaskLayers", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    filename: str,
) -> Response[GetMaskLayersResponse200]:
    """Find the layers of an edited mask

    Takes the name of any one of the four files that the mask editor stores for an image and gives the
    names of the whole set, so that the editor can resume an earlier edit. Open-source ComfyUI has no
    such operation.

    `GET /api/files/mask-layers`

    Args:
        filename (str): Hash-based name of one of the four layer files, whichever is at hand.
            Example: 5f2c9d1e7ab4.png.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetMaskLayersResponse200]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            filename=filename,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    filename: str,
) -> GetMaskLayersResponse200:
    """Find the layers of an edited mask

    Takes the name of any one of the four files that the mask editor stores for an image and gives the
    names of the whole set, so that the editor can resume an earlier edit. Open-source ComfyUI has no
    such operation.

    `GET /api/files/mask-layers`

    Args:
        filename (str): Hash-based name of one of the four layer files, whichever is at hand.
            Example: 5f2c9d1e7ab4.png.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetMaskLayersResponse200
    """

    return sync_detailed(
        client=client,
        filename=filename,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    filename: str,
) -> Response[GetMaskLayersResponse200]:
    """Find the layers of an edited mask

    Takes the name of any one of the four files that the mask editor stores for an image and gives the
    names of the whole set, so that the editor can resume an earlier edit. Open-source ComfyUI has no
    such operation.

    `GET /api/files/mask-layers`

    Args:
        filename (str): Hash-based name of one of the four layer files, whichever is at hand.
            Example: 5f2c9d1e7ab4.png.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetMaskLayersResponse200]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            filename=filename,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    filename: str,
) -> GetMaskLayersResponse200:
    """Find the layers of an edited mask

    Takes the name of any one of the four files that the mask editor stores for an image and gives the
    names of the whole set, so that the editor can resume an earlier edit. Open-source ComfyUI has no
    such operation.

    `GET /api/files/mask-layers`

    Args:
        filename (str): Hash-based name of one of the four layer files, whichever is at hand.
            Example: 5f2c9d1e7ab4.png.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetMaskLayersResponse200
    """

    return (
        await asyncio_detailed(
            client=client,
            filename=filename,
        )
    ).parsed
