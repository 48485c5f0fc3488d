# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset


@_attrs_define
class ValidationError(_types.Fields[Any]):
    """One problem or remark that a check came up with.

    Attributes:
        code (str): Fixed code of the problem, such as `FORMAT_NOT_ALLOWED`. Example: SIZE_LIMIT.
        message (str): Explanation of the problem for people. Example: The file is larger than this account may import..
        field (str): Name of the property that was objected to, such as `format`. Example: size.
    """

    code: str
    message: str
    field: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "code": "code",
        "message": "message",
        "field": "field",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "code": self.code,
            "message": self.message,
            "field": self.field,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "code": ("code", _types.as_it_came),
            "message": ("message", _types.as_it_came),
            "field": ("field", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
