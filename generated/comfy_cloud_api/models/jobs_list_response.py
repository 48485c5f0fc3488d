# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset

if TYPE_CHECKING:
    from ..models.job_entry import JobEntry
    from ..models.pagination_info import PaginationInfo


@_attrs_define
class JobsListResponse(_types.Fields[Any]):
    """One page of jobs.

    Attributes:
        jobs (list[JobEntry]): Jobs on this page, in the requested order.
        pagination (PaginationInfo): Position of a page within all results.
    """

    jobs: list[JobEntry]
    pagination: PaginationInfo
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "jobs": "jobs",
        "pagination": "pagination",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "jobs": self.jobs,
            "pagination": self.pagination,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.job_entry import JobEntry
        from ..models.pagination_info import PaginationInfo

        return {
            "jobs": ("jobs", _types.list_of(JobEntry.from_dict)),
            "pagination": ("pagination", PaginationInfo.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
