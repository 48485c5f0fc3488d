# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class WebSocketStatusMessageDataStatusExecInfo(_types.Fields[Any]):
    """Figures on the work still to be done.

    Attributes:
        queue_remaining (int | Unset): How many of the user's jobs are still in the queue. Open-source ComfyUI counts
            those of all users.
    """

    queue_remaining: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "queue_remaining": "queue_remaining",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "queue_remaining": self.queue_remaining,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "queue_remaining": ("queue_remaining", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
