"""What happens to a job, as `on_event` and `events()` tell it: frozen dataclasses, each with the job's id (text).

That a job is queued, running or over is told by the server's REST answers, in this order and once each. What happens
inside it (nodes, progress, previews) comes over the socket, as far as the server sends it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

__all__ = [
    "JobCancelled",
    "JobCompleted",
    "JobEvent",
    "JobFailed",
    "JobQueued",
    "JobStarted",
    "NodeFinished",
    "NodeProgress",
    "NodeStarted",
    "NodeText",
    "NodesCached",
    "Preview",
    "UnknownEvent",
    "show_progress",
]


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Base of all events."""

    job_id: str


@dataclass(frozen=True, slots=True)
class JobQueued(JobEvent):
    """The job waits for its turn."""


@dataclass(frozen=True, slots=True)
class JobStarted(JobEvent):
    """The job runs."""


@dataclass(frozen=True, slots=True)
class NodesCached(JobEvent):
    """These nodes need not run: their results are known from an earlier job."""

    node_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeStarted(JobEvent):
    """A node runs. `node_id` is the node of the workflow, also where a node expanded into others (`inner_id`)."""

    node_id: str
    inner_id: str | None = None


@dataclass(frozen=True, slots=True)
class NodeProgress(JobEvent):
    """A node is at step `value` of `maximum`."""

    node_id: str
    value: float
    maximum: float

    @property
    def fraction(self) -> float:
        """How much of the node is done, from 0 to 1."""
        return min(1.0, max(0.0, self.value / self.maximum)) if self.maximum > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Preview(JobEvent):
    """A picture of what a node is making: `image` (bytes) of type `mime_type`. Some servers do not name the node."""

    node_id: str | None
    image: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True)
class NodeText(JobEvent):
    """A node reports in words."""

    node_id: str
    text: str


@dataclass(frozen=True, slots=True)
class NodeFinished(JobEvent):
    """A node has outputs: `outputs` is `{kind: [entries]}` as the server sends it."""

    node_id: str
    outputs: Mapping[str, Any] = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class JobCompleted(JobEvent):
    """The job is done and its outputs can be read."""


@dataclass(frozen=True, slots=True)
class JobFailed(JobEvent):
    """The job failed; `message` says why."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class JobCancelled(JobEvent):
    """The job was cancelled or interrupted."""


@dataclass(frozen=True, slots=True)
class UnknownEvent(JobEvent):
    """A message that this version does not know, as custom nodes send: its `type` and `data` as they came."""

    type: str
    data: Any = field(repr=False, hash=False)


_WORDS: dict[type[JobEvent], str] = {
    JobQueued: "waiting for its turn",
    JobStarted: "running",
    JobCompleted: "done",
    JobFailed: "failed",
    JobCancelled: "cancelled",
}
_LAST = (JobCompleted, JobFailed, JobCancelled)


def _describe(event: JobEvent) -> str | None:
    if isinstance(event, NodeStarted):
        return f"running, node {event.node_id}"
    if isinstance(event, NodeProgress):
        return f"running, node {event.node_id}: {event.value:g}/{event.maximum:g}"
    if isinstance(event, NodeText):
        return f"running, node {event.node_id}: {' '.join(event.text.split())[:60]}"
    return _WORDS.get(type(event))


def show_progress(file: TextIO | None = None) -> Callable[[JobEvent], None]:
    """A ready-made `on_event`: one line on stderr (or `file`), rewritten as the job goes on.

    Silent where that is no terminal, so that logs stay clean.
    """
    stream = sys.stderr if file is None else file
    width = 0

    def show(event: JobEvent) -> None:
        nonlocal width
        words = _describe(event)
        if words is None or not stream.isatty():
            return
        line = f"job {event.job_id[:8]}: {words}"
        stream.write("\r" + line.ljust(width) + ("\n" if isinstance(event, _LAST) else ""))
        stream.flush()
        width = len(line)

    return show
