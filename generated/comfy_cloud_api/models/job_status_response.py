# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.job_status_response_status import JobStatusResponseStatus
from ..types import UNSET, Unset


@_attrs_define
class JobStatusResponse(_types.Fields[Any]):
    """Status of one job, without its workflow and outputs.

    Attributes:
        id (UUID): Id of the job.
        status (JobStatusResponseStatus): State of the job. Running servers send further words, such as
            `queued_waiting`, `executing`, `success`, `failed` or `lost`. Terminal are only success/completed, error/failed,
            `non_retryable_error`, `lost` and cancelled/canceled; any other word means the job is still in flight.
        created_at (datetime.datetime): Time of the job's creation.
        updated_at (datetime.datetime): Time of the latest change to the job.
        last_state_update (datetime.datetime | Unset): Time at which the status took its present value.
        assigned_inference (None | str | Unset): Inference instance that the job was given to; null or missing while
            there is none.
        error_message (None | str | Unset): Reason for a failure. When a node failed, servers put the error object here
            as a JSON string.
    """

    id: UUID
    status: JobStatusResponseStatus
    created_at: datetime.datetime
    updated_at: datetime.datetime
    last_state_update: datetime.datetime | Unset = UNSET
    assigned_inference: None | str | Unset = UNSET
    error_message: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "last_state_update": "last_state_update",
        "assigned_inference": "assigned_inference",
        "error_message": "error_message",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "id": self.id,
            "status": self.status,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "last_state_update": self.last_state_update,
            "assigned_inference": self.assigned_inference,
            "error_message": self.error_message,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        return {
            "id": ("id", _types.uuid),
            "status": ("status", JobStatusResponseStatus),
            "created_at": ("created_at", _types.date_time),
            "updated_at": ("updated_at", _types.date_time),
            "last_state_update": ("last_state_update", _types.date_time),
            "assigned_inference": ("assigned_inference", _types.as_it_came),
            "error_message": ("error_message", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
