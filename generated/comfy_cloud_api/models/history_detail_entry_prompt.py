# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.history_detail_entry_prompt_extra_data import (
        HistoryDetailEntryPromptExtraData,
    )
    from ..models.history_detail_entry_prompt_prompt import (
        HistoryDetailEntryPromptPrompt,
    )


@_attrs_define
class HistoryDetailEntryPrompt(_types.Fields[Any]):
    """Complete record of what was submitted.

    Attributes:
        priority (float | Unset): Priority of the job.
        prompt_id (str | Unset): Id of the job.
        prompt (HistoryDetailEntryPromptPrompt | Unset): The workflow that ran, with its nodes keyed by id.
        extra_data (HistoryDetailEntryPromptExtraData | Unset): Data submitted alongside the workflow.
        outputs_to_execute (list[str] | Unset): Ids of the output nodes the job was to run.
    """

    priority: float | Unset = UNSET
    prompt_id: str | Unset = UNSET
    prompt: HistoryDetailEntryPromptPrompt | Unset = UNSET
    extra_data: HistoryDetailEntryPromptExtraData | Unset = UNSET
    outputs_to_execute: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "priority": "priority",
        "prompt_id": "prompt_id",
        "prompt": "prompt",
        "extra_data": "extra_data",
        "outputs_to_execute": "outputs_to_execute",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "priority": self.priority,
            "prompt_id": self.prompt_id,
            "prompt": self.prompt,
            "extra_data": self.extra_data,
            "outputs_to_execute": self.outputs_to_execute,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.history_detail_entry_prompt_extra_data import (
            HistoryDetailEntryPromptExtraData,
        )
        from ..models.history_detail_entry_prompt_prompt import (
            HistoryDetailEntryPromptPrompt,
        )

        return {
            "priority": ("priority", _types.as_it_came),
            "prompt_id": ("prompt_id", _types.as_it_came),
            "prompt": ("prompt", HistoryDetailEntryPromptPrompt.from_dict),
            "extra_data": ("extra_data", HistoryDetailEntryPromptExtraData.from_dict),
            "outputs_to_execute": ("outputs_to_execute", _types.list_of(_types.as_it_came)),
            "additional_properties": (None, _types.as_it_came),
        }
