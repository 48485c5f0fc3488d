# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.job_entry_status import JobEntryStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.execution_error import ExecutionError
    from ..models.job_entry_preview_output import JobEntryPreviewOutput


@_attrs_define
class JobEntry(_types.Fields[Any]):
    """A job as it appears in lists, without workflow and complete outputs.

    Attributes:
        id (UUID): Id of the job, a UUID.
        status (JobEntryStatus): State of the job in five words: `pending`, `in_progress`, `completed`, `failed` or
            `cancelled`. The last three are final. `GET /api/job/{job_id}/status` uses other words.
        create_time (int): Moment the job was created, as a Unix time. The contract says seconds, yet servers send
            milliseconds.
        execution_error (ExecutionError | Unset): Why a run failed, and at which node.
        preview_output (JobEntryPreviewOutput | Unset): The job's main output to show as a preview; present once the job
            has ended.
        outputs_count (int | Unset): How many files the job produced; missing until it has ended. Open-source ComfyUI
            sends 0 meanwhile.
        workflow_id (str | Unset): UUID of the workflow definition that the job runs.
        execution_start_time (int | Unset): Moment the run began, as a Unix time in milliseconds; present once the job
            has ended.
        execution_end_time (int | Unset): Moment the run ended, as a Unix time in milliseconds; present once the job has
            ended.
    """

    id: UUID
    status: JobEntryStatus
    create_time: int
    execution_error: ExecutionError | Unset = UNSET
    preview_output: JobEntryPreviewOutput | Unset = UNSET
    outputs_count: int | Unset = UNSET
    workflow_id: str | Unset = UNSET
    execution_start_time: int | Unset = UNSET
    execution_end_time: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "create_time": "create_time",
        "execution_error": "execution_error",
        "preview_output": "preview_output",
        "outputs_count": "outputs_count",
        "workflow_id": "workflow_id",
        "execution_start_time": "execution_start_time",
        "execution_end_time": "execution_end_time",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "id": self.id,
            "status": self.status,
            "create_time": self.create_time,
            "execution_error": self.execution_error,
            "preview_output": self.preview_output,
            "outputs_count": self.outputs_count,
            "workflow_id": self.workflow_id,
            "execution_start_time": self.execution_start_time,
            "execution_end_time": self.execution_end_time,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.execution_error import ExecutionError
        from ..models.job_entry_preview_output import JobEntryPreviewOutput

        return {
            "id": ("id", _types.uuid),
            "status": ("status", JobEntryStatus),
            "create_time": ("create_time", _types.as_it_came),
            "execution_error": ("execution_error", ExecutionError.from_dict),
            "preview_output": ("preview_output", JobEntryPreviewOutput.from_dict),
            "outputs_count": ("outputs_count", _types.as_it_came),
            "workflow_id": ("workflow_id", _types.as_it_came),
            "execution_start_time": ("execution_start_time", _types.as_it_came),
            "execution_end_time": ("execution_end_time", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
