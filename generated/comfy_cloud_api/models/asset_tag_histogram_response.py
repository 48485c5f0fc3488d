# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset

if TYPE_CHECKING:
    from ..models.asset_tag_histogram_response_tag_counts import (
        AssetTagHistogramResponseTagCounts,
    )


@_attrs_define
class AssetTagHistogramResponse(_types.Fields[Any]):
    """How the tags are spread over the assets that match a filter.

    Attributes:
        tag_counts (AssetTagHistogramResponseTagCounts): For each tag name, how many of the matching assets carry it.
            Tags without such an asset are left out. Example: {'portrait': 12, 'june': 3}.
    """

    tag_counts: AssetTagHistogramResponseTagCounts
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "tag_counts": "tag_counts",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "tag_counts": self.tag_counts,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.asset_tag_histogram_response_tag_counts import (
            AssetTagHistogramResponseTagCounts,
        )

        return {
            "tag_counts": ("tag_counts", AssetTagHistogramResponseTagCounts.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
