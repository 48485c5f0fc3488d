# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.upload_mask_response_200_metadata import UploadMaskResponse200Metadata

T = TypeVar("T", bound="UploadMaskResponse200")


@_attrs_define
class UploadMaskResponse200:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("UploadMaskResponse200 is read from a JSON object")
        from ..models.upload_mask_response_200_metadata import (
            UploadMaskResponse200Metadata,
        )

        values = dict(src_dict)
        model = cls(
            name=values.pop("name", UNSET),
            subfolder=values.pop("subfolder", UNSET),
            type_=values.pop("type", UNSET),
            metadata=_types.read(UploadMaskResponse200Metadata.from_dict, values.pop("metadata", UNSET)),
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
