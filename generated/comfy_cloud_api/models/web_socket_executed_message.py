# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.web_socket_executed_message_type import WebSocketExecutedMessageType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_executed_message_data import WebSocketExecutedMessageData


@_attrs_define
class WebSocketExecutedMessage(_types.Fields[Any]):
    """A node has finished and delivered outputs. Open-source ComfyUI sends it for cached output nodes as well.

    Attributes:
        type_ (WebSocketExecutedMessageType | Unset): Always `executed`.
        data (WebSocketExecutedMessageData | Unset): Which node has finished, and its outputs.
    """

    type_: WebSocketExecutedMessageType | Unset = UNSET
    data: WebSocketExecutedMessageData | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "type": "type_",
        "data": "data",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "type": self.type_,
            "data": self.data,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.web_socket_executed_message_data import (
            WebSocketExecutedMessageData,
        )

        return {
            "type_": ("type", WebSocketExecutedMessageType),
            "data": ("data", WebSocketExecutedMessageData.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
