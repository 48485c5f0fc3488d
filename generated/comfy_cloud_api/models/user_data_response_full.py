# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

T = TypeVar("T", bound="UserDataResponseFull")


@_attrs_define
class UserDataResponseFull:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("UserDataResponseFull is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            path=values.pop("path", UNSET),
            size=values.pop("size", UNSET),
            modified=_types.read(_types.date_time, values.pop("modified", UNSET)),
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
