# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class GetFeaturesResponse200(_types.Fields[Any]):
    """GetFeaturesResponse200 of the contract.

    Attributes:
        supports_preview_metadata (bool | Unset): True if preview images can be sent over the WebSocket together with
            metadata that names their node and job.
        max_upload_size (int | Unset): Largest upload that the server takes, in bytes.
    """

    supports_preview_metadata: bool | Unset = UNSET
    max_upload_size: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "supports_preview_metadata": "supports_preview_metadata",
        "max_upload_size": "max_upload_size",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "supports_preview_metadata": self.supports_preview_metadata,
            "max_upload_size": self.max_upload_size,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "supports_preview_metadata": ("supports_preview_metadata", _types.as_it_came),
            "max_upload_size": ("max_upload_size", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
