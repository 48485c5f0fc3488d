"""The events of a job that `on_event` and `events()` deliver: frozen dataclasses, each with the job's id.

Events about the whole job (queued, started, ended) come from REST responses, in this order and once each; only
JobQueued comes again with a new position. Events about its nodes (progress, previews) come over the WebSocket, if the
server sends them.
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
    "JobProgress",
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
    """Base class of all events."""

    job_id: str


@dataclass(frozen=True, slots=True)
class JobQueued(JobEvent):
    """The job is in the queue. The event comes again when its position changes.

    `position` is its place among the pending jobs (`GET /api/queue`): 1 runs next. A ComfyUI counts the jobs of all
    users. It is None if the server does not tell. Events that differ only in `position` are equal.
    """

    position: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class JobStarted(JobEvent):
    """The job is running."""


@dataclass(frozen=True, slots=True)
class NodesCached(JobEvent):
    """Some nodes are skipped, because the server has their results from an earlier job."""

    node_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeStarted(JobEvent):
    """A node is running. `node_id` is its id in the workflow.

    If the node expanded into others while it ran, `inner_id` is the id of the node within; else it is None.
    """

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
        """The part of the node that is done, from 0 to 1."""
        return min(1.0, max(0.0, self.value / self.maximum)) if self.maximum > 0 else 0.0


@dataclass(frozen=True, slots=True)
class JobProgress(JobEvent):
    """The progress of the whole workflow: `done` of `total` nodes, and `fraction` from 0 to 1.

    `fraction` also includes the steps of running nodes. The values never decrease, and a completed job ends at 1.0.
    Cached nodes count as done. Nodes that no output needs are not counted if the server tells which nodes are outputs.
    There is no such event if the workflow of the job is not known.
    """

    done: int
    total: int
    fraction: float


@dataclass(frozen=True, slots=True)
class Preview(JobEvent):
    """A preview image of a node's work: `image` in bytes, of type `mime_type`. `node_id` is None on some servers.

    The images of a SaveImageWebsocket node are delivered this way, as PNG. No server stores them.
    """

    node_id: str | None
    image: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True)
class NodeText(JobEvent):
    """A node sent a text about its progress."""

    node_id: str
    text: str


@dataclass(frozen=True, slots=True)
class NodeFinished(JobEvent):
    """A node has finished. `outputs` is `{kind: [entries]}`, as the server sent it."""

    node_id: str
    outputs: Mapping[str, Any] = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class JobCompleted(JobEvent):
    """The job is completed, and its outputs can be read."""


@dataclass(frozen=True, slots=True)
class JobFailed(JobEvent):
    """The job failed. `message` is the server's reason, or empty."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class JobCancelled(JobEvent):
    """The job was cancelled or interrupted."""


@dataclass(frozen=True, slots=True)
class UnknownEvent(JobEvent):
    """A message that this version does not know, such as those of custom nodes. `type` and `data` are unchanged."""

    type: str
    data: Any = field(repr=False, hash=False)


def show_progress(file: TextIO | None = None, *, previews: bool = False, always: bool = False) -> Callable[..., None]:
    """Return a function that shows on stderr, or on `file`, how a job, a batch or a transfer goes on.

    For `on_event` of jobs, and for `on_progress` of batches, uploads, downloads and imports. A job has a bar for the
    whole workflow, the node at work and the time so far. A terminal has one line, in colours if rich is installed. A
    notebook has a live block below the cell, also with the pictures of nodes at work if `previews` is True. Elsewhere
    nothing is written, or with `always=True` a line for each change, which suits a log.

        job = cloud.run(workflow, on_event=show_progress())
    """
    from ._core.arguments import ARGUMENTS
    from ._progress import ProgressLine

    ARGUMENTS.flags(previews=previews, always=always)
    if not (file is None or (hasattr(file, "write") and hasattr(file, "isatty"))):
        raise TypeError(f"file must be an open text file, not {type(file).__name__}")
    return ProgressLine(sys.stderr if file is None else file, previews=previews, always=always)
