# Derived from overrides/comfy_cloud/_async/uploads.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Uploads of files, those in the inputs of a workflow and any other, in the way of each kind of server.

Content is hashed first: Comfy Cloud is asked for the hash, and only content that it lacks is sent.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from threading import Lock
from typing import Any

from .._constants import SEND_AHEAD, UPLOAD_CONCURRENCY
from .._core.file_refs import UploadedFile, uploaded_file
from .._core.inputs import input_value, is_file, is_stored
from .._core.names import safe_name
from .._core.prepared import FileInput
from .._files import Source, path_hint
from .._httpx import CallersError, httpx
from .._tracing import span
from ..errors import (
    BadRequestError,
    ComfyCloudError,
    NodeInputError,
    UnexpectedResponseError,
    UploadError,
)
from ..raw.api.asset import upload_asset
from ..raw.api.file import upload_image
from ..raw.models import UploadAssetFilesBody, UploadImageBody
from ..raw.types import File
from . import backend
from .connection import Connection
from .server_files import fetch_source, hash_of, refer, stored_input
from .single_output import Progress as Progress


def upload_files(
    connection: Connection, files: Iterable[FileInput], on_progress: Progress | None = None
) -> dict[Hashable, str]:
    """Upload files and return the value for each input, by `FileInput.key`. Equal content is uploaded once.

    A file that the server has is only referred to; one of another server is fetched first. `on_progress` is called with
    the bytes so far and those of all, where content that the server has counts as soon as it is known. Raises
    UploadError for a file that cannot be read or an image that is too large, DownloadError for one that cannot be
    fetched, and the API's errors. All of them name the input.
    """
    held: dict[Hashable, str] = {}
    sources: dict[Hashable, Source] = {}
    try:
        for file in files:
            where = f"node {file.node_id} ({file.class_type}), input {file.input_name!r}"
            if not is_stored(file.content):
                sources[file.key] = backend.in_thread(Source, file.content, where)
            elif (value := stored_input(connection, file.content, where)) is not None:
                held[file.key] = value
            else:
                sources[file.key] = fetch_source(connection, file.content, where)
        # Asked once here, instead of by each of the uploads side by side.
        by_hash = bool(sources) and connection.on_cloud()
        sizes = Counter(source.size for source in sources.values())
        for source in sources.values():
            _check_image(connection, source)
            # A ComfyUI takes names, so there a hash only tells whether two files are the same.
            if by_hash or sizes[source.size] > 1:
                backend.in_thread(getattr, source, "hash")
        distinct = {source.identity: source for source in sources.values()}
        tell = _tally([*distinct.values()], on_progress)
        uploads = [partial(_upload_input, connection, source, tell) for source in distinct.values()]
        names = dict(zip(distinct, backend.gather(uploads, UPLOAD_CONCURRENCY), strict=True))
        return held | {key: names[source.identity] for key, source in sources.items()}
    finally:
        for source in sources.values():
            source.close()


_Tell = Callable[[Source], Progress | None]


def _tally(sources: Sequence[Source], on_progress: Progress | None) -> _Tell:
    """Return what makes the `on_progress` of one source from that of all, which are sent side by side."""
    sent, total = dict.fromkeys(sources, 0), sum(source.size for source in sources)
    lock = Lock()  # the sync client uploads in several threads, and no sum may be told after a larger one

    def tell(source: Source) -> Progress | None:
        def told(done: int, _: int) -> Any:
            with lock:
                if on_progress is None or sent[source] == done:
                    return None
                sent[source] = done
                return on_progress(sum(sent.values()), total)

        return None if on_progress is None else told

    return tell


def _upload_input(connection: Connection, source: Source, tell: _Tell) -> str:
    """Upload content unless the server has it, and return the name by which an input refers to it."""
    on_progress = tell(source)
    try:
        name = (_to_cloud if connection.on_cloud() else _to_comfyui)(connection, source, on_progress)
        if on_progress is not None:
            backend.resolve(on_progress(source.size, source.size))
        return name
    except ComfyCloudError as error:
        if source.where not in error.message:
            error.args = (f"{source.where}: {error.message}",)
        raise
    finally:
        source.release()


def _to_cloud(connection: Connection, source: Source, on_progress: Progress | None) -> str:
    stored = f"blake3:{source.hash}"
    if known := refer(connection, stored, source.name, source.mime_type):
        return known
    fields = {"name": source.name, "mime_type": source.mime_type}
    named = upload_asset_source(connection, source, tags=["input"], on_progress=on_progress, **fields)
    return hash_of(named, stored)


def _to_comfyui(connection: Connection, source: Source, on_progress: Progress | None) -> str:
    named = upload_image_source(connection, source, on_progress=on_progress, type_="input")
    return stored_name(connection, named, "uploadImage")


def stored_name(connection: Connection, stored: object, operation: str) -> UploadedFile:
    """Return the file in the response to an upload by name. Its string is what an input holds for it."""
    file = uploaded_file(stored, folders=not connection.on_cloud())
    if file is None:
        message = f"{operation}: the response has no name"
        raise UnexpectedResponseError(message, operation=operation, status=200)
    return file


def upload_asset_source(
    connection: Connection,
    source: Source,
    *,
    tags: Sequence[str],
    on_progress: Progress | None = None,
    **fields: Any,
) -> Any:
    """Store the source as an asset (`POST /api/assets`) and return the JSON. `fields` are others of the form."""

    def send(sent_tags: list[str]) -> Any:
        # A ComfyUI names the stored file by the name of this part, and takes the field `name` as a label only.
        file = _file_of(source, fields.get("mime_type"), safe_name(fields.get("name"), source.name))
        form = UploadAssetFilesBody(file, tags=sent_tags, **fields)
        return send_source(connection, connection.request(upload_asset.operation, body=form), source, on_progress)

    if not connection.json_tags:
        try:
            return send([*tags])
        except BadRequestError as error:
            if "tag" not in error.message.lower():
                raise
    # Newer servers read the tags as one JSON string.
    answer = send([json.dumps([*tags])])
    connection.json_tags = True
    return answer


def source_of(connection: Connection, content: object, where: str) -> Source:
    """Hash the content to upload, fetched first if a server has it.

    Raises UploadError for content that is not a file or cannot be read, DownloadError for what cannot be fetched.
    """
    if is_stored(content) or isinstance(content, UploadedFile):
        return fetch_source(connection, content, where)
    try:
        kept = input_value(content, where)
    except NodeInputError as error:
        raise UploadError(error.message) from None
    if isinstance(kept, dict | list) or not is_file(kept):
        kinds = "a pathlib.Path, bytes, an open binary file, a PIL image or a file of the server"
        hint = f".{hint}" if (hint := path_hint(content)) else ""
        raise UploadError(f"{where}: content must be {kinds}, not {type(content).__name__}{hint}")
    return backend.in_thread(Source, kept, where)


def upload_image_source(
    connection: Connection, source: Source, *, on_progress: Progress | None = None, **fields: Any
) -> Any:
    """Store the source by name (`POST /api/upload/image`) and return the JSON. `fields` are others of the form."""
    body = UploadImageBody(_file_of(source), **fields)
    return send_source(connection, connection.request(upload_image.operation, body=body), source, on_progress)


def _file_of(source: Source, mime_type: str | None = None, name: str | None = None) -> File:
    return File(source.open(), name or source.name, mime_type or source.mime_type)


def _check_image(connection: Connection, source: Source) -> None:
    if source.image_fault is not None and connection.on_cloud():
        raise UploadError(f"{source.where}: {source.image_fault}")


def send_source(connection: Connection, request: httpx.Request, source: Source, on_progress: Progress | None) -> Any:
    """Send a form with the source's file in it, without a time limit, and return the JSON of the response.

    `on_progress` is called with the number of bytes of the file sent so far and the number of all. It starts again
    from the beginning if the form has to be sent again.
    """
    _check_image(connection, source)
    request.extensions["total_timeout"] = None
    length = int(request.headers.get("Content-Length", 0))
    request.stream = FormStream(request.stream, length, source.size, on_progress)
    with span("comfy.upload", {"file.name": source.name, "file.size": source.size}):
        response = connection.http.send(request)
    return response.extensions.get("json")


class FormStream(httpx.SyncByteStream):
    """A form of `length` bytes that ends with a file of `size` bytes. Reports how much of the file was sent.

    httpx reads files where it sends them, which is the event loop: a slow disk would hold up all tasks.
    """

    def __init__(self, form: Any, length: int, size: int, on_progress: Progress | None) -> None:
        self._form = form
        self.fields = form.fields  # from these `http.py` learns whether the form can be sent again
        self._before = length - size
        self._size = size
        self._on_progress = on_progress

    def __iter__(self) -> Iterator[bytes]:
        chunks, sent, told = iter(self._form), -self._before, 0
        # Several at a time, since a thread costs as much as a chunk. The sync client reads in place, and a chunk that
        # is sent at once is still in the processor's cache.
        ahead = SEND_AHEAD if backend.AWAITS else 1
        # To the end, since the file is its owner's again once the upload is cancelled.
        while block := backend.to_the_end(partial(list[bytes], islice(chunks, ahead))):
            for chunk in block:
                yield chunk
                sent += len(chunk)
                if self._on_progress is not None and sent > told:
                    told = sent
                    try:
                        backend.resolve(self._on_progress(sent, self._size))
                    except Exception as error:  # noqa: BLE001 - it is not ours to judge
                        raise CallersError(error) from None
