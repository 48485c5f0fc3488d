"""Work that goes on after its request was answered: one thread a task, with progress to ask for.

A task fails with the message of the error that ended it; nothing that a task does reaches the server's loop.
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
    """One import. `progress` goes from 0 to 1; `asset_id` is what came of it, `error` why it failed."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: TaskStatus = "created"
    progress: float = 0.0
    asset_id: str | None = None
    error: str | None = None

    def body(self) -> dict[str, Any]:
        more = {"asset_id": self.asset_id, "error": self.error}
        shown = {name: value for name, value in more.items() if value is not None}
        return {"task_id": self.id, "status": self.status, "progress": round(self.progress, 4), **shown}


class TaskError(Exception):
    """Work that cannot be done, with a message for the task's owner."""


class TaskStore:
    """Tasks by id. Safe to use from any thread."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._threads: list[threading.Thread] = []

    def start(self, work: Work) -> Task:
        """Do `work` in a thread of its own. It is given a function to report its progress with, returns the id of
        the asset that it made, and raises TaskError where it cannot make one."""
        task = Task()
        self._tasks[task.id] = task
        thread = threading.Thread(target=_run, args=(task, work), name="comfy-emulator-task", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()
        return task

    def get(self, task_id: str) -> Task | None:
        return self._tasks.get(task_id)

    def close(self) -> None:
        """Wait for the threads; whoever closes the store ends what they wait for first."""
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
