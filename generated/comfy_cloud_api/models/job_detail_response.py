# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.job_detail_response_status import JobDetailResponseStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.execution_error import ExecutionError
    from ..models.job_detail_response_execution_meta import (
        JobDetailResponseExecutionMeta,
    )
    from ..models.job_detail_response_execution_status import (
        JobDetailResponseExecutionStatus,
    )
    from ..models.job_detail_response_outputs import JobDetailResponseOutputs
    from ..models.job_detail_response_preview_output import (
        JobDetailResponsePreviewOutput,
    )
    from ..models.job_detail_response_workflow import JobDetailResponseWorkflow


@_attrs_define
class JobDetailResponse(_types.Fields[Any]):
    """A job with its workflow, outputs and timing. Right after a submit the server may answer 404 for a moment.

    Attributes:
        id (UUID): Id of the job, a UUID.
        status (JobDetailResponseStatus): State of the job in five words: `pending`, `in_progress`, `completed`,
            `failed` or `cancelled`. The last three are final. `GET /api/job/{job_id}/status` uses other words.
        create_time (int): Moment the job was created, as a Unix time. The contract says seconds, yet servers send
            milliseconds.
        workflow (JobDetailResponseWorkflow | Unset): The submitted workflow, typically 10 to 100 KB; missing when the
            server does not have it. Open-source ComfyUI has it once the job has ended, as an object with `prompt` and
            `extra_data`. A partner key in it reads `[REDACTED]`.
        execution_error (ExecutionError | Unset): Why a run failed, and at which node.
        update_time (int | Unset): Moment of the latest change to the job, as a Unix time; the contract says seconds.
            Open-source ComfyUI leaves it out.
        outputs (JobDetailResponseOutputs | Unset): Results by node id, then by kind (`images`, `audio`, `text` and
            others, including kinds that custom nodes invent); present once the job has ended. A failed job can have some
            too.
        preview_output (JobDetailResponsePreviewOutput | Unset): The job's main output to show as a preview; present
            once the job has ended.
        outputs_count (int | Unset): How many files the job produced; missing until it has ended. Open-source ComfyUI
            sends 0 meanwhile.
        workflow_id (str | Unset): UUID of the workflow definition that the job runs.
        execution_status (JobDetailResponseExecutionStatus | Unset): ComfyUI's own account of the run and its events;
            present once the job has ended.
        execution_meta (JobDetailResponseExecutionMeta | Unset): Details about each node of the run; present once the
            job has ended. Open-source ComfyUI leaves it out.
    """

    id: UUID
    status: JobDetailResponseStatus
    create_time: int
    workflow: JobDetailResponseWorkflow | Unset = UNSET
    execution_error: ExecutionError | Unset = UNSET
    update_time: int | Unset = UNSET
    outputs: JobDetailResponseOutputs | Unset = UNSET
    preview_output: JobDetailResponsePreviewOutput | Unset = UNSET
    outputs_count: int | Unset = UNSET
    workflow_id: str | Unset = UNSET
    execution_status: JobDetailResponseExecutionStatus | Unset = UNSET
    execution_meta: JobDetailResponseExecutionMeta | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "create_time": "create_time",
        "workflow": "workflow",
        "execution_error": "execution_error",
        "update_time": "update_time",
        "outputs": "outputs",
        "preview_output": "preview_output",
        "outputs_count": "outputs_count",
        "workflow_id": "workflow_id",
        "execution_status": "execution_status",
        "execution_meta": "execution_meta",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "id": self.id,
            "status": self.status,
            "create_time": self.create_time,
            "workflow": self.workflow,
            "execution_error": self.execution_error,
            "update_time": self.update_time,
            "outputs": self.outputs,
            "preview_output": self.preview_output,
            "outputs_count": self.outputs_count,
            "workflow_id": self.workflow_id,
            "execution_status": self.execution_status,
            "execution_meta": self.execution_meta,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.execution_error import ExecutionError
        from ..models.job_detail_response_execution_meta import (
            JobDetailResponseExecutionMeta,
        )
        from ..models.job_detail_response_execution_status import (
            JobDetailResponseExecutionStatus,
        )
        from ..models.job_detail_response_outputs import JobDetailResponseOutputs
        from ..models.job_detail_response_preview_output import (
            JobDetailResponsePreviewOutput,
        )
        from ..models.job_detail_response_workflow import JobDetailResponseWorkflow

        return {
            "id": ("id", _types.uuid),
            "status": ("status", JobDetailResponseStatus),
            "create_time": ("create_time", _types.as_it_came),
            "workflow": ("workflow", JobDetailResponseWorkflow.from_dict),
            "execution_error": ("execution_error", ExecutionError.from_dict),
            "update_time": ("update_time", _types.as_it_came),
            "outputs": ("outputs", JobDetailResponseOutputs.from_dict),
            "preview_output": ("preview_output", JobDetailResponsePreviewOutput.from_dict),
            "outputs_count": ("outputs_count", _types.as_it_came),
            "workflow_id": ("workflow_id", _types.as_it_came),
            "execution_status": ("execution_status", JobDetailResponseExecutionStatus.from_dict),
            "execution_meta": ("execution_meta", JobDetailResponseExecutionMeta.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
