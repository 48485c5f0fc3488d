# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class UploadImageResponse200(_types.Fields[Any]):
    """UploadImageResponse200 of the contract.

    Attributes:
        name (str | Unset): Name to use in a workflow, for example as the input of `LoadImage`. It can differ from the
            name that was sent.
        subfolder (str | Unset): Subfolder given with the upload. In the cloud it does not say where the image is
            stored.
        type_ (str | Unset): Kind of storage the upload was filed under, such as `output` or `input`.
    """

    name: str | Unset = UNSET
    subfolder: str | Unset = UNSET
    type_: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "subfolder": "subfolder",
        "type": "type_",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "name": self.name,
            "subfolder": self.subfolder,
            "type": self.type_,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "name": ("name", _types.as_it_came),
            "subfolder": ("subfolder", _types.as_it_came),
            "type_": ("type", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
