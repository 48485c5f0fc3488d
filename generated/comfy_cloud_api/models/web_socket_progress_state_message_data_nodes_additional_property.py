# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

T = TypeVar("T", bound="WebSocketProgressStateMessageDataNodesAdditionalProperty")


@_attrs_define
class WebSocketProgressStateMessageDataNodesAdditionalProperty:
    """WebSocketProgressStateMessageDataNodesAdditionalProperty of the contract.

    Attributes:
        node_id (str | Unset): Id of the node as it runs.
        display_node_id (str | Unset): Id of the node to show to users.
        real_node_id (str | Unset): Id of the actual node behind this entry.
        prompt_id (str | Unset): Id of the job that the node belongs to.
        class_type (str | Unset): Class of the node, such as `KSampler`. Open-source ComfyUI does not send it.
    """

    node_id: str | Unset = UNSET
    display_node_id: str | Unset = UNSET
    real_node_id: str | Unset = UNSET
    prompt_id: str | Unset = UNSET
    class_type: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "node_id": self.node_id,
            "display_node_id": self.display_node_id,
            "real_node_id": self.real_node_id,
            "prompt_id": self.prompt_id,
            "class_type": self.class_type,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("WebSocketProgressStateMessageDataNodesAdditionalProperty is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            node_id=values.pop("node_id", UNSET),
            display_node_id=values.pop("display_node_id", UNSET),
            real_node_id=values.pop("real_node_id", UNSET),
            prompt_id=values.pop("prompt_id", UNSET),
            class_type=values.pop("class_type", UNSET),
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
