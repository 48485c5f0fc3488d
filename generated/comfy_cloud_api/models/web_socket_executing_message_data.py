# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

T = TypeVar("T", bound="WebSocketExecutingMessageData")


@_attrs_define
class WebSocketExecutingMessageData:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("WebSocketExecutingMessageData is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            prompt_id=_types.read(_types.uuid, values.pop("prompt_id", UNSET)),
            node=values.pop("node", UNSET),
            display_node=values.pop("display_node", UNSET),
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
