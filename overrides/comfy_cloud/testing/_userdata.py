"""The files that a user keeps on the server: paths with contents and times, in folders that exist once made.

Everything lies below one root. What servers answer where a path is bad, and how they word times, is in
`UserdataRules`.
"""

import posixpath
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ._downloads import content_type

OPERATIONS: tuple[str, ...] = ("getUserdata", "getUserdataFile", "postUserdataFile", "deleteUserdataFile")
OUTSIDE = "Invalid directory"


@dataclass(frozen=True)
class UserdataRules:
    """How one family of servers treats user data.

    `unquotes_again` decodes a path once more after the routing did. `always_full` describes files whatever was
    asked for. `listed` and `stored` word a time, given in epoch seconds, in a list and after a write; `created`
    adds the time of creation. `outside` is the status, by operation, of paths that leave the root. `raw_folders`
    lets a folder in place of a file run into the file system's own errors, otherwise it is a file that is missing.
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
    """One file; times are epoch seconds."""

    path: str
    content: bytes
    modified: float
    created: float


class OutsideRootError(ValueError):
    """A path leads out of the user's folder, or is none."""


class BlockedPathError(ValueError):
    """A path cannot hold a file: a folder is there, or a file is where one of its folders should be."""


class Userdata:
    """The files by path. Safe to use from any thread."""

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
        """Write a file and the folders above it; None where it exists and must stay. Raises BlockedPathError."""
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
        """Remove a file; returns whether it was there. Its folder stays."""
        with self._lock:
            return self._files.pop(clean_path(path), None) is not None

    def list(self, folder: str, *, recurse: bool) -> list[tuple[str, UserFile]] | None:
        """The files in a folder with their paths below it; None where there is no such folder."""
        folder = clean_path(folder)
        prefix = f"{folder}/" if folder else ""
        with self._lock:
            if folder not in self._folders:
                return None
            found = [(path.removeprefix(prefix), file) for path, file in self._files.items() if path.startswith(prefix)]
        inside = [(path, file) for path, file in found if recurse or "/" not in path]
        return sorted(inside, key=lambda item: posixpath.split(item[0]))


def clean_path(path: str) -> str:
    """A path without `.`, `..` and double slashes, empty for the root; raises OutsideRootError."""
    normal = posixpath.normpath(path)
    if posixpath.isabs(path) or normal.split("/")[0] == ".." or "\0" in path:
        raise OutsideRootError(OUTSIDE)
    return "" if normal == "." else normal


def _parents(path: str) -> set[str]:
    parts = path.split("/")[:-1]
    return {"/".join(parts[:count]) for count in range(len(parts) + 1)}


def _seconds(moment: float) -> float:
    return moment


def _milliseconds(moment: float) -> int:
    return int(moment * 1000)


def _date_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    # The contract knows a 403 for writing only.
    outside={"getUserdata": 400, "getUserdataFile": 400, "postUserdataFile": 403, "deleteUserdataFile": 404},
    raw_folders=False,
)
COMFYUI_USERDATA = UserdataRules(
    unquotes_again=True,
    always_full=False,
    file_type=content_type,
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
