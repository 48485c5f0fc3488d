"""Files by name, as ComfyUI keeps them: input, output and temp folders with subfolders in them.

Where storage is content-addressed (the cloud), the same files are also found by their hash, whatever their
folder. Contents are in `_blobs`; this module only names them.
"""

import os.path
import posixpath
import re
import threading
import time
from dataclasses import dataclass
from typing import BinaryIO

from ._blobs import Blob, BlobStore

FOLDERS = ("output", "input", "temp")
_ANNOTATION = re.compile(r"(?s)(.*?)\s*\[(output|input|temp)\]")
_EXTENSION = re.compile(r"\.[a-z0-9_]+")
_HASH_NAME = re.compile(r"(?:blake3:)?([0-9a-f]{64})(?:\.\w+)?")


@dataclass(frozen=True)
class StoredFile:
    """A named content. `name` is what the server calls it, `display_name` what its owner called it."""

    name: str
    subfolder: str
    folder: str
    display_name: str
    blob: Blob
    modified: float


class OutsideFolderError(ValueError):
    """A name or subfolder points outside the folder it is to be kept in."""


class FileStore:
    """Names for blobs. Safe to use from any thread."""

    def __init__(self, blobs: BlobStore, *, content_addressed: bool) -> None:
        self.blobs = blobs
        self._content_addressed = content_addressed
        self._files: dict[tuple[str, str, str], StoredFile] = {}
        self._by_digest: dict[str, StoredFile] = {}
        self._counters: dict[tuple[str, str, str], int] = {}
        self._lock = threading.RLock()

    def save(self, folder: str, subfolder: str, filename: str, blob: Blob) -> StoredFile:
        """Keep `blob` under a name, replacing what had that name. In the cloud the name becomes the hash."""
        subfolder = clean_subfolder(subfolder)
        name = filename
        if self._content_addressed:
            name = blob.digest + clean_extension(filename)
        stored = StoredFile(name, subfolder, folder, filename, blob, time.time())
        with self._lock:
            self._files[folder, subfolder, filename] = stored
            if self._content_addressed:
                self._by_digest[blob.digest] = stored
        return stored

    def upload(self, folder: str, subfolder: str, filename: str, source: BinaryIO, *, overwrite: bool) -> StoredFile:
        """Keep an upload. Without `overwrite`, other bytes under a taken name get ` (1)` before the extension."""
        blob = self.blobs.put(source)
        stem, extension = os.path.splitext(filename)
        with self._lock:
            number = 0
            while not (overwrite or self._content_addressed):
                taken = self._files.get((folder, clean_subfolder(subfolder), filename))
                if taken is None or taken.blob.digest == blob.digest:
                    break
                number += 1
                filename = f"{stem} ({number}){extension}"
            return self.save(folder, subfolder, filename, blob)

    def find(self, folder: str, subfolder: str, name: str) -> StoredFile | None:
        """The file of that name; in the cloud also by hash or by display name, whatever the folder."""
        with self._lock:
            found = self._files.get((folder, clean_subfolder(subfolder), name))
            if found is not None or not self._content_addressed:
                return found
            hashed = _HASH_NAME.fullmatch(name)
            if hashed is not None:
                return self._by_digest.get(hashed.group(1))
            named = [stored for stored in self._files.values() if stored.display_name == name]
            return named[-1] if named else None

    def forget(self, blob: Blob) -> None:
        """Drop every name of a content."""
        with self._lock:
            self._files = {key: stored for key, stored in self._files.items() if stored.blob.digest != blob.digest}
            self._by_digest.pop(blob.digest, None)

    def find_input(self, value: str) -> StoredFile | None:
        """The file that a node's input names: `x.png`, `sub/x.png` or `x.png [output]`, by default an input."""
        name, folder = annotated(value, "input")
        if posixpath.isabs(name) or ".." in name.split("/"):
            return None
        return self.find(folder, posixpath.dirname(name), posixpath.basename(name))

    def names(self, folder: str) -> list[str]:
        """The names in the top of a folder, sorted, as node definitions offer them."""
        with self._lock:
            return sorted(stored.name for key, stored in self._files.items() if key[0] == folder and key[1] == "")

    def next_counter(self, folder: str, subfolder: str, prefix: str) -> int:
        """The number of the next file saved under `prefix`; counts from 1."""
        with self._lock:
            key = (folder, clean_subfolder(subfolder), prefix)
            self._counters[key] = self._counters.get(key, 0) + 1
            return self._counters[key]


def clean_extension(filename: str) -> str:
    """The extension in lower case with its dot, empty where it could not stand behind a hash."""
    extension = os.path.splitext(filename)[1].lower()
    return extension if _EXTENSION.fullmatch(extension) else ""


def annotated(value: str, default: str) -> tuple[str, str]:
    """A name and its folder: ComfyUI lets a name end in ` [output]`, ` [input]` or ` [temp]`."""
    match = _ANNOTATION.fullmatch(value)
    return (match.group(1), match.group(2)) if match else (value, default)


def clean_subfolder(subfolder: str) -> str:
    """A subfolder without `.` and double slashes; raises OutsideFolderError where it leaves its folder."""
    if subfolder in ("", "."):
        return ""
    normal = posixpath.normpath(subfolder)
    if posixpath.isabs(normal) or normal.split("/")[0] == "..":
        raise OutsideFolderError(f"{subfolder!r} is outside its folder")
    return "" if normal == "." else normal
