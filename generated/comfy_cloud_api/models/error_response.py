# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset


@_attrs_define
class ErrorResponse(_types.Fields[Any]):
    """Error as the contract defines it. Servers also answer with other shapes: an `error` object, an `error` string, plain
    text, HTML from a gateway, or nothing.

    Attributes:
        code (str): Fixed code of the error, for programs.
        message (str): Explanation of the error, for people.
    """

    code: str
    message: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "code": "code",
        "message": "message",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "code": self.code,
            "message": self.message,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "code": ("code", _types.as_it_came),
            "message": ("message", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
