"""Uploading files, by the way each kind of server has: those in a workflow's inputs, and any other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any

from .._constants import UPLOAD_CONCURRENCY
from .._core.inputs import FileInput
from .._core.records import input_name
from .._files import Source
from .._httpx import httpx
from ..errors import (
    BadRequestError,
    ComfyCloudError,
    NotFoundError,
    NotSupportedError,
    UnexpectedResponseError,
    UploadError,
)
from ..raw.api.asset import check_asset_by_hash, create_asset_from_hash, upload_asset
from ..raw.api.file import upload_image
from ..raw.models import CreateAssetFromHashBody, UploadAssetFilesBody, UploadImageBody
from ..raw.types import File
from . import backend
from .connection import AsyncConnection

Progress = Callable[[int, int], Any]


async def upload_files(connection: AsyncConnection, files: Iterable[FileInput]) -> dict[Hashable, str]:
    """What each input is to hold, by `FileInput.key`. The same content is uploaded once, whatever holds it.

    Raises UploadError for a file that cannot be read or is too large an image, and the API's errors; all name the
    input.
    """
    sources: dict[Hashable, Source] = {}
    try:
        for file in files:
            where = f"node {file.node_id} ({file.class_type}), input {file.input_name!r}"
            sources[file.key] = await backend.in_thread(Source, file.content, where)
        if sources:
            await connection.on_cloud()  # asked here once, not by each upload
        for source in sources.values():
            await _check_image(connection, source)
        distinct = {source.hash: source for source in sources.values()}
        uploads = [partial(_upload_input, connection, source) for source in distinct.values()]
        names = dict(zip(distinct, await backend.gather(uploads, UPLOAD_CONCURRENCY), strict=True))
        return {key: names[source.hash] for key, source in sources.items()}
    finally:
        for source in sources.values():
            source.close()


async def _upload_input(connection: AsyncConnection, source: Source) -> str:
    """The name by which an input refers to this content once the server has it."""
    try:
        return await (_to_cloud if await connection.on_cloud() else _to_comfyui)(connection, source)
    except ComfyCloudError as error:
        if source.where not in error.message:
            error.args = (f"{source.where}: {error.message}",)
        raise
    finally:
        source.release()


async def _to_cloud(connection: AsyncConnection, source: Source) -> str:
    stored = f"blake3:{source.hash}"
    try:
        await connection.http.request(**check_asset_by_hash._get_kwargs(stored))
        reference = CreateAssetFromHashBody(hash_=stored, tags=["input"], name=source.name, mime_type=source.mime_type)
        return _hash_of(await connection.answer(create_asset_from_hash._get_kwargs(body=reference)), stored)
    except (NotFoundError, NotSupportedError):
        pass  # not there, or no longer there
    named = upload_asset_source(connection, source, tags=["input"], name=source.name, mime_type=source.mime_type)
    return _hash_of(await named, stored)


async def _to_comfyui(connection: AsyncConnection, source: Source) -> str:
    name = input_name(await upload_image_source(connection, source, type_="input"), folders=True)
    if name is None:
        raise UnexpectedResponseError("uploadImage: the answer has no name", operation="uploadImage", status=200)
    return name


def _hash_of(asset: object, computed: str) -> str:
    """The asset's own word for its content; newer servers call the field `hash`, and some fill it in later."""
    fields = asset if isinstance(asset, dict) else {}
    return next((fields[key] for key in ("asset_hash", "hash") if isinstance(fields.get(key), str)), computed)


async def upload_asset_source(
    connection: AsyncConnection,
    source: Source,
    *,
    tags: Sequence[str],
    on_progress: Progress | None = None,
    **fields: Any,
) -> Any:
    """Store the source as an asset (`POST /api/assets`); the answer's JSON. `fields` are others of the form."""

    def kwargs(sent_tags: list[str]) -> dict[str, Any]:
        file = _file_of(source, fields.get("mime_type"))
        return upload_asset._get_kwargs(body=UploadAssetFilesBody(file, tags=sent_tags, **fields))

    # Newer servers read the tags as one JSON text.
    encoded = [json.dumps([*tags])]
    if not connection.json_tags:
        try:
            return await send_source(connection, kwargs([*tags]), source, on_progress)
        except BadRequestError as error:
            if "tag" not in error.message.lower():
                raise
    answer = await send_source(connection, kwargs(encoded), source, on_progress)
    connection.json_tags = True
    return answer


async def upload_image_source(
    connection: AsyncConnection, source: Source, *, on_progress: Progress | None = None, **fields: Any
) -> Any:
    """Store the source by its name (`POST /api/upload/image`); the answer's JSON. `fields` are others of the form."""
    body = UploadImageBody(_file_of(source), **fields)
    return await send_source(connection, upload_image._get_kwargs(body=body), source, on_progress)


def _file_of(source: Source, mime_type: str | None = None) -> File:
    return File(source.open(), source.name, mime_type or source.mime_type)


async def _check_image(connection: AsyncConnection, source: Source) -> None:
    if source.image_fault is not None and await connection.on_cloud():
        raise UploadError(f"{source.where}: {source.image_fault}")


async def send_source(
    connection: AsyncConnection, kwargs: dict[str, Any], source: Source, on_progress: Progress | None
) -> Any:
    """The JSON that answers a form with the source's file in it. Takes as long as it takes.

    `on_progress` is called with the bytes of the file that were sent so far and with all of them; from the beginning
    again where they have to be sent again.
    """
    await _check_image(connection, source)
    kwargs["extensions"]["total_timeout"] = None
    request = connection.http.build_request(**kwargs)
    if on_progress is not None:
        length = int(request.headers["Content-Length"])
        request.stream = AsyncProgressStream(request.stream, length, source.size, on_progress)
    response = await connection.http.send(request)
    return response.extensions.get("json")


class AsyncProgressStream(httpx.AsyncByteStream):
    """A form of `length` bytes with a file of `size` bytes at its end, which tells how much of the file was taken."""

    def __init__(self, stream: Any, length: int, size: int, on_progress: Progress) -> None:
        self._stream = stream
        self.fields = stream.fields  # by these the HTTP client knows that the form can be sent again
        self._before = length - size
        self._size = size
        self._on_progress = on_progress

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = told = 0
        async for chunk in self._stream:
            yield chunk
            taken += len(chunk)
            sent = taken - self._before
            if sent > told:
                told = sent
                await backend.resolve(self._on_progress(sent, self._size))
