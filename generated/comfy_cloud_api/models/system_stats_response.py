# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset

if TYPE_CHECKING:
    from ..models.system_stats_response_devices_item import (
        SystemStatsResponseDevicesItem,
    )
    from ..models.system_stats_response_system import SystemStatsResponseSystem


@_attrs_define
class SystemStatsResponse(_types.Fields[Any]):
    """Software versions, memory and compute devices of the server.

    Attributes:
        system (SystemStatsResponseSystem): Software and main memory of the server.
        devices (list[SystemStatsResponseDevicesItem]): Compute devices of the server.
    """

    system: SystemStatsResponseSystem
    devices: list[SystemStatsResponseDevicesItem]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "system": "system",
        "devices": "devices",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "system": self.system,
            "devices": self.devices,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.system_stats_response_devices_item import (
            SystemStatsResponseDevicesItem,
        )
        from ..models.system_stats_response_system import SystemStatsResponseSystem

        return {
            "system": ("system", SystemStatsResponseSystem.from_dict),
            "devices": ("devices", _types.list_of(SystemStatsResponseDevicesItem.from_dict)),
            "additional_properties": (None, _types.as_it_came),
        }
