# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.remove_asset_tags_body import RemoveAssetTagsBody
from ...models.tags_modification_response import TagsModificationResponse
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: RemoveAssetTagsBody,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/assets/{id}/tags".format(
            id=_types.path_segment(id),
        ),
        "extensions": {"operation": "removeAssetTags", "json": True},
    }

    _kwargs["json"] = _types.encode(body)
    _headers["Content-Type"] = "application/json"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> TagsModificationResponse:
    if response.status_code == 200:
        return cast(
            TagsModificationResponse, _types.read(TagsModificationResponse.from_dict, _types.json_content(response))
        )
    if response.is_success:
        return cast(
            TagsModificationResponse, _types.read(TagsModificationResponse.from_dict, _types.json_content(response))
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "removeAssetTags")


def _build_response(response: httpx.Response) -> Response[TagsModificationResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("removeAssetTags", _get_kwargs, _parse_response)


def sync_detailed(
    id: str,
    *,
    client: Client,
    body: RemoveAssetTagsBody,
) -> Response[TagsModificationResponse]:
    """Detach tags from an asset

    Detaches the given tags and keeps all others. The tags travel in a JSON body, which is unusual for a
    DELETE request.

    `DELETE /api/assets/{id}/tags`

    Args:
        id (str): Id of the asset (UUID).
        body (RemoveAssetTagsBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[TagsModificationResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            id=id,
            body=body,
        )
    )
    return _build_response(response)


def sync(
    id: str,
    *,
    client: Client,
    body: RemoveAssetTagsBody,
) -> TagsModificationResponse:
    """Detach tags from an asset

    Detaches the given tags and keeps all others. The tags travel in a JSON body, which is unusual for a
    DELETE request.

    `DELETE /api/assets/{id}/tags`

    Args:
        id (str): Id of the asset (UUID).
        body (RemoveAssetTagsBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        TagsModificationResponse
    """

    return sync_detailed(
        id=id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
    body: RemoveAssetTagsBody,
) -> Response[TagsModificationResponse]:
    """Detach tags from an asset

    Detaches the given tags and keeps all others. The tags travel in a JSON body, which is unusual for a
    DELETE request.

    `DELETE /api/assets/{id}/tags`

    Args:
        id (str): Id of the asset (UUID).
        body (RemoveAssetTagsBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[TagsModificationResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            id=id,
            body=body,
        )
    )
    return _build_response(response)


async def asyncio(
    id: str,
    *,
    client: Client,
    body: RemoveAssetTagsBody,
) -> TagsModificationResponse:
    """Detach tags from an asset

    Detaches the given tags and keeps all others. The tags travel in a JSON body, which is unusual for a
    DELETE request.

    `DELETE /api/assets/{id}/tags`

    Args:
        id (str): Id of the asset (UUID).
        body (RemoveAssetTagsBody):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        TagsModificationResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
        )
    ).parsed
