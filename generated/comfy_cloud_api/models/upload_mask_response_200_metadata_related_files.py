# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class UploadMaskResponse200MetadataRelatedFiles(_types.Fields[Any]):
    """Hashes of the other layers that belong to this mask, where they are known.

    Attributes:
        mask (str | Unset): Content hash of the layer that holds the mask.
        paint (str | Unset): Content hash of the layer that holds the paint strokes.
        painted (str | Unset): Content hash of the image with the paint applied.
    """

    mask: str | Unset = UNSET
    paint: str | Unset = UNSET
    painted: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "mask": "mask",
        "paint": "paint",
        "painted": "painted",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "mask": self.mask,
            "paint": self.paint,
            "painted": self.painted,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "mask": ("mask", _types.as_it_came),
            "paint": ("paint", _types.as_it_came),
            "painted": ("painted", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
