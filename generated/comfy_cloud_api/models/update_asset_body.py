# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.update_asset_body_user_metadata import UpdateAssetBodyUserMetadata

T = TypeVar("T", bound="UpdateAssetBody")


@_attrs_define
class UpdateAssetBody:
    """UpdateAssetBody of the contract.

    Attributes:
        name (str | Unset): Name to display from now on.
        tags (list[str] | Unset): New tags of the asset. Open-source ComfyUI refuses a body with nothing else in it; use
            the tag operations there.
        mime_type (str | Unset): New MIME type, for example `image/png`. The contract does not list it among the
            changeable fields.
        preview_id (UUID | Unset): UUID of another asset to use as preview from now on. The contract does not list it
            among the changeable fields.
        user_metadata (UpdateAssetBodyUserMetadata | Unset): New free key-value data of the asset.
    """

    name: str | Unset = UNSET
    tags: list[str] | Unset = UNSET
    mime_type: str | Unset = UNSET
    preview_id: UUID | Unset = UNSET
    user_metadata: UpdateAssetBodyUserMetadata | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "name": self.name,
            "tags": self.tags,
            "mime_type": self.mime_type,
            "preview_id": self.preview_id,
            "user_metadata": self.user_metadata,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("UpdateAssetBody is read from a JSON object")
        from ..models.update_asset_body_user_metadata import UpdateAssetBodyUserMetadata

        values = dict(src_dict)
        model = cls(
            name=values.pop("name", UNSET),
            tags=_types.read(_types.list_of(_types.as_it_came), values.pop("tags", UNSET)),
            mime_type=values.pop("mime_type", UNSET),
            preview_id=_types.read(_types.uuid, values.pop("preview_id", UNSET)),
            user_metadata=_types.read(UpdateAssetBodyUserMetadata.from_dict, values.pop("user_metadata", UNSET)),
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
