"""Uploading the files in a workflow's inputs, by the way each kind of server has."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import partial

from .._constants import UPLOAD_CONCURRENCY
from .._core.inputs import FileInput
from .._files import Source
from ..errors import NotFoundError, UnexpectedResponseError
from ..raw.api.asset import check_asset_by_hash, create_asset_from_hash, upload_asset
from ..raw.api.file import upload_image
from ..raw.models import CreateAssetFromHashBody, UploadAssetFilesBody, UploadImageBody
from ..raw.types import File
from . import backend
from .connection import AsyncConnection


async def upload_files(connection: AsyncConnection, files: Iterable[FileInput]) -> dict[Hashable, str]:
    """What each input is to hold, by `FileInput.key`. The same content is uploaded once, whatever holds it."""
    sources: dict[Hashable, Source] = {}
    try:
        for file in files:
            where = f"node {file.node_id} ({file.class_type}), input {file.input_name!r}"
            sources[file.key] = await backend.in_thread(Source, file.content, where)
        if sources:
            await connection.on_cloud()  # asked here once, not by each upload
        distinct = {source.hash: source for source in sources.values()}
        uploads = [partial(upload_input, connection, source) for source in distinct.values()]
        names = dict(zip(distinct, await backend.gather(uploads, UPLOAD_CONCURRENCY), strict=True))
        return {key: names[source.hash] for key, source in sources.items()}
    finally:
        for source in sources.values():
            source.close()


async def upload_input(connection: AsyncConnection, source: Source) -> str:
    """The name by which an input refers to this content once the server has it."""
    try:
        return await (_to_cloud if await connection.on_cloud() else _to_comfyui)(connection, source)
    finally:
        source.release()


async def _to_cloud(connection: AsyncConnection, source: Source) -> str:
    stored = f"blake3:{source.hash}"
    try:
        await connection.http.request(**check_asset_by_hash._get_kwargs(stored))
        reference = CreateAssetFromHashBody(hash_=stored, tags=["input"], name=source.name, mime_type=source.mime_type)
        return _hash_of(await connection.answer(create_asset_from_hash._get_kwargs(body=reference)), stored)
    except NotFoundError:
        pass  # not there, or no longer there
    body = UploadAssetFilesBody(
        file=File(source.open(), source.name, source.mime_type),
        tags=["input"],
        name=source.name,
        mime_type=source.mime_type,
    )
    return _hash_of(await connection.answer(upload_asset._get_kwargs(body=body), total_timeout=None), stored)


async def _to_comfyui(connection: AsyncConnection, source: Source) -> str:
    body = UploadImageBody(image=File(source.open(), source.name, source.mime_type), type_="input")
    stored = await connection.answer(upload_image._get_kwargs(body=body), total_timeout=None)
    name = stored.get("name") if isinstance(stored, dict) else None
    if not isinstance(name, str) or not name:
        raise UnexpectedResponseError("uploadImage: the answer has no name", operation="uploadImage", status=200)
    subfolder = stored.get("subfolder")
    return f"{subfolder}/{name}" if isinstance(subfolder, str) and subfolder else name


def _hash_of(asset: object, computed: str) -> str:
    """The asset's own word for its content; newer servers call the field `hash`, and some fill it in later."""
    fields = asset if isinstance(asset, dict) else {}
    return next((fields[key] for key in ("asset_hash", "hash") if isinstance(fields.get(key), str)), computed)
