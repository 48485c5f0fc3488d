"""The intervals and limits of a wait."""

from __future__ import annotations

from dataclasses import dataclass

from .._constants import (
    JOB_UNKNOWN_GRACE,
    LIST_SPACING,
    OUTPUTS_GRACE,
    POLL_EARLY_DELAY,
    POLL_FIRST_DELAY,
    POLL_LIVE_DELAY,
    POLL_LONGEST_DELAY,
    SOCKET_LAG,
    SUBMIT_LOOKUP,
    UNREACHABLE_LIMIT,
)


@dataclass(frozen=True, slots=True)
class Timing:
    """The intervals and limits of a wait, in seconds. `_constants.py` explains each."""

    poll_first: float = POLL_FIRST_DELAY
    poll_early: float = POLL_EARLY_DELAY
    poll_longest: float = POLL_LONGEST_DELAY
    poll_live: float = POLL_LIVE_DELAY
    list_spacing: float = LIST_SPACING
    unknown_grace: float = JOB_UNKNOWN_GRACE
    outputs_grace: float = OUTPUTS_GRACE
    unreachable: float = UNREACHABLE_LIMIT
    submit_lookup: float = SUBMIT_LOOKUP
    socket_lag: float = SOCKET_LAG
