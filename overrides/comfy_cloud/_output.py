"""The streams that a program of ours writes its output to."""

from __future__ import annotations

import os
from typing import TextIO


def settle(stream: TextIO | None) -> None:
    """Flush a stream. If it cannot be written, let it lead nowhere.

    Its disk is full, or its reader has gone. Python would write once more what is left, as it ends, and exit with 120.
    """
    if stream is None:  # of a program without a console
        return
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
