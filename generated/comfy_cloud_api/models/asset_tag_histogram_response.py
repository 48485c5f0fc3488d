# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asset_tag_histogram_response_tag_counts import (
        AssetTagHistogramResponseTagCounts,
    )

T = TypeVar("T", bound="AssetTagHistogramResponse")


@_attrs_define
class AssetTagHistogramResponse:
    """How the tags are spread over the assets that match a filter.

    Attributes:
        tag_counts (AssetTagHistogramResponseTagCounts): For each tag name, how many of the matching assets carry it.
            Tags without such an asset are left out. Example: {'portrait': 12, 'june': 3}.
    """

    tag_counts: AssetTagHistogramResponseTagCounts
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "tag_counts": self.tag_counts,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("AssetTagHistogramResponse is read from a JSON object")
        from ..models.asset_tag_histogram_response_tag_counts import (
            AssetTagHistogramResponseTagCounts,
        )

        values = dict(src_dict)
        model = cls(
            tag_counts=_types.read(AssetTagHistogramResponseTagCounts.from_dict, values.pop("tag_counts", UNSET)),
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
