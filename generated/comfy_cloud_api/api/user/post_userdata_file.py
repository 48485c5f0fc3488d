# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.post_userdata_file_full_info import PostUserdataFileFullInfo
from ...models.post_userdata_file_overwrite import PostUserdataFileOverwrite
from ...models.user_data_response_full import UserDataResponseFull
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    file: str,
    *,
    body: File,
    overwrite: PostUserdataFileOverwrite | Unset = UNSET,
    full_info: PostUserdataFileFullInfo | Unset = UNSET,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _params: dict[str, Any] = {}
    _params["overwrite"] = _types.encode(overwrite)
    _params["full_info"] = _types.encode(full_info)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/userdata/{file}".format(
            file=_types.path_segment(file),
        ),
        "params": _params,
        "extensions": {"operation": "postUserdataFile", "json": True},
    }

    _kwargs["content"] = _types.content_of(body)
    _headers["Content-Type"] = "application/octet-stream"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> str | UserDataResponseFull:
    if response.status_code == 200:
        return cast(
            str | UserDataResponseFull,
            _types.read(
                _types.one_of(UserDataResponseFull.from_dict, _types.as_it_came), _types.json_content(response)
            ),
        )
    if response.is_success:
        return cast(
            str | UserDataResponseFull,
            _types.read(
                _types.one_of(UserDataResponseFull.from_dict, _types.as_it_came), _types.json_content(response)
            ),
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "postUserdataFile")


def _build_response(response: httpx.Response) -> Response[str | UserDataResponseFull]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("postUserdataFile", _get_kwargs, _parse_response)


def sync_detailed(
    file: str,
    *,
    client: Client,
    body: File,
    overwrite: PostUserdataFileOverwrite | Unset = UNSET,
    full_info: PostUserdataFileFullInfo | Unset = UNSET,
) -> Response[str | UserDataResponseFull]:
    """Store a user file

    Stores the request body as a file in the personal storage, replacing one of that name unless
    `overwrite` forbids it. Open-source ComfyUI answers with just the path as a JSON string by default,
    and with a numeric `modified` when `full_info` is `true`.

    `POST /api/userdata/{file}`

    Args:
        file (str): Path to store the file at, within the personal storage. A slash has to be sent
            as `%2F`.
        overwrite (PostUserdataFileOverwrite | Unset): Text `true` (default) or `false`; with
            `false` a file that exists is kept and the answer is 409. Default:
            PostUserdataFileOverwrite.TRUE.
        full_info (PostUserdataFileFullInfo | Unset): Text `true` or `false` (default): whether
            the answer describes the file or is its path alone. The answer schema of the contract only
            knows the description; open-source ComfyUI follows the parameter. Default:
            PostUserdataFileFullInfo.FALSE.
        body (File):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[str | UserDataResponseFull]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            file=file,
            body=body,
            overwrite=overwrite,
            full_info=full_info,
        )
    )
    return _build_response(response)


def sync(
    file: str,
    *,
    client: Client,
    body: File,
    overwrite: PostUserdataFileOverwrite | Unset = UNSET,
    full_info: PostUserdataFileFullInfo | Unset = UNSET,
) -> str | UserDataResponseFull:
    """Store a user file

    Stores the request body as a file in the personal storage, replacing one of that name unless
    `overwrite` forbids it. Open-source ComfyUI answers with just the path as a JSON string by default,
    and with a numeric `modified` when `full_info` is `true`.

    `POST /api/userdata/{file}`

    Args:
        file (str): Path to store the file at, within the personal storage. A slash has to be sent
            as `%2F`.
        overwrite (PostUserdataFileOverwrite | Unset): Text `true` (default) or `false`; with
            `false` a file that exists is kept and the answer is 409. Default:
            PostUserdataFileOverwrite.TRUE.
        full_info (PostUserdataFileFullInfo | Unset): Text `true` or `false` (default): whether
            the answer describes the file or is its path alone. The answer schema of the contract only
            knows the description; open-source ComfyUI follows the parameter. Default:
            PostUserdataFileFullInfo.FALSE.
        body (File):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        str | UserDataResponseFull
    """

    return sync_detailed(
        file=file,
        client=client,
        body=body,
        overwrite=overwrite,
        full_info=full_info,
    ).parsed


async def asyncio_detailed(
    file: str,
    *,
    client: Client,
    body: File,
    overwrite: PostUserdataFileOverwrite | Unset = UNSET,
    full_info: PostUserdataFileFullInfo | Unset = UNSET,
) -> Response[str | UserDataResponseFull]:
    """Store a user file

    Stores the request body as a file in the personal storage, replacing one of that name unless
    `overwrite` forbids it. Open-source ComfyUI answers with just the path as a JSON string by default,
    and with a numeric `modified` when `full_info` is `true`.

    `POST /api/userdata/{file}`

    Args:
        file (str): Path to store the file at, within the personal storage. A slash has to be sent
            as `%2F`.
        overwrite (PostUserdataFileOverwrite | Unset): Text `true` (default) or `false`; with
            `false` a file that exists is kept and the answer is 409. Default:
            PostUserdataFileOverwrite.TRUE.
        full_info (PostUserdataFileFullInfo | Unset): Text `true` or `false` (default): whether
            the answer describes the file or is its path alone. The answer schema of the contract only
            knows the description; open-source ComfyUI follows the parameter. Default:
            PostUserdataFileFullInfo.FALSE.
        body (File):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[str | UserDataResponseFull]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            file=file,
            body=body,
            overwrite=overwrite,
            full_info=full_info,
        )
    )
    return _build_response(response)


async def asyncio(
    file: str,
    *,
    client: Client,
    body: File,
    overwrite: PostUserdataFileOverwrite | Unset = UNSET,
    full_info: PostUserdataFileFullInfo | Unset = UNSET,
) -> str | UserDataResponseFull:
    """Store a user file

    Stores the request body as a file in the personal storage, replacing one of that name unless
    `overwrite` forbids it. Open-source ComfyUI answers with just the path as a JSON string by default,
    and with a numeric `modified` when `full_info` is `true`.

    `POST /api/userdata/{file}`

    Args:
        file (str): Path to store the file at, within the personal storage. A slash has to be sent
            as `%2F`.
        overwrite (PostUserdataFileOverwrite | Unset): Text `true` (default) or `false`; with
            `false` a file that exists is kept and the answer is 409. Default:
            PostUserdataFileOverwrite.TRUE.
        full_info (PostUserdataFileFullInfo | Unset): Text `true` or `false` (default): whether
            the answer describes the file or is its path alone. The answer schema of the contract only
            knows the description; open-source ComfyUI follows the parameter. Default:
            PostUserdataFileFullInfo.FALSE.
        body (File):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        str | UserDataResponseFull
    """

    return (
        await asyncio_detailed(
            file=file,
            client=client,
            body=body,
            overwrite=overwrite,
            full_info=full_info,
        )
    ).parsed
