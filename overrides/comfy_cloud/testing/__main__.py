"""Run the emulator in the foreground until Ctrl-C or SIGTERM: `python -m comfy_cloud.testing`.

Print one line per request.
"""

import argparse
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .._output import settle
from . import __name__ as package

_LOOPBACK = "127.0.0.1"
# Options that a recording proxy would drop without a word.
_OF_EMULATOR = ("dialect", "faults", "key", "max_queued_jobs", "node_info", "node_seconds", "replay")

if TYPE_CHECKING:
    from ._faults.rules import FaultOrder
    from ._journal import JournalEntry
    from ._sessions.recorder import Recorder
    from .emulator import Emulator


def main(arguments: Sequence[str] | None = None, *, prog: str = f"python -m {package}") -> int:
    """Run the command line, with the arguments of the process if there are none. Return the exit code."""
    from ..errors import ConfigurationError

    try:
        from . import Emulator  # noqa: F401 - says which package is missing
        from ._servers.dialect_table import DIALECTS
    except ImportError as error:
        print(error, file=sys.stderr)
        return 1
    parser = _parser(prog, tuple(DIALECTS))
    options = parser.parse_args(arguments)
    if options.record is not None and options.host != _LOOPBACK:
        parser.error("--record must be without --host: the proxy passes keys on, and listens on this machine only")
    for name in _OF_EMULATOR if options.record is not None else ():
        if getattr(options, name) != parser.get_default(name):
            parser.error(f"--record must be without --{name.replace('_', '-')}, which is for the emulator itself")
    if options.base_url is not None and options.record is None:
        parser.error("--base-url must be with --record FILE")
    try:
        server, told = _recorder(options) if options.record is not None else _emulator(options)
    except OSError as error:
        what = f"could not listen on {options.host} port {options.port}"
        if error.filename is not None:
            what = f"could not {'read' if options.record is None else 'write'} {error.filename}"
        print(f"{what}: {error.strerror}", file=sys.stderr)
        return 1
    except (ConfigurationError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    _end_by_signals()
    with server, contextlib.suppress(KeyboardInterrupt):
        _print(f"url: {server.url}\n{told}")
        threading.Event().wait()
    return 0


def _emulator(options: argparse.Namespace) -> tuple["Emulator", str]:
    """Start the emulator. Return it with a line that tells its key."""
    from . import Emulator

    rules = [] if options.faults is None else _read(options.faults)
    emulator = Emulator(
        dialect=options.dialect,
        port=options.port,
        host=options.host,
        key=options.key,
        max_queued_jobs=options.max_queued_jobs,
        node_info=options.node_info,
        node_seconds=_by_class(options.node_seconds),
        replay=options.replay,
    )
    for rule in rules:
        emulator.faults.add(rule)
    emulator.journal.add_listener(_log)
    return emulator, f"key: {emulator.api_key}"


def _recorder(options: argparse.Namespace) -> tuple["Recorder", str]:
    """Start a recording proxy. Return it with a line that tells the file."""
    from ._sessions.recorder import Recorder

    recorder = Recorder(options.record, base_url=options.base_url, port=options.port)
    return recorder, f"recording: {options.record}"


def _end_by_signals() -> None:
    # A supervisor's SIGTERM ends the emulator as cleanly as Ctrl-C. Python installs no handler for SIGINT where its
    # shell ignores that signal, as in a script that starts the emulator with `&`: `kill -INT` would then do nothing.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _parser(prog: str, dialect_table: tuple[str, ...]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description="Emulate Comfy Cloud or ComfyUI on this machine.")
    parser.add_argument("--port", type=_port, default=8188, help="port of the API (default: 8188; 0 takes a free one)")
    parser.add_argument("--host", default=_LOOPBACK, help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--dialect", choices=dialect_table, default="cloud", help="which server (default: cloud)")
    parser.add_argument("--faults", metavar="FILE", type=Path, help="a JSON list of faults to make")
    parser.add_argument("--key", help="the API key to accept (default: a new one at each start)")
    parser.add_argument("--max-queued-jobs", metavar="N", type=int, help="jobs that the queue takes (default: 100)")
    parser.add_argument(
        "--node-info", metavar="FILE", type=Path, help="node definitions of a server, whose workflows then run"
    )
    parser.add_argument(
        "--node-seconds",
        metavar="[CLASS=]SECONDS",
        type=_seconds,
        action="append",
        default=[],
        help="how long a node of FILE takes, all or those of a class (default: 0)",
    )
    parser.add_argument("--record", metavar="FILE", type=Path, help="record what a real server responds, as a proxy")
    parser.add_argument("--base-url", metavar="URL", help="the server to record (default: as for a client)")
    parser.add_argument("--replay", metavar="FILE", type=Path, help="respond what was recorded")
    return parser


def _port(text: str) -> int:
    from ._threaded_server import checked_port

    try:
        return checked_port(int(text) if text.removeprefix("-").isdecimal() else text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _seconds(text: str) -> tuple[str, float]:
    name, _, number = text.rpartition("=")
    try:
        return name or "*", float(number)
    except ValueError:
        message = f"it must be a number of seconds, such as 2 or KSampler=2, not {text!r}"
        raise argparse.ArgumentTypeError(message) from None


def _by_class(given: list[tuple[str, float]]) -> float | Mapping[str, float]:
    return dict(given) or 0.0


def _read(file: Path) -> list["FaultOrder"]:
    from ._faults.rules import read_rules

    try:
        return read_rules(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ValueError(f"could not read the faults in {file}: {reason}") from None


def _log(entry: "JournalEntry") -> None:
    clock = time.strftime("%H:%M:%S", time.localtime(entry.time))
    status = "-" if entry.status is None else entry.status
    _print(f"{clock} {entry.method} {entry.path} {status} {entry.operation or '-'}")


def _print(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:
        # Whoever read the lines has gone, as `head -1` does, and the requests are served all the same.
        settle(sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
