# Derived from overrides/comfy_cloud/_async/watch.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The driver of the wait machine: one loop, whether a caller waits for one job or for many.

`_core/watch.py` decides. Here requests are sent, WebSocket messages come in and time passes.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from .._constants import PROGRESS_TICK, QUESTIONS_MAX, SOCKET_BACKLOG_BYTES
from .._core.frames import Signal
from .._core.job_state import JobState
from .._core.progress import Progress
from .._core.watch import JobWatch, Move
from .._logging import logger
from .._progress import ProgressLine
from .._tracing import JobSpans, job_spans
from ..errors import APITimeoutError, ComfyCloudError, JobError, JobTimeoutError
from ..events import JobCancelled, JobCompleted, JobEvent, JobFailed, Preview
from . import backend
from .connection import Connection
from .deadline import until
from .states import add_places, fetch_active, fetch_state

if TYPE_CHECKING:
    from .jobs import Job

_ENDS: Final = (JobCompleted, JobFailed, JobCancelled)


OnEnd = Callable[[ComfyCloudError | None], None]


class Inbox(backend.Channel[Any]):
    """The channel to a wait. Pictures that a slow listener has not taken are limited in bytes: the oldest go first."""

    def __init__(self) -> None:
        super().__init__()
        # Never held across an await, so a lock for threads serves both flavours.
        self._lock = threading.Lock()
        self._pictures: deque[list[Preview]] = deque()
        self._size = 0

    def put(self, item: Any) -> None:
        if isinstance(item, tuple) and isinstance(item[1], Preview):
            item = item[0], self._kept(item[1])
        super().put(item)

    def _kept(self, picture: Preview) -> list[Preview]:
        """Return a list with the picture, which is emptied when too many come after it."""
        kept = [picture]
        with self._lock:
            self._pictures.append(kept)
            self._size += len(picture.image)
            while self._size > SOCKET_BACKLOG_BYTES and len(self._pictures) > 1:
                self._size -= len(self._pictures.popleft().pop().image)
        return kept

    def take(self, kept: list[Preview]) -> Preview | None:
        """Return the picture of a list, or None if it is gone. Lists must be taken in the order in which they came."""
        with self._lock:
            if not kept:
                return None
            self._size -= len(kept[0].image)
            return self._pictures.popleft().pop()


class Wait:
    """One call that waits, for one job or for many. Handles are brought up to date as answers come in.

    A wait that is `open` takes more jobs by `add`, and goes on until `end` whether there are jobs or not. It does not
    use the WebSocket: frames about all nodes of so many jobs cost more time than one list a second.
    """

    def __init__(
        self,
        connection: Connection,
        jobs: Iterable[Job],
        timeout: float | None,
        *,
        listens: bool,
        open: bool = False,  # noqa: A002 - the word for it
    ) -> None:
        self._connection = connection
        self._group = connection.waits
        self._open = open
        self._socket = None if open else connection.socket
        self._timeout = timeout
        self._listens = listens
        self._jobs: dict[str, Job] = {}
        self._on_end: dict[str, OnEnd] = {}
        self._spans: dict[str, JobSpans] = {}
        self._watches: dict[str, JobWatch] = {}
        now = time.monotonic()
        for job in jobs:
            self._watch(job, now)
        self._heard = Inbox()
        self._failures: list[ComfyCloudError] = []
        self._line: ProgressLine | None = None

    def events(self) -> backend.Stream[tuple[Job, JobEvent]]:
        """Yield what happens to the jobs, until all are over: for each its state, and in the end how it ended.

        Raises JobTimeoutError naming the jobs that are not over. What ends the wait for one job only (JobLostError, a
        refusal) is raised when the others are over.
        """
        self._join()
        try:
            while self._watches or self._open:
                # All that was heard comes before what is asked next: an answer can end the wait, and events that lie
                # here already are not late.
                self._listen(0)
                ask: list[JobWatch] = []
                wake_at = math.inf
                alone = self._group.alone(time.monotonic())
                for watch in list(self._watches.values()):
                    while isinstance(step := watch.next(time.monotonic(), alone=alone), JobEvent):
                        if self._is_late(watch, step):
                            continue
                        if watch.job_id in self._spans:
                            self._spans[watch.job_id].heard(step, self._jobs[watch.job_id].error)
                        self._group.hand_over(self)  # what is done with the event can take long
                        yield self._jobs[watch.job_id], step
                    if isinstance(step, float):
                        wake_at = min(wake_at, step)
                    elif step is Move.ASK:
                        ask.append(watch)
                    elif step is Move.EXPIRED:
                        raise self._out_of_time()
                    else:
                        self._end(watch)
                if ask:
                    self._group.hand_over(self)
                    backend.gather([partial(self._ask, watch) for watch in ask], QUESTIONS_MAX)
                elif self._watches or self._open:
                    self._rest(wake_at)
        finally:
            if self._watches:
                self._leave(list(self._watches))
            self._group.quit(self)
            for spans in self._spans.values():
                spans.end()
        if self._failures:
            # One error has to do for all; a caller with a hundred jobs still reads which others were lost.
            for other in self._failures[1:]:
                self._failures[0].add_note(str(other))
            raise self._failures[0]

    def run(self, on_event: Callable[[JobEvent], Any] | None) -> None:
        """Wait until all jobs are over, and hand the events to `on_event`."""
        if isinstance(on_event, ProgressLine):
            self._line = on_event
            for job in self._jobs.values():
                on_event.name(job.id, job._nodes or {})
        try:
            self._run(on_event)
        finally:
            if self._line is not None:
                self._line.close()

    def _run(self, on_event: Callable[[JobEvent], Any] | None) -> None:
        with closing(self.events()) as events:
            for _, event in events:
                if on_event is not None:
                    backend.resolve(on_event(event))

    def add(self, job: Job, on_end: OnEnd) -> None:
        """Wait for one more job. Once it is over, `on_end` is called with the error that ended the wait, or None.

        May be called from any thread.
        """

        def begin() -> None:
            self._on_end[job.id] = on_end
            self._watch(job, time.monotonic())
            self._group.join(self, [job.id])

        self._heard.put(begin)

    def end(self) -> None:
        """End an open wait. Of jobs that are not over nothing more is told."""

        def stop() -> None:
            self._open = False
            self._leave(list(self._watches))
            self._watches.clear()

        self._heard.put(stop)

    @property
    def watches(self) -> Collection[JobWatch]:
        """The jobs that are not over."""
        return self._watches.values()

    def wake(self) -> None:
        """End a rest: this wait leads now, or has to ask earlier than it planned."""
        self._heard.put(lambda: None)

    def look(self, job_ids: Iterable[str]) -> None:
        """Ask at once for those of the jobs that are waited for here: this client has cancelled them."""
        for job_id in job_ids:
            if job_id in self._watches:
                self._heard.put((job_id, Signal.CANCELLING))

    def _watch(self, job: Job, now: float) -> None:
        """Begin to watch a job."""
        job_id = job.id
        spans = job_spans(job_id, job._nodes, job._span)
        watch = JobWatch(
            job_id,
            self._connection.timing,
            now,
            random.random,
            self._timeout,
            listens=self._listens or spans is not None,  # a span for a node needs events that come late
            known=job._state,
            fresh=job._submitted and job._state is None,
            progress=Progress(job_id, job._outline, job._targets),
        )
        if spans is not None:
            self._spans[job_id] = spans
            if not self._listens:
                watch.no_queue()  # tracing sends no requests of its own
        self._jobs[job_id], self._watches[job_id] = job, watch

    def _is_late(self, watch: JobWatch, step: JobEvent) -> bool:
        """Return True if a wait is out of time, which a listener that is slower than its events would not notice."""
        return time.monotonic() >= watch.deadline + watch.timing.poll_first and not isinstance(step, _ENDS)

    def _join(self) -> None:
        waiting = [job_id for job_id, watch in self._watches.items() if not watch.is_over]
        self._group.join(self, self._watches)
        if self._socket is not None and waiting:
            self._socket.subscribe(waiting, self._heard)

    def _leave(self, job_ids: Iterable[str]) -> None:
        self._group.leave(job_ids)
        if self._socket is not None:
            self._socket.unsubscribe(job_ids, self._heard)

    def _end(self, watch: JobWatch) -> None:
        # The group counts on it at once: if one job is left, it is asked for by its id from now on.
        job = self._jobs[watch.job_id]
        del self._watches[watch.job_id]
        self._leave([watch.job_id])
        if on_end := self._on_end.pop(watch.job_id, None):
            # Any number of jobs may come, so nothing is kept of one that is over.
            del self._jobs[watch.job_id]
            if spans := self._spans.pop(watch.job_id, None):
                spans.end()
            on_end(watch.failure)
            return
        if watch.failure is None:
            logger.info("job %s: %s after %.1f s", watch.job_id, job.status, time.monotonic() - watch.begun)
            return
        if isinstance(watch.failure, JobError):
            watch.failure.job = job
        self._failures.append(watch.failure)

    def _rest(self, wake_at: float) -> None:
        """Wait for news until `wake_at`; ask for the list when it is due, if no other wait does that."""
        timing, now = self._connection.timing, time.monotonic()
        list_at = self._group.rest(self, now, timing.list_spacing)
        try:
            if list_at <= now and not self._group.alone(now):
                self._ask_list()
            else:
                wake_at = min(wake_at, list_at)
                if self._line is not None:
                    self._line.tick()
                    wake_at = min(wake_at, now + PROGRESS_TICK)
                # However the lead may have got lost: somebody notices.
                self._listen(min(wake_at, now + timing.poll_live) - now)
        finally:
            self._group.end_rest(self)

    def _ask_list(self) -> None:
        """Ask for the list of active jobs, and give the answer to all waits that rest."""
        # Only waits that rest now: those that come later could miss a job in the list that was submitted after it.
        resting = self._group.resting()
        wanted = {watch.job_id for wait in resting for watch in list(wait.watches) if not watch.is_over}
        limit = next((watch.limit(time.monotonic()) for watch in self._watches.values()), None)
        error: ComfyCloudError | None = None
        active: dict[str, JobState] = {}
        try:
            with until(limit):
                active = fetch_active(self._connection, wanted)
                listening = [watch for wait in resting for watch in list(wait.watches)]
                active = self._placed([w for w in listening if w.wants_queue(active.get(w.job_id))], active)
        except ComfyCloudError as failed:
            if limit is not None and time.monotonic() >= limit:
                return  # this wait was out of time, not the server out of reach: the next leader asks
            error = failed
        self._group.asked(time.monotonic(), error)
        for wait in resting:
            wait._heard.put(active if error is None else error)

    def _ask(self, watch: JobWatch) -> None:
        """Ask for one job."""
        limit = watch.limit(time.monotonic())
        # A wait that gets no turn in time has had its question, as far as its caller's deadline is concerned.
        free = self._group.free
        if not free.get(None if limit is None else limit - time.monotonic()):
            watch.failed(APITimeoutError(f"job {watch.job_id}: no question was answered in time"), time.monotonic())
            return
        try:
            with until(limit):
                state = fetch_state(self._connection, watch.job_id)
                if state is not None and watch.wants_queue(state):
                    state = (self._placed([watch], {watch.job_id: state}))[watch.job_id]
        except ComfyCloudError as error:
            watch.failed(error, time.monotonic())
        else:
            if state is not None:
                self._jobs[watch.job_id]._take(state)
            live = self._socket is not None and self._socket.is_open
            watch.detail(state, time.monotonic(), live=live)
        finally:
            free.put(True)

    def _placed(self, listening: list[JobWatch], states: dict[str, JobState]) -> dict[str, JobState]:
        """Add what the queue tells, if somebody listens to that. Whatever goes wrong here ends no wait."""
        if not listening:
            return states
        try:
            return add_places(self._connection, states)
        except ComfyCloudError:
            for watch in listening:
                watch.no_queue()
            return states

    def _listen(self, timeout: float) -> None:
        """Take all that was heard, waiting up to `timeout` seconds for the first item."""
        item = self._heard.get(timeout)
        while item is not None:
            self._take(item)
            item = self._heard.get(0)

    def _take(self, item: Any) -> None:
        now = time.monotonic()
        if isinstance(item, tuple):
            job_id, message = item
            if isinstance(message, list):
                message = self._heard.take(message)
            if job_id in self._watches and message is not None:
                self._watches[job_id].heard(message, now)
        elif callable(item):
            item()
        else:
            for watch in self._watches.values():
                if isinstance(item, ComfyCloudError):
                    watch.unlisted(item, now)
                elif not watch.is_over:
                    state: JobState | None = item.get(watch.job_id)
                    if state is not None:
                        self._jobs[watch.job_id]._take(state)
                    watch.listed(state, now)

    def _out_of_time(self) -> JobTimeoutError:
        jobs = [self._jobs[job_id] for job_id in self._watches]
        known = ", ".join(f"{job.id} (last known: {job.status or 'no answer'})" for job in jobs)
        which = f"job {known} is" if len(jobs) == 1 else f"{len(jobs)} of {len(self._jobs)} jobs are"
        rest = "" if len(jobs) == 1 else f": {known}"
        message = f"{which} not over after {self._timeout:g} s{rest}; wait() takes them up again"
        return JobTimeoutError(message, job=jobs[0])
