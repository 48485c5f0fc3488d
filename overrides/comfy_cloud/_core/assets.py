"""Read responses about assets: the contract's names for the fields of newer servers, the state of an import. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .file_refs import FileRef, file_ref
from .job_state import JobStatus, status_of

_NEWER_NAMES = {"asset_hash": "hash", "prompt_id": "job_id"}
_IMPORT_WORDS = frozenset({"created", "running", "completed", "failed"})


@dataclass(frozen=True, slots=True)
class ImportState:
    """The state of an import: a status of the contract, and `progress` from 0 to 1 if the server sends it."""

    status: str
    progress: float | None = None
    error: str | None = None
    asset_id: str | None = None
    asset: Mapping[str, Any] | None = field(default=None, repr=False)
    raw: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class AssetRef:
    """An asset as a value: its id, its label, the hash of its content, and the place where a ComfyUI keeps its file."""

    id: str
    name: str
    hash: str | None
    path: FileRef | None


def asset_ref(asset: Mapping[str, Any]) -> AssetRef:
    """Return what a server needs to find an asset's content."""
    fields = {name: value for name, value in asset.items() if isinstance(value, str)}
    tags = asset.get("tags")
    # Only a ComfyUI has `loader_path`: what a node takes, below the folder of its role. Loaders of models know theirs.
    role = next((tag for tag in tags if tag in ("output", "temp")), "input") if isinstance(tags, list) else "input"
    path = file_ref(fields.get("loader_path"), "", role)
    return AssetRef(str(asset.get("id")), fields.get("name", ""), fields.get("asset_hash", fields.get("hash")), path)


def contract_names(asset: object) -> object:
    """Return the fields of an asset, with the contract's names beside those of newer servers."""
    if not isinstance(asset, Mapping):
        return asset
    older = {name: asset[newer] for name, newer in _NEWER_NAMES.items() if newer in asset and name not in asset}
    return {**asset, **older}


def read_import(body: object) -> ImportState:
    """Return the state in a response of `GET /api/tasks/{task_id}`, whose shape no contract defines."""
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
    elif progress > 1:  # Some servers send per cent.
        progress = min(progress / 100, 1.0)
    if word not in _IMPORT_WORDS:
        meant = status_of(word if word is not None else "failed" if error else "completed" if asset_id else None)
        ends = {JobStatus.COMPLETED: "completed", JobStatus.FAILED: "failed", JobStatus.CANCELLED: "failed"}
        word = ends.get(meant, "running")
    return ImportState(word, progress, str(error) if error else None, asset_id, asset, body)
