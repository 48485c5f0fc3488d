"""Run work that continues after its response was sent: one thread for each task, with progress to poll.

A task fails with the message of the error that ended it. An error in a task never reaches the server's event loop.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

TaskStatus = Literal["created", "running", "completed", "failed"]
Report = Callable[[float], None]
Work = Callable[[Report], str]

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Task:
    """One import. `progress` goes from 0 to 1. `asset_id` is the result, `error` the reason of a failure."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: TaskStatus = "created"
    progress: float = 0.0
    asset_id: str | None = None
    error: str | None = None

    def body(self) -> dict[str, Any]:
        """Return the task as `GET /api/tasks/{task_id}` has it."""
        more = {"asset_id": self.asset_id, "error": self.error}
        shown = {name: value for name, value in more.items() if value is not None}
        return {"task_id": self.id, "status": self.status, "progress": round(self.progress, 4), **shown}


class TaskError(Exception):
    """A reason why work cannot be done, in words for the owner of the task."""


class TaskStore:
    """Tasks by id. Safe to use from any thread."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._threads: list[threading.Thread] = []

    def start(self, work: Work) -> Task:
        """Run `work` in a thread of its own.

        The work gets a function that reports its progress. It returns the id of the asset that it created, and raises
        TaskError if it cannot create one.
        """
        task = Task()
        self._tasks[task.id] = task
        # Use a thread and not the event loop, because fetching and hashing block.
        thread = threading.Thread(target=_run, args=(task, work), name="comfy-emulator-task", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()
        return task

    def get(self, task_id: str) -> Task | None:
        return self._tasks.get(task_id)

    def close(self) -> None:
        """Wait for the threads. The caller must first end whatever they are waiting for."""
        for thread in self._threads:
            thread.join()


def _run(task: Task, work: Work) -> None:
    def report(progress: float) -> None:
        task.progress = min(progress, 1.0)

    task.status = "running"
    try:
        task.asset_id = work(report)
    except TaskError as error:
        task.error = str(error)
        task.status = "failed"
    except Exception:
        logger.exception("The emulator failed in a task")
        task.error = "Internal server error"
        task.status = "failed"
    else:
        task.progress = 1.0
        task.status = "completed"
