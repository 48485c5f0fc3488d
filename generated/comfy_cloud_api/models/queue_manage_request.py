# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from typing import Any

from attrs import define as _attrs_define

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class QueueManageRequest(_types.Model):
    """Which waiting jobs to cancel: some by id, or all of them.

    Attributes:
        delete (list[str] | Unset): Ids of waiting jobs to cancel. The contract limits this to pending jobs; newer
            servers also cancel running ones.
        clear (bool | Unset): Cancel every job that still waits.
    """

    delete: list[str] | Unset = UNSET
    clear: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            "delete": self.delete,
            "clear": self.clear,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "delete": ("delete", _types.list_of(_types.as_it_came)),
            "clear": ("clear", _types.as_it_came),
        }
