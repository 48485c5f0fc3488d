# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.update_asset_body_user_metadata import UpdateAssetBodyUserMetadata


@_attrs_define
class UpdateAssetBody(_types.Fields[Any]):
    """UpdateAssetBody of the contract.

    Attributes:
        name (str | Unset): Name to display from now on.
        tags (list[str] | Unset): New tags of the asset. Open-source ComfyUI refuses a body with nothing else in it; use
            the tag operations there.
        mime_type (str | Unset): New MIME type, for example `image/png`. The contract does not list it among the
            changeable fields.
        preview_id (str | Unset): UUID of another asset to use as preview from now on. The contract does not list it
            among the changeable fields.
        user_metadata (UpdateAssetBodyUserMetadata | Unset): New free key-value data of the asset.
    """

    name: str | Unset = UNSET
    tags: list[str] | Unset = UNSET
    mime_type: str | Unset = UNSET
    preview_id: str | Unset = UNSET
    user_metadata: UpdateAssetBodyUserMetadata | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "tags": "tags",
        "mime_type": "mime_type",
        "preview_id": "preview_id",
        "user_metadata": "user_metadata",
    }

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
    def _readers(cls) -> _types.Readers:
        from ..models.update_asset_body_user_metadata import UpdateAssetBodyUserMetadata

        return {
            "name": ("name", _types.as_it_came),
            "tags": ("tags", _types.list_of(_types.as_it_came)),
            "mime_type": ("mime_type", _types.as_it_came),
            "preview_id": ("preview_id", _types.as_it_came),
            "user_metadata": ("user_metadata", UpdateAssetBodyUserMetadata.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
