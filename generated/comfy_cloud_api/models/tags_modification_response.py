# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

T = TypeVar("T", bound="TagsModificationResponse")


@_attrs_define
class TagsModificationResponse:
    """Outcome of adding tags to an asset or removing them.

    Attributes:
        total_tags (list[str]): Every tag of the asset once the change is made.
        added (list[str] | Unset): Tags the asset gained; present when tags were being added.
        removed (list[str] | Unset): Tags the asset lost; present when tags were being removed.
        already_present (list[str] | Unset): Requested tags that the asset had before; present when tags were being
            added.
        not_present (list[str] | Unset): Requested tags that the asset did not have; present when tags were being
            removed.
    """

    total_tags: list[str]
    added: list[str] | Unset = UNSET
    removed: list[str] | Unset = UNSET
    already_present: list[str] | Unset = UNSET
    not_present: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "total_tags": self.total_tags,
            "added": self.added,
            "removed": self.removed,
            "already_present": self.already_present,
            "not_present": self.not_present,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("TagsModificationResponse is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            total_tags=_types.read(_types.list_of(_types.as_it_came), values.pop("total_tags", UNSET)),
            added=_types.read(_types.list_of(_types.as_it_came), values.pop("added", UNSET)),
            removed=_types.read(_types.list_of(_types.as_it_came), values.pop("removed", UNSET)),
            already_present=_types.read(_types.list_of(_types.as_it_came), values.pop("already_present", UNSET)),
            not_present=_types.read(_types.list_of(_types.as_it_came), values.pop("not_present", UNSET)),
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
