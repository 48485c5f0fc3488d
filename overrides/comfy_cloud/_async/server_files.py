"""Files that servers have, as values: found again where they are, or fetched to be uploaded.

An output, an uploaded file, an asset and a file of the user data each name their file in a way of their own. Here alone
it is decided what a node's input holds for them on each kind of server. Sends content nowhere: `uploads` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, aclosing
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any, TypeAlias

from .._constants import SPOOL_MEMORY
from .._core.assets import AssetRef, asset_ref
from .._core.file_refs import FileRef, ServerOutput, UploadedFile, content_hash, file_ref
from .._core.inputs import is_asset
from .._core.outputs import OutputEntry, media_type_of, read_outputs
from .._core.userdata import UserFile
from .._files import Source
from ..errors import ComfyCloudError, ConfigurationError, NotFoundError, NotSupportedError, UploadError
from ..raw.api.asset import check_asset_by_hash, create_asset_from_hash, get_asset_by_id
from ..raw.models import Asset, AssetCreated, AssetUpdated, CreateAssetFromHashBody
from . import backend
from .connection import AsyncConnection
from .single_output import AsyncOutput

StoredFile: TypeAlias = AsyncOutput | Asset | AssetCreated | AssetUpdated | UserFile
"""A file that a server has. An `UploadedFile` is one as well, and shows itself as a plain string."""


async def stored_input(connection: AsyncConnection, value: object, where: str) -> str | None:
    """Return what a node's input holds for a file that this server has, or None if the file has to be uploaded."""
    if isinstance(value, ServerOutput):
        return await _output_input(connection, value)
    if not is_asset(value):
        return None
    asset = await _complete(connection, asset_ref(value))
    if not await connection.on_cloud():
        # Nodes of a ComfyUI take no hashes, and an asset that was made of one has no file of its own there.
        return asset.path and asset.path.as_input(folders=True)
    if asset.hash is None:
        raise UploadError(
            f"{where}: the server tells no hash of asset {asset.id}, which an input needs; try again later"
        )
    return asset.hash


async def _output_input(connection: AsyncConnection, output: ServerOutput) -> str | None:
    entry = output._entry
    if output._origin != connection.origin or entry.filename is None or entry.content is not None:
        return None
    if not await connection.on_cloud():
        return FileRef(entry.filename, entry.subfolder, entry.type).as_input(folders=True)
    # The cloud names outputs by their content. Inputs are found among the assets, so the output has to be one of them.
    stored = content_hash(entry.filename)
    return stored and await refer(connection, stored, entry.filename, media_type_of(entry))


async def refer(connection: AsyncConnection, stored: str, name: str, mime_type: str) -> str | None:
    """Make an asset of content that the cloud has, and return its hash; None if the cloud does not have the content."""
    try:
        await connection.call(check_asset_by_hash.operation, stored)
        reference = CreateAssetFromHashBody(hash_=stored, tags=["input"], name=name, mime_type=mime_type)
        return hash_of(await connection.json(create_asset_from_hash.operation, body=reference), stored)
    except (NotFoundError, NotSupportedError):
        return None  # not there, or no longer there


def hash_of(asset: object, computed: str) -> str:
    """Return the asset's hash, else the computed one. Newer servers call it `hash`, and some fill it in later."""
    return (asset_ref(asset).hash if isinstance(asset, Mapping) else None) or computed


async def _complete(connection: AsyncConnection, asset: AssetRef) -> AssetRef:
    """Ask for an asset that has neither hash nor path: a ComfyUI hashes outputs in the background."""
    if asset.hash is not None or asset.path is not None:
        return asset
    fields = await connection.json(get_asset_by_id.operation, asset.id)
    return asset_ref(fields) if isinstance(fields, Mapping) else asset


def stored_output(connection: AsyncConnection, value: object) -> AsyncOutput | None:
    """Return a file that a server has as an output to read or save, or None if it cannot be fetched by its name."""
    if isinstance(value, ServerOutput):
        if value._origin == connection.origin:
            return AsyncOutput(connection, value._job_id, value._entry)
        if isinstance(value, AsyncOutput) and (value._client is not None or value._entry.content is not None):
            return value
        raise ConfigurationError(
            f"{value!r} is on {value._origin}, and this client is connected to {connection.origin}: use an output that"
            " is bound to a client of its own server and of this flavour (cloud.job(handle)), or hand over its bytes"
        )
    if isinstance(value, UploadedFile):
        return named_output(connection, value.ref)
    if is_asset(value):
        asset = asset_ref(value)
        ref = FileRef(asset.hash, "", "input") if asset.hash else asset.path
        return ref and named_output(connection, ref, asset.name, value)
    return None


def named_output(
    connection: AsyncConnection, ref: FileRef, name: str = "", fields: Mapping[str, Any] | None = None
) -> AsyncOutput:
    """Return a file of the server as an output; `name` is the local one, `fields` is what tells its media type."""
    named = {**(fields or {}), **ref._asdict()}
    (entry,) = read_outputs({"": {"files": [{**named, "filename": name or ref.filename}]}})
    return AsyncOutput(connection, "", OutputEntry("", "files", entry.kind, *ref, None, raw=named), name)


async def fetch_source(connection: AsyncConnection, value: object, where: str) -> Source:
    """Fetch a file that a server has, and return its content to upload. Raises ComfyCloudError beginning with `where`.

    An output of another server comes by the client that it is bound to. Everything else is on this server.
    """
    try:
        if isinstance(value, UserFile):
            from .resources.userdata import AsyncUserData

            content = await AsyncUserData(connection).read(value.path)
            return await backend.in_thread(Source, content, where, name=PurePosixPath(value.path).name)
        output = stored_output(connection, value)
        if output is None:
            raise UploadError("the server does not tell where its file is")
        with ExitStack() as undo:
            spool: Any = undo.enter_context(SpooledTemporaryFile(max_size=SPOOL_MEMORY))
            async with aclosing(output._pieces()) as pieces:
                async for piece in pieces:
                    if piece is None:
                        spool.seek(0)
                        spool.truncate()
                    else:
                        spool.write(piece)
            spool.seek(0)
            source = await backend.in_thread(Source, spool, where, name=output._name, owned=True)
            undo.pop_all()  # it is closed with its source
            return source
    except ComfyCloudError as error:
        error.args = (f"{where}: {error.message}",)
        raise


def ref_of_name(name: str, subfolder: str = "", folder_type: str = "input") -> FileRef | None:
    """Return the file that a string means, which may be an uploaded one: then it is known where it is."""
    return name.ref if isinstance(name, UploadedFile) else file_ref(name, subfolder, folder_type)
