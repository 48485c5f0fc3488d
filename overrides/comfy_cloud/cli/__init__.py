"""The command line, `comfy-cloud` or `python -m` with the name of the package: a thin caller of the public names.

It needs typer and rich (extra `cli`). Without them the report of `doctor` works, and one line says how to get the rest.
This module and those that it imports at once do without them.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from shutil import get_terminal_size

from .._output import settle
from .exits import ExitCode

__all__ = ["main"]

_EXTRA = frozenset({"typer", "rich"})
_HELP_WIDTH = 100  # columns at most; longer lines are hard to read
_PACKAGE = __package__.rpartition(".")[0] if __package__ else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with these arguments, or those of the process, and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        from .app import app
    except ImportError as error:
        missing = str(error.name).partition(".")[0]
        if missing in _EXTRA:
            return _without(given, f'{missing}, which the command line needs: pip install "comfy-cloud[cli]"')
        if given == ["doctor"]:  # the report is there for what is broken
            return _without(given, f"{error.name}: {error}")
        raise
    _end_by_signals()
    try:
        # The width is given, since the help is else never narrower than 50 columns.
        app(given, prog_name=program_name(), terminal_width=min(get_terminal_size().columns, _HELP_WIDTH))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.UNEXPECTED
    finally:
        for stream in (sys.stdout, sys.stderr):
            settle(stream)
    return ExitCode.OK


def _end_by_signals() -> None:
    """Let a supervisor's SIGTERM, or a terminal that goes away, end a command as Ctrl-C does.

    By itself Python ends at once: no word about the job that goes on, and a terminal without a cursor.
    """
    for name in ("SIGTERM", "SIGHUP") if threading.current_thread() is threading.main_thread() else ():
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, signal.default_int_handler)


def program_name() -> str:
    """Return how the user started the program, as messages and the help repeat it."""
    script = sys.argv[0].replace("\\", "/").rpartition("/")[2] if sys.argv else ""
    return f"python -m {_PACKAGE}" if script == "__main__.py" else "comfy-cloud"


def _without(arguments: Sequence[str], missing: str) -> int:
    from .doctor import lines

    asked = arguments in ([], ["doctor"])
    if asked:
        sys.stdout.write("".join(f"{line}\n" for line in lines()))
    sys.stderr.write(f"could not import {missing}\n")
    return ExitCode.OK if asked else ExitCode.SETTINGS
