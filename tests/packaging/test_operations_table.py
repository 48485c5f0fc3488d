"""The page of operations is what the table of operations gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_operations_is_up_to_date() -> None:
    """Who reads it looks for the name of a method."""
    command = [sys.executable, "scripts/operations_table.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line for line in (ROOT / "docs" / "operations.md").read_text().splitlines() if "`raw.api." in line]
    assert len(rows) == (ROOT / "openapi-cloud.yaml").read_text().count(" operationId: ")
