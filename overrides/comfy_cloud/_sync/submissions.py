# Derived from overrides/comfy_cloud/_async/submissions.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The submits of one client that have a key: one at a time for each key, and the jobs that they made.

It sends nothing; `submit.py` does. Two clients, or two processes, know of each other's submits by the server only.
"""

from __future__ import annotations

import threading
import weakref

from .._constants import SUBMISSIONS_MAX
from . import backend


class Submissions:
    """The submits of one client by their ids. Its lock is never held across an await, so it serves both flavours."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: weakref.WeakValueDictionary[str, backend.Channel[bool]] = weakref.WeakValueDictionary()
        self._jobs: dict[str, tuple[str, float]] = {}

    def take_turn(self, submission_id: str) -> backend.Channel[bool]:
        """Wait until no other submit with this id is under way. The caller puts True into the result when it is done.

        Servers run a job twice whose id is submitted twice: no server takes the id for a key.
        """
        with self._lock:
            turn = self._turns.get(submission_id)
            if turn is None:
                turn = self._turns[submission_id] = backend.Channel()
                turn.put(True)
        turn.get(None)
        return turn

    def made(self, submission_id: str, job_id: str, now: float) -> None:
        """Take note of the job that a submit made at `now` (seconds of a monotonic clock)."""
        with self._lock:
            self._jobs[submission_id] = job_id, now
            while len(self._jobs) > SUBMISSIONS_MAX:
                del self._jobs[next(iter(self._jobs))]

    def job_of(self, submission_id: str) -> tuple[str, float | None]:
        """Return the id of the job that a submit made, and when; the submit's own id and None if it is not known."""
        return self._jobs.get(submission_id, (submission_id, None))
