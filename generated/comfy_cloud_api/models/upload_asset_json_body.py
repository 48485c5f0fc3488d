# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.upload_asset_json_body_user_metadata import (
        UploadAssetJsonBodyUserMetadata,
    )


@_attrs_define
class UploadAssetJsonBody(_types.Fields[Any]):
    """UploadAssetJsonBody of the contract.

    Attributes:
        url (str): Address that the server fetches the content from, with `http` or `https`.
        name (str): Name under which the asset is shown. Its ending gives the file extension.
        tags (list[str] | Unset): Tags of any wording and in any order. Usual ones are `input`, `output`, `temp` and
            `models`.
        user_metadata (UploadAssetJsonBodyUserMetadata | Unset): Free key-value data to keep with the asset.
        preview_id (str | Unset): Id of the asset that serves as preview, if any.
    """

    url: str = _attrs_field(repr=False)
    name: str
    tags: list[str] | Unset = UNSET
    user_metadata: UploadAssetJsonBodyUserMetadata | Unset = UNSET
    preview_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "url": "url",
        "name": "name",
        "tags": "tags",
        "user_metadata": "user_metadata",
        "preview_id": "preview_id",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "url": self.url,
            "name": self.name,
            "tags": self.tags,
            "user_metadata": self.user_metadata,
            "preview_id": self.preview_id,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.upload_asset_json_body_user_metadata import (
            UploadAssetJsonBodyUserMetadata,
        )

        return {
            "url": ("url", _types.as_it_came),
            "name": ("name", _types.as_it_came),
            "tags": ("tags", _types.list_of(_types.as_it_came)),
            "user_metadata": ("user_metadata", UploadAssetJsonBodyUserMetadata.from_dict),
            "preview_id": ("preview_id", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
