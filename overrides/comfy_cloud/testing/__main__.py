"""`python -m comfy_cloud.testing`: run the emulator in the foreground, one line a request, until Ctrl-C or SIGTERM."""

import argparse
import contextlib
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import __name__ as package

if TYPE_CHECKING:
    from ._journal import JournalEntry
    from ._orders import FaultOrder


def main() -> int:
    try:
        from . import Emulator
        from ._dialects import DIALECTS
    except ImportError as error:
        print(error, file=sys.stderr)
        return 1
    options = _parser(tuple(DIALECTS)).parse_args()
    try:
        orders = [] if options.faults is None else _read(options.faults)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        print(f"cannot read the faults in {options.faults}: {reason}", file=sys.stderr)
        return 1
    try:
        emulator = Emulator(dialect=options.dialect, port=options.port, host=options.host)
    except OSError as error:
        print(f"cannot listen on {options.host} port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a supervisor's end is as clean as Ctrl-C
    with emulator, contextlib.suppress(KeyboardInterrupt):
        for order in orders:
            emulator.faults.add(order)
        emulator.journal.add_listener(_log)
        print(f"url: {emulator.url}\nkey: {emulator.api_key}", flush=True)
        threading.Event().wait()
    return 0


def _parser(dialects: tuple[str, ...]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}", description="Emulate Comfy Cloud or ComfyUI on this machine."
    )
    parser.add_argument("--port", type=int, default=8188, help="port of the API (default: 8188; 0 takes a free one)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--dialect", choices=dialects, default="cloud", help="which server (default: cloud)")
    parser.add_argument("--faults", metavar="FILE", type=Path, help="a JSON list of faults to make")
    return parser


def _read(file: Path) -> list["FaultOrder"]:
    from ._orders import read_orders

    return read_orders(file.read_text(encoding="utf-8"))


def _log(entry: "JournalEntry") -> None:
    clock = time.strftime("%H:%M:%S", time.localtime(entry.time))
    status = "-" if entry.status is None else entry.status
    print(f"{clock} {entry.method} {entry.path} {status} {entry.operation or '-'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
