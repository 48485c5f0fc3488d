# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.history_entry_meta import HistoryEntryMeta
    from ..models.history_entry_outputs import HistoryEntryOutputs
    from ..models.history_entry_prompt import HistoryEntryPrompt
    from ..models.history_entry_status import HistoryEntryStatus


@_attrs_define
class HistoryEntry(_types.Fields[Any]):
    """A past job in the history list, with its id, outputs and status.

    Attributes:
        prompt_id (str): Id of the job.
        create_time (int | Unset): Moment the job was created, as a Unix time in milliseconds.
        workflow_id (str | Unset): UUID of the workflow definition that the job ran.
        prompt (HistoryEntryPrompt | Unset): Reduced record of what was submitted, without the workflow.
        outputs (HistoryEntryOutputs | Unset): Results by node id, then by kind (`images`, `audio`, `text` and others,
            including kinds that custom nodes invent). List entries with a `filename` are files.
        status (HistoryEntryStatus | Unset): How the run ended, with the events that led there.
        meta (HistoryEntryMeta | Unset): Details about the run and its nodes.
    """

    prompt_id: str
    create_time: int | Unset = UNSET
    workflow_id: str | Unset = UNSET
    prompt: HistoryEntryPrompt | Unset = UNSET
    outputs: HistoryEntryOutputs | Unset = UNSET
    status: HistoryEntryStatus | Unset = UNSET
    meta: HistoryEntryMeta | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "create_time": "create_time",
        "workflow_id": "workflow_id",
        "prompt": "prompt",
        "outputs": "outputs",
        "status": "status",
        "meta": "meta",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt_id": self.prompt_id,
            "create_time": self.create_time,
            "workflow_id": self.workflow_id,
            "prompt": self.prompt,
            "outputs": self.outputs,
            "status": self.status,
            "meta": self.meta,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.history_entry_meta import HistoryEntryMeta
        from ..models.history_entry_outputs import HistoryEntryOutputs
        from ..models.history_entry_prompt import HistoryEntryPrompt
        from ..models.history_entry_status import HistoryEntryStatus

        return {
            "prompt_id": ("prompt_id", _types.as_it_came),
            "create_time": ("create_time", _types.as_it_came),
            "workflow_id": ("workflow_id", _types.as_it_came),
            "prompt": ("prompt", HistoryEntryPrompt.from_dict),
            "outputs": ("outputs", HistoryEntryOutputs.from_dict),
            "status": ("status", HistoryEntryStatus.from_dict),
            "meta": ("meta", HistoryEntryMeta.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
