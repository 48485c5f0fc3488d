# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset


@_attrs_define
class PaginationInfo(_types.Fields[Any]):
    """Position of a page within all results.

    Attributes:
        offset (int): How many items come before this page; 0 on the first.
        limit (int | None): Largest number of items a page holds, at least 1. Open-source ComfyUI sends null when no
            limit was requested.
        total (int): Number of matching items over all pages.
        has_more (bool): True while further pages follow.
    """

    offset: int
    limit: int | None
    total: int
    has_more: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "offset": "offset",
        "limit": "limit",
        "total": "total",
        "has_more": "has_more",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "offset": self.offset,
            "limit": self.limit,
            "total": self.total,
            "has_more": self.has_more,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "offset": ("offset", _types.as_it_came),
            "limit": ("limit", _types.as_it_came),
            "total": ("total", _types.as_it_came),
            "has_more": ("has_more", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
