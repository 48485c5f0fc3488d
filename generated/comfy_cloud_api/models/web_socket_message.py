# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.web_socket_message_type import WebSocketMessageType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_message_data import WebSocketMessageData


@_attrs_define
class WebSocketMessage(_types.Fields[Any]):
    """General form of a JSON message from the WebSocket: `type` says what it is, `data` holds what goes with that type.
    Unknown types also arrive and are to be skipped.

    Attributes:
        type_ (WebSocketMessageType): Kind of a WebSocket message, in the words that ComfyUI uses. The set is open:
            servers also send `notification`, `feature_flags` and whatever custom nodes emit.
        data (WebSocketMessageData | Unset): Content of the message; its fields depend on `type`.
    """

    type_: WebSocketMessageType
    data: WebSocketMessageData | Unset = UNSET
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
        from ..models.web_socket_message_data import WebSocketMessageData

        return {
            "type_": ("type", WebSocketMessageType),
            "data": ("data", WebSocketMessageData.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
