"""Small answers as users hold them: whatever a server sends is read, and nothing of it crashes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from comfy_cloud._core.records import (
    ImportState,
    contract_names,
    input_name,
    original_ref,
    read_history,
    read_import,
    read_queue_state,
    read_user_file,
    read_user_files,
    texts,
)

JUNK: list[Any] = [None, "text", 7, [], {}, [None], {"queue_running": 3, "status": 3, "path": [], "error": []}]


@pytest.mark.parametrize("body", JUNK, ids=repr)
def test_nothing_that_a_server_sends_crashes(body: Any) -> None:
    contract_names(body)
    assert read_queue_state(body).running == ()
    assert read_history(body) == []
    assert read_user_files(body, ".") == []
    assert read_user_file(body, "a").size is None
    assert read_import(body).status == "running"
    assert input_name(body, folders=True) is None


def test_a_single_name_is_one_and_not_its_letters() -> None:
    """`cancel("abc")` would ask for the jobs a, b and c."""
    number = UUID("11111111-1111-4111-8111-111111111111")
    assert texts("abc") == ["abc"]
    assert texts(number) == [str(number)]
    assert texts(name for name in ("a", number)) == ["a", str(number)]


def test_newer_names_are_joined_by_the_contracts() -> None:
    new = {"hash": "blake3:1", "job_id": "j"}
    assert contract_names(new) == {**new, "asset_hash": "blake3:1", "prompt_id": "j"}
    assert contract_names({"hash": "new", "asset_hash": "own"}) == {"hash": "new", "asset_hash": "own"}


def test_a_history_is_newest_first_and_its_entries_say_whose_they_are() -> None:
    body = {"old": {"outputs": {}}, "new": {"outputs": {}}, "odd": None}
    assert [entry["prompt_id"] for entry in read_history(body)] == ["new", "old"]


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


ASSET = {"id": "a1", "name": "x"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"task_id": "t", "status": "created"}, ImportState("created")),
        ({"status": "running", "progress": 0.25}, ImportState("running", 0.25)),
        ({"status": "running", "progress": 25}, ImportState("running", 0.25)),
        ({"status": "downloading", "progress": True}, ImportState("running")),
        ({"status": "completed", "asset_id": "a1"}, ImportState("completed", asset_id="a1")),
        ({"status": "completed", "asset": ASSET}, ImportState("completed", asset_id="a1", asset=ASSET)),
        ({"status": "SUCCESS", "result": ASSET}, ImportState("completed", asset_id="a1", asset=ASSET)),
        ({"status": "success", "result": {"asset_id": "a1"}}, ImportState("completed", asset_id="a1")),
        ({"asset_id": "a1"}, ImportState("completed", asset_id="a1")),
        ({"error": "no"}, ImportState("failed", error="no")),
        ({"status": "error", "error": {"message": "no"}}, ImportState("failed", error="no")),
        ({"status": "failed", "error": {"why": 1}}, ImportState("failed", error='{"why": 1}')),
        ({"status": "cancelled"}, ImportState("failed")),
    ],
)
def test_an_import_is_read_in_whatever_words(body: Any, expected: ImportState) -> None:
    assert read_import(body) == expected


@pytest.mark.parametrize(
    ("stored", "folders", "held"),
    [
        ({"name": "x.png", "subfolder": "", "type": "input"}, True, "x.png"),
        ({"name": "x.png", "subfolder": "a/b", "type": "input"}, True, "a/b/x.png"),
        ({"name": "x.png", "subfolder": None, "type": "temp"}, True, "x.png [temp]"),
        ({"name": "hash.png", "subfolder": "a", "type": "output"}, False, "hash.png"),
    ],
)
def test_an_input_holds_what_finds_the_upload(stored: Any, folders: bool, held: str) -> None:
    assert input_name(stored, folders=folders) == held


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.png", ("x.png", "", "input")),
        ("a/b/x.png", ("x.png", "a/b", "input")),
        ("a/x y.png [output]", ("x y.png", "a", "output")),
        ("x[1].png", ("x[1].png", "", "input")),
    ],
)
def test_the_image_of_a_mask_is_found_by_what_an_input_holds(name: str, expected: tuple[str, str, str]) -> None:
    assert tuple(original_ref(name).values()) == expected
