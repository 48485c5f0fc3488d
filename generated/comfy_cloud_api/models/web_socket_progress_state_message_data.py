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
    from ..models.web_socket_progress_state_message_data_nodes import (
        WebSocketProgressStateMessageDataNodes,
    )


@_attrs_define
class WebSocketProgressStateMessageData(_types.Fields[Any]):
    """How far the nodes of the job have come.

    Attributes:
        prompt_id (UUID | Unset): Id of the job that the message is about.
        nodes (WebSocketProgressStateMessageDataNodes | Unset): Progress by node id. On real servers each entry also has
            `state`, `value` and `max`.
    """

    prompt_id: UUID | Unset = UNSET
    nodes: WebSocketProgressStateMessageDataNodes | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "nodes": "nodes",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt_id": self.prompt_id,
            "nodes": self.nodes,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.web_socket_progress_state_message_data_nodes import (
            WebSocketProgressStateMessageDataNodes,
        )

        return {
            "prompt_id": ("prompt_id", _types.uuid),
            "nodes": ("nodes", WebSocketProgressStateMessageDataNodes.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
