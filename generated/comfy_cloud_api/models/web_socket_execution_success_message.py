# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.web_socket_execution_success_message_type import (
    WebSocketExecutionSuccessMessageType,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_execution_success_message_data import (
        WebSocketExecutionSuccessMessageData,
    )


@_attrs_define
class WebSocketExecutionSuccessMessage(_types.Fields[Any]):
    """The job has run to its end without an error. Its outputs can take a moment longer to become readable.

    Attributes:
        type_ (WebSocketExecutionSuccessMessageType | Unset): Always `execution_success`.
        data (WebSocketExecutionSuccessMessageData | Unset): Which job has succeeded.
    """

    type_: WebSocketExecutionSuccessMessageType | Unset = UNSET
    data: WebSocketExecutionSuccessMessageData | Unset = UNSET
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
        from ..models.web_socket_execution_success_message_data import (
            WebSocketExecutionSuccessMessageData,
        )

        return {
            "type_": ("type", WebSocketExecutionSuccessMessageType),
            "data": ("data", WebSocketExecutionSuccessMessageData.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
