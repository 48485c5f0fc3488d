# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...types import Response


def _get_kwargs(
    hash_: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "head",
        "url": "/api/assets/hash/{hash_}".format(
            hash_=_types.path_segment(hash_),
        ),
        "extensions": {"operation": "checkAssetByHash", "json": False},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> None:
    if response.status_code == 200:
        return None
    if response.is_success:
        return None
    raise errors.UnexpectedStatus(response.status_code, response.content, "checkAssetByHash")


def _build_response(response: httpx.Response) -> Response[None]:
    _parse_response(response)
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=None,
    )


operation = _types.Operation("checkAssetByHash", _get_kwargs, _parse_response)


def sync_detailed(
    hash_: str,
    *,
    client: Client,
) -> Response[None]:
    """Check whether content is stored

    Asks whether bytes with this hash are stored already: 200 means yes, 404 means no. A yes lets a
    caller skip the upload and make the asset through `POST /api/assets/from-hash`.

    `HEAD /api/assets/hash/{hash_}`

    Args:
        hash_ (str): BLAKE3 digest of the content, written `blake3:` and 64 lowercase hexadecimal
            digits. Example: blake3:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            hash_=hash_,
        )
    )
    return _build_response(response)


def sync(
    hash_: str,
    *,
    client: Client,
) -> None:
    """Check whether content is stored

    Asks whether bytes with this hash are stored already: 200 means yes, 404 means no. A yes lets a
    caller skip the upload and make the asset through `POST /api/assets/from-hash`.

    `HEAD /api/assets/hash/{hash_}`

    Args:
        hash_ (str): BLAKE3 digest of the content, written `blake3:` and 64 lowercase hexadecimal
            digits. Example: blake3:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    sync_detailed(
        hash_=hash_,
        client=client,
    )


async def asyncio_detailed(
    hash_: str,
    *,
    client: Client,
) -> Response[None]:
    """Check whether content is stored

    Asks whether bytes with this hash are stored already: 200 means yes, 404 means no. A yes lets a
    caller skip the upload and make the asset through `POST /api/assets/from-hash`.

    `HEAD /api/assets/hash/{hash_}`

    Args:
        hash_ (str): BLAKE3 digest of the content, written `blake3:` and 64 lowercase hexadecimal
            digits. Example: blake3:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            hash_=hash_,
        )
    )
    return _build_response(response)


async def asyncio(
    hash_: str,
    *,
    client: Client,
) -> None:
    """Check whether content is stored

    Asks whether bytes with this hash are stored already: 200 means yes, 404 means no. A yes lets a
    caller skip the upload and make the asset through `POST /api/assets/from-hash`.

    `HEAD /api/assets/hash/{hash_}`

    Args:
        hash_ (str): BLAKE3 digest of the content, written `blake3:` and 64 lowercase hexadecimal
            digits. Example: blake3:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    await asyncio_detailed(
        hash_=hash_,
        client=client,
    )
