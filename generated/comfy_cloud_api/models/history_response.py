# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset

if TYPE_CHECKING:
    from ..models.history_entry import HistoryEntry


@_attrs_define
class HistoryResponse(_types.Fields[Any]):
    """One page of the account's past jobs: an object whose `history` list holds one entry per job, each naming its
    `prompt_id`. Open-source ComfyUI has no such endpoint; its `/api/history` answers with an object keyed by job id.

    Attributes:
        history (list[HistoryEntry]): Past jobs, latest created first.
    """

    history: list[HistoryEntry]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "history": "history",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "history": self.history,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.history_entry import HistoryEntry

        return {
            "history": ("history", _types.list_of(HistoryEntry.from_dict)),
            "additional_properties": (None, _types.as_it_came),
        }
