"""docs/guide/in-tests.md is true: each block is a file of tests, and pytest passes all of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "guide" / "in-tests.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```python\n# (test_\w+\.py)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_every_block_is_a_file() -> None:
    assert len(FILES) == PAGE.count("\n```python") == len(dict(FILES))


def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    """A reader copies them into files and runs pytest, with warnings as errors."""
    for name, code in FILES:
        (tmp_path / name).write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "--strict-markers", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    written = sum(len(re.findall(r"^def test_", code, re.MULTILINE)) for _, code in FILES)
    assert int(done.stdout.splitlines()[-1].split()[0]) == written + 3, "one of them runs on four servers"
