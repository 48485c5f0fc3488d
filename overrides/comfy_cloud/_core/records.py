"""Small answers as a user holds them: the queue, stored files, imports. Takes whatever a server sent.

Their times are aware datetimes. It also brings a few words of newer servers back to the contract's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from .statuses import JobStatus, QueueItem, read_queue, status_of
from .times import parse_time

_NEWER_NAMES = {"asset_hash": "hash", "prompt_id": "job_id"}
_IMPORT_WORDS = frozenset({"created", "running", "completed", "failed"})
_ANNOTATED = re.compile(r"(?P<path>.*?)\s*\[(?P<type>output|input|temp)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class QueueState:
    """The jobs that run and those that wait, each in the server's order."""

    running: tuple[QueueItem, ...]
    pending: tuple[QueueItem, ...]
    raw: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class UserFile:
    """A file of the user's own: `path` as `userdata.read` takes it, `size` in bytes, `modified` in UTC."""

    path: str
    size: int | None
    modified: datetime | None
    raw: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ImportState:
    """How far an import is: one of the contract's words, and `progress` from 0 to 1 where it is told."""

    status: str
    progress: float | None = None
    error: str | None = None
    asset_id: str | None = None
    asset: Mapping[str, Any] | None = field(default=None, repr=False)
    raw: Any = field(default=None, repr=False, compare=False)


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def texts(values: str | UUID | Iterable[str | UUID]) -> list[str]:
    """Names or ids as a list. A single one is one, not its letters."""
    return [str(value) for value in ([values] if isinstance(values, str | UUID) else values)]


def contract_names(asset: object) -> object:
    """An asset's fields with the contract's names beside those of newer servers."""
    if not isinstance(asset, Mapping):
        return asset
    older = {name: asset[newer] for name, newer in _NEWER_NAMES.items() if newer in asset and name not in asset}
    return {**asset, **older}


def read_queue_state(body: object) -> QueueState:
    """The queue in an answer of `GET /api/queue`."""
    items = read_queue(body)
    running, pending = (tuple(item for item in items if item.running is is_running) for is_running in (True, False))
    return QueueState(running, pending, body)


def read_history(body: object) -> list[Mapping[str, Any]]:
    """The entries in an answer of `GET /api/history` of a ComfyUI, newest first, each with its `prompt_id`."""
    entries: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    found: list[Mapping[str, Any]] = [
        {**entry, "prompt_id": job_id} for job_id, entry in entries.items() if isinstance(entry, Mapping)
    ]
    return found[::-1]


def read_user_files(body: object, folder: str) -> list[UserFile]:
    """The files in an answer of `GET /api/userdata`. Servers give paths below the folder; a user needs whole ones."""
    files = [read_user_file(item, "") for item in body] if isinstance(body, list) else []
    prefix = "" if folder.strip("/.") == "" else f"{folder.strip('/')}/"
    if all(file.path.startswith(prefix) for file in files):
        prefix = ""
    return [UserFile(prefix + file.path, file.size, file.modified, file.raw) for file in files if file.path]


def read_user_file(body: object, path: str) -> UserFile:
    """A file as a server describes it, or as the bare path that some answer with."""
    fields = body if isinstance(body, Mapping) else {"path": body}
    named, size = fields.get("path"), fields.get("size")
    return UserFile(
        named if isinstance(named, str) and named else path,
        size if isinstance(size, int) else None,
        parse_time(fields.get("modified")),
        body,
    )


def read_import(body: object) -> ImportState:
    """How far an import is, by an answer of `GET /api/tasks/{task_id}`, whose shape no contract defines."""
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    nested = [fields[key] for key in ("asset", "result") if isinstance(fields.get(key), Mapping)]
    asset = next((item for item in nested if isinstance(item.get("id"), str)), None)
    ids = [asset.get("id") if asset else None, *(item.get("asset_id") for item in (fields, *nested))]
    asset_id = next((value for value in ids if isinstance(value, str)), None)
    error, progress, word = fields.get("error"), fields.get("progress"), fields.get("status")
    if isinstance(error, Mapping):
        error = error.get("message") or json.dumps(error, default=str)
    if isinstance(progress, bool) or not isinstance(progress, int | float):
        progress = None
    elif progress > 1:  # per cent
        progress = min(progress / 100, 1.0)
    if word not in _IMPORT_WORDS:
        meant = status_of(word if word is not None else "failed" if error else "completed" if asset_id else None)
        ends = {JobStatus.COMPLETED: "completed", JobStatus.FAILED: "failed", JobStatus.CANCELLED: "failed"}
        word = ends.get(meant, "running")
    return ImportState(word, progress, str(error) if error else None, asset_id, asset, body)


def input_name(stored: object, *, folders: bool) -> str | None:
    """What an input holds for an upload, by its answer: the name, with its subfolder where the server has `folders`."""
    fields = stored if isinstance(stored, Mapping) else {}
    name, subfolder, kind = (fields.get(key) for key in ("name", "subfolder", "type"))
    if not isinstance(name, str) or not name:
        return None
    path = f"{subfolder}/{name}" if folders and isinstance(subfolder, str) and subfolder else name
    return f"{path} [{kind}]" if kind in ("output", "temp") and folders else path


def original_ref(name: str) -> dict[str, str]:
    """The image that an input's value names: `x.png`, `sub/x.png` or `x.png [output]`, as an upload refers to it."""
    annotated = _ANNOTATED.fullmatch(name)
    path, kind = (annotated["path"], annotated["type"]) if annotated else (name, "input")
    subfolder, _, filename = path.rpartition("/")
    return {"filename": filename, "subfolder": subfolder, "type": kind}
