# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class TagsModificationResponse(_types.Fields[Any]):
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
    DECLARED: ClassVar[Mapping[str, str]] = {
        "total_tags": "total_tags",
        "added": "added",
        "removed": "removed",
        "already_present": "already_present",
        "not_present": "not_present",
    }

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
    def _readers(cls) -> _types.Readers:
        return {
            "total_tags": ("total_tags", _types.list_of(_types.as_it_came)),
            "added": ("added", _types.list_of(_types.as_it_came)),
            "removed": ("removed", _types.list_of(_types.as_it_came)),
            "already_present": ("already_present", _types.list_of(_types.as_it_came)),
            "not_present": ("not_present", _types.list_of(_types.as_it_came)),
            "additional_properties": (None, _types.as_it_came),
        }
