"""Reads the state of a job, and what went wrong in it, from every kind of answer that tells one.

Takes whatever a server sent: a body of the wrong shape means "still in flight", with the body kept as `raw`. It does
not decide where to ask or how long to wait, and raises nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .secrets import redact_addresses


class JobStatus(StrEnum):
    """Where a job stands. COMPLETED, FAILED and CANCELLED are final; the others may still change."""

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
    # `erroring` and `retryable_error` sound final, but the server may yet try again.
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
    """Why a job failed. `message` has no surrounding blanks and may be empty; what was not told is None.

    Addresses in `message` and `traceback` are without their queries, which may be signatures; `raw` is as it came.
    """

    node_id: str | None
    node_type: str | None
    exception_type: str | None
    message: str
    traceback: tuple[str, ...]
    # Out of the repr: a failed partner node's inputs, with the key it was given, are in here.
    raw: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as one answer shows it.

    `raw_status` is the server's own word, None where it gave none. `outputs` is the object of outputs as it came (a
    list from a server that sends one), None where the answer has none: `read_outputs` takes it. `raw` is the answer.
    """

    status: JobStatus
    raw_status: str | None = None
    # These two are out of the repr, since they may hold signed addresses and keys.
    outputs: Mapping[str, Any] | list[Any] | None = field(default=None, repr=False)
    error: ExecutionError | None = None
    raw: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A job in the queue. `number` orders jobs and may be a float; `output_nodes` are node ids."""

    job_id: str
    running: bool
    number: float | None
    # An older ComfyUI shows partner keys in the queue, in `extra_data`.
    workflow: Mapping[str, Any] = field(repr=False)
    extra_data: Mapping[str, Any] = field(repr=False)
    output_nodes: tuple[str, ...]
    raw: Any = field(default=None, repr=False, compare=False)


def status_of(word: object) -> JobStatus:
    """The status that a server's word means, in any case. An unknown word, or none, means still in flight."""
    if not isinstance(word, str):
        return JobStatus.IN_PROGRESS
    return _STATUS_BY_WORD.get(word.strip().lower(), JobStatus.IN_PROGRESS)


def is_terminal(status: JobStatus) -> bool:
    """Whether a job with this status is over for good."""
    return status in _TERMINAL


def from_job_detail(body: object) -> JobState:
    """The state in an answer of `GET /api/jobs/{job_id}`, or in one item of `GET /api/jobs`."""
    if not isinstance(body, Mapping):
        return JobState(JobStatus.IN_PROGRESS, raw=body)
    word, timeline_status, timeline_error = _read_timeline(body.get("execution_status"))
    status = timeline_status or JobStatus.IN_PROGRESS
    own_word = _text(body.get("status"))
    if own_word is not None:
        word, status = own_word, status_of(own_word)
    error = read_execution_error(body.get("execution_error")) or timeline_error
    return JobState(status, word, _outputs_of(body), error, body)


def from_job_status(body: object) -> JobState:
    """The state in an answer of `GET /api/job/{job_id}/status`, which never has outputs."""
    if not isinstance(body, Mapping):
        return JobState(JobStatus.IN_PROGRESS, raw=body)
    word = _text(body.get("status"))
    return JobState(status_of(word), word, None, read_execution_error(body.get("error_message")), body)


def from_history_entry(entry: object) -> JobState:
    """The state in one entry of a ComfyUI history (`GET /api/history/{id}`) or of the cloud's (`/api/history_v2`)."""
    if not isinstance(entry, Mapping):
        return JobState(JobStatus.IN_PROGRESS, raw=entry)
    word, status, error = _read_timeline(entry.get("status"))
    outputs = _outputs_of(entry)
    if status is None:
        # A job enters the history when it is over, so outputs without a word on how it went are its result.
        status = JobStatus.IN_PROGRESS if outputs is None else JobStatus.COMPLETED
    return JobState(status, word, outputs, error, entry)


def find_history_entry(body: object, job_id: str) -> Mapping[str, Any] | None:
    """The job's entry in an answer of any history route: an object by id, a list, or `{"history": [...]}`."""
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
    """The jobs in an answer of `GET /api/queue`, running ones first, each group in the server's order."""
    if not isinstance(body, Mapping):
        return ()
    items: list[QueueItem] = []
    for key, running in (("queue_running", True), ("queue_pending", False)):
        group: Any = body.get(key)
        for raw in group if isinstance(group, list) else ():
            item = _read_queue_item(raw, running=running)
            if item is not None:
                items.append(item)
    return tuple(items)


def from_queue(body: object, job_id: str) -> JobState | None:
    """The job's state in an answer of `GET /api/queue`, None if it is not in the queue."""
    for item in read_queue(body):
        if item.job_id == job_id:
            return JobState(JobStatus.IN_PROGRESS if item.running else JobStatus.PENDING, raw=item.raw)
    return None


def read_execution_error(value: object) -> ExecutionError | None:
    """The error in an `execution_error` object, in the JSON text of one, or in plain text. None if there is none."""
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
    """What is wrong with which node, by node id, in an answer of `POST /api/prompt` of status 200 or 400."""
    errors = body.get("node_errors") if isinstance(body, Mapping) else None
    return {str(node_id): error for node_id, error in errors.items()} if isinstance(errors, Mapping) else {}


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
    """Word, status and error of `{"status_str", "completed", "messages": [[event, data], ...]}`."""
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
    # ComfyUI calls an interrupted job an error; only the last message tells.
    if status is JobStatus.FAILED and by_event is JobStatus.CANCELLED:
        status = by_event
    elif status is None or not is_terminal(status):
        status = by_event or (JobStatus.COMPLETED if value.get("completed") is True else status)
    return word, status, error


def _events(messages: object) -> Iterator[tuple[str, object]]:
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, list | tuple) and message and isinstance(message[0], str):
            yield message[0], message[1] if len(message) > 1 else None


def _read_queue_item(raw: object, *, running: bool) -> QueueItem | None:
    """`[number, id, workflow, ...]`: servers put the output nodes and the extra data after it in either order."""
    if not isinstance(raw, list | tuple) or len(raw) < 2 or not isinstance(raw[1], str):
        return None
    number = raw[0] if isinstance(raw[0], int | float) and not isinstance(raw[0], bool) else None
    workflow = raw[2] if len(raw) > 2 and isinstance(raw[2], Mapping) else {}
    extra_data: Mapping[str, Any] = next((part for part in raw[3:] if isinstance(part, Mapping)), {})
    outputs: list[Any] = next((part for part in raw[3:] if isinstance(part, list)), [])
    return QueueItem(raw[1], running, number, workflow, extra_data, tuple(str(node) for node in outputs), raw)


def _outputs_of(body: Mapping[str, Any]) -> Mapping[str, Any] | list[Any] | None:
    outputs = body.get("outputs")
    return outputs if isinstance(outputs, Mapping | list) else None


def _text(value: object) -> str | None:
    """A text, or a number where a text was promised."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
