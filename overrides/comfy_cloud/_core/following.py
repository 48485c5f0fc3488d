"""Following a job to its end: what an answer, a missing answer or no job at all means. No clock and no I/O.

Times are seconds of one monotonic clock, handed in.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._constants import (
    JOB_UNKNOWN_GRACE,
    OUTPUTS_GRACE,
    POLL_FIRST_DELAY,
    POLL_LONGEST_DELAY,
    SUBMIT_LOOKUP,
    UNREACHABLE_LIMIT,
)
from ..errors import APIConnectionError, APIStatusError, ComfyCloudError, JobFailedError, UnexpectedResponseError
from .statuses import JobState, JobStatus, is_terminal


@dataclass(frozen=True, slots=True)
class Timing:
    """The pauses and patience of waiting, in seconds."""

    poll_first: float = POLL_FIRST_DELAY
    poll_longest: float = POLL_LONGEST_DELAY
    unknown_grace: float = JOB_UNKNOWN_GRACE
    outputs_grace: float = OUTPUTS_GRACE
    unreachable: float = UNREACHABLE_LIMIT
    submit_lookup: float = SUBMIT_LOOKUP


class Following:
    """Remembers when a job and its server were last heard of, from `now` on."""

    def __init__(self, timing: Timing, now: float) -> None:
        self._timing = timing
        self._known = now
        self._reached = now
        self._ended: float | None = None

    def is_over(self, state: JobState, now: float) -> bool:
        """Whether the job has ended and, where it completed, its outputs can be read."""
        self._known = self._reached = now
        if not is_terminal(state.status):
            self._ended = None
            return False
        if state.status is not JobStatus.COMPLETED or state.outputs is not None:
            return True
        # Servers can say "completed" a moment before they tell the outputs.
        self._ended = now if self._ended is None else self._ended
        return now - self._ended >= self._timing.outputs_grace

    def is_lost(self, now: float) -> bool:
        """The server knows no such job: whether that has lasted long enough to mean something."""
        self._reached = now
        return now - self._known >= self._timing.unknown_grace

    def gives_up(self, error: ComfyCloudError, now: float) -> bool:
        """Whether an error ends the waiting: a refusal does at once, a server out of reach only after long."""
        if isinstance(error, APIConnectionError | UnexpectedResponseError):
            return now - self._reached >= self._timing.unreachable
        if isinstance(error, APIStatusError) and error.retryable:
            return now - self._reached >= self._timing.unreachable
        return True


def failure(job_id: str, state: JobState, job: object) -> JobFailedError:
    """The exception for a failed job, with what its server told."""
    error = state.error
    if error is None:
        return JobFailedError(f"job {job_id} failed ({state.raw_status or state.status})", job=job, job_id=job_id)
    node = f" in node {error.node_id}" if error.node_id else ""
    kind = f" ({error.node_type})" if error.node_type else ""
    said = ": ".join(filter(None, [error.exception_type, error.message])) or "no reason told"
    return JobFailedError(
        f"job {job_id} failed{node}{kind}: {said}",
        node_id=error.node_id,
        node_type=error.node_type,
        exception_type=error.exception_type,
        traceback=error.traceback,
        job=job,
        job_id=job_id,
    )
