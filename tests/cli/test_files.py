"""Test the files that commands are told to write: whole or not at all, whatever stands there."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud._files import PartFile
from comfy_cloud.cli.files import write_whole
from comfy_cloud.testing import Emulator

from .conftest import CLI

WRITERS = {
    "convert": ("convert", "text.json", "--out"),
    "nodes": ("nodes", "--save"),
    "stubs": ("stubs", "--out"),
}


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_what_stood_there_before_a_failed_write_still_stands(
    command: tuple[str, ...], server: Emulator, cli: CLI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves the file of last week, and not the first half of a new one."""
    monkeypatch.chdir(folder)
    (folder / "kept").mkdir()
    target = folder / "kept" / "file"
    target.write_text("of last week", encoding="utf-8")

    def full(self: PartFile, chunk: bytes) -> None:
        self._file.write(chunk[:9])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(PartFile, "write", full)
    done = cli(*command, target)
    assert (done.code, done.out) == (12, "")
    assert done.err == f"Error: {target}: No space left on device\n"
    assert target.read_text(encoding="utf-8") == "of last week"
    monkeypatch.undo()
    assert [*target.parent.iterdir()] == [target], "no part file is left"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes, and links need a privilege there")
def test_a_link_is_followed_and_a_mode_is_kept(tmp_path: Path) -> None:
    """A file that its owner made private stays private."""
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    write_whole(link, "one")
    target.chmod(0o600)
    write_whole(link, "two")
    assert link.is_symlink()
    assert (target.read_text(encoding="utf-8"), target.stat().st_mode & 0o777) == ("two", 0o600)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in the file system")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """As in `--out /dev/stdout`, or `--out >(jq .)` in a shell."""
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as file:
        write_whole(Path(f"/dev/fd/{writer}"), "through")
        os.close(writer)
        assert file.read() == "through"


def test_a_folder_is_no_file_to_write(server: Emulator, cli: CLI, folder: Path) -> None:
    done: Any = cli("nodes", "--save", folder)
    assert (done.code, done.err) == (12, f"Error: {folder}: Is a directory\n")
