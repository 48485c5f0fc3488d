# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset


@_attrs_define
class ModelFolder(_types.Fields[Any]):
    """A kind of model, with the folders it is kept in.

    Attributes:
        name (str): Name of the kind, such as `checkpoints`. Example: vae.
        folders (list[str]): Paths that hold models of this kind. Open-source ComfyUI sends absolute paths of its own
            machine. Example: ['vae'].
    """

    name: str
    folders: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "folders": "folders",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "name": self.name,
            "folders": self.folders,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "name": ("name", _types.as_it_came),
            "folders": ("folders", _types.list_of(_types.as_it_came)),
            "additional_properties": (None, _types.as_it_came),
        }
