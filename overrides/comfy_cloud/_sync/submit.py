# Derived from overrides/comfy_cloud/_async/submit.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Submitting a workflow, and finding the job of a submit whose answer was lost. Never submits twice."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from .._core.answers import summarize_node_errors
from .._core.polling import PollSchedule
from .._core.statuses import node_errors_of, read_queue
from .._core.submission import MARKER, carries, newer_jobs, request_body
from .._logging import logger
from ..errors import (
    APIConnectionError,
    APIStatusError,
    ComfyCloudError,
    InvalidWorkflowError,
    ServerError,
    SubmissionUncertainError,
    UnexpectedResponseError,
)
from ..raw.api.job import get_job_detail, get_queue_info, list_jobs
from ..raw.api.workflow import execute_prompt
from ..raw.models import PromptRequest
from ..raw.models.list_jobs_sort_order import ListJobsSortOrder
from . import backend
from .connection import Connection
from .deadline import until
from .jobs import Job
from .states import fetch_state


def submit_graph(
    connection: Connection, graph: Mapping[str, Any], *, submission_id: str, extra_data: Mapping[str, Any]
) -> Job:
    """Send a graph whose files are uploaded (`POST /api/prompt`) and return its job.

    The request carries `submission_id` as `prompt_id` and in `extra_data`, so that the job is found where the answer
    is lost. Raises InvalidWorkflowError for a refusal, SubmissionUncertainError where nobody can tell.
    """
    since = datetime.now(UTC)
    fields = request_body(graph, submission_id=submission_id, client_id=connection.client_id, extra_data=extra_data)
    kwargs = execute_prompt._get_kwargs(body=PromptRequest.from_dict(fields))
    try:
        body = connection.answer(kwargs)
    except (APIConnectionError, UnexpectedResponseError, ServerError) as error:
        if not _may_have_arrived(error):
            raise
        lost = error
    else:
        job_id = body.get("prompt_id") if isinstance(body, Mapping) else None
        if isinstance(job_id, str) and job_id:
            return _accepted(connection, job_id, body)
        if isinstance(body, Mapping) and body.get("error"):
            raise InvalidWorkflowError(
                f"executePrompt: refused: {summarize_node_errors(body.get('node_errors')) or body['error']}",
                status=200,
                body=dict(body),
                operation="executePrompt",
                node_errors=node_errors_of(body),
            )
        lost = UnexpectedResponseError("executePrompt: the answer names no job", operation="executePrompt", status=200)
    logger.info("submit %s: no usable answer (%s), looking for the job", submission_id, type(lost).__name__)
    found = _find(connection, submission_id, since)
    if found is not None:
        logger.info("submit %s: found as job %s", submission_id, found)
        return Job(connection, found)
    if isinstance(lost, ServerError) and lost.status == 500:
        raise lost  # the server did answer, and has no such job
    raise SubmissionUncertainError(
        f"the answer to the submit was lost ({lost}) and no job with its id {submission_id} could be found; it may"
        " still appear, and it may be paid for: look before you submit again",
        submission_id=submission_id,
        since=since,
    ) from lost


def _may_have_arrived(error: ComfyCloudError) -> bool:
    if isinstance(error, APIConnectionError):
        return error.sent
    # Busy, said by the API itself: it has not begun.
    return not (isinstance(error, APIStatusError) and error.status == 503 and isinstance(error.body, dict))


def _accepted(connection: Connection, job_id: str, body: Mapping[str, Any]) -> Job:
    node_errors = node_errors_of(body)
    dropped = summarize_node_errors(node_errors)
    if dropped or body.get("error"):
        text = dropped or "the server reports an error beside the job"
        warnings.warn(f"job {job_id} runs without some of its outputs: {text}", UserWarning, stacklevel=4)
    logger.info("job %s: submitted", job_id)
    return Job(connection, job_id, node_errors=node_errors)


def _find(connection: Connection, submission_id: str, since: datetime) -> str | None:
    """The id of the job that a submit made, looked for until `timing.submit_lookup` is over."""
    timing = connection.timing
    deadline = time.monotonic() + timing.submit_lookup
    schedule = PollSchedule(lambda: 0.5, first=timing.poll_first, longest=timing.poll_longest)
    while True:
        remaining = deadline - time.monotonic()
        try:
            with until(time.monotonic() + max(remaining, timing.poll_first)):
                found = _look(connection, submission_id, since)
        except ComfyCloudError:
            found = None  # out of reach now; that is what the time is for
        if found is not None or remaining <= 0:
            return found
        backend.sleep(schedule.next_delay(remaining))


def _look(connection: Connection, submission_id: str, since: datetime) -> str | None:
    if fetch_state(connection, submission_id) is not None:
        return submission_id
    queue = connection.answer(get_queue_info._get_kwargs())
    marked = [item.job_id for item in read_queue(queue) if item.extra_data.get(MARKER) == submission_id]
    if marked:
        return marked[0]
    if "listJobs" in connection.http.absent:
        return None
    # The server's clock may be a little behind ours.
    newest = list_jobs._get_kwargs(sort_order=ListJobsSortOrder.DESC, limit=20)
    jobs = newer_jobs(connection.answer(newest), since - timedelta(seconds=60))
    return _marked(connection, jobs, submission_id)


def _marked(connection: Connection, job_ids: Iterable[str], submission_id: str) -> str | None:
    for job_id in job_ids:
        detail = connection.answer(get_job_detail._get_kwargs(cast(UUID, job_id)))
        if carries(detail, submission_id):
            return job_id
    return None
