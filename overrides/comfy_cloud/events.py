"""What happens to a job, as `on_event` is told: frozen dataclasses, each with the `job_id` (text) it is about."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

__all__ = ["JobCancelled", "JobCompleted", "JobEvent", "JobFailed", "JobQueued", "JobStarted", "show_progress"]


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
class JobCompleted(JobEvent):
    """The job is done and its outputs can be read."""


@dataclass(frozen=True, slots=True)
class JobFailed(JobEvent):
    """The job failed; `message` says why."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class JobCancelled(JobEvent):
    """The job was cancelled or interrupted."""


_WORDS: dict[type[JobEvent], str] = {
    JobQueued: "waiting for its turn",
    JobStarted: "running",
    JobCompleted: "done",
    JobFailed: "failed",
    JobCancelled: "cancelled",
}
_LAST = (JobCompleted, JobFailed, JobCancelled)


def show_progress(file: TextIO | None = None) -> Callable[[JobEvent], None]:
    """A ready-made `on_event`: one line on stderr (or `file`), rewritten as the job goes on.

    Silent where that is no terminal, so that logs stay clean.
    """
    stream = sys.stderr if file is None else file
    width = 0

    def show(event: JobEvent) -> None:
        nonlocal width
        if not stream.isatty():
            return
        line = f"job {event.job_id[:8]}: {_WORDS.get(type(event), type(event).__name__)}"
        stream.write("\r" + line.ljust(width) + ("\n" if isinstance(event, _LAST) else ""))
        stream.flush()
        width = len(line)

    return show
