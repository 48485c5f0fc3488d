"""Read the state of a job and its error from every kind of response that has them. No I/O.

A body of any shape is accepted, and nothing is raised. A body of the wrong shape means "still in progress", because
an end that did not happen would be worse than one more request. The body is kept as `raw`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from ..errors import JobFailedError, JobLostError
from .outputs import Nodes, submitted_nodes
from .secrets import REDACTED, redact_addresses

__all__ = ["ExecutionError", "JobStatus", "QueueItem"]

# The fields of a submit that contain a key of the user. Newer servers redact them when a job is read back.
KEY_FIELDS = frozenset({"api_key_comfy_org", "auth_token_comfy_org"})

# The note of an exception whose wait should have cancelled the job. The command line looks for it.
NOT_CANCELLED: Final = "could not be cancelled and may go on"


class JobStatus(StrEnum):
    """The status of a job. COMPLETED, FAILED and CANCELLED are final, the others may still change."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


_WORDS: dict[JobStatus, str] = {
    JobStatus.PENDING: (
        "waiting_to_dispatch pending submitted queued_limited queued_waiting allocated preparing pending_execution "
        "uploading"
    ),
    # `erroring` and `retryable_error` sound final, but the server may still retry the job.
    JobStatus.IN_PROGRESS: (
        "in_progress executing executed erroring retryable_error cancel_requested cancel_pending cancelling_preparing"
    ),
    JobStatus.COMPLETED: "completed success",
    JobStatus.FAILED: "failed error non_retryable_error lost",
    JobStatus.CANCELLED: "cancelled canceled",
}
_STATUS_BY_WORD = {word: status for status, words in _WORDS.items() for word in words.split()}
_TERMINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})
_STATUS_BY_LAST_EVENT = {
    "execution_success": JobStatus.COMPLETED,
    "execution_error": JobStatus.FAILED,
    "execution_interrupted": JobStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class ExecutionError:
    """The reason why a job failed. Fields that the server did not send are None; `message` may be empty.

    URLs in `message` and `traceback` have no query, because it may be a signature. `raw` is unchanged.
    """

    node_id: str | None
    node_type: str | None
    exception_type: str | None
    message: str
    traceback: tuple[str, ...]
    # `raw` is not in the repr: it has the inputs of the failed node, and those of a partner node contain a key.
    raw: Any = field(default=None, repr=False, compare=False)
    node_title: str | None = None

    def __str__(self) -> str:
        """Return the message of JobFailedError without the job, such as `failed in node 2 'Upscale' (Scale): ...`."""
        if self.node_id is None:
            node = f" in a node of class {self.node_type}" if self.node_type else ""
        else:
            title = f" {self.node_title!r}" if self.node_title not in (None, self.node_type) else ""
            node = f" in node {self.node_id}{title}" + (f" ({self.node_type})" if self.node_type else "")
        said = ": ".join(filter(None, [self.exception_type, self.message])) or "the server gave no reason"
        return f"failed{node}: {said}"


@dataclass(frozen=True, slots=True)
class JobState:
    """The state of a job in one response.

    `raw_status` is the server's own word, or None. `outputs` is the object of outputs, unchanged (some servers send a
    list), or None if the response has none; `read_outputs` reads it. `raw` is the response. `item` is the job in the
    queue, if the queue was requested.
    """

    status: JobStatus
    raw_status: str | None = None
    # `outputs` and `raw` are not in the repr, because they may contain signed URLs and keys.
    outputs: Mapping[str, Any] | list[Any] | None = field(default=None, repr=False)
    error: ExecutionError | None = None
    raw: Any = field(default=None, repr=False, compare=False)
    item: QueueItem | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A job in the queue. `number` is its place in the order and may be a float; `output_nodes` are node ids.

    `position` is the place of a pending job: 1 runs next. It is None for a running job.
    """

    job_id: str
    running: bool
    number: float | None
    # ComfyUI 0.3.64 shows partner keys in `extra_data` of the queue, so these fields are not in the repr.
    workflow: Mapping[str, Any] = field(repr=False)
    extra_data: Mapping[str, Any] = field(repr=False)
    output_nodes: tuple[str, ...]
    raw: Any = field(default=None, repr=False, compare=False)
    position: int | None = None


# The state of a job that this client removed from the queue and that the server has forgotten. It has outputs, though
# no files, so that a wait takes it for final and sends no request.
REMOVED: Final = JobState(JobStatus.CANCELLED, outputs={})


def status_of(word: object) -> JobStatus:
    """Return the status for a server's word, in upper or lower case. An unknown or missing word means IN_PROGRESS."""
    if not isinstance(word, str):
        return JobStatus.IN_PROGRESS
    return _STATUS_BY_WORD.get(word.strip().lower(), JobStatus.IN_PROGRESS)


def is_terminal(status: JobStatus) -> bool:
    """Return True if the status is final."""
    return status in _TERMINAL


def from_job_detail(body: object) -> JobState:
    """Return the state in a response of `GET /api/jobs/{job_id}`, or in one item of `GET /api/jobs`."""
    if not isinstance(body, Mapping):
        return JobState(JobStatus.IN_PROGRESS, raw=body)
    word, timeline_status, timeline_error = _read_timeline(body.get("execution_status"))
    status = timeline_status or JobStatus.IN_PROGRESS
    own_word = _text(body.get("status"))
    if own_word is not None:
        word, status = own_word, status_of(own_word)
    error = read_execution_error(body.get("execution_error")) or timeline_error
    return JobState(status, word, _outputs_of(body), with_title(error, submitted_nodes(body)), body)


def from_job_status(body: object) -> JobState:
    """Return the state in a response of `GET /api/job/{job_id}/status`, which never has outputs."""
    if not isinstance(body, Mapping):
        return JobState(JobStatus.IN_PROGRESS, raw=body)
    word = _text(body.get("status"))
    return JobState(status_of(word), word, None, read_execution_error(body.get("error_message")), body)


def from_history_entry(entry: object) -> JobState:
    """Return the state in an entry of a history: ComfyUI's `GET /api/history/{id}`, the cloud's `/api/history_v2`."""
    if not isinstance(entry, Mapping):
        return JobState(JobStatus.IN_PROGRESS, raw=entry)
    word, status, error = _read_timeline(entry.get("status"))
    outputs = _outputs_of(entry)
    if status is None:
        # A job enters the history when it is over. So outputs without a status are those of a completed job.
        status = JobStatus.IN_PROGRESS if outputs is None else JobStatus.COMPLETED
    return JobState(status, word, outputs, with_title(error, submitted_nodes(entry)), entry)


def find_history_entry(body: object, job_id: str) -> Mapping[str, Any] | None:
    """Return the job's entry in a response of any history route: an object by id, a list, or `{"history": [...]}`."""
    if isinstance(body, Mapping):
        entry = body.get(job_id)
        if isinstance(entry, Mapping):
            return entry
        body = body.get("history")
    if isinstance(body, list):
        for entry in body:
            if isinstance(entry, Mapping) and entry.get("prompt_id") == job_id:
                return entry
    return None


def read_queue(body: object) -> tuple[QueueItem, ...]:
    """Return the jobs in a response of `GET /api/queue`: running jobs first, then pending jobs in the order they run.

    ComfyUI returns its heap, which is not sorted. Jobs run by `number`, and jobs of the same number by id.
    """
    if not isinstance(body, Mapping):
        return ()
    items: list[QueueItem] = []
    for key, running in (("queue_running", True), ("queue_pending", False)):
        group: Any = body.get(key)
        for raw in group if isinstance(group, list) else ():
            item = _read_queue_item(raw, running=running)
            if item is not None:
                items.append(item)
    waiting = sorted((item for item in items if not item.running), key=_queue_order)
    placed = (replace(item, position=place) for place, item in enumerate(waiting, 1))
    return (*(item for item in items if item.running), *placed)


def _queue_order(item: QueueItem) -> tuple[bool, float, str]:
    return (item.number is None, item.number or 0, "" if item.number is None else item.job_id)


def from_queue(body: object, job_id: str) -> JobState | None:
    """Return the job's state in a response of `GET /api/queue`, or None if the job is not in the queue."""
    return all_from_queue(body).get(job_id)


def all_from_queue(body: object) -> dict[str, JobState]:
    """Return the states of all jobs in a response of `GET /api/queue`, by their ids."""
    return {
        item.job_id: JobState(JobStatus.IN_PROGRESS if item.running else JobStatus.PENDING, raw=item.raw, item=item)
        # A job that just started can be listed twice. Running jobs come last here, so that "running" wins.
        for item in reversed(read_queue(body))
    }


def read_active(body: object) -> tuple[dict[str, JobState], bool]:
    """Return the active jobs in a response of `GET /api/jobs` by id, and True if the server has more pages."""
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    jobs, pagination = fields.get("jobs"), fields.get("pagination")
    found: dict[str, JobState] = {}
    for job in jobs if isinstance(jobs, list) else ():
        # A server that ignores the filter lists jobs that are over. They are left out, because the list has no
        # outputs: a job that is missing here is asked for by its id.
        if isinstance(job, Mapping) and isinstance(job.get("id"), str) and not is_terminal(from_job_detail(job).status):
            found[job["id"]] = from_job_detail(job)
    return found, isinstance(pagination, Mapping) and pagination.get("has_more") is True


def read_execution_error(value: object) -> ExecutionError | None:
    """Return the error in an `execution_error` object, in the JSON string of such an object, or in plain text."""
    if isinstance(value, str):
        return _read_error_text(value)
    if not isinstance(value, Mapping) or not value:
        return None
    message = _text(value.get("exception_message")) or _text(value.get("message")) or ""
    traceback = value.get("traceback")
    lines = [traceback] if isinstance(traceback, str) else traceback if isinstance(traceback, list) else []
    return ExecutionError(
        node_id=_text(value.get("node_id")),
        node_type=_text(value.get("node_type")),
        exception_type=_text(value.get("exception_type")),
        message=redact_addresses(message.strip()),
        traceback=tuple(redact_addresses(line) for line in lines if isinstance(line, str) and line),
        raw=value,
    )


def node_errors_of(body: object) -> dict[str, Any]:
    """Return the errors by node id in a response of `POST /api/prompt` with status 200 or 400."""
    errors = body.get("node_errors") if isinstance(body, Mapping) else None
    return {str(node_id): error for node_id, error in errors.items()} if isinstance(errors, Mapping) else {}


def lost(job_id: str, job: object = None) -> JobLostError:
    """Return the exception for a job that the server does not know."""
    reason = "it was removed from the queue, or its history was deleted"
    return JobLostError(f"the server does not know the job {job_id}: {reason}", job=job, job_id=job_id)


def failure(job_id: str, state: JobState, job: object) -> JobFailedError:
    """Return the exception for a failed job, with the server's reason."""
    error = state.error
    if error is None:
        return JobFailedError(f"job {job_id} failed ({state.raw_status or state.status})", job=job, job_id=job_id)
    return JobFailedError(
        f"job {job_id} {error}",
        node_id=error.node_id,
        node_title=error.node_title,
        node_type=error.node_type,
        exception_type=error.exception_type,
        traceback=error.traceback,
        job=job,
        job_id=job_id,
    )


def with_title(error: ExecutionError | None, nodes: Nodes) -> ExecutionError | None:
    """Return the error with the title of the failed node, if `nodes` has it."""
    title, _ = nodes.get(error.node_id or "", (None, "")) if error else (None, "")
    return error and (replace(error, node_title=title) if title else error)


def _read_error_text(text: str) -> ExecutionError | None:
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        decoded = None
    if isinstance(decoded, Mapping):
        error = read_execution_error(decoded)
        if error is None or error.message or error.exception_type:
            return error
    message = decoded.strip() if isinstance(decoded, str) else text.strip()
    if message in ("", "null", "[]"):
        return None
    return ExecutionError(None, None, None, redact_addresses(message), (), text)


def _read_timeline(value: object) -> tuple[str | None, JobStatus | None, ExecutionError | None]:
    """Return word, status and error of `{"status_str", "completed", "messages": [[event, data], ...]}`."""
    if isinstance(value, str):
        return value, status_of(value), None
    if not isinstance(value, Mapping):
        return None, None, None
    error, by_event = None, None
    for event, data in _events(value.get("messages")):
        by_event = _STATUS_BY_LAST_EVENT.get(event, by_event)
        if event == "execution_error":
            error = read_execution_error(data) or error
    word = _text(value.get("status_str"))
    status = status_of(word) if word is not None else None
    # ComfyUI gives an interrupted job the status "error". Only its last message says that it was interrupted.
    if status is JobStatus.FAILED and by_event is JobStatus.CANCELLED:
        status = by_event
    elif status is None or not is_terminal(status):
        status = by_event or (JobStatus.COMPLETED if value.get("completed") is True else status)
    return word, status, error


def _without_keys(extra_data: Mapping[str, Any]) -> Mapping[str, Any]:
    hidden = {name: REDACTED for name in KEY_FIELDS if name in extra_data}
    return {**extra_data, **hidden} if hidden else extra_data


def _events(messages: object) -> Iterator[tuple[str, object]]:
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, list | tuple) and message and isinstance(message[0], str):
            yield message[0], message[1] if len(message) > 1 else None


def _read_queue_item(raw: object, *, running: bool) -> QueueItem | None:
    """Read `[number, id, workflow, ...]`. The output nodes and the extra data follow, in either order."""
    if not isinstance(raw, list | tuple) or len(raw) < 2 or not isinstance(raw[1], str):
        return None
    job_id = raw[1]
    # ComfyUI 0.3.64 shows partner keys in its queue. They are cut here, because a handle keeps its last response and
    # may be pickled.
    raw = [_without_keys(part) if isinstance(part, Mapping) else part for part in raw]
    number = raw[0] if isinstance(raw[0], int | float) and not isinstance(raw[0], bool) else None
    workflow = raw[2] if len(raw) > 2 and isinstance(raw[2], Mapping) else {}
    extra_data: Mapping[str, Any] = next((part for part in raw[3:] if isinstance(part, Mapping)), {})
    outputs: list[Any] = next((part for part in raw[3:] if isinstance(part, list)), [])
    return QueueItem(job_id, running, number, workflow, extra_data, tuple(str(node) for node in outputs), raw)


def _outputs_of(body: Mapping[str, Any]) -> Mapping[str, Any] | list[Any] | None:
    outputs = body.get("outputs")
    return outputs if isinstance(outputs, Mapping | list) else None


def _text(value: object) -> str | None:
    """Return a string, or the string of a number, which some servers send instead; else None."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
