"""Progress as people see it: on a terminal, with colours or without, in a notebook, in a log."""

from __future__ import annotations

import dataclasses
import errno
import io
import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from comfy_cloud import (
    BatchProgress,
    JobCancelled,
    JobCompleted,
    JobEvent,
    JobFailed,
    JobProgress,
    JobQueued,
    JobStarted,
    NodeProgress,
    NodesCached,
    NodeStarted,
    NodeText,
    Preview,
    UnknownEvent,
    _progress,
    show_progress,
)
from comfy_cloud._progress import ProgressLine

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without rich."""
    monkeypatch.setitem(sys.modules, "rich.console", None)


def drawn(terminal: Terminal) -> list[str]:
    """Each state of the line, without what only wipes out the state before."""
    return [line.rstrip() for line in COLOURS.sub("", terminal.getvalue()).split("\r")[1:]]


@pytest.mark.usefixtures("plain")
def test_progress_is_one_line_that_is_rewritten() -> None:
    """A terminal is not filled with lines, and ends with a whole one."""
    terminal = Terminal()
    show = show_progress(terminal)
    for event in (JobQueued("0123456789"), JobStarted("0123456789"), JobCompleted("0123456789")):
        show(event)
    assert terminal.getvalue() == (
        "\rjob 01234567: waiting for its turn, 0:00"
        "\rjob 01234567: running, 0:00             "  # the longer line before is wiped out
        "\rjob 01234567: done, 0:00   \n"
    )


HEARD = (
    JobQueued("j", 3),
    JobStarted("j"),
    JobProgress("j", 1, 4, 0.25),
    NodeStarted("j", "7"),
    NodeProgress("j", "7", 3, 20),
    JobProgress("j", 1, 4, 0.3),
    NodeText("j", "8", "two\n words"),
    JobProgress("j", 4, 4, 1.0),
    JobCompleted("j"),
)
LINES = [
    "job j: waiting for its turn, place 3, 0:00",
    "job j: running, 0:01",
    "job j: [#####...............]  25% 1/4 running, 0:02",
    "job j: [#####...............]  25% 1/4 Sampler, 0:03",
    "job j: [#####...............]  25% 1/4 Sampler 3/20, 0:04",
    "job j: [######..............]  30% 1/4 Sampler 3/20, 0:05",
    "job j: [######..............]  30% 1/4 node 8 two words, 0:06",
    "job j: [####################] 100% 4/4 node 8 two words, 0:07",
    "job j: [####################] 100% 4/4 done, 0:08",
]


def show_all(line: ProgressLine, clock: Clock, events: tuple[JobEvent, ...] = HEARD) -> None:
    line.name("j", {"7": ("Sampler", "KSampler")})
    for event in events:
        line(event)
        clock.now += 1


@pytest.mark.parametrize("colours", [False, True])
def test_progress_is_a_bar_for_the_whole_workflow(
    colours: bool, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """It says which node runs, by its title, and how long all has taken; with rich in colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not colours:
        request.getfixturevalue("plain")
    terminal, clock = Terminal(), Clock()
    show_all(ProgressLine(terminal, clock=clock), clock)
    assert drawn(terminal) == LINES
    assert ("\x1b[32m" in terminal.getvalue()) is colours


@pytest.mark.parametrize(("end", "word"), [(JobFailed("j", "no memory"), "failed"), (JobCancelled("j"), "cancelled")])
def test_the_last_word_is_how_the_job_ended(end: JobEvent, word: str) -> None:
    terminal, clock = Terminal(), Clock()
    show_all(ProgressLine(terminal, clock=clock), clock, (JobStarted("j"), NodesCached("j", ("1", "2")), end))
    assert drawn(terminal)[-2:] == ["job j: 2 nodes from the cache, 0:01", f"job j: {word}, 0:02"]


@pytest.mark.usefixtures("plain")
def test_a_line_stays_on_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A title that is long, wide or full of control characters neither wraps the line nor moves the cursor."""
    terminal, clock = Terminal(), Clock()
    line = ProgressLine(terminal, clock=clock)
    line.name("j", {"7": ("\x1b[2J" + "高" * 90, "KSampler")})
    line(JobProgress("j", 1, 4, 0.25))
    line(NodeStarted("j", "7"))
    last = drawn(terminal)[-1]
    assert "\x1b" not in terminal.getvalue()
    assert len(last) + last.count("高") <= 79


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("columns", [40, 30, 12])
def test_a_narrow_terminal_keeps_the_time_and_the_number_of_nodes(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes on is cut, never wrapped."""
    monkeypatch.setattr(_progress, "_columns", lambda _: columns)
    terminal, clock = Terminal(), Clock()
    line = ProgressLine(terminal, clock=clock)
    line.name("j", {"7": ("A title of which half would do", "KSampler")})
    for event in (JobProgress("j", 3, 12, 0.25), NodeProgress("j", "7", 3, 20)):
        line(event)
    assert max(map(len, drawn(terminal))) < columns
    shown = {40: "[##......]  25% 3/12 A title 3/20, 0:00", 30: "[##......]  25% 3/12 3/20, 0:"}
    assert drawn(terminal)[-1] == shown.get(columns, "[##......]")


def test_time_goes_on_while_nothing_is_heard() -> None:
    """A job that waits for minutes does not look as if it hung."""
    terminal, clock = Terminal(), Clock()
    line = ProgressLine(terminal, clock=clock)
    line.tick()
    line(JobQueued("j"))
    for seconds in (0.2, 59.0, 3601.0):
        clock.now = 100 + seconds
        line.tick()
    line(JobCompleted("j"))
    line.tick()
    assert [told.rpartition(", ")[2] for told in drawn(terminal)] == ["0:00", "0:59", "1:00:01", "1:00:01"]


def test_a_wait_that_breaks_off_ends_its_line() -> None:
    """The traceback begins on a line of its own."""
    terminal = Terminal()
    show = show_progress(terminal)
    show(JobStarted("j"))
    show.close()
    show.close()
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().endswith("\n")


def test_where_and_how_to_show_is_checked() -> None:
    """Else the first event of a paid job fails."""
    for wrong in ({"file": "job.log"}, {"previews": 1}, {"always": "no"}):
        with pytest.raises(TypeError, match=f"{next(iter(wrong))} must be"):
            show_progress(**wrong)  # type: ignore[arg-type]


class FullDisk(io.StringIO):
    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


class FullTerminal(FullDisk, Terminal):
    """A terminal that has gone raises OSError as well."""


@pytest.mark.parametrize("file", [FullDisk(), FullTerminal(), io.StringIO(), Terminal()])
@pytest.mark.usefixtures("plain")
def test_what_cannot_be_written_ends_no_wait(file: io.StringIO) -> None:
    """The job is paid for."""
    show = show_progress(file, always=True)
    show(JobStarted("j"))
    file.close()
    show.close()  # type: ignore[attr-defined]
    show(JobStarted("k"))
    show(JobCompleted("k"))


def test_a_transfer_and_a_batch_are_shown_by_the_same_function() -> None:
    terminal = Terminal()
    show = show_progress(terminal)
    show(250_000, 4_000_000)
    show(4_000_000, 4_000_000)
    show(3, None)
    show(4, 4)
    show(BatchProgress(9, 4, 5, 0, 2, 1.0, None))
    assert drawn(terminal) == [
        "[#...................]   6% 250.0k of 4.0M, 0:00",
        "[####################] 100% 4.0M of 4.0M, 0:00",
        "3, 0:00",
        "[####################] 100% 4 of 4, 0:00",
        "5 of 9 done, 2 running, 1.0 a minute, 0:00",
    ]


def test_progress_is_silent_where_nobody_watches() -> None:
    """Logs of a service stay clean."""
    file = io.StringIO()
    show_progress(file)(JobStarted("j"))
    assert file.getvalue() == ""


def test_a_log_has_a_line_for_each_change_if_it_is_asked_for() -> None:
    """The job of a CI tells where it is, without a line for each step."""
    file = io.StringIO()
    show = show_progress(file, always=True)
    for event in HEARD:
        show(event)
    show(1, 4)
    show(4, 4)
    assert file.getvalue().splitlines() == [
        "job j: waiting for its turn, place 3, 0:00",
        "job j: running, 0:00",
        "job j: 1/4 node 7, 0:00",
        "job j: 1/4 node 8 two words, 0:00",
        "job j: 4/4 done, 0:00",
        "4 of 4, 0:00",
    ]


def test_a_program_without_a_console_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that was started by a click, or by a supervisor that closed stderr."""
    monkeypatch.setattr(sys, "stderr", None)
    show_progress(always=True)(JobStarted("j"))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_no_title_ends_a_wait(encoding: str) -> None:
    """A log file of Windows cannot hold every character, and half an emoji is in no encoding."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    show = ProgressLine(file, always=True)
    show.name("j", {"7": ("h\u00e9 \u2192", None)})
    show(NodeStarted("j", "7"))
    show(NodeText("j", "7", "\u2192\ud83d"))
    file.seek(0)
    expected = {"ascii": "h? ?", "cp1252": "h\u00e9 ?", "utf-8": "h\u00e9 \u2192"}[encoding]
    assert file.readline() == f"job j: {expected}, 0:00\n"


class Shown:
    """Keeps what a notebook would show: the newest content of each output."""

    def __init__(self) -> None:
        self.outputs: list[list[str]] = []

    def display(self, html: str, *, display_id: bool) -> Any:
        self.outputs.append([html])
        handle = ModuleType("handle")
        handle.update = self.outputs[-1].append  # type: ignore[attr-defined]
        return handle


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> tuple[Shown, Callable[..., ProgressLine]]:
    shown, module = Shown(), ModuleType("IPython.display")
    module.HTML, module.display = str, shown.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})
    return shown, lambda **options: ProgressLine(stream(), **options)


def test_a_notebook_has_a_live_block(notebook: tuple[Shown, Callable[..., ProgressLine]]) -> None:
    """It is replaced as the job goes on, and the next job gets a block of its own."""
    shown, make = notebook
    clock = Clock()
    line = make(clock=clock)
    show_all(line, clock, (*HEARD[:5], Preview("j", "7", b"png", "image/png"), *HEARD[5:]))
    (first,) = shown.outputs
    assert 'job j: <progress value="0.250" max="1"></progress> 25% 1/4 Sampler 3/20, 0:04</div>' in first[4]
    assert "100% 4/4 done, 0:09</div>" in first[-1]
    assert not [html for html in first if "<img" in html], "previews are large, and were not asked for"
    line.name("k", {"1": ("<script>", "X")})
    line(NodeStarted("k", "1"))
    assert "&lt;script&gt;" in shown.outputs[1][0]


def test_a_notebook_shows_previews_on_request(notebook: tuple[Shown, Callable[..., ProgressLine]]) -> None:
    shown, make = notebook
    line = make(previews=True)
    line(Preview("j", "7", b"png", "image/png"))
    line(Preview("j", "7", b"<script>", "text/html"))
    line(Preview("j", "7", bytes(6 << 20), "image/png"))
    line(JobStarted("k"))
    assert ['src="data:image/png;base64,cG5n"' in html for html in shown.outputs[0]] == [True, True]
    assert "0 of 2 over" in shown.outputs[0][1]
    line(JobCompleted("j"))
    assert "<img" not in shown.outputs[0][-1]


def test_a_notebook_without_ipython_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some front ends bring a kernel of their own."""
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    show_progress(stream)(JobStarted("j"))
    assert COLOURS.sub("", stream.getvalue()) == "\rjob j: running, 0:00"


def test_what_this_version_does_not_know_changes_nothing() -> None:
    terminal = Terminal()
    show_progress(terminal)(UnknownEvent("j", "mine", {}))
    assert terminal.getvalue() == ""


def test_events_are_frozen() -> None:
    """An event that is passed around stays what it was."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        JobStarted("j").job_id = "k"  # type: ignore[misc]
