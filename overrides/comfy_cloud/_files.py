"""Local files: reading what is to be uploaded, placing what was downloaded. Blocks, so async code calls it in a thread.

Sends nothing. A file of the user's is never changed; an existing one is replaced only when that was asked for.
"""

from __future__ import annotations

import contextlib
import filecmp
import io
import mimetypes
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from blake3 import blake3

from ._constants import CHUNK, SPOOL_MEMORY
from ._core.images import extension_of, image_fault
from ._core.inputs import FileContent
from ._core.names import numbered_name, safe_name
from .errors import UploadError


class Source:
    """Something to upload: its display `name`, `mime_type`, `size` (bytes) and blake3 `hash` (hex).

    A `Path` is open only while it is hashed and while it is sent, so that any number of them can wait. It is read
    as a file is; what goes wrong is an UploadError that begins with `where`. `image_fault` says why the cloud would
    refuse it as an image.
    """

    def __init__(self, content: FileContent, where: str) -> None:
        self.where = where
        self._path = content if isinstance(content, Path) else None
        self._file: BinaryIO | None = None
        self._owned = True
        with self._named():
            name = self._take(content)
            file = self.open()
            self._start = file.tell()
            self.hash, self.size, head = _hash(file)
            self.release()
        self.image_fault = image_fault(head, self.size)
        self.name = safe_name(name or f"upload-{self.hash[:12]}{extension_of(head)}")
        self.mime_type = mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    _start: int | None = None

    def _take(self, content: FileContent) -> str | None:
        if isinstance(content, Path):
            return content.name
        if isinstance(content, bytes):
            self._file = io.BytesIO(content)
            return None
        if hasattr(content, "read"):
            self._file, self._owned = _seekable(cast(IO[bytes], content))
            given = getattr(content, "name", None)
            return os.path.basename(given) if isinstance(given, str) else None
        picture: Any = content
        self._file = io.BytesIO()
        picture.save(self._file, format="PNG")
        self._file.seek(0)
        return None

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            raise UploadError(f"{self.where}: the file cannot be read: {error}") from error

    def open(self) -> BinaryIO:
        """The source itself, to be read from where its content begins."""
        with self._named():
            if self._file is None:
                assert self._path is not None
                self._file = self._path.open("rb")
            if self._start is not None:
                self._file.seek(self._start)
        return cast(BinaryIO, self)

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        with self._named():
            return cast(BinaryIO, self._file).read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As a file's."""
        with self._named():
            return cast(BinaryIO, self._file).seek(offset, whence)

    def tell(self) -> int:
        """As a file's."""
        with self._named():
            return cast(BinaryIO, self._file).tell()

    def release(self) -> None:
        """Done with it for now: a path is closed, a file that the user opened stands where it was handed over."""
        if self._file is None:
            return
        if self._path is not None:
            self._file.close()
            self._file = None
        else:
            with contextlib.suppress(OSError, ValueError):  # its owner may have closed it
                self._file.seek(self._start or 0)

    def close(self) -> None:
        """Done with it for good; what the user opened stays open."""
        self.release()
        if self._file is not None and self._owned:
            self._file.close()


def _seekable(file: IO[bytes]) -> tuple[BinaryIO, bool]:
    """The file itself where it can be read twice, else a copy of it in memory or, if large, on disk."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        if file.seekable():
            return cast(BinaryIO, file), False
    with contextlib.ExitStack() as undo:
        copy: Any = undo.enter_context(tempfile.SpooledTemporaryFile(max_size=SPOOL_MEMORY))
        for chunk in _chunks(file):
            copy.write(chunk)
        copy.seek(0)
        undo.pop_all()  # it is closed with its Source
        return copy, True


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK * 16):
        if not isinstance(chunk, bytes):
            raise ValueError("it gives text; open it in binary mode")
        yield chunk


def _hash(file: BinaryIO) -> tuple[str, int, bytes]:
    hasher, size, head = blake3(), 0, b""
    for chunk in _chunks(file):
        head = head or chunk
        hasher.update(chunk)
        size += len(chunk)
    return hasher.hexdigest(), size, head


class PartFile:
    """A download on its way: bytes go to a part file beside the target, which appears only when all is there."""

    def __init__(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self._target = target
        # 32 characters of the name are 128 bytes at most. Made as any file is, it has the rights that any file gets.
        self._path = target.with_name(f".{target.name[:32]}.{secrets.token_hex(8)}.part")
        self._file = self._path.open("xb")

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        self._file.write(chunk)

    def restart(self) -> None:
        """Begin again with an empty file."""
        self._file.seek(0)
        self._file.truncate()

    def place(self, *, overwrite: bool) -> Path:
        """Finish: the target's path, or another name beside it where other bytes stand at the target."""
        self._file.close()
        if overwrite:
            self._path.replace(self._target)
            return self._target
        number = 0
        while True:
            name = numbered_name(self._target.name, number) if number else self._target.name
            candidate = self._target.with_name(name)
            if self._claim(candidate):
                return candidate
            if candidate.is_file() and filecmp.cmp(self._path, candidate, shallow=False):
                self._path.unlink()
                return candidate
            number += 1

    def _claim(self, candidate: Path) -> bool:
        """Move the part file there unless something is there; no moment between the look and the move."""
        try:
            os.link(self._path, candidate)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            try:
                os.close(os.open(candidate, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            except FileExistsError:
                return False
            self._path.replace(candidate)
            return True
        self._path.unlink()
        return True

    def discard(self) -> None:
        """Leave nothing behind; does nothing once the file is placed."""
        with contextlib.suppress(OSError):  # a full disk cannot take what is still buffered
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink()


def target_path(where: str | os.PathLike[str], name: str) -> Path:
    """Where a file called `name` goes: into `where` if that is a folder or ends like one, else `where` itself."""
    text = os.fspath(where)
    path = Path(text)
    return path / name if path.is_dir() or text.endswith(("/", os.sep)) else path
