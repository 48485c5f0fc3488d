"""Files by name: in every spelling one file, and what an input holds for it."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from comfy_cloud._core.file_refs import FileRef, UploadedFile, content_hash, file_ref, uploaded_file

JUNK: list[Any] = [None, "text", 7, [], {}, [None], {"queue_running": 3, "status": 3, "path": [], "error": []}]
DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize("body", JUNK, ids=repr)
def test_nothing_that_a_server_sends_crashes(body: Any) -> None:
    assert uploaded_file(body, folders=True) is None


@pytest.mark.parametrize(
    ("stored", "folders", "held"),
    [
        ({"name": "x.png", "subfolder": "", "type": "input"}, True, "x.png"),
        ({"name": "x.png", "subfolder": "a/b", "type": "input"}, True, "a/b/x.png"),
        ({"name": "x.png", "subfolder": None, "type": "temp"}, True, "x.png [temp]"),
        ({"name": "x.png"}, True, "x.png"),
        ({"name": "hash.png", "subfolder": "a", "type": "output"}, False, "hash.png"),
    ],
)
def test_an_input_holds_what_finds_the_upload(stored: Any, folders: bool, held: str) -> None:
    assert uploaded_file(stored, folders=folders) == held


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.png", ("x.png", "", "input")),
        ("a/b/x.png", ("x.png", "a/b", "input")),
        ("a/x y.png [output]", ("x y.png", "a", "output")),
        ("x[1].png", ("x[1].png", "", "input")),
    ],
)
def test_a_name_means_what_it_means_in_an_input(name: str, expected: tuple[str, str, str]) -> None:
    ref = file_ref(name, "", "input")
    assert ref == expected
    assert ref.as_input(folders=True) == name, "and back"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda file: pickle.loads(pickle.dumps(file))])
def test_an_uploaded_file_is_a_string_that_knows_its_place(duplicate: Any) -> None:
    """Kept in a ledger or sent to a worker, it still finds its file."""
    file = duplicate(UploadedFile("a/x.png", FileRef("x.png", "a", "input")))
    assert (file, file.filename, file.subfolder, file.type) == ("a/x.png", "x.png", "a", "input")
    assert json.dumps({"image": file}) == '{"image": "a/x.png"}'


def test_the_hash_of_content_is_read_from_its_name() -> None:
    for name in (DIGEST, f"{DIGEST}.png", f"blake3:{DIGEST}"):
        assert content_hash(name) == f"blake3:{DIGEST}"
    for name in ("x.png", DIGEST[:-1], f"{DIGEST}/x"):
        assert content_hash(name) is None
