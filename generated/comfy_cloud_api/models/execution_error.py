# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset

if TYPE_CHECKING:
    from ..models.execution_error_current_inputs import ExecutionErrorCurrentInputs


@_attrs_define
class ExecutionError(_types.Fields[Any]):
    """Why a run failed, and at which node.

    Attributes:
        node_id (str): Id of the failed node.
        node_type (str): Class of that node, such as `KSampler`.
        exception_message (str): Error text for people. On open-source ComfyUI it may end with a line break.
        exception_type (str): Name of the exception class, such as `RuntimeError`. Any name can occur.
        traceback (list[str]): Lines of the Python traceback; an empty list when there is none.
        current_inputs (ExecutionErrorCurrentInputs): Values the failed node had been given; empty when unknown.
        current_outputs (Any): Outputs that existed when the node failed; empty when unknown. Open-source ComfyUI sends
            a list of node ids instead of an object.
    """

    node_id: str
    node_type: str
    exception_message: str
    exception_type: str
    traceback: list[str]
    current_inputs: ExecutionErrorCurrentInputs
    current_outputs: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "node_id": "node_id",
        "node_type": "node_type",
        "exception_message": "exception_message",
        "exception_type": "exception_type",
        "traceback": "traceback",
        "current_inputs": "current_inputs",
        "current_outputs": "current_outputs",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "node_id": self.node_id,
            "node_type": self.node_type,
            "exception_message": self.exception_message,
            "exception_type": self.exception_type,
            "traceback": self.traceback,
            "current_inputs": self.current_inputs,
            "current_outputs": self.current_outputs,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.execution_error_current_inputs import ExecutionErrorCurrentInputs

        return {
            "node_id": ("node_id", _types.as_it_came),
            "node_type": ("node_type", _types.as_it_came),
            "exception_message": ("exception_message", _types.as_it_came),
            "exception_type": ("exception_type", _types.as_it_came),
            "traceback": ("traceback", _types.list_of(_types.as_it_came)),
            "current_inputs": ("current_inputs", ExecutionErrorCurrentInputs.from_dict),
            "current_outputs": ("current_outputs", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
