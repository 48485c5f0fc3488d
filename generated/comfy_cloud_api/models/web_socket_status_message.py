# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.web_socket_status_message_type import WebSocketStatusMessageType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_status_message_data import WebSocketStatusMessageData


@_attrs_define
class WebSocketStatusMessage(_types.Fields[Any]):
    """The queue has changed. Open-source ComfyUI also sends it right after connecting.

    Attributes:
        type_ (WebSocketStatusMessageType | Unset): Always `status`.
        data (WebSocketStatusMessageData | Unset): State of the queue.
    """

    type_: WebSocketStatusMessageType | Unset = UNSET
    data: WebSocketStatusMessageData | Unset = UNSET
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
        from ..models.web_socket_status_message_data import WebSocketStatusMessageData

        return {
            "type_": ("type", WebSocketStatusMessageType),
            "data": ("data", WebSocketStatusMessageData.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
