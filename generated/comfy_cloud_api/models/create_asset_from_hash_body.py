# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.create_asset_from_hash_body_user_metadata import (
        CreateAssetFromHashBodyUserMetadata,
    )

T = TypeVar("T", bound="CreateAssetFromHashBody")


@_attrs_define
class CreateAssetFromHashBody:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("CreateAssetFromHashBody is read from a JSON object")
        from ..models.create_asset_from_hash_body_user_metadata import (
            CreateAssetFromHashBodyUserMetadata,
        )

        values = dict(src_dict)
        model = cls(
            hash_=values.pop("hash", UNSET),
            tags=_types.read(_types.list_of(_types.as_it_came), values.pop("tags", UNSET)),
            name=values.pop("name", UNSET),
            mime_type=values.pop("mime_type", UNSET),
            user_metadata=_types.read(
                CreateAssetFromHashBodyUserMetadata.from_dict, values.pop("user_metadata", UNSET)
            ),
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
