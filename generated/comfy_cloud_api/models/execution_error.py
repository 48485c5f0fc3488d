# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.execution_error_current_inputs import ExecutionErrorCurrentInputs

T = TypeVar("T", bound="ExecutionError")


@_attrs_define
class ExecutionError:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("ExecutionError is read from a JSON object")
        from ..models.execution_error_current_inputs import ExecutionErrorCurrentInputs

        values = dict(src_dict)
        model = cls(
            node_id=values.pop("node_id", UNSET),
            node_type=values.pop("node_type", UNSET),
            exception_message=values.pop("exception_message", UNSET),
            exception_type=values.pop("exception_type", UNSET),
            traceback=_types.read(_types.list_of(_types.as_it_came), values.pop("traceback", UNSET)),
            current_inputs=_types.read(ExecutionErrorCurrentInputs.from_dict, values.pop("current_inputs", UNSET)),
            current_outputs=values.pop("current_outputs", UNSET),
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
