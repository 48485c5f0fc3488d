"""Cancelling: taking jobs out of the queue, and stopping one job without stopping another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .._core.job_state import JobStatus, read_queue
from ..errors import ConflictError, NotFoundError, NotSupportedError
from ..raw.api.job import get_queue_info, interrupt_job, manage_queue
from ..raw.models import InterruptJobBody, QueueManageRequest
from .connection import AsyncConnection, off_contract

if TYPE_CHECKING:
    from .jobs import AsyncJob

# Clouds and ComfyUIs have this route since May 2026. It stops a running job by its name, too.
cancel_route = off_contract("cancelJob", "/api/jobs/{}/cancel", method="post")


async def cancel_job(connection: AsyncConnection, job: AsyncJob, *, force: bool) -> None:
    """Cancel one job by the route for that, or by the queue and an interrupt where the server lacks the route."""
    if not await _cancel_by_route(connection, job.id):
        # First the queue, whatever the last answer said: a job may start between the two requests, but no job returns
        # from running to waiting. Newer clouds stop running jobs with it, too.
        await delete_from_queue(connection, [job.id])
        state = await job._ask()
        if state is not None and state.status not in (JobStatus.COMPLETED, JobStatus.FAILED):
            # The contract's cloud answers 404 with JSON for a missing route and for a missing job. Here the job exists.
            connection.http.absent |= {cancel_route.id} - connection.http.present
        if state is None or state.status is not JobStatus.IN_PROGRESS:
            return
        if not force and await connection.on_cloud():
            await _refuse_to_stop_others(connection, job.id)
        await connection.json(interrupt_job.operation, body=InterruptJobBody(prompt_id=job.id))
    await job._ask()
    connection.waits.look([job.id])


async def delete_from_queue(connection: AsyncConnection, job_ids: list[str]) -> None:
    """Remove waiting jobs from the queue (`POST /api/queue`), and let all who wait for them know at once."""
    # A ComfyUI does not say which jobs it removed, and knows nothing of them afterwards.
    waiting = await waiting_jobs(connection)
    await connection.json(manage_queue.operation, body=QueueManageRequest(delete=job_ids))
    tell_removed(connection, waiting & set(job_ids))
    connection.waits.look(job_ids)


async def waiting_jobs(connection: AsyncConnection) -> set[str]:
    """Return the ids of the jobs that wait in the queue (`GET /api/queue`)."""
    return {item.job_id for item in read_queue(await connection.json(get_queue_info.operation)) if not item.running}


def tell_removed(connection: AsyncConnection, job_ids: Iterable[str]) -> None:
    """Take note that this client took these jobs out of the queue, and let all who wait for them ask at once."""
    connection.waits.removed(job_ids)
    connection.waits.look(job_ids)


async def _cancel_by_route(connection: AsyncConnection, job_id: str) -> bool:
    """Return True if the server has the route. Whether there was a job to cancel is for the caller to ask."""
    if cancel_route.id in connection.http.absent:
        return False
    try:
        body = await connection.json(cancel_route, job_id)
    except (NotFoundError, NotSupportedError):
        return False
    if not (isinstance(body, Mapping) and body.get("cancelled") is False):
        connection.waits.removed([job_id])
    return True


async def _refuse_to_stop_others(connection: AsyncConnection, job_id: str) -> None:
    queue = read_queue(await connection.json(get_queue_info.operation))
    others = tuple(item.job_id for item in queue if item.running and item.job_id != job_id)
    if others:
        raise ConflictError(
            f"job {job_id} is not interrupted: that could stop {', '.join(others)}, too; force=True does it",
            status=409,
            operation="interruptJob",
            job_id=job_id,
            job_ids=others,
        )
