"""Bars on stderr for uploads, the whole workflow and downloads. Only a terminal has them, and they vanish when full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column

from .._core.batch import BatchProgress
from ..events import JobEvent, JobProgress, JobQueued, JobStarted, NodeProgress, NodeStarted
from .program import Program, printable
from .shapes import count

# Columns below which a bar is short and has no time.
_WIDE = 60


class Bars:
    """A line on stderr for each thing that takes time. Nothing is written if stderr is no terminal."""

    def __init__(self, program: Program, titles: Mapping[str, str] | None = None) -> None:
        # Not the last columns: a terminal prints ^C there, and a line that it wraps cannot be erased.
        console = Console(stderr=True, width=max(10, min(Console(stderr=True).width - 3, 100)))
        wide = console.width >= _WIDE
        words = TextColumn(
            "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
        )
        columns = [words, BarColumn(20 if wide else 8), TaskProgressColumn(), *([TimeElapsedColumn()] if wide else [])]
        hidden = program.quiet or not console.is_terminal
        # Results go to stdout also while bars are shown, and never through the console of stderr.
        self._progress = Progress(
            *columns, console=console, transient=True, expand=True, disable=hidden, redirect_stdout=False
        )
        self._program = program
        self._titles = titles or {}
        self._tasks: dict[str, Any] = {}
        self._doing = "waiting"
        self._fraction: float | None = None

    def show(self, what: str, words: str, done: float | None = None, total: float | None = None) -> None:
        """Set the line of `what`. Without a total, the bar only shows that something is going on."""
        words = printable(" ".join(words.split()))
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(words, total=total, completed=int(done or 0))
        self._progress.update(self._tasks[what], description=words, total=total, completed=done)

    def close(self, what: str) -> None:
        """Remove a line."""
        if what in self._tasks:
            self._progress.remove_task(self._tasks.pop(what))

    def event(self, event: JobEvent) -> None:
        """Show what happens to a job, for `on_event`."""
        if isinstance(event, JobProgress):
            self._fraction = event.fraction
        elif (words := self._words(event)) is not None:
            self._doing = words
        self.show("job", self._doing, self._fraction, None if self._fraction is None else 1.0)

    def _words(self, event: JobEvent) -> str | None:
        if isinstance(event, JobQueued):
            return "waiting" + (f", place {event.position}" if event.position else "")
        if isinstance(event, JobStarted):
            return "running"
        if isinstance(event, NodeStarted | NodeProgress):
            title = self._titles.get(event.node_id, f"node {event.node_id}")
            return title if isinstance(event, NodeStarted) else f"{title} {event.value:g}/{event.maximum:g}"
        return None

    def saved(self, done: int, total: int) -> None:
        """Show how many files are saved, for `on_progress` of `outputs.save`."""
        self.show("save", f"saving {count(total, 'file')}", done, total)

    def sent(self, done: int, total: int) -> None:
        """Show how many bytes are sent, for `on_progress` of an upload."""
        self.show("send", f"uploading {total / 1e6:.1f} MB", done, total)

    def imported(self, percent: int, all_: int) -> None:
        """Show how much of an import is done, for `on_progress` of its `wait`."""
        self.show("import", "the cloud fetches the file", percent, all_)

    def batch(self, progress: BatchProgress) -> None:
        """Show how far a batch is, for its `on_progress`."""
        self.show("batch", str(progress), progress.total - progress.left, progress.total)

    @contextmanager
    def _hidden(self) -> Iterator[None]:
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def __enter__(self) -> Self:
        self._progress.start()
        self._program.hidden = self._hidden
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._program.hidden = nullcontext
        self._progress.stop()
