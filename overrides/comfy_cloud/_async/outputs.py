"""What a job made: a sequence of outputs, read or saved through `GET /api/view`."""

from __future__ import annotations

import contextlib
import os
import random
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any, overload

from .._constants import SAVE_CONCURRENCY, SHOWN_IMAGE_MAX, SHOWN_IMAGE_TIMEOUT
from .._core.downloads import Download, SignedURL, signed_url
from .._core.images import image_type
from .._core.names import safe_name, unique_name
from .._core.outputs import OutputEntry, OutputKind, read_outputs
from .._core.retry import Failure, retry_delay
from .._files import PartFile, target_path
from .._httpx import httpx
from .._logging import logger
from ..errors import ComfyCloudError, DownloadError
from ..raw.api.file import view_file
from . import backend
from .deadline import until
from .http import AsyncHTTPClient

Progress = Callable[[int, int], Any]


class AsyncOutput:
    """One output of a job: a file, or a text.

    - `node_id`: the node that made it
    - `key`: the server's word for its sort, e.g. `images` or `gifs`
    - `kind`: ours: image, video, audio, 3d, text or file, by the entry's type and file extension
    - `filename`: the server's name of the file; None for a text
    - `subfolder` and `type` (output, temp or input): where the server keeps the file
    - `text`: the text; None for a file
    """

    node_id: str
    key: str
    kind: OutputKind
    filename: str | None
    subfolder: str
    type: str
    text: str | None

    def __init__(self, http: AsyncHTTPClient, job_id: str, entry: OutputEntry) -> None:
        self._http = http
        self._job_id = job_id
        self._picture: bytes | None = None
        for name in AsyncOutput.__annotations__:
            setattr(self, name, getattr(entry, name))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} node {self.node_id} {self.kind}: {self.filename or 'text'}>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows: the picture, up to 5 MB.

        `Output` fetches it for that; the async client, which cannot wait here, shows what was read before.
        """
        picture = self._picture or backend.at_once(self._fetch_picture)
        kind = picture and image_type(picture)
        if picture and kind:
            return {"text/plain": repr(self), kind: b64encode(picture).decode()}
        return {"text/plain": f"{self!r}" + (" (shown once it was read, up to 5 MB)" if self.kind == "image" else "")}

    async def _fetch_picture(self) -> bytes | None:
        """The content, if it is a picture small enough to be shown and comes in time."""
        content = b""
        if self.kind == "image":
            with contextlib.suppress(ComfyCloudError), until(time.monotonic() + SHOWN_IMAGE_TIMEOUT):
                async with aclosing(self.iter_bytes()) as chunks:
                    async for chunk in chunks:
                        content += chunk
                        if len(content) > SHOWN_IMAGE_MAX:
                            return None
                self._keep(content)
        return self._picture

    def _keep(self, content: bytes) -> None:
        self._picture = content if image_type(content) and len(content) <= SHOWN_IMAGE_MAX else None

    async def read(self) -> bytes:
        """The whole content in memory: a file's bytes, or a text in UTF-8. Raises DownloadError."""
        parts: list[bytes] = []
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                if piece is None:
                    parts.clear()
                else:
                    parts.append(piece)
        content = b"".join(parts)
        self._keep(content)
        return content

    async def iter_bytes(self) -> backend.Stream[bytes]:
        """The content in chunks as they arrive, continued where it is cut. Raises DownloadError where that cannot be.

        `read` and `save` begin anew in that case.
        """
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                if piece is None:
                    raise self._error("it was cut, and what comes now is not the rest of it")
                yield piece

    async def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Save to a file, or into a folder (an existing one, or a path that ends with `/`) under its own name.

        Bytes go to a part file first. An existing file is replaced only with `overwrite`: the same bytes count as
        saved, other bytes get the next free name (`name-1.png`). Returns where it went. Raises DownloadError.
        """
        return await self._save_to(target_path(path, self._local_name()), overwrite)

    async def url(self) -> SignedURL:
        """Where the file can be fetched from without a key, and until when: `GET /api/view`, not followed.

        On a ComfyUI that is its own address of the file. Raises DownloadError.
        """
        if self.filename is None:
            raise self._error("a text has no address")
        request = self._request({}, redirect=False)
        try:
            response = await self._http.send(request, stream=True)
        except ComfyCloudError as error:
            raise self._error(error) from error
        await response.aclose()
        return signed_url(response.extensions.get("location", str(request.url)))

    def _local_name(self) -> str:
        return safe_name(self.filename or f"{self.node_id}_{self.key}.txt")

    def _error(self, reason: object) -> DownloadError:
        owners = [f"{owner} {name}" for owner, name in (("node", self.node_id), ("job", self._job_id)) if name]
        what = f"output {self.filename or 'text'!r}" + (f" of {', '.join(owners)}" if owners else "")
        return DownloadError(f"{what}: {reason}", job_id=self._job_id or None)

    def _request(self, headers: dict[str, str], **extensions: Any) -> httpx.Request:
        kwargs = view_file._get_kwargs(filename=self.filename or "", subfolder=self.subfolder, type_=self.type)
        kwargs["extensions"] |= {"total_timeout": None, **extensions}  # a transfer takes as long as it takes
        return self._http.build_request(**kwargs, headers=headers)

    async def _save_to(self, target: Path, overwrite: bool) -> Path:
        part = None
        try:
            part = PartFile(target)
            async with aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    if piece is None:
                        part.restart()
                    else:
                        part.write(piece)
            return await backend.in_thread(part.place, overwrite=overwrite)
        except OSError as error:
            raise self._error(f"{target} cannot be written: {error.strerror or error}") from error
        finally:
            if part is not None:
                await backend.in_thread(part.discard)

    async def _pieces(self) -> backend.Stream[bytes | None]:
        """The content in chunks, continued where it is cut; None where it begins anew. Raises DownloadError."""
        if self.text is not None:
            yield self.text.encode()
            return
        download, tries, given = Download(), 0, False
        while True:
            most, response = download.most, None
            try:
                response = await self._http.send(self._request(download.headers()), stream=True)
                download.begin(response.status_code, response.headers)
                if given and not download.have:
                    yield None
                async for raw in response.aiter_raw():
                    if chunk := download.take(raw):
                        given = True
                        yield chunk
                download.finish()
                return
            except ComfyCloudError as error:
                failed = error
            finally:
                if response is not None:
                    await response.aclose()
            tries = await self._again(download, failed, response, 0 if download.most > most else tries)

    async def _again(
        self, download: Download, failed: ComfyCloudError, response: httpx.Response | None, tries: int
    ) -> int:
        """How many tries without progress were made, once it is time for the next. Raises DownloadError for none."""
        delay: float | None = None
        if response is not None:
            delay = retry_delay(
                self._http.retry,
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
        await backend.sleep(delay)
        return tries + 1


class AsyncOutputs(Sequence[AsyncOutput]):
    """The outputs of a job in their order. `outputs["9"]` has those of one node; a slice has a part."""

    def __init__(self, outputs: Iterable[AsyncOutput]) -> None:
        self._outputs = tuple(outputs)

    @classmethod
    def _of(cls, http: AsyncHTTPClient, job_id: str, raw: object) -> AsyncOutputs:
        return cls(AsyncOutput(http, job_id, entry) for entry in read_outputs(raw))

    @overload
    def __getitem__(self, which: int) -> AsyncOutput: ...
    @overload
    def __getitem__(self, which: slice | str) -> AsyncOutputs: ...
    def __getitem__(self, which: int | slice | str) -> AsyncOutput | AsyncOutputs:
        if isinstance(which, str):
            return AsyncOutputs(output for output in self._outputs if output.node_id == which)
        return AsyncOutputs(self._outputs[which]) if isinstance(which, slice) else self._outputs[which]

    def __len__(self) -> int:
        return len(self._outputs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {list(self._outputs)}>"

    def _kinds(self, *kinds: str) -> AsyncOutputs:
        return AsyncOutputs(output for output in self._outputs if output.kind in kinds)

    @property
    def images(self) -> AsyncOutputs:
        """Those of kind image."""
        return self._kinds("image")

    @property
    def videos(self) -> AsyncOutputs:
        """Those of kind video."""
        return self._kinds("video")

    @property
    def audios(self) -> AsyncOutputs:
        """Those of kind audio."""
        return self._kinds("audio")

    @property
    def texts(self) -> AsyncOutputs:
        """Those of kind text."""
        return self._kinds("text")

    @property
    def files(self) -> AsyncOutputs:
        """All that are files, of whatever kind."""
        return AsyncOutputs(output for output in self._outputs if output.filename is not None)

    async def save(
        self,
        folder: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        concurrency: int = SAVE_CONCURRENCY,
        on_progress: Progress | None = None,
    ) -> list[Path]:
        """Save every output into `folder` (made if need be), several at a time; texts as `.txt`.

        Returns the paths in the order of the outputs. Two outputs never share a name. `on_progress` is called with
        the number saved so far and the number of all. Raises DownloadError; what was saved before stays.
        """
        names: list[str] = []
        for output in self._outputs:
            names.append(unique_name(output._local_name(), names))
        done = 0

        async def one(output: AsyncOutput, name: str) -> Path:
            nonlocal done
            path = await output._save_to(Path(folder) / name, overwrite)
            done += 1
            if on_progress is not None:
                await backend.resolve(on_progress(done, len(names)))
            return path

        pairs = zip(self._outputs, names, strict=True)
        return await backend.gather([partial(one, output, name) for output, name in pairs], concurrency)
