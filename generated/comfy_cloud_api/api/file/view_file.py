# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    *,
    filename: str,
    subfolder: str | Unset = UNSET,
    type_: str | Unset = UNSET,
    fullpath: str | Unset = UNSET,
    format_: str | Unset = UNSET,
    frame_rate: int | Unset = UNSET,
    workflow: str | Unset = UNSET,
    timestamp: int | Unset = UNSET,
    channel: str | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {}
    _params["filename"] = _types.encode(filename)
    _params["subfolder"] = _types.encode(subfolder)
    _params["type"] = _types.encode(type_)
    _params["fullpath"] = _types.encode(fullpath)
    _params["format"] = _types.encode(format_)
    _params["frame_rate"] = _types.encode(frame_rate)
    _params["workflow"] = _types.encode(workflow)
    _params["timestamp"] = _types.encode(timestamp)
    _params["channel"] = _types.encode(channel)
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/view",
        "params": _params,
        "extensions": {"operation": "viewFile", "json": False},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> File | None:
    if response.status_code == 200:
        return cast(File, _types.read(_types.File.from_bytes, response.content))
    if response.status_code == 302:
        return None
    if response.is_success:
        return cast(File, _types.read(_types.File.from_bytes, response.content))
    raise errors.UnexpectedStatus(response.status_code, response.content, "viewFile")


def _build_response(response: httpx.Response) -> Response[File | None]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("viewFile", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    filename: str,
    subfolder: str | Unset = UNSET,
    type_: str | Unset = UNSET,
    fullpath: str | Unset = UNSET,
    format_: str | Unset = UNSET,
    frame_rate: int | Unset = UNSET,
    workflow: str | Unset = UNSET,
    timestamp: int | Unset = UNSET,
    channel: str | Unset = UNSET,
) -> Response[File | None]:
    """Download a file

    Downloads a stored file, most often the output of a job. The cloud answers 302 with a signed storage
    address, or 200 with the picture itself if `channel` is given. Open-source ComfyUI answers 200 with
    the file in every case.

    `GET /api/view`

    Args:
        filename (str): Name of the wanted file, as found in an output entry or an upload answer.
            Example: portrait_00001_.png.
        subfolder (str | Unset): Directory below the one chosen by `type`. The cloud accepts and
            ignores it, since stored content is looked up by hash alone; there it only helps a client
            to arrange its files. Example: portraits/june.
        type_ (str | Unset): Kind of the file: `output`, `input` or `temp`. In the cloud the hash
            decides where a file is found, and outputs and temporary files share one bucket. Open-
            source ComfyUI assumes `output` if left out, so an uploaded file needs `input`. Example:
            input.
        fullpath (str | Unset): Complete path of the file, for temporary files.
        format_ (str | Unset): File format of the content.
        frame_rate (int | Unset): Frames per second, for videos.
        workflow (str | Unset): Id of a workflow.
        timestamp (int | Unset): A time stamp as an integer; the contract gives no unit. Example:
            1767225600.
        channel (str | Unset): Part of a PNG image to return. `rgb` gives the colours with full
            opacity; `a` and `alpha` give the transparency as a greyscale picture. If left out, the
            answer is a redirect to the untouched file. Open-source ComfyUI ignores `alpha` and
            returns an RGBA image for `a`. Example: a.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[File | None]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            filename=filename,
            subfolder=subfolder,
            type_=type_,
            fullpath=fullpath,
            format_=format_,
            frame_rate=frame_rate,
            workflow=workflow,
            timestamp=timestamp,
            channel=channel,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    filename: str,
    subfolder: str | Unset = UNSET,
    type_: str | Unset = UNSET,
    fullpath: str | Unset = UNSET,
    format_: str | Unset = UNSET,
    frame_rate: int | Unset = UNSET,
    workflow: str | Unset = UNSET,
    timestamp: int | Unset = UNSET,
    channel: str | Unset = UNSET,
) -> File | None:
    """Download a file

    Downloads a stored file, most often the output of a job. The cloud answers 302 with a signed storage
    address, or 200 with the picture itself if `channel` is given. Open-source ComfyUI answers 200 with
    the file in every case.

    `GET /api/view`

    Args:
        filename (str): Name of the wanted file, as found in an output entry or an upload answer.
            Example: portrait_00001_.png.
        subfolder (str | Unset): Directory below the one chosen by `type`. The cloud accepts and
            ignores it, since stored content is looked up by hash alone; there it only helps a client
            to arrange its files. Example: portraits/june.
        type_ (str | Unset): Kind of the file: `output`, `input` or `temp`. In the cloud the hash
            decides where a file is found, and outputs and temporary files share one bucket. Open-
            source ComfyUI assumes `output` if left out, so an uploaded file needs `input`. Example:
            input.
        fullpath (str | Unset): Complete path of the file, for temporary files.
        format_ (str | Unset): File format of the content.
        frame_rate (int | Unset): Frames per second, for videos.
        workflow (str | Unset): Id of a workflow.
        timestamp (int | Unset): A time stamp as an integer; the contract gives no unit. Example:
            1767225600.
        channel (str | Unset): Part of a PNG image to return. `rgb` gives the colours with full
            opacity; `a` and `alpha` give the transparency as a greyscale picture. If left out, the
            answer is a redirect to the untouched file. Open-source ComfyUI ignores `alpha` and
            returns an RGBA image for `a`. Example: a.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        File | None
    """

    return sync_detailed(
        client=client,
        filename=filename,
        subfolder=subfolder,
        type_=type_,
        fullpath=fullpath,
        format_=format_,
        frame_rate=frame_rate,
        workflow=workflow,
        timestamp=timestamp,
        channel=channel,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    filename: str,
    subfolder: str | Unset = UNSET,
    type_: str | Unset = UNSET,
    fullpath: str | Unset = UNSET,
    format_: str | Unset = UNSET,
    frame_rate: int | Unset = UNSET,
    workflow: str | Unset = UNSET,
    timestamp: int | Unset = UNSET,
    channel: str | Unset = UNSET,
) -> Response[File | None]:
    """Download a file

    Downloads a stored file, most often the output of a job. The cloud answers 302 with a signed storage
    address, or 200 with the picture itself if `channel` is given. Open-source ComfyUI answers 200 with
    the file in every case.

    `GET /api/view`

    Args:
        filename (str): Name of the wanted file, as found in an output entry or an upload answer.
            Example: portrait_00001_.png.
        subfolder (str | Unset): Directory below the one chosen by `type`. The cloud accepts and
            ignores it, since stored content is looked up by hash alone; there it only helps a client
            to arrange its files. Example: portraits/june.
        type_ (str | Unset): Kind of the file: `output`, `input` or `temp`. In the cloud the hash
            decides where a file is found, and outputs and temporary files share one bucket. Open-
            source ComfyUI assumes `output` if left out, so an uploaded file needs `input`. Example:
            input.
        fullpath (str | Unset): Complete path of the file, for temporary files.
        format_ (str | Unset): File format of the content.
        frame_rate (int | Unset): Frames per second, for videos.
        workflow (str | Unset): Id of a workflow.
        timestamp (int | Unset): A time stamp as an integer; the contract gives no unit. Example:
            1767225600.
        channel (str | Unset): Part of a PNG image to return. `rgb` gives the colours with full
            opacity; `a` and `alpha` give the transparency as a greyscale picture. If left out, the
            answer is a redirect to the untouched file. Open-source ComfyUI ignores `alpha` and
            returns an RGBA image for `a`. Example: a.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[File | None]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            filename=filename,
            subfolder=subfolder,
            type_=type_,
            fullpath=fullpath,
            format_=format_,
            frame_rate=frame_rate,
            workflow=workflow,
            timestamp=timestamp,
            channel=channel,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    filename: str,
    subfolder: str | Unset = UNSET,
    type_: str | Unset = UNSET,
    fullpath: str | Unset = UNSET,
    format_: str | Unset = UNSET,
    frame_rate: int | Unset = UNSET,
    workflow: str | Unset = UNSET,
    timestamp: int | Unset = UNSET,
    channel: str | Unset = UNSET,
) -> File | None:
    """Download a file

    Downloads a stored file, most often the output of a job. The cloud answers 302 with a signed storage
    address, or 200 with the picture itself if `channel` is given. Open-source ComfyUI answers 200 with
    the file in every case.

    `GET /api/view`

    Args:
        filename (str): Name of the wanted file, as found in an output entry or an upload answer.
            Example: portrait_00001_.png.
        subfolder (str | Unset): Directory below the one chosen by `type`. The cloud accepts and
            ignores it, since stored content is looked up by hash alone; there it only helps a client
            to arrange its files. Example: portraits/june.
        type_ (str | Unset): Kind of the file: `output`, `input` or `temp`. In the cloud the hash
            decides where a file is found, and outputs and temporary files share one bucket. Open-
            source ComfyUI assumes `output` if left out, so an uploaded file needs `input`. Example:
            input.
        fullpath (str | Unset): Complete path of the file, for temporary files.
        format_ (str | Unset): File format of the content.
        frame_rate (int | Unset): Frames per second, for videos.
        workflow (str | Unset): Id of a workflow.
        timestamp (int | Unset): A time stamp as an integer; the contract gives no unit. Example:
            1767225600.
        channel (str | Unset): Part of a PNG image to return. `rgb` gives the colours with full
            opacity; `a` and `alpha` give the transparency as a greyscale picture. If left out, the
            answer is a redirect to the untouched file. Open-source ComfyUI ignores `alpha` and
            returns an RGBA image for `a`. Example: a.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        File | None
    """

    return (
        await asyncio_detailed(
            client=client,
            filename=filename,
            subfolder=subfolder,
            type_=type_,
            fullpath=fullpath,
            format_=format_,
            frame_rate=frame_rate,
            workflow=workflow,
            timestamp=timestamp,
            channel=channel,
        )
    ).parsed
