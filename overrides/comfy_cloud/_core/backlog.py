"""Keep what the WebSocket told about jobs that nobody follows yet: a job can be over before its submit is answered."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TypeAlias

from .._constants import SOCKET_BACKLOG, SOCKET_BACKLOG_BYTES
from ..events import JobEvent, Preview
from .frames import NodeStates, Signal

Item: TypeAlias = JobEvent | Signal | NodeStates


class Backlog:
    """The latest items by job, limited in number and in the bytes of their pictures."""

    def __init__(self) -> None:
        self._items: list[tuple[str, Item]] = []

    def add(self, job_id: str, item: Item) -> None:
        """Keep an item. The oldest ones go when there are too many."""
        if isinstance(item, NodeStates):
            # Each of these tells of all nodes, and one comes with each step of a sampler.
            self._items = [(of, kept) for of, kept in self._items if of != job_id or not isinstance(kept, NodeStates)]
        self._items.append((job_id, item))
        if isinstance(item, Preview):
            # The last pictures stay: those of SaveImageWebsocket are the result of a job, and are sent once.
            room = SOCKET_BACKLOG_BYTES
            for index in reversed(range(len(self._items))):
                kept = self._items[index][1]
                if isinstance(kept, Preview) and (room := room - len(kept.image)) < 0:
                    del self._items[index]
        del self._items[:-SOCKET_BACKLOG]

    def take(self, job_ids: AbstractSet[str]) -> list[tuple[str, Item]]:
        """Return what is kept about these jobs, in the order in which it came, and forget it."""
        taken = [item for item in self._items if item[0] in job_ids]
        self._items = [item for item in self._items if item[0] not in job_ids]
        return taken
