# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset


@_attrs_define
class ModelFile(_types.Fields[Any]):
    """A model file in one of the model folders.

    Attributes:
        name (str): Name of the file. On open-source ComfyUI it may contain `/`. Example: taesd_encoder.safetensors.
        path_index (int): Position in `folders` of the path that holds the file, counted from 0. Example: 0.
    """

    name: str
    path_index: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "pathIndex": "path_index",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "name": self.name,
            "pathIndex": self.path_index,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "name": ("name", _types.as_it_came),
            "path_index": ("pathIndex", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
