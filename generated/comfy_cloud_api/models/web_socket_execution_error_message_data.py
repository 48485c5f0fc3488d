# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.web_socket_execution_error_message_data_exception_type import (
    WebSocketExecutionErrorMessageDataExceptionType,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_execution_error_message_data_current_inputs import (
        WebSocketExecutionErrorMessageDataCurrentInputs,
    )
    from ..models.web_socket_execution_error_message_data_current_outputs import (
        WebSocketExecutionErrorMessageDataCurrentOutputs,
    )


@_attrs_define
class WebSocketExecutionErrorMessageData(_types.Fields[Any]):
    """Which job has failed, where and why.

    Attributes:
        prompt_id (UUID): Id of the job that the message is about.
        exception_message (str): Error text for people. On open-source ComfyUI it may end with a line break.
        node_id (str | Unset): Id of the node that failed, if a node is to blame.
        node_type (str | Unset): Class of the failed node.
        exception_type (WebSocketExecutionErrorMessageDataExceptionType | Unset): Kind of the error. The set is open, as
            plain Python exception names arrive too. Frequent values: - `ValidationError`: workflow or inputs are not valid
            - `ModelDownloadError`: a model that is needed could not be fetched - `OOMError`: GPU memory ran out -
            `InsufficientFundsError`: too little credit on the account - `InactiveSubscriptionError`: no active subscription
        traceback (list[str] | Unset): Lines of the traceback, for debugging.
        executed (list[str] | Unset): Ids of the nodes that had finished by then.
        current_inputs (WebSocketExecutionErrorMessageDataCurrentInputs | Unset): Values the failed node had been given.
        current_outputs (WebSocketExecutionErrorMessageDataCurrentOutputs | Unset): Outputs that existed when the node
            failed. Open-source ComfyUI sends a list of node ids instead of an object.
    """

    prompt_id: UUID
    exception_message: str
    node_id: str | Unset = UNSET
    node_type: str | Unset = UNSET
    exception_type: WebSocketExecutionErrorMessageDataExceptionType | Unset = UNSET
    traceback: list[str] | Unset = UNSET
    executed: list[str] | Unset = UNSET
    current_inputs: WebSocketExecutionErrorMessageDataCurrentInputs | Unset = UNSET
    current_outputs: WebSocketExecutionErrorMessageDataCurrentOutputs | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "exception_message": "exception_message",
        "node_id": "node_id",
        "node_type": "node_type",
        "exception_type": "exception_type",
        "traceback": "traceback",
        "executed": "executed",
        "current_inputs": "current_inputs",
        "current_outputs": "current_outputs",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt_id": self.prompt_id,
            "exception_message": self.exception_message,
            "node_id": self.node_id,
            "node_type": self.node_type,
            "exception_type": self.exception_type,
            "traceback": self.traceback,
            "executed": self.executed,
            "current_inputs": self.current_inputs,
            "current_outputs": self.current_outputs,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.web_socket_execution_error_message_data_current_inputs import (
            WebSocketExecutionErrorMessageDataCurrentInputs,
        )
        from ..models.web_socket_execution_error_message_data_current_outputs import (
            WebSocketExecutionErrorMessageDataCurrentOutputs,
        )

        return {
            "prompt_id": ("prompt_id", _types.uuid),
            "exception_message": ("exception_message", _types.as_it_came),
            "node_id": ("node_id", _types.as_it_came),
            "node_type": ("node_type", _types.as_it_came),
            "exception_type": ("exception_type", WebSocketExecutionErrorMessageDataExceptionType),
            "traceback": ("traceback", _types.list_of(_types.as_it_came)),
            "executed": ("executed", _types.list_of(_types.as_it_came)),
            "current_inputs": ("current_inputs", WebSocketExecutionErrorMessageDataCurrentInputs.from_dict),
            "current_outputs": ("current_outputs", WebSocketExecutionErrorMessageDataCurrentOutputs.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
