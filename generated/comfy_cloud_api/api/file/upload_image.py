# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.upload_image_body import UploadImageBody
from ...models.upload_image_response_200 import UploadImageResponse200
from ...types import Response


def _get_kwargs(
    *,
    body: UploadImageBody,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/upload/image",
        "extensions": {"operation": "uploadImage", "json": True},
    }

    _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> UploadImageResponse200:
    if response.status_code == 200:
        return cast(
            UploadImageResponse200, _types.read(UploadImageResponse200.from_dict, _types.json_content(response))
        )
    if response.is_success:
        return cast(
            UploadImageResponse200, _types.read(UploadImageResponse200.from_dict, _types.json_content(response))
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "uploadImage")


def _build_response(response: httpx.Response) -> Response[UploadImageResponse200]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("uploadImage", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: UploadImageBody,
) -> Response[UploadImageResponse200]:
    """Upload an image for workflows

    Stores an image so that workflows can load it; refer to it by the `name` in the answer. The cloud
    accepts at most 50 MB, 16384 pixels an edge and 64 megapixels (67108864 pixels), and answers 400
    beyond.

    `POST /api/upload/image`

    Args:
        body (UploadImageBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[UploadImageResponse200]
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
    body: UploadImageBody,
) -> UploadImageResponse200:
    """Upload an image for workflows

    Stores an image so that workflows can load it; refer to it by the `name` in the answer. The cloud
    accepts at most 50 MB, 16384 pixels an edge and 64 megapixels (67108864 pixels), and answers 400
    beyond.

    `POST /api/upload/image`

    Args:
        body (UploadImageBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        UploadImageResponse200
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: UploadImageBody,
) -> Response[UploadImageResponse200]:
    """Upload an image for workflows

    Stores an image so that workflows can load it; refer to it by the `name` in the answer. The cloud
    accepts at most 50 MB, 16384 pixels an edge and 64 megapixels (67108864 pixels), and answers 400
    beyond.

    `POST /api/upload/image`

    Args:
        body (UploadImageBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[UploadImageResponse200]
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
    body: UploadImageBody,
) -> UploadImageResponse200:
    """Upload an image for workflows

    Stores an image so that workflows can load it; refer to it by the `name` in the answer. The cloud
    accepts at most 50 MB, 16384 pixels an edge and 64 megapixels (67108864 pixels), and answers 400
    beyond.

    `POST /api/upload/image`

    Args:
        body (UploadImageBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        UploadImageResponse200
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
