"""The wait machine: decide when to poll a server, what its responses mean, and when a wait is over.

It has no clock and does no I/O. Its driver passes in responses, errors, WebSocket items and the time (seconds of one
monotonic clock), and does what `next` returns: poll, sleep, deliver an event, or stop. `Poll` is the part that jobs,
imports and the search for a lost submit share. `JobWatch` adds the rules for jobs. `Roster` replaces one request for
each job by one request for all active jobs.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable
from copy import copy
from enum import Enum, auto
from typing import Final, TypeAlias

from .._constants import (
    LIST_FAILURES_MAX,
    LIST_REFUSED_PAUSE,
    POLL_ALONE_FIRST,
    POLL_ALONE_LONGEST,
    POLL_ALONE_PHASE,
    POLL_ALONE_SHARE,
    POLL_EARLY_PHASE,
    POLL_GROWTH,
    POLL_JITTER,
    SOCKET_END_DELAYS,
)
from ..errors import APIConnectionError, APIStatusError, ComfyCloudError, UnexpectedResponseError
from ..events import JobCancelled, JobCompleted, JobEvent, JobFailed, JobQueued, JobStarted
from .frames import NodeStates, Signal
from .job_state import JobState, JobStatus, is_terminal, lost
from .progress import Progress
from .timing import Timing as Timing


class Move(Enum):
    """ASK: request the job itself. DONE: stop, the wait has its result. EXPIRED: stop, the timeout is reached."""

    ASK = auto()
    DONE = auto()
    EXPIRED = auto()


# The next step of a wait: deliver this event to the listener, sleep until this time or the next item of the WebSocket,
# or make this move.
Step: TypeAlias = JobEvent | float | Move


class Poll:
    """Decides when a request is sent again, and when to give up.

    `due` is the time of the next request. `random` returns numbers from 0 to 1, like `random.random`. `timeout` is the
    caller's timeout in seconds, or None for no limit.
    """

    def __init__(self, timing: Timing, now: float, random: Callable[[], float], timeout: float | None = None) -> None:
        self.timing = timing
        self.deadline = math.inf if timeout is None else now + timeout
        self.due = now
        self._random = random
        self._begun = self._reached = now
        self._asked = -math.inf
        self._delay = timing.poll_first

    def limit(self, now: float) -> float | None:
        """Return the time at which a request that is sent now must end.

        A wait whose timeout is reached may still send one short request, so that `wait(timeout=0)` gets a state.
        """
        return None if self.deadline == math.inf else max(self.deadline, now + self.timing.poll_first)

    def answered(self, now: float, *, alone: bool = False) -> None:
        """Record that the server responded, whatever the response says.

        `alone` is True if nothing else than the next response can tell that the job is over.
        """
        self._reached = now
        self._schedule(now, alone=alone)

    def failed(self, error: ComfyCloudError, now: float) -> bool:
        """Record an error and return True if it ends the wait.

        A refusal, such as a wrong API key, ends the wait at once, because no later request would succeed. A connection
        error ends it only if the server has been unreachable for `timing.unreachable` seconds without a break.
        """
        self._schedule(now)
        return not _is_passing(error) or now - self._reached >= self.timing.unreachable

    def expired(self, now: float) -> bool:
        """Return True if the timeout is reached, and a last request was sent or had no time."""
        return self._asked >= self.deadline or now >= self.deadline + self.timing.poll_first

    def restart(self) -> None:
        """Start again with short delays, because a change is expected soon."""
        self._delay = self.timing.poll_first

    def _schedule(self, now: float, *, alone: bool = False) -> None:
        self._asked = now
        # Delays grow slowly in the first minute, so that the end of a short job is noticed soon.
        early = now - self._begun < POLL_EARLY_PHASE
        delay = min(self._delay, self.timing.poll_early if early else self.timing.poll_longest)
        self._delay = min(delay * POLL_GROWTH, self.timing.poll_longest)
        waited = now - self._begun
        if alone and waited < POLL_ALONE_PHASE:
            share = max(waited * POLL_ALONE_SHARE, self.timing.poll_first * POLL_ALONE_FIRST)
            delay = min(delay, share, POLL_ALONE_LONGEST)
        # Without jitter, clients that were started together would send their requests at the same moments.
        jitter = 1 + POLL_JITTER * (2 * self._random() - 1)
        self.due = min(now + delay * jitter, max(now, self.deadline))


def _is_passing(error: ComfyCloudError) -> bool:
    """Return True if the same request may succeed later."""
    if isinstance(error, APIStatusError):
        return error.retryable
    return isinstance(error, APIConnectionError | UnexpectedResponseError)


_RUNNING: Final = JobState(JobStatus.IN_PROGRESS)
# In the order in which a job goes through them; the last ones exclude each other.
_EVENTS: Final[dict[JobStatus, type[JobEvent]]] = {
    JobStatus.IN_PROGRESS: JobStarted,
    JobStatus.COMPLETED: JobCompleted,
    JobStatus.CANCELLED: JobCancelled,
}


class JobWatch(Poll):
    """Watches one job for one caller, from `now` on. Each state is delivered once and in order: queued, started, ended.

    `listens` is True if the caller wants events, `known` is the last known state, and `fresh` is True if the job was
    submitted a moment ago. `progress` counts the nodes of its workflow. `state` is the newest state, `failure` the
    error that ends the wait, or None.
    """

    def __init__(
        self,
        job_id: str,
        timing: Timing,
        now: float,
        random: Callable[[], float],
        timeout: float | None = None,
        *,
        listens: bool = False,
        known: JobState | None = None,
        fresh: bool = False,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(timing, now, random, timeout)
        self.job_id = job_id
        self.begun = now
        self.state: JobState | None = None
        self.failure: ComfyCloudError | None = None
        # The time of a request for the job itself, if the list of active jobs cannot tell its state or comes too late.
        self._ask_at = now if timeout is not None and timeout < timing.list_spacing else math.inf
        self._sent = now
        self._again: list[float] = []
        self._alone = False
        self._listens = listens
        self._expects_frames = fresh
        self._stage = 0
        self._position: int | None = None
        self._progress = progress or Progress(job_id, {})
        self._queue_tells = listens
        self._events: deque[JobEvent] = deque()
        # Items of the WebSocket before the first REST response. They are held back, so that a caller's first event is
        # the state of the job.
        self._held: list[JobEvent | Signal | NodeStates] | None = []
        self._seen = now
        self._completed: float | None = None
        self._listed = True
        # True if a message about the job arrived since the last response. An open connection is not enough: ComfyUI
        # keeps connections open to which it sends nothing at all.
        self._heard = False
        self._all_heard = False
        self._over_at: float | None = None
        if known is not None and is_terminal(known.status) and known.outputs is not None:
            # The state is final and has outputs, so no response can add anything. A wait then sends no request.
            self.state, self._held, self._over_at = known, None, now
            self._progress = Progress(job_id, {})

    @property
    def is_over(self) -> bool:
        """True if the wait has its result and sends no more requests."""
        return self._over_at is not None or self.failure is not None

    @property
    def list_at(self) -> float:
        """The time at which the list of active jobs is needed.

        It is infinity if the wait is over, or if the job itself is requested next.
        """
        return math.inf if self.is_over or self._ask_at < math.inf else self.due

    def wants_queue(self, state: JobState | None) -> bool:
        """Return True if the caller wants events that need `GET /api/queue` for a job in this state.

        Those are the position of a pending job and, once, the workflow and its outputs for the progress.
        """
        if state is None or state.item is not None or not self._queue_tells:
            return False
        if state.status is JobStatus.IN_PROGRESS:
            return self._stage < 2 and not self._progress.is_known
        return state.status is JobStatus.PENDING

    def no_queue(self) -> None:
        """Request the queue no more, because it failed. A wait does not depend on it."""
        self._queue_tells = False

    def next(self, now: float, *, alone: bool) -> Step:
        """Return the next step. After an event, call this method again.

        `alone` is True if no list of active jobs is requested that would include this job.
        """
        self._alone = alone
        if self._events and self._held is None:
            return self._events.popleft()
        if self.failure is not None:
            return Move.DONE
        if self._over_at is not None and self.state is not None:
            if now < self._over_at and not self._all_heard:
                return self._over_at
            self._tell_state(self.state)
            return self._events.popleft() if self._events else Move.DONE
        never_asked = self._asked == -math.inf
        if not never_asked and self.expired(now):
            return Move.EXPIRED
        if now >= self._ask_at or (alone and now >= self.due) or (never_asked and now >= self.deadline):
            self._sent = now
            return Move.ASK
        return min(self._ask_at, self.due if alone else math.inf, self.deadline + self.timing.poll_first)

    def detail(self, state: JobState | None, now: float, *, live: bool = False) -> None:
        """Take the response to a request for the job itself. None means that the server does not know the job.

        `live` is True if WebSocket messages can arrive now.
        """
        self._plan()
        self.answered(now, alone=self._alone and not live)
        if state is None:
            # Servers register a job late. Also one that somebody else submitted, so every job has this time.
            known_by = self._seen + self.timing.unknown_grace
            if now >= known_by:
                self.failure = lost(self.job_id)
            self.due = min(self.due, known_by)
        elif is_terminal(state.status) and self._outputs_are_told(state, now):
            self.state = state
            # Events can arrive a little after the REST response. They are waited for only if the caller listens and
            # the job was seen active. Without this check, 100 waits on finished jobs slept for 6 seconds in all.
            behind = self._listens and live and self._expects_frames
            self._over_at = now + self.timing.socket_lag if behind else now
        else:
            self._saw(state, now)
        self._release_held()

    def listed(self, state: JobState | None, now: float) -> None:
        """Take the job's state from a list of all active jobs. None means that the job is not in the list."""
        if self.is_over:
            return
        if state is not None:
            self._listed = True
            self.answered(now)
            self._saw(state, now)
            self._release_held()
            return
        # The job has left the list, so it is requested at once for its result. It may also be active and unlisted: just
        # submitted, or in a state that the server's filter does not know. Then it is polled on its own schedule.
        self._ask_at = min(self._ask_at, now if self._listed else self.due)
        self._listed = False

    def unlisted(self, error: ComfyCloudError, now: float) -> None:
        """Take an error in place of the list. If the list is refused, the job itself is requested."""
        if self.is_over:
            return
        if _is_passing(error):
            self.failed(copy(error), now)
        else:
            self._ask_at = now

    def failed(self, error: ComfyCloudError, now: float) -> bool:
        """Take an error in place of a response, and return True if it ends the wait."""
        self._plan()
        gives_up = super().failed(error, now)
        self._release_held()
        if gives_up:
            self.failure = error._about(self.job_id)
        return gives_up

    def heard(self, item: JobEvent | Signal | NodeStates, now: float) -> None:
        """Take an item of the WebSocket about the job. It changes when REST is polled, but never ends the wait."""
        if item is Signal.DROPPED:
            # Messages are lost until the reconnect, perhaps the one about the end. So polling starts again at once.
            self._heard = False
            self.restart()
            self.due = now
        elif item is Signal.CANCELLING:
            # The server may have forgotten the job, or the job runs until its next step. A request tells which.
            self._heard = False
            self.restart()
            self._ask_at = now
        elif item is Signal.ENDED:
            self._all_heard = True
            self._heard = False
            self.restart()
            # ComfyUI 0.33.0 sends this message some milliseconds before its REST responses show the end.
            self._again = [now + delay for delay in SOCKET_END_DELAYS]
            self._ask_at = now
        else:
            self._heard = self._expects_frames = True
            if self._held is not None:
                self._held.append(item)
                return
            self.due = max(self.due, min(self._reached + self.timing.poll_live, self.deadline))
            self._tell(item)

    def _plan(self) -> None:
        """Schedule the next poll after a message about the end. Polls whose time has passed are skipped."""
        if self._again:
            self.restart()
        self._again = [at for at in self._again if at > self._sent]
        self._ask_at = self._again[0] if self._again else math.inf

    def _outputs_are_told(self, state: JobState, now: float) -> bool:
        if state.status is not JobStatus.COMPLETED or state.outputs is not None:
            return True
        # Servers can send "completed" a moment before the outputs, which they store separately.
        self._completed = now if self._completed is None else self._completed
        return now - self._completed >= self.timing.outputs_grace

    def _saw(self, state: JobState, now: float) -> None:
        self.state, self._seen = state, now
        if state.item is not None:
            self._progress.learn(state.item.workflow, state.item.output_nodes)
        if self._heard:
            # While messages about the job arrive, REST is polled only in case the message about the end is lost.
            self._heard = False
            self.due = min(now + self.timing.poll_live, max(now, self.deadline))
        if not is_terminal(state.status):
            self._completed = None
            self._tell_state(state)

    def _release_held(self) -> None:
        held, self._held = self._held, None
        self._expects_frames = True
        for item in held or ():
            self._tell(item)

    def _tell(self, item: JobEvent | Signal | NodeStates) -> None:
        self._tell_state(_RUNNING)  # A message about a node means that the job runs, even if REST still says "pending".
        if isinstance(item, JobEvent):
            self._events.append(item)
        if progress := self._progress.heard(item):
            self._events.append(progress)

    def _tell_state(self, state: JobState) -> None:
        stage = {JobStatus.PENDING: 1, JobStatus.IN_PROGRESS: 2}.get(state.status, 3)
        position = state.item.position if state.item else None
        moved = stage == self._stage == 1 and position not in (None, self._position)
        if stage <= self._stage and not moved:
            return
        self._stage, self._position = stage, position
        if state.status is JobStatus.PENDING:
            self._events.append(JobQueued(self.job_id, position))
        elif known := _EVENTS.get(state.status):
            if known is JobCompleted and (progress := self._progress.completed()):
                self._events.append(progress)
            self._events.append(known(self.job_id))
        else:
            self._events.append(JobFailed(self.job_id, state.error.message if state.error else ""))


class Roster:
    """Counts the jobs that one client waits for, and decides when to request the list of active jobs.

    Polling 500 jobs one by one keeps ten connections so busy that requests time out. One list has the states of all
    of them. Only a job that is no longer in the list is requested by its id.
    """

    def __init__(self) -> None:
        self._jobs: Counter[str] = Counter()
        self._asked = -math.inf
        self._failures = 0
        self._useless_until = -math.inf

    def add(self, job_ids: Iterable[str]) -> None:
        """Add the jobs of a wait that begins."""
        self._jobs.update(list(job_ids))

    def remove(self, job_ids: Iterable[str]) -> None:
        """Remove the jobs of a wait that ends. A job stays if another wait needs it."""
        for job_id in job_ids:
            self._jobs[job_id] -= 1
            if self._jobs[job_id] <= 0:
                del self._jobs[job_id]

    def alone(self, now: float) -> bool:
        """Return True if each job is requested by its id: there is only one job, or the list does not work now."""
        return len(self._jobs) < 2 or now < self._useless_until

    def due(self, watches: Iterable[JobWatch], spacing: float) -> float:
        """Return when to request the list for these watches, at least `spacing` seconds after the last request."""
        return max(min((watch.list_at for watch in watches), default=math.inf), self._asked + spacing)

    def asked(self, now: float, error: ComfyCloudError | None = None) -> None:
        """Record that the list was requested, with the error if it failed."""
        self._asked = now
        self._failures = 0 if error is None else self._failures + 1
        # If the list is refused or keeps failing, the jobs are requested by their ids for a while.
        if error is not None and (not _is_passing(error) or self._failures >= LIST_FAILURES_MAX):
            self._useless_until = now + LIST_REFUSED_PAUSE
