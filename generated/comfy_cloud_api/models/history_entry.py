# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.history_entry_meta import HistoryEntryMeta
    from ..models.history_entry_outputs import HistoryEntryOutputs
    from ..models.history_entry_prompt import HistoryEntryPrompt
    from ..models.history_entry_status import HistoryEntryStatus

T = TypeVar("T", bound="HistoryEntry")


@_attrs_define
class HistoryEntry:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("HistoryEntry is read from a JSON object")
        from ..models.history_entry_meta import HistoryEntryMeta
        from ..models.history_entry_outputs import HistoryEntryOutputs
        from ..models.history_entry_prompt import HistoryEntryPrompt
        from ..models.history_entry_status import HistoryEntryStatus

        values = dict(src_dict)
        model = cls(
            prompt_id=values.pop("prompt_id", UNSET),
            create_time=values.pop("create_time", UNSET),
            workflow_id=values.pop("workflow_id", UNSET),
            prompt=_types.read(HistoryEntryPrompt.from_dict, values.pop("prompt", UNSET)),
            outputs=_types.read(HistoryEntryOutputs.from_dict, values.pop("outputs", UNSET)),
            status=_types.read(HistoryEntryStatus.from_dict, values.pop("status", UNSET)),
            meta=_types.read(HistoryEntryMeta.from_dict, values.pop("meta", UNSET)),
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
