# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.upload_mask_body import UploadMaskBody
from ...models.upload_mask_response_200 import UploadMaskResponse200
from ...types import Response


def _get_kwargs(
    *,
    body: UploadMaskBody,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/upload/mask",
        "extensions": {"operation": "uploadMask", "json": True},
    }

    _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> UploadMaskResponse200:
    if response.status_code == 200:
        return cast(UploadMaskResponse200, _types.read(UploadMaskResponse200.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(UploadMaskResponse200, _types.read(UploadMaskResponse200.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "uploadMask")


def _build_response(response: httpx.Response) -> Response[UploadMaskResponse200]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("uploadMask", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: UploadMaskBody,
) -> Response[UploadMaskResponse200]:
    """Upload a mask for an image

    Stores a mask that belongs to an image on the server. The cloud limits both, mask and image, to 50
    MB, 16384 pixels an edge and 64 megapixels (67108864 pixels), and answers 400 beyond. Open-source
    ComfyUI needs both to have equal dimensions and answers 500 otherwise; when the original does not
    exist it answers 200 and writes nothing.

    `POST /api/upload/mask`

    Args:
        body (UploadMaskBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[UploadMaskResponse200]
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
    body: UploadMaskBody,
) -> UploadMaskResponse200:
    """Upload a mask for an image

    Stores a mask that belongs to an image on the server. The cloud limits both, mask and image, to 50
    MB, 16384 pixels an edge and 64 megapixels (67108864 pixels), and answers 400 beyond. Open-source
    ComfyUI needs both to have equal dimensions and answers 500 otherwise; when the original does not
    exist it answers 200 and writes nothing.

    `POST /api/upload/mask`

    Args:
        body (UploadMaskBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        UploadMaskResponse200
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: UploadMaskBody,
) -> Response[UploadMaskResponse200]:
    """Upload a mask for an image

    Stores a mask that belongs to an image on the server. The cloud limits both, mask and image, to 50
    MB, 16384 pixels an edge and 64 megapixels (67108864 pixels), and answers 400 beyond. Open-source
    ComfyUI needs both to have equal dimensions and answers 500 otherwise; when the original does not
    exist it answers 200 and writes nothing.

    `POST /api/upload/mask`

    Args:
        body (UploadMaskBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[UploadMaskResponse200]
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
    body: UploadMaskBody,
) -> UploadMaskResponse200:
    """Upload a mask for an image

    Stores a mask that belongs to an image on the server. The cloud limits both, mask and image, to 50
    MB, 16384 pixels an edge and 64 megapixels (67108864 pixels), and answers 400 beyond. Open-source
    ComfyUI needs both to have equal dimensions and answers 500 otherwise; when the original does not
    exist it answers 200 and writes nothing.

    `POST /api/upload/mask`

    Args:
        body (UploadMaskBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        UploadMaskResponse200
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
