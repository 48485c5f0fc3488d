# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.history_detail_entry_meta import HistoryDetailEntryMeta
    from ..models.history_detail_entry_outputs import HistoryDetailEntryOutputs
    from ..models.history_detail_entry_prompt import HistoryDetailEntryPrompt
    from ..models.history_detail_entry_status import HistoryDetailEntryStatus


@_attrs_define
class HistoryDetailEntry(_types.Fields[Any]):
    """A past job with all that was submitted for it.

    Attributes:
        prompt (HistoryDetailEntryPrompt | Unset): Complete record of what was submitted.
        outputs (HistoryDetailEntryOutputs | Unset): Results by node id, then by kind (`images`, `audio`, `text` and
            others, including kinds that custom nodes invent). List entries with a `filename` are files.
        status (HistoryDetailEntryStatus | Unset): How the run ended, with the events that led there.
        meta (HistoryDetailEntryMeta | Unset): Details about the run and its nodes.
    """

    prompt: HistoryDetailEntryPrompt | Unset = UNSET
    outputs: HistoryDetailEntryOutputs | Unset = UNSET
    status: HistoryDetailEntryStatus | Unset = UNSET
    meta: HistoryDetailEntryMeta | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt": "prompt",
        "outputs": "outputs",
        "status": "status",
        "meta": "meta",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt": self.prompt,
            "outputs": self.outputs,
            "status": self.status,
            "meta": self.meta,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.history_detail_entry_meta import HistoryDetailEntryMeta
        from ..models.history_detail_entry_outputs import HistoryDetailEntryOutputs
        from ..models.history_detail_entry_prompt import HistoryDetailEntryPrompt
        from ..models.history_detail_entry_status import HistoryDetailEntryStatus

        return {
            "prompt": ("prompt", HistoryDetailEntryPrompt.from_dict),
            "outputs": ("outputs", HistoryDetailEntryOutputs.from_dict),
            "status": ("status", HistoryDetailEntryStatus.from_dict),
            "meta": ("meta", HistoryDetailEntryMeta.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
