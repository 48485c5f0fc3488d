# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class QueueInfo(_types.Fields[Any]):
    """The queue as it stands: jobs being run and jobs that wait.

    Attributes:
        queue_running (list[list[Any]] | Unset): Jobs being run right now.
        queue_pending (list[list[Any]] | Unset): Jobs that wait, longest waiting first. Open-source ComfyUI does not
            sort this list.
    """

    queue_running: list[list[Any]] | Unset = UNSET
    queue_pending: list[list[Any]] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "queue_running": "queue_running",
        "queue_pending": "queue_pending",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "queue_running": self.queue_running,
            "queue_pending": self.queue_pending,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "queue_running": ("queue_running", _types.list_of(_types.list_of(_types.as_it_came))),
            "queue_pending": ("queue_pending", _types.list_of(_types.list_of(_types.as_it_came))),
            "additional_properties": (None, _types.as_it_came),
        }
