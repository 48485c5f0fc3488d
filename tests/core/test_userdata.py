"""Files of the user: whatever a server sends is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from comfy_cloud._core.userdata import read_user_file, read_user_files

JUNK: list[Any] = [None, "text", 7, [], {}, [None], {"queue_running": 3, "status": 3, "path": [], "error": []}]


@pytest.mark.parametrize("body", JUNK, ids=repr)
def test_nothing_that_a_server_sends_crashes(body: Any) -> None:
    assert read_user_files(body, ".") == []
    assert read_user_file(body, "a").size is None


@pytest.mark.parametrize(
    "modified", [1795435200, 1795435200000, 1795435200.0, "2026-11-23T12:00:00Z", "2026-11-23T12:00:00"]
)
def test_the_time_of_a_file_is_aware_in_whatever_unit_it_came(modified: Any) -> None:
    file = read_user_file({"path": "a", "size": 3, "modified": modified}, "")
    assert file.modified == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert file.size == 3


def test_a_bare_path_is_a_file_too() -> None:
    assert read_user_file("b/a.json", "x").path == "b/a.json"
    assert read_user_file(None, "x").path == "x"


@pytest.mark.parametrize(
    ("folder", "sent", "expected"),
    [
        (".", ["a", "b/c"], ["a", "b/c"]),
        ("b", ["c", "d/e"], ["b/c", "b/d/e"]),
        ("b", ["b/c"], ["b/c"]),  # a server that sends whole paths
        ("b", ["b/c", "d"], ["b/b/c", "b/d"]),
    ],
)
def test_paths_are_what_read_takes(folder: str, sent: list[str], expected: list[str]) -> None:
    files = read_user_files([{"path": path, "size": 1} for path in sent], folder)
    assert [file.path for file in files] == expected
