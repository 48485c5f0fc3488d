# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset


@_attrs_define
class WebSocketProgressMessageData(_types.Fields[Any]):
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
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "node": "node",
        "value": "value",
        "max": "max_",
    }

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
    def _readers(cls) -> _types.Readers:
        return {
            "prompt_id": ("prompt_id", _types.uuid),
            "node": ("node", _types.as_it_came),
            "value": ("value", _types.as_it_came),
            "max_": ("max", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
