# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_executed_message_data_output import (
        WebSocketExecutedMessageDataOutput,
    )


@_attrs_define
class WebSocketExecutedMessageData(_types.Fields[Any]):
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
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "node": "node",
        "display_node": "display_node",
        "output": "output",
    }

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
    def _readers(cls) -> _types.Readers:
        from ..models.web_socket_executed_message_data_output import (
            WebSocketExecutedMessageDataOutput,
        )

        return {
            "prompt_id": ("prompt_id", _types.uuid),
            "node": ("node", _types.as_it_came),
            "display_node": ("display_node", _types.as_it_came),
            "output": ("output", WebSocketExecutedMessageDataOutput.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
