"""Preparing a workflow for a submit: each file once, plain JSON out, and nothing sent that would be misread."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from comfy_cloud.errors import NodeInputError, WorkflowError
from comfy_cloud.workflow import Workflow


def test_each_distinct_file_is_listed_once_with_its_first_place(tmp_path: Path) -> None:
    """Else the same picture in two nodes is uploaded twice, and an open file is read to its end by the first."""
    path = tmp_path / "a.png"
    path.write_bytes(b"a")
    stream, picture = io.BytesIO(b"b"), Image.new("RGB", (2, 2))
    workflow = Workflow(
        {
            "1": {"class_type": "LoadImage", "inputs": {"image": path, "plain": str(path)}},
            "2": {"class_type": "Many", "inputs": {"files": {"deep": [[stream], b"raw", Path(str(path))]}}},
            "3": {"class_type": "Many", "inputs": {"a": stream, "b": bytes(bytearray(b"raw")), "c": picture}},
        }
    )
    prepared = workflow._prepare()
    places = [(file.node_id, file.class_type, file.input_name, file.content) for file in prepared.files]
    assert places == [
        ("1", "LoadImage", "image", path),
        ("2", "Many", "files", stream),
        ("2", "Many", "files", b"raw"),
        ("3", "Many", "c", picture),
    ]
    assert "raw" not in repr(prepared.files[2])  # a repr of megabytes helps nobody
    graph = prepared.graph({file.key: f"up-{number}" for number, file in enumerate(prepared.files)})
    assert json.loads(json.dumps(graph, allow_nan=False)) == {
        "1": {"class_type": "LoadImage", "inputs": {"image": "up-0", "plain": str(path)}},
        "2": {"class_type": "Many", "inputs": {"files": {"deep": [["up-1"], "up-2", "up-0"]}}},
        "3": {"class_type": "Many", "inputs": {"a": "up-1", "b": "up-2", "c": "up-3"}},
    }
    assert workflow["1"]["image"] == path


def test_what_is_prepared_stands_still_while_the_workflow_changes() -> None:
    """A sweep sets the next seed while the last submit is still uploading."""
    workflow = Workflow({"1": {"class_type": "K", "inputs": {"seed": 1, "box": {"x": [1]}}}})
    prepared = workflow._prepare()
    workflow["1"]["seed"] = 2
    workflow["1"]["box"]["x"].append(2)
    sent = prepared.graph({})
    assert sent == {"1": {"class_type": "K", "inputs": {"seed": 1, "box": {"x": [1]}}}}
    sent["1"]["inputs"]["box"]["x"].append(3)
    assert prepared.graph({}) == {"1": {"class_type": "K", "inputs": {"seed": 1, "box": {"x": [1]}}}}


def test_a_stale_fingerprint_is_not_sent_again() -> None:
    """A server would take it for the input's own, and give the cached picture of a file that has changed."""
    node = {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "is_changed": ["f00d"], "_meta": {"title": "A"}}
    assert Workflow({"1": node})._prepare().graph({}) == {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "_meta": {"title": "A"}}
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, {"a": -float("inf")}]])
def test_numbers_that_json_lacks_are_refused_by_node_and_input(value: Any) -> None:
    with pytest.raises(NodeInputError, match=r"node '1' \(K\), input 'cfg' must be a finite number"):
        Workflow({"1": {"class_type": "K", "inputs": {"cfg": value}}})._prepare()


def test_text_that_cannot_be_encoded_is_refused_by_node_and_input() -> None:
    workflow = Workflow.loads(r'{"1": {"class_type": "K", "inputs": {"text": "\ud83d"}}}')
    with pytest.raises(NodeInputError, match=r"input 'text' must not contain half a surrogate pair"):
        workflow._prepare()


@pytest.mark.parametrize(
    "text",
    [
        r'{"\ud83d": {"class_type": "K", "inputs": {}}}',
        r'{"1": {"class_type": "\ud83d", "inputs": {}}}',
        r'{"1": {"class_type": "K", "inputs": {"\ud83d": 1}}}',
        r'{"1": {"class_type": "K", "inputs": {}, "_meta": {"\ud83d": "a"}}}',
    ],
)
def test_names_that_cannot_be_encoded_are_refused_in_our_words(text: str) -> None:
    """A UnicodeEncodeError left `submit`. Found by fuzzing."""
    with pytest.raises(WorkflowError, match="half a surrogate pair"):
        Workflow.loads(text)._prepare()


def test_a_blanked_key_is_not_sent_as_a_key() -> None:
    """A workflow read back from a job holds `[REDACTED]` where its key was."""
    for value in ("[REDACTED]", {"auth": ["[REDACTED] "]}):
        with pytest.raises(WorkflowError, match=r"node '1' \(K\), input 'key' must not be \[REDACTED\].*partner_key="):
            Workflow({"1": {"class_type": "K", "inputs": {"key": value}}})._prepare()
    prose = {"1": {"class_type": "K", "inputs": {"text": "a page with [REDACTED] bars"}}}
    assert Workflow(prose)._prepare().graph({}) == prose
    wrapped = {"prompt": prose, "extra_data": {"api_key_comfy_org": "[REDACTED]"}}
    assert Workflow(wrapped)._prepare().graph({}) == prose


def test_what_was_slipped_into_a_list_of_an_input_is_still_found() -> None:
    workflow = Workflow({"1": {"class_type": "K", "inputs": {"box": {"x": []}}}})
    workflow["1"]["box"]["x"].append({1, 2})
    with pytest.raises(NodeInputError, match=r"input 'box'\['x'\]\[0\] must be .*, not builtins.set"):
        workflow._prepare()
