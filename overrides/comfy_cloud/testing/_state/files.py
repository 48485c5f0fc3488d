"""Store files by name, as ComfyUI does: in the folders input, output and temp, with subfolders.

If storage is content-addressed, as on the cloud, the same files are also found by their hash in any folder. The
contents are in `blobs`; this module only names them.
"""

import mimetypes
import os.path
import posixpath
import re
import threading
import time
from dataclasses import dataclass
from typing import BinaryIO

from .blobs import Blob, BlobStore

FOLDERS = ("output", "input", "temp")
_ANNOTATION = re.compile(r"(?s)(.*?)\s*\[(output|input|temp)\]")
_EXTENSION = re.compile(r"\.[a-z0-9_]+")
_HASH_NAME = re.compile(r"(?:blake3:)?([0-9a-f]{64})(?:\.\w+)?")


@dataclass(frozen=True)
class StoredFile:
    """A named content. `name` is the server's name for it, `display_name` the name that its owner chose."""

    name: str
    subfolder: str
    folder: str
    display_name: str
    blob: Blob
    modified: float


class OutsideFolderError(ValueError):
    """A name or subfolder points outside the folder that must contain it."""


class FileStore:
    """Names of contents. Safe to use from any thread."""

    def __init__(self, blobs: BlobStore, *, content_addressed: bool) -> None:
        self.blobs = blobs
        self._content_addressed = content_addressed
        self._files: dict[tuple[str, str, str], StoredFile] = {}
        self._by_digest: dict[str, StoredFile] = {}
        self._counters: dict[tuple[str, str, str], int] = {}
        self._lock = threading.RLock()

    def save(self, folder: str, subfolder: str, filename: str, blob: Blob) -> StoredFile:
        """Store a content under a name, and replace the file that had this name. On the cloud the name becomes the
        hash.
        """
        subfolder = clean_subfolder(subfolder)
        name = filename
        if self._content_addressed:
            # The cloud stores content under its hash. A client must therefore use the name from the response, not its
            # own.
            name = blob.digest + clean_extension(filename)
        stored = StoredFile(name, subfolder, folder, filename, blob, time.time())
        with self._lock:
            self._files[folder, subfolder, filename] = stored
            if self._content_addressed:
                self._by_digest[blob.digest] = stored
        return stored

    def upload(self, folder: str, subfolder: str, filename: str, source: BinaryIO, *, overwrite: bool) -> StoredFile:
        """Store an uploaded file. Without `overwrite`, a name that is taken by other bytes gets ` (1)` before its
        extension.
        """
        blob = self.blobs.put(source)
        stem, extension = os.path.splitext(filename)
        with self._lock:
            number = 0
            while not (overwrite or self._content_addressed):
                # ComfyUI 0.3.64 and 0.33.0 return the existing file if the bytes are equal, and rename the upload if
                # they differ. A client must therefore use the name from the response.
                taken = self._files.get((folder, clean_subfolder(subfolder), filename))
                if taken is None or taken.blob.digest == blob.digest:
                    break
                number += 1
                filename = f"{stem} ({number}){extension}"
            return self.save(folder, subfolder, filename, blob)

    def find(self, folder: str, subfolder: str, name: str) -> StoredFile | None:
        """Return the file of that name, or None. On the cloud its name is its hash, in any folder."""
        with self._lock:
            if not self._content_addressed:
                return self._files.get((folder, clean_subfolder(subfolder), name))
            # Not by the name that its owner chose: the cloud's nodes and downloads do not find a file by that
            # (ComfyUI_frontend pull request 8200).
            hashed = _HASH_NAME.fullmatch(name)
            return self._by_digest.get(hashed.group(1)) if hashed is not None else None

    def forget(self, blob: Blob) -> None:
        """Delete every name of a content."""
        with self._lock:
            self._files = {key: stored for key, stored in self._files.items() if stored.blob.digest != blob.digest}
            self._by_digest.pop(blob.digest, None)

    def find_input(self, value: str) -> StoredFile | None:
        """Return the file that a node's input names: `x.png`, `sub/x.png` or `x.png [output]`. The default folder is
        input.
        """
        name, folder = annotated(value, "input")
        # ComfyUI refuses such values, so a workflow cannot read files outside the folders.
        if posixpath.isabs(name) or ".." in name.split("/"):
            return None
        return self.find(folder, posixpath.dirname(name), posixpath.basename(name))

    def names(self, folder: str) -> list[str]:
        """Return the names of the files at the top of a folder, sorted, as node definitions list them."""
        with self._lock:
            return sorted({stored.name for key, stored in self._files.items() if key[0] == folder and key[1] == ""})

    def next_counter(self, folder: str, subfolder: str, prefix: str) -> int:
        """Return the number of the next file that is saved under `prefix`, counted from 1."""
        with self._lock:
            key = (folder, clean_subfolder(subfolder), prefix)
            self._counters[key] = self._counters.get(key, 0) + 1
            return self._counters[key]


def clean_extension(filename: str) -> str:
    """Return the extension in lower case with its dot, or an empty string if it cannot follow a hash in a file name."""
    extension = os.path.splitext(filename)[1].lower()
    return extension if _EXTENSION.fullmatch(extension) else ""


def content_type(filename: str) -> str:
    """Return the media type that a file's extension stands for."""
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


def annotated(value: str, default: str) -> tuple[str, str]:
    """Return a name and its folder. On ComfyUI a name may end in ` [output]`, ` [input]` or ` [temp]`."""
    match = _ANNOTATION.fullmatch(value)
    return (match.group(1), match.group(2)) if match else (value, default)


def clean_subfolder(subfolder: str) -> str:
    """Return a subfolder without `.` and double slashes. Raise OutsideFolderError if it leaves its folder."""
    if subfolder in ("", "."):
        return ""
    normal = posixpath.normpath(subfolder)
    if posixpath.isabs(normal) or normal.split("/")[0] == "..":
        raise OutsideFolderError(f"{subfolder!r} is outside its folder")
    return "" if normal == "." else normal
