"""What a job made: a sequence of outputs, read or saved through `GET /api/view`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, overload

from .._constants import CHUNK, RETRY_ATTEMPTS, SAVE_CONCURRENCY
from .._core.names import safe_name, unique_name
from .._core.outputs import OutputEntry, OutputKind, read_outputs
from .._files import PartFile, target_path
from .._httpx import connection_error, httpx
from ..errors import APIConnectionError, ComfyCloudError, DownloadError
from ..raw.api.file import view_file
from . import backend
from .http import AsyncHTTPClient

Progress = Callable[[int, int], Any]


class AsyncOutput:
    """One output of a job: a file (`filename`) or a text (`text`).

    `node_id` made it, `key` is the server's word for its sort, `kind` ours: image, video, audio, 3d, text or file.
    `subfolder` and `type` (output, temp or input) say where the server keeps a file.
    """

    def __init__(self, http: AsyncHTTPClient, job_id: str, entry: OutputEntry) -> None:
        self._http = http
        self._job_id = job_id
        self._entry = entry

    @property
    def node_id(self) -> str:
        """Id of the node that made it."""
        return self._entry.node_id

    @property
    def key(self) -> str:
        """The server's word for its sort, e.g. `images` or `gifs`."""
        return self._entry.key

    @property
    def kind(self) -> OutputKind:
        """image, video, audio, 3d, text or file, by the entry's type and file extension."""
        return self._entry.kind

    @property
    def filename(self) -> str | None:
        """The server's name of the file; None for a text."""
        return self._entry.filename

    @property
    def subfolder(self) -> str:
        """The server's folder of the file, or ""."""
        return self._entry.subfolder

    @property
    def type(self) -> str:
        """The server's area of the file: output, temp or input."""
        return self._entry.type

    @property
    def text(self) -> str | None:
        """The text; None for a file."""
        return self._entry.text

    def __repr__(self) -> str:
        return f"<{type(self).__name__} node {self.node_id} {self.kind}: {self.filename or 'text'}>"

    async def read(self) -> bytes:
        """The whole content in memory: a file's bytes, or a text in UTF-8. Raises DownloadError."""
        parts: list[bytes] = []
        await self._fetch(parts.append, parts.clear)
        return b"".join(parts)

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """The content in chunks as they arrive (`GET /api/view`). A cut stream raises; `save` tries again."""
        if self.text is not None:
            yield self.text.encode()
            return
        kwargs = view_file._get_kwargs(filename=self.filename or "", subfolder=self.subfolder, type_=self.type)
        kwargs["extensions"]["total_timeout"] = None  # a transfer takes as long as it takes
        # Compressed bytes could be neither counted nor continued.
        request = self._http.build_request(**kwargs, headers={"Accept-Encoding": "identity"})
        response = await self._http.send(request, stream=True)
        broken: APIConnectionError
        try:
            async for chunk in response.aiter_bytes(CHUNK):
                yield chunk
            return
        except httpx.DecodingError as error:
            broken = connection_error(error, "viewFile", "GET", request.url.path)
        finally:
            await response.aclose()
        raise broken

    async def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Save to a file, or into a folder (an existing one, or a path that ends with `/`) under its own name.

        Bytes go to a part file first. An existing file is replaced only with `overwrite`: the same bytes count as
        saved, other bytes get the next free name (`name-1.png`). Returns where it went. Raises DownloadError.
        """
        return await self._save_to(target_path(path, self._local_name()), overwrite)

    def _local_name(self) -> str:
        return safe_name(self.filename or f"{self.node_id}_{self.key}.txt")

    async def _save_to(self, target: Path, overwrite: bool) -> Path:
        part = None
        try:
            part = await backend.in_thread(PartFile, target)
            await self._fetch(part.write, part.restart)
            return await backend.in_thread(part.place, overwrite=overwrite)
        except OSError as error:
            if isinstance(error, ComfyCloudError):
                raise
            raise DownloadError(
                f"{target}: cannot be written: {error.strerror or error}", job_id=self._job_id
            ) from error
        finally:
            if part is not None:
                await backend.in_thread(part.discard)

    async def _fetch(self, write: Callable[[bytes], Any], restart: Callable[[], Any]) -> None:
        """The whole content into `write`; a cut stream begins anew after `restart`."""
        for left in reversed(range(RETRY_ATTEMPTS)):
            try:
                async for chunk in self.iter_bytes():
                    write(chunk)
                return
            except ComfyCloudError as error:
                if not left or not isinstance(error, APIConnectionError):
                    what = self.filename or f"text of node {self.node_id}"
                    message = f"output {what!r} of job {self._job_id} could not be fetched: {error}"
                    raise DownloadError(message, job_id=self._job_id) from error
                restart()


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
