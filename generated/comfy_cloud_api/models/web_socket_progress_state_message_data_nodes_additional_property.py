# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class WebSocketProgressStateMessageDataNodesAdditionalProperty(_types.Fields[Any]):
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
    DECLARED: ClassVar[Mapping[str, str]] = {
        "node_id": "node_id",
        "display_node_id": "display_node_id",
        "real_node_id": "real_node_id",
        "prompt_id": "prompt_id",
        "class_type": "class_type",
    }

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
    def _readers(cls) -> _types.Readers:
        return {
            "node_id": ("node_id", _types.as_it_came),
            "display_node_id": ("display_node_id", _types.as_it_came),
            "real_node_id": ("real_node_id", _types.as_it_came),
            "prompt_id": ("prompt_id", _types.as_it_came),
            "class_type": ("class_type", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
