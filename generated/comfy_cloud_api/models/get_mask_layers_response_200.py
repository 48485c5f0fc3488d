# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

T = TypeVar("T", bound="GetMaskLayersResponse200")


@_attrs_define
class GetMaskLayersResponse200:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("GetMaskLayersResponse200 is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            mask=values.pop("mask", UNSET),
            paint=values.pop("paint", UNSET),
            painted=values.pop("painted", UNSET),
            painted_masked=values.pop("painted_masked", UNSET),
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
