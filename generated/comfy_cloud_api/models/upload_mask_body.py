# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import File, Unset


@_attrs_define
class UploadMaskBody(_types.Fields[Any]):
    """UploadMaskBody of the contract.

    Attributes:
        image (File): Content of the mask, sent as a file part.
        original_ref (str): Which image the mask is for, as an object encoded in a JSON string. Open-source ComfyUI
            reads `filename`, `subfolder` and `type` from it and answers 500 when it is missing or malformed.
    """

    image: File
    original_ref: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "image": "image",
        "original_ref": "original_ref",
    }

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
    def _readers(cls) -> _types.Readers:
        return {
            "image": ("image", _types.File.from_bytes),
            "original_ref": ("original_ref", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
