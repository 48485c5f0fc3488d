# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.history_detail_entry_meta import HistoryDetailEntryMeta
    from ..models.history_detail_entry_outputs import HistoryDetailEntryOutputs
    from ..models.history_detail_entry_prompt import HistoryDetailEntryPrompt
    from ..models.history_detail_entry_status import HistoryDetailEntryStatus

T = TypeVar("T", bound="HistoryDetailEntry")


@_attrs_define
class HistoryDetailEntry:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("HistoryDetailEntry is read from a JSON object")
        from ..models.history_detail_entry_meta import HistoryDetailEntryMeta
        from ..models.history_detail_entry_outputs import HistoryDetailEntryOutputs
        from ..models.history_detail_entry_prompt import HistoryDetailEntryPrompt
        from ..models.history_detail_entry_status import HistoryDetailEntryStatus

        values = dict(src_dict)
        model = cls(
            prompt=_types.read(HistoryDetailEntryPrompt.from_dict, values.pop("prompt", UNSET)),
            outputs=_types.read(HistoryDetailEntryOutputs.from_dict, values.pop("outputs", UNSET)),
            status=_types.read(HistoryDetailEntryStatus.from_dict, values.pop("status", UNSET)),
            meta=_types.read(HistoryDetailEntryMeta.from_dict, values.pop("meta", UNSET)),
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
