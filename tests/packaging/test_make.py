"""The variables of make reach the commands as they were given, whatever characters they hold."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = """#!/bin/sh
for argument in "$@"; do printf '%s\\n' "$argument"; done
printf 'SPEC=%s\\n' "$SPEC"
"""
# Each character means something to a shell or to make.
TEXT = 'a\'b "c" $(touch made-by-make) `touch made-by-sh` $HOME ; #*\\ .png'


def arguments_of(folder: Path, target: str, variables: dict[str, str], *, by_environment: bool) -> list[str]:
    """Run a target with a Python that only prints its arguments and SPEC. Return the lines that it prints."""
    (folder / "python").write_text(PYTHON, encoding="utf-8")
    (folder / "python").chmod(0o755)
    ready = [option for mark in (".demo", ".dev") for option in ("--old-file", f".venv/{mark}")]
    given = [] if by_environment else [f"{name}={value}" for name, value in variables.items()]
    command = ["make", "--no-print-directory", *ready, target, f"BIN={folder}", *given]
    environment = {**os.environ, **variables} if by_environment else os.environ
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not [*ROOT.glob("made-by-*")]
    return done.stdout.splitlines()


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_text_is_one_argument_as_it_was_given(tmp_path: Path, by_environment: bool) -> None:
    """A picture may be called so, and a name from somewhere else must not run anything."""

    def lines(target: str, **variables: str) -> list[str]:
        return arguments_of(tmp_path, target, variables, by_environment=by_environment)

    assert lines("demo", IMAGE=TEXT)[1] == TEXT
    assert lines("vendor", DEST=TEXT, NAME=TEXT)[1:4] == [TEXT, "--name", TEXT]
    assert lines("demo", IMAGE="x", SPEC=TEXT)[2] == f"SPEC={TEXT}"


def test_options_of_the_soak_are_words_and_run_nothing(tmp_path: Path) -> None:
    lines = arguments_of(tmp_path, "soak", {"SOAK": "--rows 5 --seed $(touch made-by-make) *"}, by_environment=False)
    options = lines[lines.index("benchmarks/soak.py") + 1 : -1]
    assert options == ["--rows", "5", "--seed", "$(touch", "made-by-make)", "*"]


def test_what_is_not_given_is_left_out(tmp_path: Path) -> None:
    assert arguments_of(tmp_path, "demo", {}, by_environment=False) == ["scripts/demo.py", "SPEC="]
    lines = arguments_of(tmp_path, "vendor", {"DEST": "there"}, by_environment=False)
    assert lines[:4] == ["scripts/vendor.py", "there", "--name", "comfy_cloud"]
