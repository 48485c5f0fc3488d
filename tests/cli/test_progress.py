"""Test bars: what they show of a job, a transfer and a batch, and that they keep out of files."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from comfy_cloud import BatchProgress, JobProgress, JobQueued, JobStarted, NodeProgress, NodeStarted, NodeText
from comfy_cloud.cli import progress
from comfy_cloud.cli.program import Program
from comfy_cloud.cli.progress import Bars


class Screen:
    """A terminal of a width."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
        self._options: dict[str, Any] = {"width": width, "force_terminal": True, "color_system": None}
        monkeypatch.setattr(progress, "Console", lambda **_: Console(file=io.StringIO(), **self._options))

    def line(self, bars: Bars) -> str:
        """Return the last line as it is drawn now."""
        console = Console(file=io.StringIO(), **self._options)
        with console.capture() as capture:
            console.print(bars._progress.get_renderable())
        return capture.get().splitlines()[-1].rstrip()


@pytest.fixture
def program() -> Program:
    """A run without options."""
    return Program(None, None, json=False, quiet=False)


def test_a_job_shows_node_step_and_the_whole_workflow(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, 77)
    with Bars(program, {"3": "KSampler"}) as bars:
        bars.event(JobQueued("a", 2))
        assert screen.line(bars).startswith("waiting, place 2 ")
        bars.event(JobStarted("a"))
        assert screen.line(bars).startswith("running ")
        bars.event(JobProgress("a", 1, 4, 0.25))
        bars.event(NodeStarted("a", "3"))
        bars.event(NodeProgress("a", "3", 7, 20))
        bars.event(NodeText("a", "3", "no news for the line"))
        line = screen.line(bars)
    assert line.startswith("KSampler 7/20 ")
    assert " 25% 0:00:" in line
    assert len(line) <= 77


def test_a_narrow_terminal_shows_a_short_bar(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, 37)
    with Bars(program, {"3": "A node with a very long title"}) as bars:
        bars.event(JobProgress("a", 1, 4, 0.5))
        bars.event(NodeStarted("a", "3"))
        line = screen.line(bars)
    assert line.startswith("A node with a very")
    assert line.endswith(" 50%")
    assert len(line) <= 37


def test_transfers_and_batches_have_lines(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, 77)
    with Bars(program) as bars:
        bars.sent(500_000, 2_000_000)
        assert screen.line(bars).startswith("uploading 2.0 MB ")
        bars.close("send")
        bars.saved(1, 2)
        assert screen.line(bars).startswith("saving 2 files ")
        bars.batch(BatchProgress(total=4, left=1, done=3, failed=0, running=1, per_minute=0.0, seconds=None))
        assert screen.line(bars).startswith("3 of 4 done, 1 running ")
        assert " 75% " in screen.line(bars)


def test_a_title_cannot_control_the_terminal(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, 77)
    with Bars(program, {"3": "[red]a\x1b[2Jb"}) as bars:
        bars.event(NodeStarted("a", "3"))
        assert screen.line(bars).startswith("[red]a\ufffd[2Jb ")


@pytest.mark.parametrize("quiet", [True, False])
def test_a_file_gets_no_bars(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """A log of carriage returns cannot be read."""
    with Bars(Program(None, None, json=False, quiet=quiet)) as bars:
        bars.event(JobStarted("a"))
    assert capsys.readouterr().err == ""


def test_results_are_printed_where_no_bar_is(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal both are on the same screen: a path must not begin in the middle of a bar."""
    shown: list[bool] = []
    Screen(monkeypatch, 77)
    with Bars(program) as bars:
        bars.saved(1, 2)
        monkeypatch.setattr("typer.echo", lambda _: shown.append(bars._progress.live.is_started))
        program.emit({}, "out/made.png")
        assert bars._progress.live.is_started
    assert shown == [False]
