"""`python -m comfy_cloud.testing`: run the emulator in the foreground, one line a request, until Ctrl-C or SIGTERM."""

import argparse
import contextlib
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from . import __name__ as package

if TYPE_CHECKING:
    from ._journal import JournalEntry


def main() -> int:
    try:
        from . import Emulator
        from ._dialects import DIALECTS
    except ImportError as error:
        print(error, file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}", description="Emulate Comfy Cloud or ComfyUI on this machine."
    )
    parser.add_argument("--port", type=int, default=8188, help="port of the API (default: 8188; 0 takes a free one)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--dialect", choices=tuple(DIALECTS), default="cloud", help="which server (default: cloud)")
    options = parser.parse_args()
    try:
        emulator = Emulator(dialect=options.dialect, port=options.port, host=options.host)
    except OSError as error:
        print(f"cannot listen on {options.host} port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a supervisor's end is as clean as Ctrl-C
    with emulator, contextlib.suppress(KeyboardInterrupt):
        emulator.journal.add_listener(_log)
        print(f"url: {emulator.url}\nkey: {emulator.api_key}", flush=True)
        threading.Event().wait()
    return 0


def _log(entry: "JournalEntry") -> None:
    clock = time.strftime("%H:%M:%S", time.localtime(entry.time))
    print(f"{clock} {entry.method} {entry.path} {entry.status} {entry.operation or '-'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
