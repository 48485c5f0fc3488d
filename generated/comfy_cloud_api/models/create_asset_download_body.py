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
    from ..models.create_asset_download_body_user_metadata import (
        CreateAssetDownloadBodyUserMetadata,
    )

T = TypeVar("T", bound="CreateAssetDownloadBody")


@_attrs_define
class CreateAssetDownloadBody:
    """CreateAssetDownloadBody of the contract.

    Attributes:
        source_url (str): Address to fetch from. Only the hosts `huggingface.co` and `civitai.com` are accepted.
            Example: https://huggingface.co/madebyollin/taesd/resolve/main/taesd_encoder.safetensors.
        tags (list[str] | Unset): Tags that the imported asset gets, such as `model` and `checkpoint`.
        user_metadata (CreateAssetDownloadBodyUserMetadata | Unset): Free key-value data to keep with the imported
            asset.
        preview_id (UUID | Unset): UUID of another asset that serves as preview image of the imported one. Example:
            8b0e7c52-3f4d-4c61-9a27-6d1f0b95e3aa.
    """

    source_url: str = _attrs_field(repr=False)
    tags: list[str] | Unset = UNSET
    user_metadata: CreateAssetDownloadBodyUserMetadata | Unset = UNSET
    preview_id: UUID | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("CreateAssetDownloadBody is read from a JSON object")
        from ..models.create_asset_download_body_user_metadata import (
            CreateAssetDownloadBodyUserMetadata,
        )

        values = dict(src_dict)
        model = cls(
            source_url=values.pop("source_url", UNSET),
            tags=_types.read(_types.list_of(_types.as_it_came), values.pop("tags", UNSET)),
            user_metadata=_types.read(
                CreateAssetDownloadBodyUserMetadata.from_dict, values.pop("user_metadata", UNSET)
            ),
            preview_id=_types.read(_types.uuid, values.pop("preview_id", UNSET)),
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
