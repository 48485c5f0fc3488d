"""The forms of results: the JSON objects of `--json`, and tables that fit a narrow terminal."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .._core.job_state import JobStatus, QueueItem
from ..errors import JobError
from .program import encodable, printable

if TYPE_CHECKING:
    from .._sync.jobs import Job
    from .._sync.outputs import Output
    from ..events import JobEvent

_STYLES: dict[str, str] = {
    JobStatus.COMPLETED: "green",
    JobStatus.FAILED: "red",
    JobStatus.CANCELLED: "yellow",
    JobStatus.IN_PROGRESS: "cyan",
}
# Columns below which a row of a table becomes two lines: an id alone has 36 characters.
_WIDE = 72


def job_object(job: Job, files: Sequence[Path] | None = None) -> dict[str, Any]:
    """Return the JSON object of a job. `files` are the paths of its outputs, in their order."""
    error = job.error
    return {
        "id": job.id,
        "status": None if job.status is None else str(job.status),
        "created_at": None if job.created_at is None else job.created_at.isoformat(),
        "error": None if error is None else {
            "message": str(error),
            "node_id": error.node_id,
            "node_type": error.node_type,
            "exception_type": error.exception_type,
        },
        "outputs": outputs_list(job, files),
    }  # fmt: skip


def outputs_list(job: Job, files: Sequence[Path] | None = None) -> list[dict[str, Any]] | None:
    """Return the JSON objects of a job's outputs; None if they are not known."""
    try:
        outputs = list(job.outputs)
    except JobError:
        return None
    paths = list(files) if files is not None else [None] * len(outputs)
    return [output_object(output, path) for output, path in zip(outputs, paths, strict=True)]


def output_object(output: Output, path: Path | None) -> dict[str, Any]:
    """Return the JSON object of an output, with the file that it was saved to."""
    return {
        "node_id": output.node_id,
        "kind": output.kind,
        "filename": output.filename,
        "media_type": output.media_type,
        "text": output.text,
        "file": None if path is None else str(path),
    }


def event_object(event: JobEvent) -> dict[str, Any]:
    """Return the JSON object of an event: its name, and its fields but for pictures and what the server sent."""
    fields = {each.name: getattr(event, each.name) for each in dataclasses.fields(event) if each.repr}
    return {"event": type(event).__name__, **fields}


def queue_object(item: QueueItem) -> dict[str, Any]:
    """Return the JSON object of a job in the queue."""
    return {"id": item.job_id, "status": queue_status(item), "position": item.position, "nodes": len(item.workflow)}


def queue_status(item: QueueItem) -> str:
    """Return the status of a job in the queue."""
    return str(JobStatus.IN_PROGRESS if item.running else JobStatus.PENDING)


def count(number: int, noun: str) -> str:
    """Return a number of things, as `1 job` or `2 jobs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def created(job: Job) -> str:
    """Return when a job was submitted, in local time."""
    return "" if job.created_at is None else job.created_at.astimezone().strftime("%Y-%m-%d %H:%M")


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows to stdout. In a narrow terminal, all cells but the first go to a second line."""
    cells = [[encodable(printable(cell)) for cell in row] for row in rows]
    # The width is given, since rich takes a terminal without colours and a cursor for one of 80 columns.
    width = get_terminal_size().columns
    console = Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if sys.stdout is None or not sys.stdout.isatty():  # a pipe has no width: nothing is cut there
        widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
        for row in [heads, *cells]:
            typer.echo("  ".join(map(str.ljust, row, widths)).rstrip())
    elif width < _WIDE and cells:
        for first, *others in cells:
            console.print(Text(first, style="bold"))
            console.print(Text("  ").append_text(Text("  ").join(styled(cell) for cell in others if cell)))
    else:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for head in heads:
            table.add_column(head, no_wrap=True)
        for row in cells:
            table.add_row(*map(styled, row))
        console.print(table)


def styled(cell: str) -> Text:
    """Return a cell, coloured if it is the status of a job."""
    return Text(cell, style=_STYLES.get(cell, ""))
