# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.asset_download_response_status import AssetDownloadResponseStatus
from ..types import UNSET, Unset


@_attrs_define
class AssetDownloadResponse(_types.Fields[Any]):
    """A background task that fetches a remote file into the asset store.

    Attributes:
        task_id (UUID): Id of the background task. Its progress is read from `/api/tasks/{task_id}`, an address this
            contract names but does not define.
        status (AssetDownloadResponseStatus): State of the task when the answer was sent.
        message (str | Unset): Explanation for people; not meant to be parsed. Example: Queued for download..
    """

    task_id: UUID
    status: AssetDownloadResponseStatus
    message: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "task_id": "task_id",
        "status": "status",
        "message": "message",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "task_id": self.task_id,
            "status": self.status,
            "message": self.message,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "task_id": ("task_id", _types.uuid),
            "status": ("status", AssetDownloadResponseStatus),
            "message": ("message", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
