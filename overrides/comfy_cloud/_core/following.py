"""Following a job to its end: what an answer, a missing answer or no job at all means. No clock and no I/O.

Times are seconds of one monotonic clock, handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._constants import (
    JOB_UNKNOWN_GRACE,
    OUTPUTS_GRACE,
    POLL_FIRST_DELAY,
    POLL_LONGEST_DELAY,
    SOCKET_LAG,
    SUBMIT_LOOKUP,
    UNREACHABLE_LIMIT,
)
from ..errors import APIConnectionError, APIStatusError, ComfyCloudError, JobFailedError, UnexpectedResponseError
from ..events import JobCancelled, JobCompleted, JobEvent, JobFailed, JobQueued, JobStarted
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
    socket_lag: float = SOCKET_LAG


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


_STAGES = {JobStatus.PENDING: 1, JobStatus.IN_PROGRESS: 2}


class Telling:
    """Turns states and frames into events in their order, each state once: queued, started, over."""

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._stage = 0

    def of_state(self, state: JobState | None) -> Iterator[JobEvent]:
        """What an answer of REST has to tell that has not been told."""
        if state is None or _STAGES.get(state.status, 3) <= self._stage:
            return
        self._stage = _STAGES.get(state.status, 3)
        message = state.error.message if state.error else ""
        yield {
            JobStatus.PENDING: JobQueued(self._job_id),
            JobStatus.IN_PROGRESS: JobStarted(self._job_id),
            JobStatus.COMPLETED: JobCompleted(self._job_id),
            JobStatus.CANCELLED: JobCancelled(self._job_id),
            JobStatus.FAILED: JobFailed(self._job_id, message),
        }[state.status]

    def of_socket(self, event: JobEvent) -> Iterator[JobEvent]:
        """An event of the socket; that something happens inside the job means that it runs."""
        yield from self.of_state(JobState(JobStatus.IN_PROGRESS))
        yield event


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
