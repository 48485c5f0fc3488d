# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset


@_attrs_define
class TagInfo(_types.Fields[Any]):
    """A tag and how often it is used.

    Attributes:
        name (str): Name of the tag, as shown to users.
        count (int): How many assets carry the tag.
    """

    name: str
    count: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "count": "count",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "name": self.name,
            "count": self.count,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "name": ("name", _types.as_it_came),
            "count": ("count", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
