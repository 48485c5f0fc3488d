"""`cloud.jobs`: the jobs of the account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args
from uuid import UUID

from ..._core.arguments import ARGUMENTS, JobSort, Order, OutputType, StatusWord, as_id, as_str_list, drop_none
from ..._core.job_state import JobStatus, from_job_detail, from_job_status
from ..._core.pages import Listing, TimeLike
from ..._core.submission import usable_id
from ...raw.api.job import get_job_status, list_jobs
from .. import backend
from ..jobs import AsyncJob
from .base import AsyncResource, not_found


class AsyncJobs(AsyncResource):
    """`cloud.jobs`: the jobs of the account."""

    def list(
        self,
        *,
        status: StatusWord | JobStatus | Iterable[StatusWord | JobStatus] | None = None,
        workflow_id: str | None = None,
        output_type: OutputType | None = None,
        sort_by: JobSort | None = None,
        sort_order: Order | None = None,
        created_after: TimeLike | None = None,
        created_before: TimeLike | None = None,
        limit: int | None = None,
    ) -> backend.Stream[AsyncJob]:
        """Iterate over jobs, page by page (`GET /api/jobs`). Handles have a state.

        They have outputs only if the list holds all of them; it mostly holds one as a preview, so see `refresh`.

        - `status`: One or several of pending, in_progress, completed, failed, cancelled.
        - `workflow_id`: The workflow of the jobs.
        - `output_type`: image, video or audio.
        - `sort_by`: create_time or execution_time.
        - `sort_order`: desc or asc.
        - `created_after`: The earliest time, inclusive: a datetime, or a string that python-dateutil parses. The client
          filters by it.
        - `created_before`: The latest time, exclusive.
        - `limit`: The number of jobs.

        No request is sent before the first job is asked for. Raises ConfigurationError for a time that cannot be
        parsed.
        """
        if created_after is not None and sort_by in (None, "create_time") and sort_order in (None, "desc"):
            sort_by, sort_order = "create_time", "desc"
        newest_first = (sort_by, sort_order) == ("create_time", "desc")
        listing = Listing(
            "jobs", limit=limit, created_after=created_after, created_before=created_before, newest_first=newest_first
        )
        ARGUMENTS.word("output_type", output_type, get_args(OutputType))
        ARGUMENTS.word("sort_by", sort_by, get_args(JobSort))
        ARGUMENTS.word("sort_order", sort_order, get_args(Order))
        statuses = None if status is None else as_str_list("status", status)
        for word in statuses or ():
            ARGUMENTS.word("status", word, get_args(StatusWord))
        wanted = None if statuses is None else ",".join(statuses)
        workflow_id = None if workflow_id is None else as_id("workflow_id", workflow_id)
        query = drop_none(workflow_id=workflow_id, output_type=output_type, sort_by=sort_by, sort_order=sort_order)
        return self._items(list_jobs.operation, query | drop_none(status=wanted), listing, self._handle)

    def _handle(self, entry: Mapping[str, Any]) -> AsyncJob | None:
        job_id = usable_id(entry.get("id"))
        if job_id is None:
            return None
        job = AsyncJob(self._connection, job_id)
        job._state = from_job_detail(entry)
        if job._state.outputs is not None:
            job._take(job._state)
        return job

    async def get(self, job_id: str | UUID) -> AsyncJob:
        """Fetch a job (`GET /api/jobs/{job_id}`, else history and queue). Raises NotFoundError."""
        job = AsyncJob(self._connection, as_id("job_id", job_id))
        if await job._ask() is None:
            raise not_found("getJobDetail", f"no job {job_id}", job_id=str(job_id))
        return job

    async def status(self, job_id: str | UUID) -> JobStatus:
        """Return the status of a job (`GET /api/job/{job_id}/status`; Comfy Cloud only). Raises NotFoundError."""
        return from_job_status(await self._connection.json(get_job_status.operation, as_id("job_id", job_id))).status
