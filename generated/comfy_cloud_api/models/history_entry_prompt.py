# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.history_entry_prompt_extra_data import HistoryEntryPromptExtraData

T = TypeVar("T", bound="HistoryEntryPrompt")


@_attrs_define
class HistoryEntryPrompt:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("HistoryEntryPrompt is read from a JSON object")
        from ..models.history_entry_prompt_extra_data import HistoryEntryPromptExtraData

        values = dict(src_dict)
        model = cls(
            priority=values.pop("priority", UNSET),
            prompt_id=values.pop("prompt_id", UNSET),
            extra_data=_types.read(HistoryEntryPromptExtraData.from_dict, values.pop("extra_data", UNSET)),
        )
        model.additional_properties = values
        return model

    @property
    def additional_keys(self) -> list[str]:
        """Names of the fields beyond the declared ones."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
