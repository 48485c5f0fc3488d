# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.upload_mask_response_200_metadata_related_files import (
        UploadMaskResponse200MetadataRelatedFiles,
    )

T = TypeVar("T", bound="UploadMaskResponse200Metadata")


@_attrs_define
class UploadMaskResponse200Metadata:
    """Facts that let an editor recognise the mask and open it again. Open-source ComfyUI leaves them out.

    Attributes:
        is_mask (bool | Unset): True if the stored file is a mask.
        original_hash (str | Unset): Content hash of the image before masking.
        mask_type (str | Unset): Kind of mask, for example `painted_masked`.
        related_files (UploadMaskResponse200MetadataRelatedFiles | Unset): Hashes of the other layers that belong to
            this mask, where they are known.
    """

    is_mask: bool | Unset = UNSET
    original_hash: str | Unset = UNSET
    mask_type: str | Unset = UNSET
    related_files: UploadMaskResponse200MetadataRelatedFiles | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "is_mask": self.is_mask,
            "original_hash": self.original_hash,
            "mask_type": self.mask_type,
            "related_files": self.related_files,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("UploadMaskResponse200Metadata is read from a JSON object")
        from ..models.upload_mask_response_200_metadata_related_files import (
            UploadMaskResponse200MetadataRelatedFiles,
        )

        values = dict(src_dict)
        model = cls(
            is_mask=values.pop("is_mask", UNSET),
            original_hash=values.pop("original_hash", UNSET),
            mask_type=values.pop("mask_type", UNSET),
            related_files=_types.read(
                UploadMaskResponse200MetadataRelatedFiles.from_dict, values.pop("related_files", UNSET)
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
