# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class QueueManageResponse(_types.Fields[Any]):
    """Outcome of a change to the queue. Open-source ComfyUI answers without a body.

    Attributes:
        deleted (list[str] | Unset): Ids of the jobs that have been cancelled.
        cleared (bool | Unset): True when all waiting jobs have been removed.
    """

    deleted: list[str] | Unset = UNSET
    cleared: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "deleted": "deleted",
        "cleared": "cleared",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "deleted": self.deleted,
            "cleared": self.cleared,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "deleted": ("deleted", _types.list_of(_types.as_it_came)),
            "cleared": ("cleared", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
