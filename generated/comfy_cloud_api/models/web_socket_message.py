# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.web_socket_message_type import WebSocketMessageType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_message_data import WebSocketMessageData

T = TypeVar("T", bound="WebSocketMessage")


@_attrs_define
class WebSocketMessage:
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

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "type": self.type_,
            "data": self.data,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("WebSocketMessage is read from a JSON object")
        from ..models.web_socket_message_data import WebSocketMessageData

        values = dict(src_dict)
        model = cls(
            type_=_types.read(WebSocketMessageType, values.pop("type", UNSET)),
            data=_types.read(WebSocketMessageData.from_dict, values.pop("data", UNSET)),
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
