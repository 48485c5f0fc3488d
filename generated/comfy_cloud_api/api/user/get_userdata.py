# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.get_user_data_response_full_file import GetUserDataResponseFullFile
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    dir_: str,
    recurse: bool | Unset = UNSET,
    split: bool | Unset = UNSET,
    full_info: bool | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["dir"] = _types.encode(dir_)
    _params["recurse"] = _types.encode(recurse)
    _params["split"] = _types.encode(split)
    _params["full_info"] = _types.encode(full_info)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/userdata",
        "params": _params,
        "extensions": {"operation": "getUserdata", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> list[GetUserDataResponseFullFile]:
    if response.status_code == 200:
        return cast(
            list[GetUserDataResponseFullFile],
            _types.read(_types.list_of(GetUserDataResponseFullFile.from_dict), _types.json_content(response)),
        )
    if response.is_success:
        return cast(
            list[GetUserDataResponseFullFile],
            _types.read(_types.list_of(GetUserDataResponseFullFile.from_dict), _types.json_content(response)),
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "getUserdata")


def _build_response(response: httpx.Response) -> Response[list[GetUserDataResponseFullFile]]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getUserdata", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    dir_: str,
    recurse: bool | Unset = UNSET,
    split: bool | Unset = UNSET,
    full_info: bool | Unset = UNSET,
) -> Response[list[GetUserDataResponseFullFile]]:
    """List stored user files

    Lists the files that the user keeps in one directory of the personal storage, with path, size in
    bytes and time of change. Open-source ComfyUI answers in this form only with `full_info=true`.

    `GET /api/userdata`

    Args:
        dir_ (str): Directory to list, ending in a slash: `workflows/`, for example.
        recurse (bool | Unset): With true, go down into subdirectories as well; by default the
            listing stays on one level. Default: False.
        split (bool | Unset): Ignored by the cloud. On open-source ComfyUI without `full_info`,
            true turns each entry into a list: the path, then its parts. Default: False.
        full_info (bool | Unset): Ignored by the cloud, which sends size and time of change in any
            case. Open-source ComfyUI sends bare path strings unless it is true. Default: False.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[list[GetUserDataResponseFullFile]]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            dir_=dir_,
            recurse=recurse,
            split=split,
            full_info=full_info,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    dir_: str,
    recurse: bool | Unset = UNSET,
    split: bool | Unset = UNSET,
    full_info: bool | Unset = UNSET,
) -> list[GetUserDataResponseFullFile]:
    """List stored user files

    Lists the files that the user keeps in one directory of the personal storage, with path, size in
    bytes and time of change. Open-source ComfyUI answers in this form only with `full_info=true`.

    `GET /api/userdata`

    Args:
        dir_ (str): Directory to list, ending in a slash: `workflows/`, for example.
        recurse (bool | Unset): With true, go down into subdirectories as well; by default the
            listing stays on one level. Default: False.
        split (bool | Unset): Ignored by the cloud. On open-source ComfyUI without `full_info`,
            true turns each entry into a list: the path, then its parts. Default: False.
        full_info (bool | Unset): Ignored by the cloud, which sends size and time of change in any
            case. Open-source ComfyUI sends bare path strings unless it is true. Default: False.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        list[GetUserDataResponseFullFile]
    """

    return sync_detailed(
        client=client,
        dir_=dir_,
        recurse=recurse,
        split=split,
        full_info=full_info,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    dir_: str,
    recurse: bool | Unset = UNSET,
    split: bool | Unset = UNSET,
    full_info: bool | Unset = UNSET,
) -> Response[list[GetUserDataResponseFullFile]]:
    """List stored user files

    Lists the files that the user keeps in one directory of the personal storage, with path, size in
    bytes and time of change. Open-source ComfyUI answers in this form only with `full_info=true`.

    `GET /api/userdata`

    Args:
        dir_ (str): Directory to list, ending in a slash: `workflows/`, for example.
        recurse (bool | Unset): With true, go down into subdirectories as well; by default the
            listing stays on one level. Default: False.
        split (bool | Unset): Ignored by the cloud. On open-source ComfyUI without `full_info`,
            true turns each entry into a list: the path, then its parts. Default: False.
        full_info (bool | Unset): Ignored by the cloud, which sends size and time of change in any
            case. Open-source ComfyUI sends bare path strings unless it is true. Default: False.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[list[GetUserDataResponseFullFile]]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            dir_=dir_,
            recurse=recurse,
            split=split,
            full_info=full_info,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    dir_: str,
    recurse: bool | Unset = UNSET,
    split: bool | Unset = UNSET,
    full_info: bool | Unset = UNSET,
) -> list[GetUserDataResponseFullFile]:
    """List stored user files

    Lists the files that the user keeps in one directory of the personal storage, with path, size in
    bytes and time of change. Open-source ComfyUI answers in this form only with `full_info=true`.

    `GET /api/userdata`

    Args:
        dir_ (str): Directory to list, ending in a slash: `workflows/`, for example.
        recurse (bool | Unset): With true, go down into subdirectories as well; by default the
            listing stays on one level. Default: False.
        split (bool | Unset): Ignored by the cloud. On open-source ComfyUI without `full_info`,
            true turns each entry into a list: the path, then its parts. Default: False.
        full_info (bool | Unset): Ignored by the cloud, which sends size and time of change in any
            case. Open-source ComfyUI sends bare path strings unless it is true. Default: False.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        list[GetUserDataResponseFullFile]
    """

    return (
        await asyncio_detailed(
            client=client,
            dir_=dir_,
            recurse=recurse,
            split=split,
            full_info=full_info,
        )
    ).parsed
