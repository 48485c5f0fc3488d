# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.job_entry_status import JobEntryStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.execution_error import ExecutionError
    from ..models.job_entry_preview_output import JobEntryPreviewOutput

T = TypeVar("T", bound="JobEntry")


@_attrs_define
class JobEntry:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("JobEntry is read from a JSON object")
        from ..models.execution_error import ExecutionError
        from ..models.job_entry_preview_output import JobEntryPreviewOutput

        values = dict(src_dict)
        model = cls(
            id=_types.read(_types.uuid, values.pop("id", UNSET)),
            status=_types.read(JobEntryStatus, values.pop("status", UNSET)),
            create_time=values.pop("create_time", UNSET),
            execution_error=_types.read(ExecutionError.from_dict, values.pop("execution_error", UNSET)),
            preview_output=_types.read(JobEntryPreviewOutput.from_dict, values.pop("preview_output", UNSET)),
            outputs_count=values.pop("outputs_count", UNSET),
            workflow_id=values.pop("workflow_id", UNSET),
            execution_start_time=values.pop("execution_start_time", UNSET),
            execution_end_time=values.pop("execution_end_time", UNSET),
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
