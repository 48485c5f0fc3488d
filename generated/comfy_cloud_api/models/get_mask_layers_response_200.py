# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class GetMaskLayersResponse200(_types.Fields[Any]):
    """GetMaskLayersResponse200 of the contract.

    Attributes:
        mask (None | str | Unset): Name of the file with the mask, or null.
        paint (None | str | Unset): Name of the file with the brush strokes, or null.
        painted (None | str | Unset): Name of the file with the image after painting, or null.
        painted_masked (None | str | Unset): Name of the file with the finished, combined image, or null.
    """

    mask: None | str | Unset = UNSET
    paint: None | str | Unset = UNSET
    painted: None | str | Unset = UNSET
    painted_masked: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "mask": "mask",
        "paint": "paint",
        "painted": "painted",
        "painted_masked": "painted_masked",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "mask": self.mask,
            "paint": self.paint,
            "painted": self.painted,
            "painted_masked": self.painted_masked,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "mask": ("mask", _types.as_it_came),
            "paint": ("paint", _types.as_it_came),
            "painted": ("painted", _types.as_it_came),
            "painted_masked": ("painted_masked", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
