# Derived from overrides/comfy_cloud/_async/jobs.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""A job on the server: its last known state, waiting for its end, its outputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from .._constants import CANCEL_TIMEOUT
from .._core.arguments import ARGUMENTS
from .._core.display import card
from .._core.job_state import (
    NOT_CANCELLED,
    ExecutionError,
    JobState,
    JobStatus,
    failure,
    is_terminal,
    lost,
    with_title,
)
from .._core.links import Outline
from .._core.outputs import Nodes
from .._core.pages import created_at
from .._logging import logger
from .._tracing import current_span
from ..errors import ComfyCloudError, ConfigurationError, JobCancelledError, JobError
from ..events import JobEvent
from . import backend
from .cancelling import cancel_job
from .connection import Connection
from .deadline import until
from .handles import Handle
from .outputs import Outputs
from .states import fetch_state
from .watch import Wait

__all__ = ["Job"]

OnEvent = Callable[[JobEvent], Any]


class Job(Handle):
    """A job by its id. Attributes hold the last answer and never ask the server; `refresh` and `wait` do.

    A handle is data: it can be pickled and copied, without the client and its key. `cloud.job(handle)` binds such a
    copy to a client again.
    """

    def __init__(
        self,
        connection: Connection,
        job_id: str,
        *,
        node_errors: dict[str, Any] | None = None,
        submitted: bool = False,
        nodes: Nodes | None = None,
        outline: Outline | None = None,
        targets: tuple[str, ...] = (),
    ) -> None:
        super().__init__(connection)
        self._id = job_id
        self._submitted = submitted
        self._nodes = nodes
        self._node_errors = dict(node_errors or {})
        # The links of the workflow, if this client submitted it, and the outputs that it is run for.
        self._outline = outline or {}
        self._targets = targets
        self._state: JobState | None = None
        self._outputs: Outputs | None = None
        self._span = current_span() if submitted else None

    @property
    def id(self) -> str:
        """The job's id; keep it to take the job up again with `cloud.job(id)`."""
        return self._id

    @property
    def status(self) -> JobStatus | None:
        """The last known status: PENDING if all that is known is the submit, None before any answer."""
        if self._state is None:
            return JobStatus.PENDING if self._submitted else None
        return self._state.status

    @property
    def raw_status(self) -> str | None:
        """The server's own word for the status, where it sent one."""
        return None if self._state is None else self._state.raw_status

    @property
    def node_errors(self) -> dict[str, Any]:
        """The branches that the server dropped when it accepted the workflow, by node id. The job runs without them."""
        return self._node_errors

    @property
    def error(self) -> ExecutionError | None:
        """The error of the node that failed, where the server reports it. `str(job.error)` is one line."""
        return None if self._state is None else self._state.error

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted (aware, UTC), if the last answer tells. An old ComfyUI tells when it started."""
        return created_at(self.raw)

    @property
    def raw(self) -> Any:
        """The last answer as the server sent it."""
        return None if self._state is None else self._state.raw

    @property
    def outputs(self) -> Outputs:
        """The outputs of the job so far, by its last answer. Raises JobError before any answer."""
        if self._outputs is None:
            raise JobError(f"job {self._id}: nothing is known of it yet; call refresh() or wait() first", job=self)
        return self._outputs

    def __getstate__(self) -> dict[str, Any]:
        # The client stays behind there as well.
        return {**super().__getstate__(), "_outputs": copy(self._outputs), "_span": None}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._id} {self.status or 'not asked yet'}>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return what a notebook shows: the last known state as a card. Asks nobody."""
        kinds = [output.kind for output in self._outputs or ()]
        error = None if self.error is None else str(self.error)
        html = card(
            self._id, self.status, created_at=self.created_at, error=error, dropped=self._node_errors, kinds=kinds
        )
        return {"text/plain": repr(self), "text/html": html}

    def refresh(self) -> Job:
        """Ask the server once (`GET /api/jobs/{job_id}`, else history and queue). Returns the job itself.

        Raises JobLostError where the server knows no such job, APIConnectionError and APIStatusError.
        """
        with self._naming():
            state = self._ask()
        if state is None:
            raise lost(self._id, self)
        return self

    def wait(
        self,
        timeout: float | None = None,
        *,
        on_event: OnEvent | None = None,
        check: bool = True,
        cancel_on_exit: bool = False,
    ) -> Job:
        """Wait until the job is over and its outputs can be read; returns the job itself.

        - `timeout`: The limit in seconds. None waits as long as it takes.
        - `on_event`: Called with what happens (`events.py`). What it raises ends the wait.
        - `check`: False returns a job that failed or was cancelled, and raises nothing for it.
        - `cancel_on_exit`: Cancels the job if the wait ends early, in 5 s at most. Else the job goes on.

        Raises JobFailedError, JobCancelledError, JobTimeoutError, JobLostError, and the connection error where the
        server stays out of reach for five minutes.
        """
        ARGUMENTS.patience(timeout, on_event, awaits=backend.AWAITS)
        ARGUMENTS.flags(check=check, cancel_on_exit=cancel_on_exit)
        return self._wait(timeout, on_event, check=check, cancel_on_exit=cancel_on_exit)

    def _wait(self, timeout: float | None, on_event: OnEvent | None, *, check: bool, cancel_on_exit: bool) -> Job:
        """Wait as `wait` does, with arguments that are known to be right."""
        try:
            Wait(self._connection, [self], timeout, listens=on_event is not None).run(on_event)
        except BaseException as error:
            # KeyboardInterrupt and a cancelled task included: the job costs money, and only here its id is at hand.
            with suppress(AttributeError):  # an exception with slots takes none
                error.job_id = getattr(error, "job_id", None) or self._id  # type: ignore[attr-defined]
            # A job that has just ended as well: its outputs are paid for.
            over = self._state is not None and is_terminal(self._state.status)
            if cancel_on_exit and not over:
                # A cloud that cannot stop one job alone refuses. Then the job goes on to cost money.
                if (refusal := self._cancel_quietly()) is not None:
                    error.add_note(f"job {self._id} {NOT_CANCELLED}: {refusal}")
            elif not isinstance(error, JobError):  # those say so themselves
                goes_on = f"is {self._state.status}" if over and self._state else "goes on"
                error.add_note(f"job {self._id} {goes_on}: cloud.job({self._id!r}).wait() takes it up again")
            raise
        if check:
            self._raise_unless_completed()
        return self

    def events(self, timeout: float | None = None) -> backend.Stream[JobEvent]:
        """Yield the job's events until it is over: first its state, then what the server reports.

        The last event is JobCompleted, JobFailed or JobCancelled; the job's attributes are those of the end then.
        `timeout` and errors are those of `wait`, but that a failed or cancelled job raises nothing.
        """
        ARGUMENTS.patience(timeout)
        return self._events(timeout)

    def _events(self, timeout: float | None) -> backend.Stream[JobEvent]:
        with closing(Wait(self._connection, [self], timeout, listens=True).events()) as events:
            for _, event in events:
                yield event

    def cancel(self, force: bool = False) -> Job:
        """Take the job out of the queue, or stop it if it runs. Returns the job itself, with its state afterwards.

        A job that waited is CANCELLED then, also on a ComfyUI, which forgets it: everybody in this client who waits for
        it knows at once. A job that runs stops at its next step: `wait(check=False)` returns then. A job that is over
        already stays what it is.

        Uses `POST /api/jobs/{job_id}/cancel`. Where the server lacks that, it uses `POST /api/queue`, then
        `POST /api/interrupt` by the job's name. A cloud may stop every running job of the account with that: where
        others run, ConflictError names them (`.job_ids`), unless `force`.
        """
        ARGUMENTS.flags(force=force)
        connection = self._connection
        if self._state is None or not is_terminal(self._state.status):
            with self._naming():
                cancel_job(connection, self, force=force)
        return self

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Name the job in every error."""
        try:
            yield
        except ComfyCloudError as error:
            error._about(self._id)
            raise

    def _cancel_quietly(self) -> ComfyCloudError | None:
        """Cancel while another exception is on its way. Return the error if that failed."""
        try:
            with until(time.monotonic() + CANCEL_TIMEOUT):
                self.cancel()
        except ComfyCloudError as error:
            logger.info("job %s: not cancelled (%s)", self._id, type(error).__name__)
            return error
        return None

    def _ask(self) -> JobState | None:
        state = fetch_state(self._connection, self._id)
        if state is not None:
            self._take(state)
        return state

    def _take(self, state: JobState) -> None:
        """Make an answer of the server the last one."""
        self._state = replace(state, error=with_title(state.error, self._nodes or {}))
        self._outputs = Outputs._of(self._connection, self._id, state.outputs, self._nodes, state.raw)

    def _bound(self, connection: Connection) -> Job:
        """Return a handle of the same job, with the same state, that uses `connection`."""
        # The same client, or a sibling with other settings: whoever holds this handle sees what a wait learns.
        if self._client is not None and self._client.waits is connection.waits:
            return self
        if self._origin != connection.origin:
            raise ConfigurationError(
                f"job {self._id} is on {self._origin}, this client is connected to {connection.origin}: use a client"
                " of the job's own server"
            )
        bound = copy(self)
        bound._client = connection
        if self._state is not None and self._outputs is not None:
            bound._take(self._state)
        return bound

    def _raise_unless_completed(self) -> None:
        if self._state is None or self._state.status is JobStatus.COMPLETED:
            return
        if self._state.status is JobStatus.CANCELLED:
            raise JobCancelledError(f"job {self._id} was cancelled", job=self)
        raise failure(self._id, self._state, self)


def job_handle(connection: Connection, job: object) -> Job:
    """Return the handle of a job by its id, or bind a handle. Raises ConfigurationError for anything else."""
    if isinstance(job, Job):
        return job._bound(connection)
    if not isinstance(job, str | UUID):
        own, other = Job.__name__, type(job).__name__
        raise ConfigurationError(f"job must be an id or a handle of class {own}, not {other}: pass the job's id")
    job_id = str(job).strip()
    if not job_id:
        raise ConfigurationError("the job's id is empty")
    return Job(connection, job_id)


def job_handles(connection: Connection, jobs: Iterable[object]) -> list[Job]:
    """Return the handles of several jobs. Two handles of one job become one: a wait has one watch for each job."""
    if isinstance(jobs, str) or not isinstance(jobs, Iterable):
        raise ConfigurationError(f"jobs must be a list of ids or handles, not one {type(jobs).__name__}")
    known: dict[str, Job] = {}
    return [known.setdefault(handle.id, handle) for handle in (job_handle(connection, job) for job in jobs)]
