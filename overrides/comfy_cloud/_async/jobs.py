"""A job on the server: its last known state, waiting for its end, its outputs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from .._core.following import Following, Timing, failure
from .._core.polling import PollSchedule
from .._core.statuses import ExecutionError, JobState, JobStatus
from .._logging import logger
from ..errors import (
    ComfyCloudError,
    JobCancelledError,
    JobError,
    JobLostError,
    JobTimeoutError,
)
from ..events import JobCancelled, JobCompleted, JobEvent, JobFailed, JobQueued, JobStarted
from . import backend
from .http import AsyncHTTPClient
from .outputs import AsyncOutputs
from .states import fetch_state

OnEvent = Callable[[JobEvent], Any]


class AsyncJob:
    """A job by its id. Attributes hold the last answer and never ask the server; `refresh` and `wait` do."""

    def __init__(
        self, http: AsyncHTTPClient, job_id: str, timing: Timing, *, node_errors: dict[str, Any] | None = None
    ) -> None:
        self._http = http
        self._id = job_id
        self._timing = timing
        self._node_errors = dict(node_errors or {})
        self._state: JobState | None = None
        self._outputs: AsyncOutputs | None = None
        self._known_since = time.monotonic()

    @property
    def id(self) -> str:
        """The job's id; keep it to take the job up again with `cloud.job(id)`."""
        return self._id

    @property
    def status(self) -> JobStatus | None:
        """The last known status, None before any answer."""
        return None if self._state is None else self._state.status

    @property
    def raw_status(self) -> str | None:
        """The server's own word for the status, where it sent one."""
        return None if self._state is None else self._state.raw_status

    @property
    def node_errors(self) -> dict[str, Any]:
        """What the server dropped when it accepted the workflow, by node id. The job runs without those branches."""
        return self._node_errors

    @property
    def error(self) -> ExecutionError | None:
        """What a failed node reported, where the server tells."""
        return None if self._state is None else self._state.error

    @property
    def raw(self) -> Any:
        """The last answer as the server sent it."""
        return None if self._state is None else self._state.raw

    @property
    def outputs(self) -> AsyncOutputs:
        """What the job made so far, by its last answer. Raises JobError before any answer."""
        if self._outputs is None:
            raise JobError(f"job {self._id}: nothing is known of it yet; call refresh() or wait() first", job=self)
        return self._outputs

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._id} {self.status or 'not asked yet'}>"

    async def refresh(self) -> AsyncJob:
        """Ask the server once (`GET /api/jobs/{job_id}`, else history and queue). Returns the job itself.

        Raises JobLostError where the server knows no such job, APIConnectionError and APIStatusError.
        """
        state = await self._ask(self._http.total_timeout)
        if state is None:
            raise self._lost()
        return self

    async def wait(
        self,
        timeout: float | None = None,
        *,
        on_event: OnEvent | None = None,
        check: bool = True,
    ) -> AsyncJob:
        """Wait until the job is over and its outputs can be read; returns the job itself.

        `timeout` is in seconds; None waits as long as it takes. `on_event` is called with what happens
        (`events.py`). Raises JobFailedError, JobCancelledError (unless `check=False`), JobTimeoutError (the job runs
        on), JobLostError, and the connection error where the server stays out of reach for five minutes.
        """
        started = time.monotonic()
        deadline = None if timeout is None else started + timeout
        following = Following(self._timing, max(started, self._known_since))
        schedule = PollSchedule(random.random, first=self._timing.poll_first, longest=self._timing.poll_longest)
        told: JobStatus | None = None
        while not await self._look(following, deadline):
            told = await self._tell(on_event, told)
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                raise JobTimeoutError(
                    f"job {self._id} is not over after {timeout:g} s (last known: {self.status or 'no answer'});"
                    " it runs on, wait() takes it up again",
                    job=self,
                )
            await backend.sleep(schedule.next_delay(remaining))
        await self._tell(on_event, told)
        logger.info("job %s: %s after %.1f s", self._id, self.status, time.monotonic() - started)
        if check:
            self._raise_unless_completed()
        return self

    async def _look(self, following: Following, deadline: float | None) -> bool:
        """Ask once; whether the job is over."""
        patience = self._http.total_timeout
        if deadline is not None:
            remaining = max(deadline - time.monotonic(), self._timing.poll_first)
            patience = remaining if patience is None else min(patience, remaining)
        try:
            state = await self._ask(patience)
        except ComfyCloudError as error:
            if following.gives_up(error, time.monotonic()):
                raise error._about(self._id) from None
            return False
        now = time.monotonic()
        if state is not None:
            return following.is_over(state, now)
        if following.is_lost(now):
            raise self._lost()
        return False

    async def _ask(self, total_timeout: float | None) -> JobState | None:
        state = await fetch_state(self._http, self._id, total_timeout=total_timeout)
        if state is not None:
            self._state = state
            self._outputs = AsyncOutputs._of(self._http, self._id, state.outputs)
        return state

    async def _tell(self, on_event: OnEvent | None, told: JobStatus | None) -> JobStatus | None:
        """Report the status if it is news; returns what has been told by now."""
        if on_event is None or self._state is None or self._state.status is told:
            return told
        events: dict[JobStatus, JobEvent] = {
            JobStatus.PENDING: JobQueued(self._id),
            JobStatus.IN_PROGRESS: JobStarted(self._id),
            JobStatus.COMPLETED: JobCompleted(self._id),
            JobStatus.CANCELLED: JobCancelled(self._id),
            JobStatus.FAILED: JobFailed(self._id, self.error.message if self.error else ""),
        }
        await backend.resolve(on_event(events[self._state.status]))
        return self._state.status

    def _raise_unless_completed(self) -> None:
        if self._state is None or self._state.status is JobStatus.COMPLETED:
            return
        if self._state.status is JobStatus.CANCELLED:
            raise JobCancelledError(f"job {self._id} was cancelled", job=self)
        raise failure(self._id, self._state, self)

    def _lost(self) -> JobLostError:
        return JobLostError(
            f"the server knows no job {self._id}: it was removed while it waited, or its history is gone", job=self
        )
