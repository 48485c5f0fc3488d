# Derived from overrides/comfy_cloud/_async/states.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Asking a server for the state of jobs, by whichever routes it has."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from .._constants import ACTIVE_PAGE_SIZE
from .._core.job_state import (
    REMOVED,
    JobState,
    all_from_queue,
    find_history_entry,
    from_history_entry,
    from_job_detail,
    from_queue,
    read_active,
)
from ..errors import NotFoundError, NotSupportedError
from ..raw.api.job import get_history_for_prompt, get_job_detail, get_queue_info, list_jobs
from .connection import Connection, off_contract

get_comfy_history_entry = off_contract("getComfyHistoryEntry", "/api/history/{}")


def fetch_state(connection: Connection, job_id: str) -> JobState | None:
    """Return the job's state, or None if the server knows no such job.

    Asks `GET /api/jobs/{job_id}`. If that route or the job is missing, asks the history and `GET /api/queue`. A job
    that this client took out of the queue and that the server has forgotten is cancelled.
    """
    if "getJobDetail" not in connection.http.absent:
        try:
            return from_job_detail(connection.json(get_job_detail.operation, job_id))
        except (NotFoundError, NotSupportedError):
            pass
    state = fetch_past_state(connection, job_id)
    if state is None:
        queue = connection.json(get_queue_info.operation)
        # Between the two questions the job may have left the queue for the history.
        state = from_queue(queue, job_id) or fetch_past_state(connection, job_id)
    if state is None and connection.waits.was_removed(job_id):
        return REMOVED
    return state


def fetch_past_state(connection: Connection, job_id: str) -> JobState | None:
    """Return the state of a job that is over from the history, or None if the history does not have the job."""
    for operation in (get_history_for_prompt.operation, get_comfy_history_entry):
        if operation.id in connection.http.absent:
            continue
        try:
            entry = find_history_entry(connection.json(operation, job_id), job_id)
        except NotSupportedError:
            continue
        except NotFoundError:
            return None
        return None if entry is None else from_history_entry(entry)
    return None


def fetch_active(connection: Connection, wanted: AbstractSet[str]) -> dict[str, JobState]:
    """Return the states of the jobs that wait or run, by id. All of `wanted` that are among them are in the result.

    Asks `GET /api/jobs?status=pending,in_progress` page by page, or `GET /api/queue` if the server has no such route.
    """
    found: dict[str, JobState] = {}
    more = "listJobs" not in connection.http.absent
    try:
        while more and not wanted <= found.keys():
            body = connection.json(
                list_jobs.operation, status="pending,in_progress", limit=ACTIVE_PAGE_SIZE, offset=len(found)
            )
            page, more = read_active(body)
            more = more and not page.keys() <= found.keys()  # a server that repeats itself has no more to tell
            found |= page
    except NotSupportedError:
        pass
    if "listJobs" in connection.http.absent:
        return all_from_queue(connection.json(get_queue_info.operation))
    return found


def add_places(connection: Connection, states: dict[str, JobState]) -> dict[str, JobState]:
    """Add to the states of jobs what `GET /api/queue` tells about those that are in it."""
    placed = all_from_queue(connection.json(get_queue_info.operation))
    # The queue was asked later than the states: a job that it has in another state is left as it was.
    return {
        job_id: replace(state, item=found.item)
        if (found := placed.get(job_id)) and found.status is state.status
        else state
        for job_id, state in states.items()
    }
