# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.web_socket_status_message_data_status import (
        WebSocketStatusMessageDataStatus,
    )


@_attrs_define
class WebSocketStatusMessageData(_types.Fields[Any]):
    """State of the queue.

    Attributes:
        status (WebSocketStatusMessageDataStatus | Unset): State of the queue, with its figures in `exec_info`.
        sid (str | Unset): Id of the session; only in the first message after connecting.
    """

    status: WebSocketStatusMessageDataStatus | Unset = UNSET
    sid: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "status": "status",
        "sid": "sid",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "status": self.status,
            "sid": self.sid,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.web_socket_status_message_data_status import (
            WebSocketStatusMessageDataStatus,
        )

        return {
            "status": ("status", WebSocketStatusMessageDataStatus.from_dict),
            "sid": ("sid", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
