# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.node_info_input import NodeInfoInput
    from ..models.node_info_input_order import NodeInfoInputOrder


@_attrs_define
class NodeInfo(_types.Fields[Any]):
    """Definition of a node type: its inputs, outputs and how it is presented.

    Attributes:
        input_ (NodeInfoInput | Unset): Inputs the node takes, grouped by kind (such as `required` and `hidden`). Each
            is usually a list of a type, or of the allowed values, and an optional object of options; a hidden input can be
            a bare string.
        input_order (NodeInfoInputOrder | Unset): Names of the inputs in display order, one list per input group.
        output (list[str] | Unset): Type of each output, in order, such as `IMAGE` or `LATENT`.
        output_is_list (list[bool] | Unset): For every output, true when it yields a list of values. Open-source ComfyUI
            can send null entries.
        output_name (list[str] | Unset): Name of each output, in the same order as `output`.
        name (str | Unset): Name by which workflows refer to the node, that is its `class_type`.
        display_name (None | str | Unset): Name shown to users. Open-source ComfyUI sends null for many nodes.
        description (str | Unset): What the node does, in the words of its author.
        python_module (str | Unset): Python module on the server that the node comes from.
        category (str | Unset): Menu category that the node is filed under.
        output_node (bool | Unset): True when the node delivers results of a workflow, for example by saving an image.
        output_tooltips (list[None | str] | Unset): Help text for each output, in the same order as `output`. The list
            can be missing, and on open-source ComfyUI entries can be null.
        deprecated (bool | Unset): True when the node is marked as deprecated; may be missing.
        experimental (bool | Unset): True when the node is marked as experimental; may be missing.
        api_node (bool | Unset): True when the node is marked as an API node; may be missing.
    """

    input_: NodeInfoInput | Unset = UNSET
    input_order: NodeInfoInputOrder | Unset = UNSET
    output: list[str] | Unset = UNSET
    output_is_list: list[bool] | Unset = UNSET
    output_name: list[str] | Unset = UNSET
    name: str | Unset = UNSET
    display_name: None | str | Unset = UNSET
    description: str | Unset = UNSET
    python_module: str | Unset = UNSET
    category: str | Unset = UNSET
    output_node: bool | Unset = UNSET
    output_tooltips: list[None | str] | Unset = UNSET
    deprecated: bool | Unset = UNSET
    experimental: bool | Unset = UNSET
    api_node: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "input": "input_",
        "input_order": "input_order",
        "output": "output",
        "output_is_list": "output_is_list",
        "output_name": "output_name",
        "name": "name",
        "display_name": "display_name",
        "description": "description",
        "python_module": "python_module",
        "category": "category",
        "output_node": "output_node",
        "output_tooltips": "output_tooltips",
        "deprecated": "deprecated",
        "experimental": "experimental",
        "api_node": "api_node",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "input": self.input_,
            "input_order": self.input_order,
            "output": self.output,
            "output_is_list": self.output_is_list,
            "output_name": self.output_name,
            "name": self.name,
            "display_name": self.display_name,
            "description": self.description,
            "python_module": self.python_module,
            "category": self.category,
            "output_node": self.output_node,
            "output_tooltips": self.output_tooltips,
            "deprecated": self.deprecated,
            "experimental": self.experimental,
            "api_node": self.api_node,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.node_info_input import NodeInfoInput
        from ..models.node_info_input_order import NodeInfoInputOrder

        return {
            "input_": ("input", NodeInfoInput.from_dict),
            "input_order": ("input_order", NodeInfoInputOrder.from_dict),
            "output": ("output", _types.list_of(_types.as_it_came)),
            "output_is_list": ("output_is_list", _types.list_of(_types.as_it_came)),
            "output_name": ("output_name", _types.list_of(_types.as_it_came)),
            "name": ("name", _types.as_it_came),
            "display_name": ("display_name", _types.as_it_came),
            "description": ("description", _types.as_it_came),
            "python_module": ("python_module", _types.as_it_came),
            "category": ("category", _types.as_it_came),
            "output_node": ("output_node", _types.as_it_came),
            "output_tooltips": ("output_tooltips", _types.list_of(_types.as_it_came)),
            "deprecated": ("deprecated", _types.as_it_came),
            "experimental": ("experimental", _types.as_it_came),
            "api_node": ("api_node", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
