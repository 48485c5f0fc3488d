# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset

if TYPE_CHECKING:
    from ..models.history_detail_entry import HistoryDetailEntry

T = TypeVar("T", bound="HistoryDetailResponse")


@_attrs_define
class HistoryDetailResponse:
    """Full record of one past job, in an object whose only key is the job's id."""

    additional_properties: dict[str, HistoryDetailEntry] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("HistoryDetailResponse is read from a JSON object")
        from ..models.history_detail_entry import HistoryDetailEntry

        values = dict(src_dict)
        model = cls()
        model.additional_properties = {
            name: _types.read(HistoryDetailEntry.from_dict, value) for name, value in values.items()
        }
        return model

    @property
    def additional_keys(self) -> list[str]:
        """Names of the fields beyond the declared ones."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> HistoryDetailEntry:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: HistoryDetailEntry) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
