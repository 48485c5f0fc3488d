"""Local files: read the sources of uploads and write downloads. All calls block, so async code uses a thread.

Nothing here sends a request. A file of the user is never changed, and only replaced if `overwrite` is true.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import io
import json
import os
import re
import secrets
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from blake3 import blake3

from ._constants import CHUNK, SEND_CHUNK, SPOOL_MEMORY
from ._core.images import extension_of, image_fault
from ._core.inputs import FileContent
from ._core.names import numbered_name, safe_name
from ._core.outputs import media_type_of_name, names_a_file
from ._settings import expanded
from .errors import BatchError, DownloadError, UploadError


class Source:
    """The source of an upload, with its display `name`, `mime_type`, `size` (bytes) and blake3 `hash` (hex).

    A source is read like a binary file. Errors become UploadError, whose message begins with `where`. `image_fault`
    is the reason why the cloud would refuse the image, or None. `name` replaces the name of the content. A file that
    is `owned` is closed with its source.

    A `Path` is open only while it is hashed and while it is sent. Otherwise a workflow with thousands of files would
    reach the limit of open files before the first upload.
    """

    def __init__(self, content: FileContent, where: str, *, name: str | None = None, owned: bool = False) -> None:
        self.where = where
        self._path = content if isinstance(content, Path) else None
        self._file: BinaryIO | None = None
        self._owned = True
        with self._named():
            own_name = self._take(content)
            self._owned = self._owned or owned
            file = self.open()
            self._start = file.tell()
            head = next(_chunks(file), b"")
            self.size = self._measure(file)
            self.release()
        self.image_fault = image_fault(head, self.size)
        self.name = safe_name(name or own_name or f"upload-{self.hash[:12]}{extension_of(head)}")
        self.mime_type = media_type_of_name(self.name) or "application/octet-stream"

    _start: int | None = None
    _hash: str | None = None

    @property
    def hash(self) -> str:
        """The blake3 hash (hex). It is computed once, when it is needed: to hash takes as long as to send."""
        if self._hash is None:
            self._hash, _ = _hash(self.open())
            self.release()
        return self._hash

    @property
    def identity(self) -> object:
        """A value that sources with the same content share, if their hash is known."""
        return self._hash or id(self)

    def _measure(self, file: BinaryIO) -> int:
        try:
            return file.seek(0, os.SEEK_END) - (self._start or 0)
        except UploadError:  # a GzipFile does not know its end
            self._hash, size = _hash(self.open())
            return size

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
        # PNG is lossless and keeps transparency, whatever the format that the picture was opened from.
        self._file = io.BytesIO()
        picture.save(self._file, format="PNG")
        self._file.seek(0)
        return None

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            raise UploadError(f"{self.where}: could not read the file: {error}") from error

    def open(self) -> BinaryIO:
        """Open the source at the start of its content, and return the source itself."""
        with self._named():
            if self._file is None:
                assert self._path is not None
                self._file = self._path.open("rb")
            if self._start is not None:
                self._file.seek(self._start)
        return cast(BinaryIO, self)

    def read(self, size: int = -1) -> bytes:
        """Read like `BinaryIO.read`, but at least SEND_CHUNK bytes if there are as many."""
        # httpx asks for 64 KiB. What a transfer costs is the number of its chunks, and httpx takes any size.
        with self._named():
            return cast(BinaryIO, self._file).read(size if size < 0 else max(size, SEND_CHUNK))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Change the position, like `BinaryIO.seek`."""
        with self._named():
            return cast(BinaryIO, self._file).seek(offset, whence)

    def tell(self) -> int:
        """Return the position, like `BinaryIO.tell`."""
        with self._named():
            return cast(BinaryIO, self._file).tell()

    def release(self) -> None:
        """Close a path until it is needed again, or move a user's open file back to where it was handed over."""
        if self._file is None:
            return
        if self._path is not None:
            self._file.close()
            self._file = None
        else:
            with contextlib.suppress(OSError, ValueError):  # The user may have closed the file.
                self._file.seek(self._start or 0)

    def close(self) -> None:
        """Close the source for good. A file that the user opened stays open."""
        self.release()
        if self._file is not None and self._owned:
            self._file.close()


def _seekable(file: IO[bytes]) -> tuple[BinaryIO, bool]:
    """Return a file that can be read twice, and whether it is a copy that must be closed.

    An upload is read at least twice, once for its hash and once for each try to send it. A file that cannot seek,
    such as a pipe, is therefore copied: to memory, or to disk if it is large.
    """
    with contextlib.suppress(AttributeError, OSError, ValueError):
        if file.seekable():
            return cast(BinaryIO, file), False
    with contextlib.ExitStack() as undo:
        copy: Any = undo.enter_context(tempfile.SpooledTemporaryFile(max_size=SPOOL_MEMORY))
        for chunk in _chunks(file):
            copy.write(chunk)
        copy.seek(0)
        undo.pop_all()  # Keep the copy open: its Source closes it.
        return copy, True


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK * 16):
        if not isinstance(chunk, bytes):
            raise ValueError("read() must return bytes, not text; open the file in binary mode")
        yield chunk


def _hash(file: BinaryIO) -> tuple[str, int]:
    hasher, size = blake3(), 0
    for chunk in _chunks(file):
        hasher.update(chunk)
        size += len(chunk)
    return hasher.hexdigest(), size


class PartFile:
    """A download in progress: bytes go to a part file beside the target, which appears only when it is whole.

    The part file is locked while it is written, and the lock ends with the process. So a part file without a lock was
    left by a process that was killed, and the next download of the same target removes it. It is looked for in `parts`,
    the `part_files` of the folder: whoever saves thousands of files there lists them once.
    """

    def __init__(self, target: Path, parts: Iterable[str] = ()) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self._target = target
        # 32 characters of the name are 128 bytes at most, so that the name with its ending fits the 255 bytes of most
        # file systems. It is not a NamedTemporaryFile: that has the mode 0600, and the saved file would keep this mode.
        prefix = f".{target.name[:32]}."
        for name in parts:
            if name.startswith(prefix):
                _remove_left_behind(target.with_name(name))
        # `place` runs in a thread that nobody can stop, and `discard` may be called while it does.
        self._lock = threading.Lock()
        while True:
            self._path = target.with_name(f"{prefix}{secrets.token_hex(8)}.part")
            self._file = self._path.open("xb")
            if _lock_file(self._file) is not False and _is_at(self._file, self._path):
                return
            self._file.close()  # another process took it for one that was left behind, before it was locked

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self._file.write(chunk)

    def restart(self) -> None:
        """Start again with an empty file."""
        self._file.seek(0)
        self._file.truncate()

    def place(self, *, overwrite: bool) -> Path:
        """Move the file to the target and return its path.

        If a file with other bytes exists there, the name gets a number. If it has the same bytes, it is kept. Either
        the whole file appears there, or an OSError is raised and nothing is changed.
        """
        with self._lock:
            if self._file.closed:
                raise FileNotFoundError(errno.ENOENT, "the download was given up")
            try:
                # Synced before it gets its name: after a power failure, a whole name must not stand for half a file.
                self._file.flush()
                with _unless(errno.EINVAL, *_UNSUPPORTED):
                    os.fsync(self._file.fileno())
                if os.name == "nt":
                    self._file.close()  # an open file cannot be renamed there
                return self._place(overwrite)
            finally:
                self._file.close()

    def _place(self, overwrite: bool) -> Path:
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
        """Move the part file to `candidate` unless a file exists there; return True if it was moved.

        A check with `exists` before a rename would lose a file that another process creates between the two calls.
        A hard link fails if the name exists, so check and move are one system call.
        """
        try:
            os.link(self._path, candidate)
        except FileExistsError:
            return False
        except OSError as error:
            # Every other error, such as a part file that a cleaner removed, means that nothing can be placed.
            if error.errno not in _NO_LINKS:
                raise
            return self._claim_by_name(candidate)
        with contextlib.suppress(OSError):  # the file is there under its name, whatever becomes of the other one
            self._path.unlink()
        return True

    def _claim_by_name(self, candidate: Path) -> bool:
        """Do the same on a file system without hard links (exFAT, some network drives)."""
        try:
            os.close(os.open(candidate, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        try:
            self._path.replace(candidate)
        except BaseException:
            # Taken back: an empty file under this name would count as a result.
            with contextlib.suppress(OSError):
                candidate.unlink()
            raise
        return True

    def discard(self) -> None:
        """Leave nothing behind; does nothing once the file is placed."""
        with self._lock:
            with contextlib.suppress(OSError):  # a full disk cannot take what is still buffered
                self._file.close()
            with contextlib.suppress(OSError):
                self._path.unlink()


_UNSUPPORTED: Final = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
# What says that a file system has no hard links, or not between these two names. EACCES is Android's word for it,
# EINVAL that of Windows on FAT.
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.EINVAL, *_UNSUPPORTED})
_PART_NAME: Final = re.compile(r"\..*\.[0-9a-f]{16}\.part", re.DOTALL)


@contextlib.contextmanager
def _unless(*numbers: int) -> Iterator[None]:
    """Ignore OSErrors with these numbers."""
    try:
        yield
    except OSError as error:
        if error.errno not in numbers:
            raise


def _lock_file(file: BinaryIO) -> bool | None:
    """Lock an open file until it is closed. Return False if another has the lock, None if there are no locks here."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True
    else:  # mypy takes what follows an `if` on the platform for unreachable
        return None


def _is_at(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def part_files(folder: Path) -> list[str]:
    """Return the names of the part files in a folder, whether they are being written or were left behind."""
    with contextlib.suppress(OSError):
        return list(filter(_PART_NAME.fullmatch, os.listdir(folder)))
    return []


def _remove_left_behind(part: Path) -> None:
    """Remove a part file of a killed process. One that is being written, maybe in another process, stays."""
    with contextlib.suppress(OSError), part.open("r+b") as file:
        # Windows has no such lock, but refuses to remove a file that is open.
        if os.name == "nt":
            file.close()
            part.unlink()
        elif _lock_file(file):
            part.unlink()


def seal(paths: list[Path]) -> list[dict[str, Any]]:
    """Make sure that saved files survive a crash of the machine; return name, size and blake3 hash of each.

    Their content was synced before they got their names, so only the names are synced here. Raises DownloadError.
    """
    sealed = []
    try:
        for path in paths:
            with path.open("rb") as file:
                hash_, size = _hash(cast(BinaryIO, file))
            sealed.append({"name": path.name, "size": size, "blake3": hash_})
        for folder in {path.parent for path in paths}:
            _sync_folder(folder)
    except OSError as error:
        raise DownloadError(f"could not write to disk: {error}") from error
    return sealed


def are_whole(folder: Path, sealed: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether files that `seal` told of are in a folder, each with its size."""
    try:
        return all((folder / file["name"]).stat().st_size == file["size"] for file in sealed)
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    """Write the names of a folder's files to disk. Windows opens no folders, and keeps names by itself."""
    if os.name != "nt":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def clear_parts(folder: Path) -> None:
    """Delete the part files that a process which was killed left in a folder that only we use."""
    for path in folder.glob(".*.part"):
        path.unlink(missing_ok=True)


def kept_copy(content: FileContent, where: str, folder: Path) -> Path:
    """Copy content into a folder under its hash and return the path. Raises UploadError."""
    source = Source(content, where)
    try:
        path = folder / source.hash
        if not path.exists():
            _write(path, _chunks(source.open()))
        return path
    finally:
        source.close()


def page_template() -> str:
    """Return the template of contact sheets, a file of this package."""
    return resources.files(__package__ or "").joinpath("contact_sheet.html").read_text(encoding="utf-8")


def write_text(path: Path, text: str) -> Path:
    """Write a file whole or not at all, and return its path. Raises BatchError."""
    try:
        _write(path, [text.encode()])
    except OSError as error:
        raise BatchError(f"could not write {path}: {error.strerror or error}") from error
    return path


def write_json(path: Path, value: object) -> None:
    """Write JSON to read. Raises OSError."""
    _write(path, [json.dumps(value, indent=2, ensure_ascii=False, default=str).encode()])


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    part = PartFile(path)
    try:
        for chunk in chunks:
            part.write(chunk)
        part.place(overwrite=True)
    finally:
        part.discard()


def target_path(where: str | os.PathLike[str], name: str) -> Path:
    """Return the path for a file called `name`: inside `where` if that is a folder or ends with a slash, else `where`.

    The end of the string decides as well, because a folder that does not exist yet looks like a file name.
    """
    text = expanded(where, DownloadError)
    path = Path(text)
    return path / name if _is_folder(text) else path


def target_paths(where: str | os.PathLike[str], names: Iterable[str], number: int) -> tuple[Path, Iterable[str]]:
    """Return the folder for so many files with these names, and their names in it: for one file, `where` may name it.

    Names are read when they are needed. Raises DownloadError if there are several files and `where` is meant as a file,
    since it has a file's extension.
    """
    text = expanded(where, DownloadError)
    path = Path(text)
    if number and "." in path.name and not _is_folder(text):
        names = list(names)
        if names_a_file(path.name, names):
            if number > 1:
                raise DownloadError(
                    f"{text!r} is one file, and there are {number} outputs to save: give a folder, such as"
                    f" {os.path.join(path.parent, path.stem, '')!r}, or save one output"
                )
            return path.parent, [path.name]
    return path, names


def _is_folder(text: str) -> bool:
    return text.endswith(("/", os.sep)) or Path(text).is_dir()


def path_hint(value: object) -> str:
    """Return what to do about a string that is the path of a file on this machine; an empty string for others."""
    with contextlib.suppress(OSError, ValueError):
        if isinstance(value, str) and value and os.path.isfile(value):
            return f" A file {value!r} is on this machine: to upload it, set Path({value!r}) instead of the string"
    return ""
