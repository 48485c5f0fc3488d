"""The models of jobs and assets in pydantic and msgspec, with the types of ours, and how each decodes a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

FIELDS = {
    "jobs": (
        "id",
        "status",
        "create_time",
        "preview_output",
        "outputs_count",
        "workflow_id",
        "execution_start_time",
        "execution_end_time",
    ),
    "assets": (
        "id",
        "name",
        "size",
        "created_at",
        "updated_at",
        "asset_hash",
        "mime_type",
        "tags",
        "user_metadata",
        "preview_url",
        "preview_id",
        "prompt_id",
        "last_access_time",
        "is_immutable",
    ),
}


class Status(Enum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobFields:
    id: UUID
    status: Status
    create_time: int
    preview_output: dict[str, Any]
    outputs_count: int
    workflow_id: str
    execution_start_time: int
    execution_end_time: int


class AssetFields:
    id: UUID
    name: str
    size: int
    created_at: datetime
    updated_at: datetime
    asset_hash: str
    mime_type: str
    tags: list[str]
    user_metadata: dict[str, Any]
    preview_url: str
    preview_id: UUID | None
    prompt_id: UUID | None
    last_access_time: datetime
    is_immutable: bool


def pydantic_decoder(fields: type, kind: str) -> Callable[[bytes], Any]:
    import pydantic

    item = pydantic.create_model("Item", **{name: (hint, ...) for name, hint in hints(fields).items()})
    page = pydantic.create_model("Page", **{kind: (list[item], ...)})  # type: ignore[valid-type]
    return page.model_validate_json


def msgspec_decoder(fields: type, kind: str) -> Callable[[bytes], Any]:
    import msgspec

    item = msgspec.defstruct("Item", list(hints(fields).items()))
    return msgspec.json.Decoder(msgspec.defstruct("Page", [(kind, list[item])])).decode  # type: ignore[valid-type]


def hints(fields: type) -> dict[str, Any]:
    import typing

    return typing.get_type_hints(fields)


def pydantic_jobs() -> Callable[[bytes], Any]:
    return pydantic_decoder(JobFields, "jobs")


def pydantic_assets() -> Callable[[bytes], Any]:
    return pydantic_decoder(AssetFields, "assets")


def msgspec_jobs() -> Callable[[bytes], Any]:
    return msgspec_decoder(JobFields, "jobs")


def msgspec_assets() -> Callable[[bytes], Any]:
    return msgspec_decoder(AssetFields, "assets")


def ours_jobs() -> Callable[[bytes], Any]:
    from comfy_cloud.raw.models import JobsListResponse

    return lambda content: JobsListResponse.from_dict(json.loads(content))


def ours_assets() -> Callable[[bytes], Any]:
    from comfy_cloud.raw.models import ListAssetsResponse

    return lambda content: ListAssetsResponse.from_dict(json.loads(content))
