"""The queue of a server, read from a response of any shape. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .job_state import QueueItem, read_queue

__all__ = ["QueueState"]


@dataclass(frozen=True, slots=True)
class QueueState:
    """The running jobs, and the pending ones in the order in which they will run."""

    running: tuple[QueueItem, ...]
    pending: tuple[QueueItem, ...]
    raw: Any = field(default=None, repr=False, compare=False)


def read_queue_state(body: object) -> QueueState:
    """Return the queue from a response of `GET /api/queue`."""
    items = read_queue(body)
    running, pending = (tuple(item for item in items if item.running is is_running) for is_running in (True, False))
    return QueueState(running, pending, body)
