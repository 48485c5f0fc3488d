"""The command line on a real terminal, wide and narrow: bars, tables, colours and Ctrl-C, as a person sees them."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).parent / "comfy-cloud"
BLEND = ("examples/workflows/blend_api.json", "--set", "Picture.image=@examples/picture.png")
TEXT: dict[str, Any] = {"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}
FAILS = {"1": {"class_type": "EmulatorFail", "inputs": {"message": "no memory", "exception_type": "OOMError"}}}
WIDTHS = [80, 40]
# A slow machine may take long to start a process; what does not come at all fails here.
PATIENCE = 60.0


class Terminal:
    """A process on a pseudo-terminal of its own, and the screen that it draws."""

    def __init__(self, columns: int, rows: int, *arguments: str, env: dict[str, str]) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.sent = b""
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # The shell leads a session of its own. So the terminal that it opens first is the one whose Ctrl-C it gets.
        opening = ["sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(slave), str(PROGRAM), *arguments]
        # Workers of the test run have the width of another terminal in their environment.
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        # A shell that runs the tests in the background has Ctrl-C ignored, and all that they start.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self._process = subprocess.Popen(opening, env={**inherited, **env}, start_new_session=True)
        signal.signal(signal.SIGINT, before)
        self._slave = slave

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, without the empty ones at the end."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().splitlines()

    def read_until(self, shown: Callable[[list[str]], object]) -> None:
        """Read until the screen shows this."""
        deadline = time.monotonic() + PATIENCE
        while not shown(self.lines):
            assert time.monotonic() < deadline, self.lines
            self._read(0.1)

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._master, keys)

    def terminate(self) -> None:
        """End the process as a supervisor does."""
        self._process.terminate()

    def end(self) -> int:
        """Read to the end and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._process.poll() is None:
            assert time.monotonic() < deadline, self.lines
            self._read(0.1)
        while self._read(0):
            pass
        return self._process.returncode

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        received = os.read(self._master, 1 << 16)
        self.sent += received
        self._stream.feed(received)
        return True

    def close(self) -> None:
        """End the process if it runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._slave)
        os.close(self._master)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A server that commands find, and a folder with examples."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # with it, nothing is left to write as Python ends
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "text.json").write_text(json.dumps(TEXT), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with Emulator() as running:
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", running.api_key)
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", running.url)
        yield running


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(server: Emulator) -> Iterator[Open]:
    """Start a command on a terminal: columns, rows, arguments. Nothing that it draws has the key."""
    opened: list[Terminal] = []

    def start(columns: int, rows: int, *arguments: str, **env: str) -> Terminal:
        opened.append(Terminal(columns, rows, *arguments, env={"TERM": "xterm-256color", **env}))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
        assert server.api_key.encode() not in each.sent


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_bar_stays_on_one_line_and_vanishes(columns: int, server: Emulator, terminal: Open) -> None:
    """What stays on the screen is the result alone."""
    server.pause()
    shell = terminal(columns, 10, "run", *BLEND, "--name", "made{suffix}")
    shell.read_until(lambda lines: any("waiting, place 1" in line for line in lines))
    assert len(shell.lines) == 1
    assert "━" in shell.lines[0]
    server.resume()
    assert shell.end() == 0
    assert shell.lines == ["out/made.png"]


@pytest.mark.parametrize("columns", WIDTHS)
def test_ctrl_c_names_the_job_and_the_job_goes_on(columns: int, server: Emulator, terminal: Open) -> None:
    """The id is all that is left of what was paid for."""
    server.pause()
    shell = terminal(columns, 10, "run", *BLEND)
    shell.read_until(lambda lines: any("waiting" in line for line in lines))
    shell.press(b"\x03")
    assert shell.end() == 130
    with ComfyCloud() as cloud:
        (held,) = cloud.queue.get().pending
    # A terminal wraps lines at its width, in the middle of a word: nothing is cut, and all can be copied.
    lines = [
        "Error: interrupted",
        f"Job {held.job_id} goes on.",
        f"to wait for it:  comfy-cloud wait {held.job_id}",
        f"to cancel it:    comfy-cloud cancel {held.job_id}",
    ]
    wrapped = [line[start : start + columns] for line in lines for start in range(0, len(line), columns)]
    assert [line.strip() for line in shell.lines] == [line.strip() for line in wrapped]
    server.resume()
    again = terminal(columns, 10, "wait", held.job_id, "--name", "made{suffix}")
    assert again.end() == 0
    assert again.lines == ["out/made.png"]


def test_a_supervisor_ends_a_run_as_ctrl_c_does(server: Emulator, terminal: Open) -> None:
    """`timeout 60 comfy-cloud run` leaves a terminal with a cursor, and the id of a job that costs."""
    server.pause()
    shell = terminal(80, 10, "run", *BLEND)
    shell.read_until(lambda lines: any("waiting" in line for line in lines))
    shell.terminate()
    assert shell.end() == 130
    assert shell.lines[1].endswith(" goes on.")
    assert shell.sent.rfind(b"\x1b[?25h") > shell.sent.rfind(b"\x1b[?25l")


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_hundred_jobs_are_readable(columns: int, server: Emulator, terminal: Open) -> None:
    """Each id is whole and on one line, so that a double click takes it."""
    with ComfyCloud() as cloud:
        ids = [cloud.submit({"1": {**TEXT["1"], "inputs": {"text": str(number)}}}).id for number in range(99)]
        ids.append(cloud.submit(FAILS).id)
        cloud.wait(ids)
    shell = terminal(columns, 240, "jobs", "--limit", "100")
    assert shell.end() == 0
    lines = shell.lines
    if columns == 80:
        assert lines[0].split() == ["JOB", "STATUS", "SUBMITTED"]
        rows = lines[1:]
    else:
        rows = [f"{first} {second}" for first, second in zip(lines[::2], lines[1::2], strict=True)]
    assert sorted(row.split()[0] for row in rows) == sorted(ids)
    assert all(re.fullmatch(r"\S{36} +(completed|failed) +\d{4}-\d\d-\d\d \d\d:\d\d", row) for row in rows)


def test_colours_can_be_turned_off(server: Emulator, terminal: Open) -> None:
    """A status has its colour, and none with NO_COLOR."""
    with ComfyCloud() as cloud:
        cloud.wait([cloud.submit(TEXT), cloud.submit(FAILS)])
    colour = re.compile(rb"\x1b\[(?:\d+;)*3\d(?:;\d+)*m")
    for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        for arguments in (["jobs"], ["jobs", "unknown"]):
            shell = terminal(80, 10, *arguments, **env)
            shell.end()
            assert bool(colour.search(shell.sent)) == coloured, shell.sent


def test_a_second_ctrl_c_leaves_a_batch(server: Emulator, terminal: Open) -> None:
    """The first one collects what runs; nobody has to wait for it."""
    server.pause()
    shell = terminal(80, 12, "batch", "run", "b", "text.json")
    with ComfyCloud() as cloud:
        shell.read_until(lambda _: cloud.queue.get().pending)
    shell.press(b"\x03")
    shell.read_until(lambda lines: any("Ctrl-C again" in line for line in lines))
    shell.press(b"\x03")
    assert shell.end() == 130
    assert shell.lines[-2:] == ["Error: interrupted", "to go on:  comfy-cloud batch run b"]


@pytest.mark.parametrize("full", [True, False], ids=["a full disk", "no reader"])
@pytest.mark.parametrize("command", ["submit text.json", "run text.json --no-save", "run long.json --events"])
def test_a_job_is_told_though_the_output_cannot_be_written(server: Emulator, command: str, full: bool) -> None:
    """It is paid for, and its id stood in the output."""
    steps = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 600, "steps": 100}}}
    Path("long.json").write_text(json.dumps(steps), encoding="utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    if full:
        os.close(writer)
        writer = os.open("/dev/full", os.O_WRONLY)
    done = subprocess.run(
        [str(PROGRAM), *command.split()],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    os.close(writer)
    (job,) = server.journal.of("executePrompt")
    assert done.returncode == (12 if full else 1)
    assert re.search(r"wait [0-9a-f-]{36}", done.stderr), done.stderr
    assert job.status == 200
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("command", "code"), [("run fails.json", 5), ("batch run rows text.json", 0)])
def test_a_stderr_that_cannot_be_written_changes_no_exit_code(server: Emulator, command: str, code: int) -> None:
    Path("fails.json").write_text(json.dumps(FAILS), encoding="utf-8")
    with open("/dev/full", "wb", buffering=0) as full:
        done = subprocess.run(
            [str(PROGRAM), *command.split()], stdout=subprocess.PIPE, stderr=full, timeout=PATIENCE, check=False
        )
    assert done.returncode == code
    assert len(server.journal.of("executePrompt")) == 1


def test_the_emulator_ends_at_ctrl_c(terminal: Open) -> None:
    """Its lines are those of `python -m comfy_cloud.testing`."""
    shell = terminal(80, 12, "emulator", "--port", "0", "--dialect", "comfyui")
    shell.read_until(lambda lines: any(line.startswith("key: ") for line in lines))
    shell.press(b"\x03")
    assert shell.end() == 0
    assert shell.lines[0].startswith("url: http://127.0.0.1:")


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", ["run", "batch run", "jobs", "convert"])
def test_the_help_is_not_wrapped_by_the_terminal(command: str, columns: int, terminal: Open) -> None:
    """A line that the terminal wraps begins with the rest of a word, where no line of the help begins."""
    shell = terminal(columns, 120, *command.split(), "--help")
    assert shell.end() == 0
    assert all(line.startswith((" ", "Usage:", "Arguments:", "Options:")) for line in shell.lines if line)
