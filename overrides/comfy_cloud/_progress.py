"""Show a job, a batch or a transfer as it goes on: on a terminal, in a notebook, or as plain lines.

A line is drawn when something is heard, and once a second by the wait that it was given to. It starts no thread, hides
no cursor and takes no stream over, so that nothing has to be put back if a wait is interrupted.
"""

from __future__ import annotations

import os
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeAlias
from unicodedata import east_asian_width

from ._constants import SHOWN_FILE_MAX
from .events import (
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
)

if TYPE_CHECKING:
    from rich.console import Console

    from ._core.batch import BatchProgress
    from ._core.outputs import Nodes

_ENDS: Final = {JobCompleted: "done", JobFailed: "failed", JobCancelled: "cancelled"}
_BAR: Final = 20  # characters
_BAR_NARROW: Final = 8  # characters of the bar on a narrow terminal
_NARROW: Final = 59  # columns; a terminal with fewer is narrow
_ROWS_MAX: Final = 20  # jobs that a notebook shows at a time, the newest ones
_PREVIEWS: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_TEXT_MAX: Final = 60  # characters of what a node says


@dataclass(slots=True)
class _Line:
    """A job, batch or transfer: its bar, what goes on, and since when. `step` changes too often for a line of a log."""

    label: str
    began: float
    words: str = ""
    step: str = ""
    count: str = ""
    fraction: float | None = None
    ended: float | None = None

    def parts(self, now: float, cells: int) -> tuple[str, str, str, str]:
        """Return the label, the full and the empty part of the bar, and the rest; together they fill `cells` at most.

        What goes on is cut to fit, and a narrow terminal has no label: the time and the number of nodes stay.
        """
        label, bar, share = self.label, 0, ""
        if self.fraction is not None:
            narrow = cells < _NARROW
            label = "[" if narrow else f"{self.label}["
            bar, share = (_BAR_NARROW if narrow else _BAR), f"] {self.fraction:4.0%} "
        full = int((self.fraction or 0) * bar)
        room = cells - _cells(label + share + self.tail(now, "")) - bar - 1
        rest = share + self.tail(now, _cut(self.words, max(room, 0)).rstrip())
        return label, "#" * full, "." * (bar - full), _cut(rest, max(cells - _cells(label) - bar, 0))

    def tail(self, now: float, words: str | None = None) -> str:
        """Return what stands behind the bar."""
        told = " ".join(filter(None, [self.count, self.words if words is None else words, self.step]))
        return f"{told}, {_clock((self.ended or now) - self.began)}"


class ProgressLine:
    """A function for `on_event` of jobs and for `on_progress` of batches and transfers, which shows what it is told."""

    def __init__(
        self,
        stream: TextIO | None,
        *,
        previews: bool = False,
        always: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._lock = RLock()  # the sync client transfers in several threads
        self._previews = previews
        self._names: dict[str, Nodes] = {}
        self._lines: dict[str, _Line] = {}
        self._picture: Preview | None = None
        self._drawn = -1
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._screen: _Screen | None = None
        # A program without a console has no stderr.
        if stream is None:
            return
        # The stream of a notebook is not a terminal, but its front end shows more than one could.
        if type(stream).__module__.startswith("ipykernel."):
            self._screen = _notebook() or _Terminal(stream)
        elif stream.isatty():
            self._screen = _Terminal(stream)
        elif always:
            self._screen = _Log(stream)

    def __call__(self, event: JobEvent | BatchProgress | float, total: float | None = None) -> None:
        """Show an event of a job, the progress of a batch, or how much of a transfer is done, of how much."""
        if self._screen is None:
            return
        with self._lock:
            if isinstance(event, JobEvent):
                line = self._take(event)
            elif isinstance(event, int | float):
                line = self._transfer(event, total)
            else:
                line = self._line("batch", "")
                line.words = str(event)
                line.ended = None if event.left else self._clock()
            if line is not None:
                self._draw(line)

    def name(self, job_id: str, nodes: Nodes) -> None:
        """Learn the titles and classes of a job's nodes. A wait calls it before the first event."""
        self._names[job_id] = nodes

    def tick(self) -> None:
        """Draw the time anew. A wait calls it about once a second."""
        with self._lock:
            running = [line for line in self._lines.values() if line.ended is None]
            if running and self._screen is not None and int(self._clock()) != self._drawn:
                self._draw(running[-1], ticks=True)

    def close(self) -> None:
        """End the line if a wait ends before its job, so that what is printed next starts on a line of its own."""
        with self._lock:
            if self._screen is not None and any(line.ended is None for line in self._lines.values()):
                self._show(self._screen.leave)
            self._lines.clear()

    def _line(self, key: str, label: str) -> _Line:
        if key not in self._lines:
            self._lines[key] = _Line(label, self._clock())
        return self._lines[key]

    def _take(self, event: JobEvent) -> _Line | None:
        line = self._line(event.job_id, f"job {event.job_id[:8]}: ")
        if isinstance(event, JobProgress):
            line.fraction, line.count = event.fraction, f"{event.done}/{event.total}"
            line.words = line.words or "running"
        elif isinstance(event, JobQueued):
            line.words = "waiting for its turn" + (f", place {event.position}" if event.position else "")
        elif isinstance(event, JobStarted):
            line.words = "running"
        elif isinstance(event, NodesCached):
            number = len(event.node_ids)
            line.words = f"{number} node{'' if number == 1 else 's'} from the cache"
        elif isinstance(event, NodeStarted | NodeProgress | NodeText):
            line.words = self._title(event.job_id, event.node_id)
            line.step = self._step(event)
        elif isinstance(event, Preview):
            if not self._previews or event.mime_type not in _PREVIEWS or len(event.image) > SHOWN_FILE_MAX:
                return None
            self._picture = event
        elif type(event) in _ENDS:
            line.words, line.step, line.ended = _ENDS[type(event)], "", self._clock()
            self._picture = None
        else:
            return None
        return line

    def _title(self, job_id: str, node_id: str) -> str:
        title, kind = self._names.get(job_id, {}).get(node_id, (None, None))
        return self._printable(title or kind or f"node {node_id}")

    def _step(self, event: NodeStarted | NodeProgress | NodeText) -> str:
        if isinstance(event, NodeProgress):
            return f"{event.value:g}/{event.maximum:g}"
        return self._printable(event.text) if isinstance(event, NodeText) else ""

    def _printable(self, text: str) -> str:
        """Return a title or a text without what would move the cursor on a terminal, or what the stream cannot encode.

        A log of Windows takes few characters, and an exception here would end the wait for a job that is paid.
        """
        shown = "".join(character if character.isprintable() else " " for character in " ".join(text.split()))
        return shown.encode(self._encoding, "replace").decode(self._encoding)[:_TEXT_MAX]

    def _transfer(self, done: float, total: float | None) -> _Line:
        line = self._line("transfer", "")
        if total:
            line.fraction = min(1.0, done / total)
        line.words = _amount(done) + (f" of {_amount(total)}" if total else "")
        line.ended = self._clock() if total and done >= total else None
        return line

    def _show(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (OSError, ValueError):
            # The disk of a log is full, a terminal has gone, a file was closed: no reason to leave a job that is paid.
            self._screen = None

    def _draw(self, line: _Line, *, ticks: bool = False) -> None:
        now = self._clock()
        self._drawn = int(now)
        if self._screen is not None:
            self._show(partial(self._screen.draw, _View(self._lines, line, now, self._picture, ticks)))
        if line.ended is not None and all(each.ended is not None for each in self._lines.values()):
            self._lines.clear()


@dataclass(frozen=True, slots=True)
class _View:
    """One drawing: all lines, the `line` that has changed, or of which only the time has (`ticks`)."""

    lines: Mapping[str, _Line]
    line: _Line
    now: float
    picture: Preview | None
    ticks: bool


class _Log:
    """Lines for a file: one for each change, since a line that is rewritten makes log files unreadable."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = ""

    def draw(self, view: _View) -> None:
        line = view.line
        told = f"{line.label}{line.words}"
        # A transfer changes with every piece: a log has its end only.
        if told != self._last and not view.ticks and (line.label or line.ended is not None):
            self._last = told
            print(f"{line.label}{line.tail(view.now)}", file=self._stream, flush=True)

    def leave(self) -> None:
        """Do nothing: each line has its end already."""


class _Terminal:
    """One line that is rewritten; a job that is over keeps its line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0

    def draw(self, view: _View) -> None:
        line = view.line
        parts = line.parts(view.now, _columns(self._stream) - 1)
        text = "".join(parts)
        # A shorter line is padded, because a carriage return alone leaves the end of the longer line on the screen.
        end = " " * max(0, self._width - _cells(text)) + ("\n" if line.ended is not None else "")
        self._width = 0 if line.ended is not None else _cells(text)
        console = self._console
        if console is None:
            self._stream.write(f"\r{text}{end}")
        else:
            self._stream.write("\r")
            console.print(_coloured(parts, line), end=end, soft_wrap=True)
        self._stream.flush()

    def leave(self) -> None:
        if self._width:
            self._stream.write("\n")
            self._stream.flush()
            self._width = 0

    @cached_property
    def _console(self) -> Console | None:
        """The console of rich, where rich is installed and the terminal knows colours."""
        try:
            from rich.console import Console
        except ImportError:
            return None
        console = Console(file=self._stream, highlight=False)
        return console if console.color_system and not console.legacy_windows else None


class _Notebook:
    """A block of HTML that is replaced, with a row for each job, below the cell that runs."""

    def __init__(self, display: Any, html: Any) -> None:
        self._display = display
        self._html = html
        self._handle: Any = None

    def draw(self, view: _View) -> None:
        lines = [*view.lines.values()]
        over = sum(each.ended is not None for each in lines)
        parts = [f"<div>{over} of {len(lines)} over</div>"] if len(lines) > 1 else []
        parts += [_row(each, view.now) for each in lines[-_ROWS_MAX:]]
        if view.picture is not None:
            source = f"data:{view.picture.mime_type};base64,{b64encode(view.picture.image).decode()}"
            parts.append(f'<img src="{source}" alt="preview" style="max-width:256px">')
        html = self._html(f'<div style="font-family:monospace">{"".join(parts)}</div>')
        if self._handle is None:
            self._handle = self._display(html, display_id=True)
        else:
            self._handle.update(html)
        if over == len(lines):
            self._handle = None  # the next job is shown below its own cell

    def leave(self) -> None:
        self._handle = None


# Where lines are drawn: `draw` shows what has changed, and `leave` ends what was drawn last, so that it stays.
_Screen: TypeAlias = _Log | _Terminal | _Notebook


def _notebook() -> _Notebook | None:
    try:
        from IPython.display import HTML, display  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    return _Notebook(display, HTML)


def _row(line: _Line, now: float) -> str:
    bar = "" if line.fraction is None else f'<progress value="{line.fraction:.3f}" max="1"></progress> '
    share = "" if line.fraction is None else f"{line.fraction:.0%} "
    return f"<div>{escape(line.label)}{bar}{share}{escape(line.tail(now))}</div>"


def _coloured(parts: tuple[str, str, str, str], line: _Line) -> Any:
    from rich.text import Text

    label, full, empty, rest = parts
    colour = {"failed": "red", "cancelled": "yellow"}.get(line.words, "green")
    return Text.assemble((label, "bold"), (full, colour), (empty, "dim"), rest)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _amount(number: float) -> str:
    """Return a number of bytes, or of files, in four characters or so."""
    for unit in ("", "k", "M", "G"):
        if number < 1000:
            return f"{number:.1f}{unit}" if unit else f"{number:g}"
        number /= 1000
    return f"{number:.1f}T"


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _cut(text: str, cells: int) -> str:
    while _cells(text) > cells:
        text = text[:-1]
    return text


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80
