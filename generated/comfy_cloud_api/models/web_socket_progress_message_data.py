# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

T = TypeVar("T", bound="WebSocketProgressMessageData")


@_attrs_define
class WebSocketProgressMessageData:
    """How far the node has come.

    Attributes:
        prompt_id (UUID): Id of the job that the message is about.
        node (str): Id of the node that is advancing.
        value (int): Steps done so far.
        max_ (int): Steps the node has to do in all.
    """

    prompt_id: UUID
    node: str
    value: int
    max_: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt_id": self.prompt_id,
            "node": self.node,
            "value": self.value,
            "max": self.max_,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("WebSocketProgressMessageData is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            prompt_id=_types.read(_types.uuid, values.pop("prompt_id", UNSET)),
            node=values.pop("node", UNSET),
            value=values.pop("value", UNSET),
            max_=values.pop("max", UNSET),
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
