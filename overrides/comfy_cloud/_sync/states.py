# Derived from overrides/comfy_cloud/_async/states.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Asking a server for the state of a job, by whichever route it has."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

from .._core.statuses import JobState, find_history_entry, from_history_entry, from_job_detail, from_queue
from ..errors import NotFoundError, NotSupportedError
from ..raw.api.job import get_history_for_prompt, get_job_detail, get_queue_info
from .connection import Connection, beyond


def fetch_state(connection: Connection, job_id: str) -> JobState | None:
    """The job's state, or None where the server knows no such job.

    Asks `GET /api/jobs/{job_id}`; where that route or the job is missing, the history and `GET /api/queue`.
    """
    if "getJobDetail" not in connection.http.absent:
        try:
            kwargs = get_job_detail._get_kwargs(cast(UUID, job_id))
            return from_job_detail(connection.answer(kwargs))
        except (NotFoundError, NotSupportedError):
            pass
    state = fetch_past_state(connection, job_id)
    if state is None:
        queue = connection.answer(get_queue_info._get_kwargs())
        # Between the two questions the job may have left the queue for the history.
        state = from_queue(queue, job_id) or fetch_past_state(connection, job_id)
    return state


def fetch_past_state(connection: Connection, job_id: str) -> JobState | None:
    comfy = beyond("getComfyHistoryEntry", f"/api/history/{quote(job_id, safe='')}")
    routes: list[dict[str, Any]] = [get_history_for_prompt._get_kwargs(job_id), comfy]
    for kwargs in routes:
        if kwargs["extensions"]["operation"] in connection.http.absent:
            continue
        try:
            entry = find_history_entry(connection.answer(kwargs), job_id)
        except NotSupportedError:
            continue
        except NotFoundError:
            return None
        return None if entry is None else from_history_entry(entry)
    return None
