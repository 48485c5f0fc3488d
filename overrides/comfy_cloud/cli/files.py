"""Write the files that a command was told to write. Outputs of jobs are saved by the client itself."""

from __future__ import annotations

import stat
from pathlib import Path

from .._files import PartFile


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; what stood there before stays until then. Raises OSError with the path.

    A link is followed, and a file that is replaced hands its mode on. A device or a pipe is written to as it is.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(text.encode())
            return
        target = path.resolve()
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        part = PartFile(target)
        try:
            part.write(text.encode())
            part.place(overwrite=True)
        finally:
            part.discard()
        if mode is not None:
            target.chmod(mode)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
