# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.history_entry_prompt_extra_data import HistoryEntryPromptExtraData


@_attrs_define
class HistoryEntryPrompt(_types.Fields[Any]):
    """Reduced record of what was submitted, without the workflow.

    Attributes:
        priority (float | Unset): Priority of the job.
        prompt_id (str | Unset): Id of the job.
        extra_data (HistoryEntryPromptExtraData | Unset): Data submitted alongside the workflow; the workflow inside
            `extra_pnginfo` is left out.
    """

    priority: float | Unset = UNSET
    prompt_id: str | Unset = UNSET
    extra_data: HistoryEntryPromptExtraData | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "priority": "priority",
        "prompt_id": "prompt_id",
        "extra_data": "extra_data",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "priority": self.priority,
            "prompt_id": self.prompt_id,
            "extra_data": self.extra_data,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.history_entry_prompt_extra_data import HistoryEntryPromptExtraData

        return {
            "priority": ("priority", _types.as_it_came),
            "prompt_id": ("prompt_id", _types.as_it_came),
            "extra_data": ("extra_data", HistoryEntryPromptExtraData.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
