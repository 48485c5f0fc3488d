# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_executed_message_data_output import (
        WebSocketExecutedMessageDataOutput,
    )

T = TypeVar("T", bound="WebSocketExecutedMessageData")


@_attrs_define
class WebSocketExecutedMessageData:
    """Which node has finished, and its outputs.

    Attributes:
        prompt_id (UUID): Id of the job that the message is about.
        node (str): Id of the finished node.
        display_node (str | Unset): Id of the finished node as shown to users.
        output (WebSocketExecutedMessageDataOutput | Unset): What the node delivered, by kind. Images come as `images`,
            a list of objects with `filename`, `subfolder` and `type`; videos come in the same form as `video`, or on open-
            source ComfyUI as `images` with `animated` set. Text and custom kinds can differ in form.
    """

    prompt_id: UUID
    node: str
    display_node: str | Unset = UNSET
    output: WebSocketExecutedMessageDataOutput | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt_id": self.prompt_id,
            "node": self.node,
            "display_node": self.display_node,
            "output": self.output,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("WebSocketExecutedMessageData is read from a JSON object")
        from ..models.web_socket_executed_message_data_output import (
            WebSocketExecutedMessageDataOutput,
        )

        values = dict(src_dict)
        model = cls(
            prompt_id=_types.read(_types.uuid, values.pop("prompt_id", UNSET)),
            node=values.pop("node", UNSET),
            display_node=values.pop("display_node", UNSET),
            output=_types.read(WebSocketExecutedMessageDataOutput.from_dict, values.pop("output", UNSET)),
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
