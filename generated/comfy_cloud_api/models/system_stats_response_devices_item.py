# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class SystemStatsResponseDevicesItem(_types.Fields[Any]):
    """SystemStatsResponseDevicesItem of the contract.

    Attributes:
        name (str): Name of the compute device.
        type_ (str): Kind of device, such as `cpu`.
        vram_total (float | Unset): Memory of the device, in bytes.
        vram_free (float | Unset): Device memory still available, in bytes.
    """

    name: str
    type_: str
    vram_total: float | Unset = UNSET
    vram_free: float | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "type": "type_",
        "vram_total": "vram_total",
        "vram_free": "vram_free",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "name": self.name,
            "type": self.type_,
            "vram_total": self.vram_total,
            "vram_free": self.vram_free,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "name": ("name", _types.as_it_came),
            "type_": ("type", _types.as_it_came),
            "vram_total": ("vram_total", _types.as_it_came),
            "vram_free": ("vram_free", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
