# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset

if TYPE_CHECKING:
    from ..models.asset import Asset


@_attrs_define
class ListAssetsResponse(_types.Fields[Any]):
    """One page of assets.

    Attributes:
        assets (list[Asset]): Assets on this page.
        total (int): Number of assets that match on all pages. Can be 0 on newer servers, so page by `has_more`.
        has_more (bool): True while further pages follow.
    """

    assets: list[Asset]
    total: int
    has_more: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "assets": "assets",
        "total": "total",
        "has_more": "has_more",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "assets": self.assets,
            "total": self.total,
            "has_more": self.has_more,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.asset import Asset

        return {
            "assets": ("assets", _types.list_of(Asset.from_dict)),
            "total": ("total", _types.as_it_came),
            "has_more": ("has_more", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
