"""Tell how much of a whole workflow is done, from its graph and the messages about its nodes. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..events import JobEvent, JobProgress, NodeFinished, NodeProgress, NodesCached, NodeStarted
from .frames import NodeStates, Signal
from .links import Outline, outline_of


def needed(outline: Outline, outputs: Iterable[str], known: Collection[str] = ()) -> set[str]:
    """Return the ids of `outputs` and of all nodes that they depend on, but for `known` nodes and what only those need.

    Without any known output every node counts, since nobody can tell which of them a server will run.
    """
    found: set[str] = set()
    waiting = [node_id for node_id in outputs if node_id in outline] or list(outline)
    while waiting:
        node_id = waiting.pop()
        if node_id in outline and node_id not in found and node_id not in known:
            found.add(node_id)
            waiting.extend(outline[node_id])
    return found


class Progress:
    """The progress of one job, for one listener. It never goes back, and ends at 1.0.

    `outline` is the workflow as `outline_of` gives it, empty if it is not known; `outputs` are the ids of the nodes
    that the job is run for, empty if only the server knows them.
    """

    def __init__(self, job_id: str, outline: Outline, outputs: Iterable[str] = ()) -> None:
        self._job_id = job_id
        self._outline = outline
        self._outputs = tuple(outputs)
        self._nodes = needed(outline, self._outputs)
        self._done: set[str] = set()
        self._count = 0  # of those in `_done` that count: a message must not cost more because there are many nodes
        self._running: dict[str, float] = {}
        # Servers without `progress_state` only tell which node begins: then the one before it is done.
        self._has_states = False
        self._current: str | None = None
        self._told: JobProgress | None = None

    @property
    def is_known(self) -> bool:
        """True if workflow and outputs are known, so that the queue need not be requested."""
        return bool(self._outline and self._outputs)

    def learn(self, graph: Mapping[str, Any], outputs: Iterable[str]) -> None:
        """Take the workflow and its outputs from the queue, if they are not known and nothing has been told yet."""
        if self._told is None:
            self._outline = self._outline or outline_of(graph)
            self._outputs = self._outputs or tuple(outputs)
            self._nodes = needed(self._outline, self._outputs)
            self._count = len(self._done & self._nodes)

    def heard(self, item: JobEvent | Signal | NodeStates) -> JobProgress | None:
        """Take what the WebSocket told; return the progress if it changed."""
        if isinstance(item, NodesCached):
            # A cached node spares all that only it needs: the server does not even look at those.
            self._finish(self._nodes - needed(self._outline, self._outputs or self._ends(), item.node_ids))
        elif isinstance(item, NodeStates):
            self._has_states = True
            self._finish(node_id for node_id, fraction in item.fractions if fraction >= 1)
            self._running = {node_id: fraction for node_id, fraction in item.fractions if node_id not in self._done}
        elif self._has_states:
            # Events name the node of the workflow, also for the nodes that it expanded into: one of those may be done.
            return None
        elif isinstance(item, NodeStarted):
            if self._current not in (None, item.node_id):
                self._finish([str(self._current)])
            self._current = item.node_id
        elif isinstance(item, NodeProgress):
            if item.node_id not in self._done:
                self._running[item.node_id] = item.fraction
        elif isinstance(item, NodeFinished):
            self._finish([item.node_id])
        else:
            return None
        return self._tell(self._count)

    def completed(self) -> JobProgress | None:
        """Return the last progress of a job that has completed, if it was not told yet."""
        self._running.clear()
        return self._tell(len(self._nodes))

    def _finish(self, node_ids: Iterable[str]) -> None:
        for node_id in node_ids:
            if node_id not in self._done:
                self._done.add(node_id)
                self._count += node_id in self._nodes
                self._running.pop(node_id, None)

    def _ends(self) -> list[str]:
        used = {source for sources in self._outline.values() for source in sources}
        return [node_id for node_id in self._outline if node_id not in used]

    def _tell(self, done: int) -> JobProgress | None:
        if not self._nodes:
            return None
        parts = sum(fraction for node_id, fraction in self._running.items() if node_id in self._nodes)
        before = self._told or JobProgress(self._job_id, 0, len(self._nodes), 0.0)
        fraction = max(before.fraction, min(1.0, (done + parts) / len(self._nodes)))
        event = JobProgress(self._job_id, max(before.done, done), len(self._nodes), fraction)
        if event == self._told:
            return None
        self._told = event
        return event
