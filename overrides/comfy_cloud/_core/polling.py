"""Says how long to wait before asking again for the state of a job.

It counts and does not sleep: it reads no clock and has no randomness of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from .._constants import POLL_FIRST_DELAY, POLL_GROWTH, POLL_JITTER, POLL_LONGEST_DELAY


class PollSchedule:
    """Delays in seconds that start short and grow, each shifted a little so that many clients do not ask in step.

    `random` gives numbers from 0 up to 1, e.g. `random.random`. `jitter` is the part of a delay by which it is
    shortened or lengthened at most.
    """

    def __init__(
        self,
        random: Callable[[], float],
        *,
        first: float = POLL_FIRST_DELAY,
        growth: float = POLL_GROWTH,
        longest: float = POLL_LONGEST_DELAY,
        jitter: float = POLL_JITTER,
    ) -> None:
        self._random = random
        self._delay = min(first, longest)
        self._growth = growth
        self._longest = longest
        self._jitter = jitter

    def next_delay(self, remaining: float | None = None) -> float:
        """Seconds to wait now, at most `remaining` (the seconds left until the deadline; None: there is none)."""
        delay = self._delay * (1 + self._jitter * (2 * self._random() - 1))
        self._delay = min(self._delay * self._growth, self._longest)
        return delay if remaining is None else max(0.0, min(delay, remaining))
