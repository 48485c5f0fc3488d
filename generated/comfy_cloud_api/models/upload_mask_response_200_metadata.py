# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.upload_mask_response_200_metadata_related_files import (
        UploadMaskResponse200MetadataRelatedFiles,
    )


@_attrs_define
class UploadMaskResponse200Metadata(_types.Fields[Any]):
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
    DECLARED: ClassVar[Mapping[str, str]] = {
        "is_mask": "is_mask",
        "original_hash": "original_hash",
        "mask_type": "mask_type",
        "related_files": "related_files",
    }

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
    def _readers(cls) -> _types.Readers:
        from ..models.upload_mask_response_200_metadata_related_files import (
            UploadMaskResponse200MetadataRelatedFiles,
        )

        return {
            "is_mask": ("is_mask", _types.as_it_came),
            "original_hash": ("original_hash", _types.as_it_came),
            "mask_type": ("mask_type", _types.as_it_came),
            "related_files": ("related_files", UploadMaskResponse200MetadataRelatedFiles.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
