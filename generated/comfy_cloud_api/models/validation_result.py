# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.validation_error import ValidationError


@_attrs_define
class ValidationResult(_types.Fields[Any]):
    """Outcome of the checks on a remote file.

    Attributes:
        is_valid (bool): True when the file passed every check. Example: True.
        errors (list[ValidationError] | Unset): Problems that rule out a download.
        warnings (list[ValidationError] | Unset): Remarks that do not stop a download.
    """

    is_valid: bool
    errors: list[ValidationError] | Unset = UNSET
    warnings: list[ValidationError] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "is_valid": "is_valid",
        "errors": "errors",
        "warnings": "warnings",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "is_valid": self.is_valid,
            "errors": self.errors,
            "warnings": self.warnings,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.validation_error import ValidationError

        return {
            "is_valid": ("is_valid", _types.as_it_came),
            "errors": ("errors", _types.list_of(ValidationError.from_dict)),
            "warnings": ("warnings", _types.list_of(ValidationError.from_dict)),
            "additional_properties": (None, _types.as_it_came),
        }
