# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_status_message_data_status_exec_info import (
        WebSocketStatusMessageDataStatusExecInfo,
    )


@_attrs_define
class WebSocketStatusMessageDataStatus(_types.Fields[Any]):
    """State of the queue, with its figures in `exec_info`.

    Attributes:
        exec_info (WebSocketStatusMessageDataStatusExecInfo | Unset): Figures on the work still to be done.
    """

    exec_info: WebSocketStatusMessageDataStatusExecInfo | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "exec_info": "exec_info",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "exec_info": self.exec_info,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.web_socket_status_message_data_status_exec_info import (
            WebSocketStatusMessageDataStatusExecInfo,
        )

        return {
            "exec_info": ("exec_info", WebSocketStatusMessageDataStatusExecInfo.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
