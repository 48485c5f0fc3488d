# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asset_updated_user_metadata import AssetUpdatedUserMetadata


@_attrs_define
class AssetUpdated(_types.Fields[Any]):
    """An asset after a change. Open-source ComfyUI returns the whole asset.

    Attributes:
        id (UUID): Id of the changed asset.
        updated_at (datetime.datetime): Time of this change.
        name (str | Unset): Name after the change.
        asset_hash (str | Unset): BLAKE3 hash of the content, written as `blake3:` and 64 hex digits.
        tags (list[str] | Unset): Labels after the change.
        mime_type (str | Unset): Media type after the change.
        user_metadata (AssetUpdatedUserMetadata | Unset): User's own data after the change.
    """

    id: UUID
    updated_at: datetime.datetime
    name: str | Unset = UNSET
    asset_hash: str | Unset = UNSET
    tags: list[str] | Unset = UNSET
    mime_type: str | Unset = UNSET
    user_metadata: AssetUpdatedUserMetadata | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "updated_at": "updated_at",
        "name": "name",
        "asset_hash": "asset_hash",
        "tags": "tags",
        "mime_type": "mime_type",
        "user_metadata": "user_metadata",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "id": self.id,
            "updated_at": self.updated_at,
            "name": self.name,
            "asset_hash": self.asset_hash,
            "tags": self.tags,
            "mime_type": self.mime_type,
            "user_metadata": self.user_metadata,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.asset_updated_user_metadata import AssetUpdatedUserMetadata

        return {
            "id": ("id", _types.uuid),
            "updated_at": ("updated_at", _types.date_time),
            "name": ("name", _types.as_it_came),
            "asset_hash": ("asset_hash", _types.as_it_came),
            "tags": ("tags", _types.list_of(_types.as_it_came)),
            "mime_type": ("mime_type", _types.as_it_came),
            "user_metadata": ("user_metadata", AssetUpdatedUserMetadata.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
