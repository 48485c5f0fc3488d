# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.web_socket_executed_message_type import WebSocketExecutedMessageType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_executed_message_data import WebSocketExecutedMessageData

T = TypeVar("T", bound="WebSocketExecutedMessage")


@_attrs_define
class WebSocketExecutedMessage:
    """A node has finished and delivered outputs. Open-source ComfyUI sends it for cached output nodes as well.

    Attributes:
        type_ (WebSocketExecutedMessageType | Unset): Always `executed`.
        data (WebSocketExecutedMessageData | Unset): Which node has finished, and its outputs.
    """

    type_: WebSocketExecutedMessageType | Unset = UNSET
    data: WebSocketExecutedMessageData | Unset = UNSET
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
            raise TypeError("WebSocketExecutedMessage is read from a JSON object")
        from ..models.web_socket_executed_message_data import (
            WebSocketExecutedMessageData,
        )

        values = dict(src_dict)
        model = cls(
            type_=_types.read(WebSocketExecutedMessageType, values.pop("type", UNSET)),
            data=_types.read(WebSocketExecutedMessageData.from_dict, values.pop("data", UNSET)),
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
