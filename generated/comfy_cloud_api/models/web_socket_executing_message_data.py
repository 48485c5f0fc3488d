# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class WebSocketExecutingMessageData(_types.Fields[Any]):
    """Which node of which job has begun.

    Attributes:
        prompt_id (UUID): Id of the job that the message is about. Open-source ComfyUI omits it in the message that
            follows a reconnect.
        node (str | Unset): Id of the running node. Null marks the end of the job on open-source ComfyUI. May be absent
            from the submitted workflow when a node expands into others.
        display_node (str | Unset): Id of the node to show to users; it differs from `node` where nodes are grouped or
            expanded.
    """

    prompt_id: UUID
    node: str | Unset = UNSET
    display_node: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "node": "node",
        "display_node": "display_node",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt_id": self.prompt_id,
            "node": self.node,
            "display_node": self.display_node,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "prompt_id": ("prompt_id", _types.uuid),
            "node": ("node", _types.as_it_came),
            "display_node": ("display_node", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
