"""A job on the server: its last known state, waiting for its end, its outputs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from typing import Any

from .._constants import CANCEL_TIMEOUT, NUDGE_SPACING
from .._core.following import Following, Telling, failure
from .._core.pages import created_at
from .._core.polling import PollSchedule
from .._core.statuses import ExecutionError, JobState, JobStatus, is_terminal, read_queue
from .._logging import logger
from ..errors import (
    ComfyCloudError,
    ConflictError,
    JobCancelledError,
    JobError,
    JobLostError,
    JobTimeoutError,
)
from ..events import JobEvent
from ..raw.api.job import get_queue_info, interrupt_job, manage_queue
from ..raw.models import InterruptJobBody, QueueManageRequest
from . import backend
from .connection import AsyncConnection
from .deadline import until
from .outputs import AsyncOutputs
from .states import fetch_state

OnEvent = Callable[[JobEvent], Any]


class AsyncJob:
    """A job by its id. Attributes hold the last answer and never ask the server; `refresh` and `wait` do."""

    def __init__(self, connection: AsyncConnection, job_id: str, *, node_errors: dict[str, Any] | None = None) -> None:
        self._connection = connection
        self._id = job_id
        self._node_errors = dict(node_errors or {})
        self._state: JobState | None = None
        self._outputs: AsyncOutputs | None = None

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
    def created_at(self) -> datetime | None:
        """When the job was submitted (aware, UTC), where the last answer tells."""
        return created_at(self.raw)

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
        state = await self._ask()
        if state is None:
            raise self._lost()
        return self

    async def wait(
        self,
        timeout: float | None = None,
        *,
        on_event: OnEvent | None = None,
        check: bool = True,
        cancel_on_exit: bool = False,
    ) -> AsyncJob:
        """Wait until the job is over and its outputs can be read; returns the job itself.

        `timeout` is in seconds; None waits as long as it takes. `on_event` is called with what happens
        (`events.py`); what it raises ends the wait. Raises JobFailedError, JobCancelledError (unless `check=False`),
        JobTimeoutError, JobLostError, and the connection error where the server stays out of reach for five minutes.
        The job runs on when a wait ends early, unless `cancel_on_exit`: then it is cancelled, in 5 s at most.
        """
        started = time.monotonic()
        try:
            async with aclosing(self._follow(timeout)) as events:
                async for event in events:
                    if on_event is not None:
                        await backend.resolve(on_event(event))
        except BaseException as error:
            if not (self._state and is_terminal(self._state.status)):
                if cancel_on_exit:
                    await self._cancel_quietly()
                elif not isinstance(error, JobError):  # those say so themselves
                    error.add_note(f"job {self._id} goes on: cloud.job({self._id!r}).wait() takes it up again")
            raise
        logger.info("job %s: %s after %.1f s", self._id, self.status, time.monotonic() - started)
        if check:
            self._raise_unless_completed()
        return self

    async def events(self, timeout: float | None = None) -> backend.Stream[JobEvent]:
        """What happens to the job, until it is over: first its state, then what the server tells as it goes.

        The last event is JobCompleted, JobFailed or JobCancelled; the job's attributes are those of the end then.
        `timeout` and errors are those of `wait`, but that a failed or cancelled job raises nothing.
        """
        async with aclosing(self._follow(timeout)) as events:
            async for event in events:
                yield event

    async def cancel(self, force: bool = False) -> AsyncJob:
        """Take the job out of the queue, or stop it if it runs. Returns the job itself, with its state afterwards.

        Uses `POST /api/queue`, then `POST /api/interrupt` by the job's name. The cloud may stop every running job of
        the account with that: where others run, ConflictError names them, unless `force`. A job that is over already
        stays what it is.
        """
        connection = self._connection
        delete = manage_queue._get_kwargs(body=QueueManageRequest(delete=[self._id]))
        await connection.answer(delete)
        state = await self._ask()
        if state is None or state.status is not JobStatus.IN_PROGRESS:
            return self
        if not force and await connection.on_cloud():
            queue = await connection.answer(get_queue_info._get_kwargs())
            others = [item.job_id for item in read_queue(queue) if item.running and item.job_id != self._id]
            if others:
                raise ConflictError(
                    f"job {self._id} is not interrupted: that could stop {', '.join(others)}, too; force=True does it",
                    status=409,
                    operation="interruptJob",
                    job_id=self._id,
                )
        interrupt = interrupt_job._get_kwargs(body=InterruptJobBody(prompt_id=self._id))
        await connection.answer(interrupt)
        await self._ask()
        return self

    async def _cancel_quietly(self) -> None:
        """Cancel while another exception is on its way."""
        try:
            with until(time.monotonic() + CANCEL_TIMEOUT):
                await self.cancel()
        except ComfyCloudError as error:
            logger.info("job %s: not cancelled (%s)", self._id, type(error).__name__)

    async def _follow(self, timeout: float | None) -> backend.Stream[JobEvent]:
        """Events until the job is over. REST decides what is so; the socket says when asking is worth it."""
        started = time.monotonic()
        deadline = None if timeout is None else started + timeout
        following = Following(self._connection.timing, started)
        telling = Telling(self._id)
        schedule = self._schedule()
        socket = self._connection.socket
        feed = None if socket is None else socket.subscribe(self._id)
        try:
            while True:
                over = await self._look(following, deadline)
                if over and feed is not None and socket is not None:
                    async for late in feed.rest(self._connection.timing.socket_lag if socket.is_open else 0):
                        for event in telling.of_socket(late):
                            yield event
                for event in telling.of_state(self._state):
                    yield event
                if over:
                    return
                remaining = None if deadline is None else deadline - time.monotonic()
                if remaining is not None and remaining <= 0:
                    raise self._out_of_time(timeout)
                asked = time.monotonic()
                until = asked + schedule.next_delay(remaining)
                if feed is None:
                    await backend.sleep(until - asked)
                    continue
                while (item := await feed.get(until - time.monotonic())) is not None:
                    if isinstance(item, JobEvent):
                        for event in telling.of_socket(item):
                            yield event
                    else:
                        schedule = self._schedule()
                        until = min(until, asked + NUDGE_SPACING)
        finally:
            if feed is not None:
                feed.close()

    def _schedule(self) -> PollSchedule:
        timing = self._connection.timing
        return PollSchedule(random.random, first=timing.poll_first, longest=timing.poll_longest)

    def _out_of_time(self, timeout: float | None) -> JobTimeoutError:
        return JobTimeoutError(
            f"job {self._id} is not over after {timeout:g} s (last known: {self.status or 'no answer'});"
            " wait() takes it up again",
            job=self,
        )

    async def _look(self, following: Following, deadline: float | None) -> bool:
        """Ask once; whether the job is over."""
        if deadline is not None:
            deadline = max(deadline, time.monotonic() + self._connection.timing.poll_first)
        try:
            with until(deadline):
                state = await self._ask()
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

    async def _ask(self) -> JobState | None:
        state = await fetch_state(self._connection, self._id)
        if state is not None:
            self._state = state
            self._outputs = AsyncOutputs._of(self._connection.http, self._id, state.outputs)
        return state

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
