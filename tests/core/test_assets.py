"""Assets and imports: whatever a server sends is read."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud._core.assets import ImportState, contract_names, read_import

JUNK: list[Any] = [None, "text", 7, [], {}, [None], {"queue_running": 3, "status": 3, "path": [], "error": []}]


@pytest.mark.parametrize("body", JUNK, ids=repr)
def test_nothing_that_a_server_sends_crashes(body: Any) -> None:
    contract_names(body)
    assert read_import(body).status == "running"


def test_newer_names_are_joined_by_the_contracts() -> None:
    new = {"hash": "blake3:1", "job_id": "j"}
    assert contract_names(new) == {**new, "asset_hash": "blake3:1", "prompt_id": "j"}
    assert contract_names({"hash": "new", "asset_hash": "own"}) == {"hash": "new", "asset_hash": "own"}


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
