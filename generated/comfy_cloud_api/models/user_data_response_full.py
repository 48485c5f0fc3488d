# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class UserDataResponseFull(_types.Fields[Any]):
    """A stored user data file with size and time.

    Attributes:
        path (str | Unset): Path of the file below the user's data directory.
        size (int | Unset): Size of the file in bytes.
        modified (datetime.datetime | Unset): When the file last changed. A date-time by contract; some servers send a
            number instead, seconds on old open-source ComfyUI and milliseconds on new.
    """

    path: str | Unset = UNSET
    size: int | Unset = UNSET
    modified: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "path": "path",
        "size": "size",
        "modified": "modified",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "path": self.path,
            "size": self.size,
            "modified": self.modified,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "path": ("path", _types.as_it_came),
            "size": ("size", _types.as_it_came),
            "modified": ("modified", _types.date_time),
            "additional_properties": (None, _types.as_it_came),
        }
