"""Store contents, each once, under their blake3 hash: small ones in memory, the rest in a temporary directory.

This module knows no file names, types or owners. `files` and `assets` add those.
"""

import io
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from blake3 import blake3

CHUNK = 256 * 1024  # bytes read and hashed at a time
IN_MEMORY = 1024 * 1024  # bytes; larger contents are stored on disk
MEMORY_BUDGET = 64 * 1024 * 1024  # bytes; the limit for all contents in memory together


class Readable(Protocol):
    """A source of bytes that is read in pieces. An empty piece marks the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Blob:
    """One content: its blake3 hex digest, its size in bytes, and its bytes or the path of the file that holds them."""

    digest: str
    size: int
    content: bytes | Path

    @property
    def hash(self) -> str:
        """Return the hash as assets have it: `blake3:` and 64 hex digits."""
        return f"blake3:{self.digest}"

    def open(self) -> BinaryIO:
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `stop`, in pieces."""
        with self.open() as source:
            source.seek(start)
            while start < stop and (chunk := source.read(min(CHUNK, stop - start))):
                start += len(chunk)
                yield chunk


class BlobStore:
    """Contents by digest. Safe to use from any thread."""

    def __init__(self) -> None:
        self._blobs: dict[str, Blob] = {}
        self._in_memory = 0
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def put(self, source: Readable) -> Blob:
        """Store everything that `source` holds from its current position on."""
        digest = blake3()
        # Copy the source before taking the lock: a source may be slow, and must not block other requests.
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
            size = 0
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
                size += len(chunk)
            copy.seek(0)
            with self._lock:
                return self._keep(digest.hexdigest(), size, copy)

    def put_bytes(self, content: bytes) -> Blob:
        return self.put(io.BytesIO(content))

    def get(self, digest: str) -> Blob | None:
        with self._lock:
            return self._blobs.get(digest)

    def forget(self, blob: Blob) -> None:
        """Delete a content. Bytes on disk stay until `close`, because a response may still be reading them."""
        with self._lock:
            if self._blobs.pop(blob.digest, None) is not None and isinstance(blob.content, bytes):
                self._in_memory -= blob.size

    def close(self) -> None:
        with self._lock:
            self._blobs.clear()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def _keep(self, digest: str, size: int, copy: "tempfile.SpooledTemporaryFile[bytes]") -> Blob:
        known = self._blobs.get(digest)
        if known is not None:
            return known
        if size <= IN_MEMORY and self._in_memory + size <= MEMORY_BUDGET:
            self._in_memory += size
            blob = Blob(digest, size, copy.read())
        else:
            blob = Blob(digest, size, self._write(digest, copy))
        self._blobs[digest] = blob
        return blob

    def _write(self, digest: str, copy: "tempfile.SpooledTemporaryFile[bytes]") -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="comfy-emulator-")
        path = Path(self._folder.name) / digest
        with path.open("wb") as target:
            while chunk := copy.read(CHUNK):
                target.write(chunk)
        return path
