# Derived from overrides/comfy_cloud/_async/single_output.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""One output of a job: a file, read, saved and shown through `GET /api/view` and resumed after a cut, or a text."""

from __future__ import annotations

import contextlib
import os
import random
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from .._constants import SHOWN_FILE_MAX, SHOWN_TIMEOUT, TRANSFER_BYTES_MIN, TRANSFER_BYTES_TIME
from .._core.arguments import ARGUMENTS
from .._core.bodies import Pace
from .._core.display import ShownOutput, can_be_shown
from .._core.downloads import Download, SignedURL, signed_url
from .._core.file_refs import ServerOutput
from .._core.images import image_type
from .._core.names import safe_name
from .._core.outputs import OutputEntry, OutputKind, media_type_of
from .._core.retry import Failure, retry_delay
from .._files import PartFile, part_files, target_path
from .._httpx import httpx
from .._logging import logger
from .._tracing import span
from ..errors import ComfyCloudError, DownloadError
from ..raw.api.file import view_file
from . import backend
from .connection import Connection
from .deadline import until
from .handles import Handle

Progress = Callable[[int, int], Any]
_SHOWN_KINDS = frozenset({"image", "video", "audio"})
_STALLED = f"it stalls: fewer than {TRANSFER_BYTES_MIN} bytes came in {TRANSFER_BYTES_TIME:g} s"


class Output(Handle, ServerOutput):
    """One output of a job: a file, or a text. It can be set as the input of a node, in a workflow for any server.

    - `node_id`: the node that made it
    - `key`: the server's word for its sort, e.g. `images` or `gifs`
    - `kind`: ours: image, video, audio, 3d, text or file, by the entry's type and file extension
    - `filename`: the server's name of the file; None for a text
    - `subfolder` and `type` (output, temp or input): where the server keeps the file
    - `text`: the text; None for a file
    - `fault`: why the file cannot be fetched, e.g. since the server gives only an address elsewhere; None for others
    """

    node_id: str
    key: str
    kind: OutputKind
    filename: str | None
    subfolder: str
    type: str
    text: str | None
    fault: str | None

    def __init__(self, connection: Connection, job_id: str, entry: OutputEntry, name: str = "") -> None:
        super().__init__(connection)
        self._job_id = job_id
        self._entry = entry
        self._name = name or entry.filename or f"{entry.node_id}_{entry.key}.txt"
        for field in Output.__annotations__:
            setattr(self, field, getattr(entry, field))
        self._shown: bytes | None = None
        self._keep(entry.content or b"")

    def __repr__(self) -> str:
        fault = f" (cannot be fetched: {self.fault})" if self.fault else ""
        return f"<{type(self).__name__} node {self.node_id} {self.kind}: {self.filename or 'text'}{fault}>"

    @property
    def media_type(self) -> str:
        """The media type, such as `image/png`: by the content if it was read, else by the extension or the server."""
        return image_type(self._shown or b"") or media_type_of(self._entry)

    @property
    def raw(self) -> Any:
        """The entry as the server sent it. It may hold signed addresses."""
        return self._entry.raw

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return what a notebook shows: a picture, a player or a text, of up to 5 MB.

        `Output` fetches the content for that; the async client, which cannot wait here, shows what was read before.
        """
        backend.at_once(partial(self._fetch_shown, SHOWN_FILE_MAX))
        shown = self._shown_output()
        if shown.content is None and shown.text is None:
            return {"text/plain": repr(self) + (f" ({shown.hint})" if shown.hint else "")}
        if kind := image_type(shown.content or b""):
            return {"text/plain": repr(self), kind: b64encode(shown.content or b"").decode()}
        return {"text/plain": shown.text or repr(self), "text/html": shown.html()}

    def _shown_output(self, names: tuple[str | None, str | None] = (None, None)) -> ShownOutput:
        hint = ""
        if self._shown is None and self.text is None:
            waits = "shown once it was read, up to 5 MB" if self.kind in _SHOWN_KINDS else ""
            hint = f"cannot be fetched: {self.fault}" if self.fault else waits
        maker = names[0] or names[1]
        return ShownOutput(self.node_id, self._name, self.kind, self.media_type, self.text, self._shown, hint, maker)

    def _fetch_shown(self, limit: int) -> int:
        """Fetch the content if it can be shown, is small enough and comes in time. Returns the number of its bytes."""
        content = b""
        if self._shown is None and self.fault is None and self.kind in _SHOWN_KINDS:
            with contextlib.suppress(ComfyCloudError), until(time.monotonic() + SHOWN_TIMEOUT):
                with closing(self.iter_bytes()) as chunks:
                    for chunk in chunks:
                        content += chunk
                        if len(content) > limit:
                            return limit
                self._keep(content)
        return len(content)

    def _keep(self, content: bytes) -> None:
        small = len(content) <= SHOWN_FILE_MAX
        self._shown = content if small and can_be_shown(self.kind, content) else None

    def read(self, *, on_progress: Progress | None = None) -> bytes:
        """Return the whole content: a file's bytes, or a text in UTF-8. Raises DownloadError.

        `on_progress` is called with the number of bytes so far and of all, 0 for those as long as it is not known. It
        starts again from the beginning if the download has to.
        """
        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        parts: list[bytes] = []
        with closing(self._told(on_progress)) as pieces:
            for piece in pieces:
                if piece is None:
                    parts.clear()
                else:
                    parts.append(piece)
        content = b"".join(parts)
        self._keep(content)
        return content

    def iter_bytes(self) -> backend.Stream[bytes]:
        """Yield the content in chunks as they arrive, and continue after a cut. Raises DownloadError where that fails.

        `read` and `save` begin anew in that case.
        """
        with closing(self._pieces()) as pieces:
            for piece in pieces:
                if piece is None:
                    raise self._error("it was cut, and what comes now is not the rest of it")
                yield piece

    def save(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, on_progress: Progress | None = None
    ) -> Path:
        """Save to a file, or into a folder (an existing one, or a path that ends with `/`) under its own name.

        `~` is expanded. Bytes go to a part file first. An existing file is replaced only with `overwrite`: the same
        bytes count as saved, other bytes get the next free name (`name-1.png`). Returns where it went. `on_progress` is
        that of `read`. Raises DownloadError.
        """
        ARGUMENTS.flags(overwrite=overwrite)
        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        target = target_path(path, self._local_name())
        parts = backend.in_thread(part_files, target.parent)
        return self._save_to(target, overwrite, parts, on_progress)

    def url(self) -> SignedURL:
        """Return a URL that serves the file without a key, and its end: `GET /api/view`, not followed.

        On a ComfyUI that is its own address of the file. Raises DownloadError.
        """
        if self.filename is None:
            raise self._error("a text has no address")
        if self.fault is not None or self._entry.content is not None:
            raise self._error(self.fault or "it came inside the answer and has no address")
        request = self._request({}, redirect=False)
        del request.extensions["total_timeout"]  # no bytes of the file are transferred
        try:
            response = self._connection.http.send(request, stream=True)
        except ComfyCloudError as error:
            raise self._error(error) from error
        response.close()
        return signed_url(response.extensions.get("location", str(request.url)))

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_shown": None}  # a cache of megabytes, and not what a handle is for

    def _local_name(self) -> str:
        return safe_name(self._name)

    def _error(self, reason: object) -> DownloadError:
        owners = [f"{owner} {name}" for owner, name in (("node", self.node_id), ("job", self._job_id)) if name]
        what = f"output {self.filename or 'text'!r}" + (f" of {', '.join(owners)}" if owners else "")
        return DownloadError(f"{what}: {reason}", job_id=self._job_id or None)

    def _request(self, headers: dict[str, str], **extensions: Any) -> httpx.Request:
        request = self._connection.request(
            view_file.operation, filename=self.filename or "", subfolder=self.subfolder, type_=self.type
        )
        request.headers.update(headers)
        # A transfer takes as long as the network needs for its bytes.
        request.extensions.update(total_timeout=None, **extensions)
        return request

    def _save_to(
        self, target: Path, overwrite: bool, parts: Iterable[str], on_progress: Progress | None = None
    ) -> Path:
        part = None
        try:
            part = PartFile(target, parts)
            with closing(self._told(on_progress)) as pieces:
                for piece in pieces:
                    if piece is None:
                        part.restart()
                    else:
                        part.write(piece)
            path = backend.in_thread(part.place, overwrite=overwrite)
            part = None
            return path
        except OSError as error:
            raise self._error(f"{target} cannot be written: {error.strerror or error}") from error
        finally:
            if part is not None:
                backend.to_the_end(part.discard)

    def _told(self, on_progress: Progress | None) -> backend.Stream[bytes | None]:
        """Yield the pieces, and tell how many bytes they had after each."""
        have, download = 0, Download()
        with closing(self._pieces(download)) as pieces:
            for piece in pieces:
                yield piece
                have = 0 if piece is None else have + len(piece)
                if on_progress is not None and have != download.length:
                    backend.resolve(on_progress(have, download.length or 0))
        if on_progress is not None:
            backend.resolve(on_progress(have, have))

    def _pieces(self, download: Download | None = None) -> backend.Stream[bytes | None]:
        """Yield the content in chunks, and continue after a cut; None means it starts anew. Raises DownloadError."""
        if self.fault is not None:
            raise self._error(self.fault)
        if self.text is not None or self._entry.content is not None:
            # A node may cut its text in the middle of a character that JSON writes in two halves.
            text = (self.text or "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            yield self._entry.content or text.encode()
            return
        # An unbound handle says so before anything else; below, every error of ours is a reason to try again.
        http, download, tries, given = self._connection.http, download or Download(), 0, False
        pace, started = Pace(), time.monotonic()
        about = {
            "file.name": self.filename,
            "comfy.job.id": self._job_id or None,
            "comfy.node.id": self.node_id or None,
        }
        with span("comfy.download", about, nested=False) as traced:
            while True:
                most, response = download.most, None
                try:
                    with traced.within():
                        response = http.send(self._request(download.headers()), stream=True)
                    download.begin(response.status_code, response.headers)
                    if given and not download.have:
                        yield None
                    for raw in response.iter_raw():
                        # Only the time spent on the network counts, not that of whoever takes the chunks.
                        if not pace.moved(len(raw), time.monotonic() - started):
                            raise self._error(_STALLED)
                        if chunk := download.take(raw):
                            given = True
                            yield chunk
                        started = time.monotonic()
                    download.finish()
                    traced.set("file.size", download.have)
                    return
                except DownloadError:
                    raise
                except ComfyCloudError as error:
                    failed = error
                finally:
                    if response is not None:
                        response.close()
                if not pace.moved(0, time.monotonic() - started):
                    raise self._error(_STALLED) from failed
                started = time.monotonic()
                # Progress makes the tries start anew: a film of gigabytes may be cut more often than three times.
                tries = self._again(download, failed, response, 0 if download.most > most else tries)

    def _again(self, download: Download, failed: ComfyCloudError, response: httpx.Response | None, tries: int) -> int:
        """Return the number of tries without progress, when the next is due. Raises DownloadError after the last."""
        delay: float | None = None
        if response is not None:
            delay = retry_delay(
                self._connection.http.retry,
                Failure(failed),
                tries=tries + 1,
                repeatable=True,
                replayable=True,
                random=random.random,
            )
        elif getattr(failed, "status", None) == 416 and download.have:  # it has become shorter
            download.restart()
            delay = 0.0
        if delay is None:  # the HTTP client has tried again itself where no answer came
            raise self._error(failed) from failed
        logger.info("viewFile: going on after %d bytes in %.1f s (%s)", download.have, delay, type(failed).__name__)
        backend.sleep(delay)
        return tries + 1
