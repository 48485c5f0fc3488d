# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.upload_mask_response_200_metadata import UploadMaskResponse200Metadata


@_attrs_define
class UploadMaskResponse200(_types.Fields[Any]):
    """UploadMaskResponse200 of the contract.

    Attributes:
        name (str | Unset): Name under which the stored mask can be referred to.
        subfolder (str | Unset): Subfolder that the mask is filed under.
        type_ (str | Unset): Kind of storage the mask was filed under, such as `output` or `input`.
        metadata (UploadMaskResponse200Metadata | Unset): Facts that let an editor recognise the mask and open it again.
            Open-source ComfyUI leaves them out.
    """

    name: str | Unset = UNSET
    subfolder: str | Unset = UNSET
    type_: str | Unset = UNSET
    metadata: UploadMaskResponse200Metadata | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "subfolder": "subfolder",
        "type": "type_",
        "metadata": "metadata",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "name": self.name,
            "subfolder": self.subfolder,
            "type": self.type_,
            "metadata": self.metadata,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.upload_mask_response_200_metadata import (
            UploadMaskResponse200Metadata,
        )

        return {
            "name": ("name", _types.as_it_came),
            "subfolder": ("subfolder", _types.as_it_came),
            "type_": ("type", _types.as_it_came),
            "metadata": ("metadata", UploadMaskResponse200Metadata.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
