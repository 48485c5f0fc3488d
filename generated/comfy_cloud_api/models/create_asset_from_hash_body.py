# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.create_asset_from_hash_body_user_metadata import (
        CreateAssetFromHashBodyUserMetadata,
    )


@_attrs_define
class CreateAssetFromHashBody(_types.Fields[Any]):
    """CreateAssetFromHashBody of the contract.

    Attributes:
        hash_ (str): Hash of the stored content: `blake3:` or `sha256:`, then 64 lower-case hexadecimal digits. Open-
            source ComfyUI refuses `sha256:`.
        tags (list[str]): Tags of any wording and in any order. Usual ones are `input`, `output`, `temp` and `models`.
            At least one is required.
        name (str | Unset): Name under which the new asset is shown; may be left out.
        mime_type (str | Unset): Media type of the content, for instance `image/png` or `video/mp4`.
        user_metadata (CreateAssetFromHashBodyUserMetadata | Unset): Free key-value data to keep with the new reference.
    """

    hash_: str
    tags: list[str]
    name: str | Unset = UNSET
    mime_type: str | Unset = UNSET
    user_metadata: CreateAssetFromHashBodyUserMetadata | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "hash": "hash_",
        "tags": "tags",
        "name": "name",
        "mime_type": "mime_type",
        "user_metadata": "user_metadata",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "hash": self.hash_,
            "tags": self.tags,
            "name": self.name,
            "mime_type": self.mime_type,
            "user_metadata": self.user_metadata,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.create_asset_from_hash_body_user_metadata import (
            CreateAssetFromHashBodyUserMetadata,
        )

        return {
            "hash_": ("hash", _types.as_it_came),
            "tags": ("tags", _types.list_of(_types.as_it_came)),
            "name": ("name", _types.as_it_came),
            "mime_type": ("mime_type", _types.as_it_came),
            "user_metadata": ("user_metadata", CreateAssetFromHashBodyUserMetadata.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
