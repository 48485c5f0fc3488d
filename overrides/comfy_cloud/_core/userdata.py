"""The user's own files on a server, read from responses of any shape. Times are aware datetimes. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .file_refs import FileOnServer
from .times import parse_time

__all__ = ["UserFile"]


@dataclass(frozen=True, slots=True)
class UserFile(FileOnServer):
    """A file of the user: `path` as `userdata.read` takes it, `size` in bytes, `modified` in UTC."""

    path: str
    size: int | None
    modified: datetime | None
    raw: Any = field(default=None, repr=False, compare=False)


def read_user_files(body: object, folder: str) -> list[UserFile]:
    """Return the files in a response of `GET /api/userdata`, with whole paths. Servers send those below the folder."""
    files = [read_user_file(item, "") for item in body] if isinstance(body, list) else []
    prefix = "" if folder.strip("/.") == "" else f"{folder.strip('/')}/"
    if all(file.path.startswith(prefix) for file in files):
        prefix = ""
    return [UserFile(prefix + file.path, file.size, file.modified, file.raw) for file in files if file.path]


def read_user_file(body: object, path: str) -> UserFile:
    """Return a file as the server describes it, or from the bare path that some servers send."""
    fields = body if isinstance(body, Mapping) else {"path": body}
    named, size = fields.get("path"), fields.get("size")
    return UserFile(
        named if isinstance(named, str) and named else path,
        size if isinstance(size, int) else None,
        parse_time(fields.get("modified")),
        body,
    )
