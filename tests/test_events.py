"""Progress as people see it."""

from __future__ import annotations

import dataclasses
import io

import pytest

from comfy_cloud import JobCompleted, JobQueued, JobStarted, show_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_that_is_rewritten() -> None:
    """A terminal is not filled with lines, and ends with a whole one."""
    terminal = Terminal()
    show = show_progress(terminal)
    for event in (JobQueued("0123456789"), JobStarted("0123456789"), JobCompleted("0123456789")):
        show(event)
    lines = terminal.getvalue().split("\r")
    assert lines[1] == "job 01234567: waiting for its turn"
    assert lines[2] == "job 01234567: running             ", "the longer line before is wiped out"
    assert lines[3].rstrip(" ") == "job 01234567: done   \n".rstrip(" ")


def test_progress_is_silent_where_nobody_watches() -> None:
    """Logs of a service stay clean."""
    file = io.StringIO()
    show_progress(file)(JobStarted("j"))
    assert file.getvalue() == ""


def test_events_are_frozen() -> None:
    """An event that is passed around stays what it was."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        JobStarted("j").job_id = "k"  # type: ignore[misc]
