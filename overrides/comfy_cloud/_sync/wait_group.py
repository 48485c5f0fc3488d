# Derived from overrides/comfy_cloud/_async/wait_group.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The state that the waits of one client share: which of them asks for the list of active jobs, how many questions are
sent, and which jobs this client took out of the queue.

No task and no thread runs in the background. Of the waits that rest, one leads: it asks for all of them, and hands the
lead over before it does anything that can take long.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .._constants import QUESTIONS_MAX, REMOVED_MAX
from .._core.watch import Roster
from ..errors import ComfyCloudError
from . import backend

if TYPE_CHECKING:
    from .watch import Wait


class WaitGroup:
    """The waits of one client. Its lock is never held across an await, so one for threads serves both flavours."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._roster = Roster()
        self._waits: dict[Wait, None] = {}
        self._resting: dict[Wait, None] = {}
        self._removed: dict[str, None] = {}
        self._leader: Wait | None = None
        self._list_at = math.inf  # when the leader means to ask
        # One item for each question that may be sent. The pool of connections has a timeout for those who wait, and
        # 500 jobs that end at the same moment would run into it. AsyncWait here ends at the deadline of the wait only.
        self.free: backend.Channel[bool] = backend.Channel()
        for _ in range(QUESTIONS_MAX):
            self.free.put(True)

    def alone(self, now: float) -> bool:
        """Return whether each job is asked for by its id."""
        return self._roster.alone(now)

    def join(self, wait: Wait, job_ids: Iterable[str]) -> None:
        """Begin a wait, and count its jobs."""
        with self._lock:
            self._waits[wait] = None
            self._roster.add(job_ids)

    def quit(self, wait: Wait) -> None:
        """End a wait. If it leads, another one does from now on."""
        self.hand_over(wait)
        with self._lock:
            del self._waits[wait]

    def leave(self, job_ids: Iterable[str]) -> None:
        """Count jobs that are no longer waited for."""
        with self._lock:
            self._roster.remove(job_ids)

    def rest(self, wait: Wait, now: float, spacing: float) -> float:
        """Begin a rest. Return when `wait` has to ask; infinity if another wait does that."""
        with self._lock:
            self._resting[wait] = None
            if self._roster.alone(now):
                return min((watch.list_at for watch in wait.watches), default=math.inf)
            if self._leader is None:
                self._leader = wait
            if self._leader is wait:
                watches = (watch for one in self._resting for watch in one.watches)
                self._list_at = self._roster.due(watches, spacing)
                return self._list_at
            if self._roster.due(wait.watches, spacing) < self._list_at:
                self._leader.wake()
            return math.inf

    def end_rest(self, wait: Wait) -> None:
        """End a rest. A leader keeps the lead until it hands it over."""
        with self._lock:
            del self._resting[wait]

    def hand_over(self, wait: Wait) -> None:
        """Let another wait lead, if this one does. If none rests, the next one that does takes the lead."""
        with self._lock:
            if self._leader is wait:
                self._leader = next(iter(self._resting), None)
                self._list_at = math.inf
                if self._leader is not None:
                    self._leader.wake()

    def removed(self, job_ids: Iterable[str]) -> None:
        """Take note that this client took waiting jobs out of the queue. A ComfyUI forgets such jobs."""
        with self._lock:
            self._removed |= dict.fromkeys(job_ids)
            while len(self._removed) > REMOVED_MAX:
                del self._removed[next(iter(self._removed))]

    def was_removed(self, job_id: str) -> bool:
        """Return whether this client took the job out of the queue."""
        return job_id in self._removed

    def look(self, job_ids: Iterable[str]) -> None:
        """Let all waits for these jobs ask at once."""
        wanted = list(job_ids)
        with self._lock:
            waits = list(self._waits)
        for wait in waits:
            wait.look(wanted)

    def resting(self) -> list[Wait]:
        """Return the waits that rest."""
        with self._lock:
            return list(self._resting)

    def asked(self, now: float, error: ComfyCloudError | None) -> None:
        """Take note that the list was asked for."""
        with self._lock:
            self._roster.asked(now, error)
