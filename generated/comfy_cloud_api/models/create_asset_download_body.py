# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.create_asset_download_body_user_metadata import (
        CreateAssetDownloadBodyUserMetadata,
    )


@_attrs_define
class CreateAssetDownloadBody(_types.Fields[Any]):
    """CreateAssetDownloadBody of the contract.

    Attributes:
        source_url (str): Address to fetch from. Only the hosts `huggingface.co` and `civitai.com` are accepted.
            Example: https://huggingface.co/madebyollin/taesd/resolve/main/taesd_encoder.safetensors.
        tags (list[str] | Unset): Tags that the imported asset gets, such as `model` and `checkpoint`.
        user_metadata (CreateAssetDownloadBodyUserMetadata | Unset): Free key-value data to keep with the imported
            asset.
        preview_id (str | Unset): UUID of another asset that serves as preview image of the imported one. Example:
            8b0e7c52-3f4d-4c61-9a27-6d1f0b95e3aa.
    """

    source_url: str = _attrs_field(repr=False)
    tags: list[str] | Unset = UNSET
    user_metadata: CreateAssetDownloadBodyUserMetadata | Unset = UNSET
    preview_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "source_url": "source_url",
        "tags": "tags",
        "user_metadata": "user_metadata",
        "preview_id": "preview_id",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "source_url": self.source_url,
            "tags": self.tags,
            "user_metadata": self.user_metadata,
            "preview_id": self.preview_id,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.create_asset_download_body_user_metadata import (
            CreateAssetDownloadBodyUserMetadata,
        )

        return {
            "source_url": ("source_url", _types.as_it_came),
            "tags": ("tags", _types.list_of(_types.as_it_came)),
            "user_metadata": ("user_metadata", CreateAssetDownloadBodyUserMetadata.from_dict),
            "preview_id": ("preview_id", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
