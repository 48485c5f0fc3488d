"""Store the files that a user keeps on the server: contents and times by path, in folders that stay once created.

All paths lie below one root. `UserdataRules` says how servers respond to bad paths and how they write times.
"""

import posixpath
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .files import content_type
from .times import iso_time

OPERATIONS: tuple[str, ...] = ("getUserdata", "getUserdataFile", "postUserdataFile", "deleteUserdataFile")
OUTSIDE = "Invalid directory"


@dataclass(frozen=True)
class UserdataRules:
    """The user data behaviour of one family of servers.

    With `unquotes_again`, a path is percent-decoded once more after routing; ComfyUI 0.3.64 and 0.33.0 do so. With
    `always_full`, files are always described by objects; otherwise only if the request asks for it. `listed` and
    `stored` convert a time in epoch seconds for a list and for the response to a write. `created` adds the time of
    creation. `outside` is the status, by operation, for paths that leave the root. With `raw_folders`, naming a folder
    instead of a file runs into an error of the file system; otherwise the file is missing.
    """

    unquotes_again: bool
    always_full: bool
    file_type: Callable[[str], str]
    listed: Callable[[float], float | str]
    stored: Callable[[float], float | str]
    created: bool
    outside: Mapping[str, int]
    raw_folders: bool


@dataclass(frozen=True)
class UserFile:
    """One file. Times are epoch seconds."""

    path: str
    content: bytes
    modified: float
    created: float


class OutsideRootError(ValueError):
    """A path leaves the user's folder, or is not a path."""


class BlockedPathError(ValueError):
    """A path cannot hold a file: there is a folder, or one of its parent folders is a file."""


class Userdata:
    """Files by path. Safe to use from any thread."""

    def __init__(self) -> None:
        self._files: dict[str, UserFile] = {}
        self._folders = {""}
        self._lock = threading.Lock()

    def get(self, path: str) -> UserFile | None:
        with self._lock:
            return self._files.get(clean_path(path))

    def is_folder(self, path: str) -> bool:
        with self._lock:
            return clean_path(path) in self._folders

    def put(self, path: str, content: bytes, *, overwrite: bool) -> UserFile | None:
        """Write a file and create the folders above it. Return None if it exists and `overwrite` is not set.

        Raises BlockedPathError.
        """
        path = clean_path(path)
        with self._lock:
            known = self._files.get(path)
            if known is not None and not overwrite:
                return None
            parents = _parents(path)
            if path in self._folders or any(parent in self._files for parent in parents):
                raise BlockedPathError(f"{path!r} cannot be a file")
            self._folders.update(parents)
            now = time.time()
            file = UserFile(path, content, now, known.created if known else now)
            self._files[path] = file
            return file

    def delete(self, path: str) -> bool:
        """Delete a file. Return whether it existed. Its folder stays."""
        with self._lock:
            return self._files.pop(clean_path(path), None) is not None

    def list(self, folder: str, *, recurse: bool) -> list[tuple[str, UserFile]] | None:
        """Return the files in a folder with their paths relative to it, or None if the folder does not exist."""
        folder = clean_path(folder)
        prefix = f"{folder}/" if folder else ""
        with self._lock:
            if folder not in self._folders:
                return None
            found = [(path.removeprefix(prefix), file) for path, file in self._files.items() if path.startswith(prefix)]
        inside = [(path, file) for path, file in found if recurse or "/" not in path]
        # Sort by folder, then by name, as walking the folders would.
        return sorted(inside, key=lambda item: posixpath.split(item[0]))


def clean_path(path: str) -> str:
    """Return a path without `.`, `..` and double slashes, empty for the root. Raise OutsideRootError if it leaves the
    root.
    """
    normal = posixpath.normpath(path)
    if posixpath.isabs(path) or normal.split("/")[0] == ".." or "\0" in path:
        raise OutsideRootError(OUTSIDE)
    return "" if normal == "." else normal


def _parents(path: str) -> set[str]:
    """Return every folder above a path, with the root as an empty string."""
    parts = path.split("/")[:-1]
    return {"/".join(parts[:count]) for count in range(len(parts) + 1)}


def _seconds(moment: float) -> float:
    return moment


def _milliseconds(moment: float) -> int:
    return int(moment * 1000)


def _date_time(moment: float) -> str:
    return iso_time(int(moment * 1000))


def _bytes_type(_path: str) -> str:
    return "application/octet-stream"


_ALWAYS_FORBIDDEN: Mapping[str, int] = dict.fromkeys(OPERATIONS, 403)

CLOUD_USERDATA = UserdataRules(
    unquotes_again=False,
    always_full=True,
    file_type=_bytes_type,
    listed=_seconds,
    stored=_date_time,
    created=False,
    # The contract documents 403 only for writing. Each other operation gets the nearest status that it documents.
    outside={"getUserdata": 400, "getUserdataFile": 400, "postUserdataFile": 403, "deleteUserdataFile": 404},
    raw_folders=False,
)
COMFYUI_USERDATA = UserdataRules(
    unquotes_again=True,
    always_full=False,
    file_type=content_type,
    # ComfyUI 0.33.0 sends integers in ms here, 0.3.64 floats in seconds.
    listed=_milliseconds,
    stored=_milliseconds,
    created=True,
    outside=_ALWAYS_FORBIDDEN,
    raw_folders=True,
)
COMFYUI_OLD_USERDATA = UserdataRules(
    unquotes_again=True,
    always_full=False,
    file_type=content_type,
    listed=_seconds,
    stored=_seconds,
    created=True,
    outside=_ALWAYS_FORBIDDEN,
    raw_folders=True,
)
