# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, File, Unset

T = TypeVar("T", bound="UploadMaskBody")


@_attrs_define
class UploadMaskBody:
    """UploadMaskBody of the contract.

    Attributes:
        image (File): Content of the mask, sent as a file part.
        original_ref (str): Which image the mask is for, as an object encoded in a JSON string. Open-source ComfyUI
            reads `filename`, `subfolder` and `type` from it and answers 500 when it is missing or malformed.
    """

    image: File
    original_ref: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "image": self.image,
            "original_ref": self.original_ref,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    def to_multipart(self) -> _types.RequestFiles:
        """The parts of a multipart body, files last."""
        return _types.multipart(
            [
                ("image", self.image),
                ("original_ref", self.original_ref),
                *self.additional_properties.items(),
            ]
        )

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("UploadMaskBody is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            image=_types.read(_types.File.from_bytes, values.pop("image", UNSET)),
            original_ref=values.pop("original_ref", UNSET),
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
