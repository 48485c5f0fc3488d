# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asset_updated_user_metadata import AssetUpdatedUserMetadata

T = TypeVar("T", bound="AssetUpdated")


@_attrs_define
class AssetUpdated:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("AssetUpdated is read from a JSON object")
        from ..models.asset_updated_user_metadata import AssetUpdatedUserMetadata

        values = dict(src_dict)
        model = cls(
            id=_types.read(_types.uuid, values.pop("id", UNSET)),
            updated_at=_types.read(_types.date_time, values.pop("updated_at", UNSET)),
            name=values.pop("name", UNSET),
            asset_hash=values.pop("asset_hash", UNSET),
            tags=_types.read(_types.list_of(_types.as_it_came), values.pop("tags", UNSET)),
            mime_type=values.pop("mime_type", UNSET),
            user_metadata=_types.read(AssetUpdatedUserMetadata.from_dict, values.pop("user_metadata", UNSET)),
        )
        model.additional_properties = values
        return model

    @property
    def additional_keys(self) -> list[str]:
        """Names of the fields beyond the declared ones."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
