# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asset import Asset

T = TypeVar("T", bound="ListAssetsResponse")


@_attrs_define
class ListAssetsResponse:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("ListAssetsResponse is read from a JSON object")
        from ..models.asset import Asset

        values = dict(src_dict)
        model = cls(
            assets=_types.read(_types.list_of(Asset.from_dict), values.pop("assets", UNSET)),
            total=values.pop("total", UNSET),
            has_more=values.pop("has_more", UNSET),
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
