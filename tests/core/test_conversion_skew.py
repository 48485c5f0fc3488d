"""A class that gained or lost widgets since a save: each value goes where it belongs, or the widget is told."""

from __future__ import annotations

import contextlib
import json
import time
import tracemalloc
from typing import Any

import pytest

from comfy_cloud import UIFormatError, Workflow, WorkflowError
from comfy_cloud._core.conversion.saved import MAX_LINKS, MAX_NODES

from .conversion_saves import LOAD, NODES, Json, definition, node, save

SEED = {"seed": ["INT", {"control_after_generate": True}]}
STEPS = {"steps": ["INT", {"default": 20}]}
MODE = {"mode": [["fast", "slow"], {}]}
STYLE = {"style": [["oil", "ink"], {}]}
TEXT = {"text": ["STRING", {"default": "none"}]}
NOTE = {"note": ["STRING", {"default": "empty"}]}
CFG = {"cfg": ["FLOAT", {"default": 8.0}]}
FLAG = {"flag": ["BOOLEAN", {"default": False}]}

OLD = {**SEED, **STEPS, **MODE, **TEXT, **CFG}
VALUES = [7, "fixed", 30, "slow", "a cat", 2.5]
BY_NAME = {"seed": 7, "control_after_generate": "fixed", "steps": 30, "mode": "slow", "text": "a cat", "cfg": 2.5}

SKEWED = {
    "gained at the start": {**FLAG, **OLD},
    "gained in the middle": {**SEED, **CFG, **STEPS, **MODE, **TEXT},
    "gained a like one": {**SEED, "tiles": ["INT", {"default": 1}], **STEPS, **MODE, **TEXT, **CFG},
    "gained a text": {**SEED, **STEPS, **MODE, **NOTE, **TEXT, **CFG},
    "gained a choice": {**SEED, **STEPS, **STYLE, **MODE, **TEXT, **CFG},
    "lost the first": {**STEPS, **MODE, **TEXT, **CFG},
    "lost one in the middle": {**SEED, **STEPS, **TEXT, **CFG},
    "lost a text": {**SEED, **STEPS, **MODE, **CFG},
    "changed one for another": {**SEED, **STEPS, **STYLE, **TEXT, **CFG},
    "moved a choice": {**SEED, **MODE, **STEPS, **TEXT, **CFG},
    "gained at the end": {**OLD, **FLAG},
    "lost the last": {**SEED, **STEPS, **MODE, **TEXT},
}


def listed(names: list[str]) -> list[Json]:
    """The inputs of a node as editors since 2025 save them: with every widget."""
    kinds = {"seed": "INT", "steps": "INT", "mode": "COMBO", "text": "STRING", "cfg": "FLOAT"}
    return [{"name": each, "type": kinds[each], "widget": {"name": each}, "link": None} for each in names]


def right(required: Json) -> Json:
    """The values that belong to the widgets that there are now, defaults for new ones."""
    new = {"flag": False, "tiles": 1, "note": "empty", "style": "oil"}
    return {name: BY_NAME.get(name, new.get(name)) for name in required}


def converted(entry: Json, required: Json) -> Workflow:
    return Workflow.from_ui(save(entry), {"Made": definition(required)})


@pytest.mark.parametrize("skew", SKEWED)
def test_values_with_names_are_right(skew: str) -> None:
    required = SKEWED[skew]
    workflow = converted(node(1, "Made", VALUES, widgets_values_named=BY_NAME), required)
    assert workflow["1"].inputs == right(required)
    gone = OLD.keys() - required.keys()
    assert {each.input_name for each in workflow.conversion_problems} == gone  # a value of the user is dropped


@pytest.mark.parametrize("skew", SKEWED)
def test_values_of_listed_widgets_are_right(skew: str) -> None:
    required = SKEWED[skew]
    entry = node(1, "Made", VALUES)
    entry["inputs"] = listed(list(OLD))
    assert converted(entry, required)["1"].inputs == right(required)


@pytest.mark.parametrize("skew", SKEWED)
def test_values_by_position_are_right_or_told(skew: str) -> None:
    required = SKEWED[skew]
    workflow = converted(node(1, "Made", VALUES), required)
    if workflow["1"].inputs != right(required):
        told = {each.input_name for each in workflow.conversion_problems}
        assert told & required.keys(), "shifted in silence"
        assert all("node '1' (Made)" in each.message for each in workflow.conversion_problems)
        with pytest.raises(UIFormatError, match="could not be converted exactly"):
            Workflow.from_ui(save(node(1, "Made", VALUES)), {"Made": definition(required)}, strict=True)


def test_no_value_of_the_wrong_type_gets_through() -> None:
    """ComfyUI's editor sends steps="slow" here."""
    workflow = converted(node(1, "Made", VALUES), SKEWED["moved a choice"])
    assert workflow["1"]["steps"] == 20
    assert next((each.input_name, each.kind) for each in workflow.conversion_problems) == ("mode", "wrong_type")


def test_a_widget_gained_at_the_end_is_told_only_if_it_could_stand_elsewhere() -> None:
    """Classes gain widgets at the end all the time; a warning for each would bury the others."""
    values = [7, "fixed", 30]
    assert converted(node(1, "Made", values), {**SEED, **STEPS, **MODE}).conversion_problems == []
    (told,) = converted(node(1, "Made", values), {**SEED, **STEPS, "tiles": ["INT", {}]}).conversion_problems
    assert (told.input_name, told.kind) == ("tiles", "missing_value")


def test_more_values_than_widgets_are_told() -> None:
    (told,) = converted(node(1, "Made", ["a", "b"]), TEXT).conversion_problems
    assert told.kind == "surplus_value"


def test_a_value_by_name_that_does_not_fit_is_told() -> None:
    workflow = converted(node(1, "Made", [], widgets_values_named={"steps": "many"}), STEPS)
    assert workflow["1"]["steps"] == 20
    assert [(each.input_name, each.kind) for each in workflow.conversion_problems] == [("steps", "wrong_type")]


def test_subgraph_values_that_do_not_fit_are_told() -> None:
    inner = {
        "id": "sub",
        "nodes": [node(20, "Made", [5], {"steps": 1})],
        "links": [{"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 20, "target_slot": 0}],
        "inputs": [{"name": "steps", "type": "INT"}],
    }
    for values, kind in ((["many"], "wrong_type"), ([6, 7], "surplus_value")):
        data = save(node(9, "sub", values), definitions={"subgraphs": [inner]})
        (told,) = Workflow.from_ui(data, {"Made": definition(STEPS)}).conversion_problems
        assert (told.node_id, told.kind) == ("9", kind)


def chain(length: int) -> Json:
    nodes = [node(number, "Blend", [0.5], {"a": number - 1, "b": number - 1}) for number in range(2, length + 1)]
    links = [(number - 1, number - 1, 0, number, 0) for number in range(2, length + 1)]
    return save(LOAD, *nodes, links=links)


def test_a_save_of_2000_nodes_takes_no_time() -> None:
    text = json.dumps(chain(2000))
    begun = time.process_time()
    assert len(Workflow.loads(text, node_info=NODES)) == 2000
    assert time.process_time() - begun < 3  # 0.13 s on a laptop: a guard against quadratic growth


def nested(count: int, per: int) -> Json:
    """Subgraphs that each hold `per` nodes of the next one."""
    subgraphs = [
        {"id": f"s{depth}", "nodes": [node(f"{depth}-{each}", f"s{depth + 1}") for each in range(per)]}
        for depth in range(count)
    ]
    return save(node(1, "s0"), definitions={"subgraphs": subgraphs})


def ring() -> Json:
    subgraphs = [{"id": "a", "nodes": [node(2, "b")]}, {"id": "b", "nodes": [node(3, "a")]}]
    return save(node(1, "a"), definitions={"subgraphs": subgraphs})


HOSTILE: dict[str, Any] = {
    "too many links": lambda: save(LOAD, links=[(number, 1, 0, 2, 0) for number in range(MAX_LINKS + 1)]),
    "too many nodes": lambda: {"nodes": [{"id": 1, "type": "Note"}] * (MAX_NODES + 1)},
    "too many inputs": lambda: save({"id": 1, "type": "Save", "inputs": [{"name": "x", "link": 1}] * (MAX_LINKS + 1)}),
    "a ring of subgraphs": ring,
    "subgraphs that double": lambda: nested(60, 2),
    "subgraphs a thousand deep": lambda: nested(1000, 1),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_save_is_an_error_within_a_second(case: str) -> None:
    """A file from anywhere must not take the memory and the time of a service."""
    data = HOSTILE[case]()
    text = json.dumps(data)
    for convert in (lambda: Workflow.from_ui(data, NODES), lambda: Workflow.loads(text, node_info=NODES)):
        begun = time.process_time()
        tracemalloc.start()
        try:
            with pytest.raises(WorkflowError):
                convert()
            assert tracemalloc.get_traced_memory()[1] < 100e6
            assert time.process_time() - begun < 20  # tracemalloc and busy neighbours make it many times slower
        finally:
            tracemalloc.stop()


def test_deep_nesting_is_an_error() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(WorkflowError, match="nested too deeply"):
        Workflow.from_ui(save(node(1, "Plain", [deep])), NODES)
    text = '{"nodes":[{"id":1,"type":"Plain","widgets_values":' + "[" * 100_000 + "]" * 100_000 + "}]}"
    with pytest.raises(WorkflowError, match="nested too deeply"):
        Workflow.loads(text, node_info=NODES)


@pytest.mark.parametrize(
    "data",
    [
        {"nodes": [1]},
        {"nodes": [{"id": 1}]},
        {"nodes": [{"id": True, "type": "Save"}]},
        {"nodes": [{"id": 1, "type": "Save"}, {"id": 1, "type": "Save"}]},
        {"nodes": [{"id": 1, "type": "Save"}], "links": [7]},
        {"nodes": [{"id": 1, "type": "Save"}], "links": [[1, 2]]},
        {"nodes": []},
        {"nodes": [{"id": 1, "type": "Note"}]},
    ],
)
def test_garbage_is_an_error_that_names_the_file(data: Any) -> None:
    with pytest.raises(WorkflowError, match="the workflow"):
        Workflow.from_ui(data, NODES)


@pytest.mark.parametrize(
    "part",
    [
        {"inputs": 5, "outputs": "x", "widgets_values": 5, "properties": [], "mode": "on", "title": 5},
        {"inputs": [None, {"link": {}}, {"name": 5, "link": 5, "widget": 5}], "widgets_values_named": {"x": []}},
        {"properties": {"proxyWidgets": [[], 5, [1], [{}, []]]}, "widgets_values": [[], {}, None, True, 1e400]},
        {"type": "workflow>G", "widgets_values": {"a": 1}},
        {"type": "sub", "widgets_values": [1]},
        {"type": "Resize", "widgets_values": [["by size"], {}, []]},
        {"type": "CustomCombo", "widgets_values": [1]},
        {"type": "Reroute", "inputs": []},
    ],
)
def test_strange_parts_are_told_or_refused_but_never_a_traceback(part: Json) -> None:
    data = save({"id": 1, "type": "Noise", **part}, node(2, "Save", ["x"], {"images": 1}), links=[(1, 1, 0, 2, 0)])
    group = {"nodes": [5], "links": [[0, 0, 5, 5]], "external": [[9, 9]], "config": 5}
    inner = {"id": "sub", "nodes": [], "links": [[1, -10, 0, 99, 0]], "inputs": [5]}
    data |= {"extra": {"groupNodes": {"G": group}}, "definitions": {"subgraphs": [inner, 5]}}
    with contextlib.suppress(WorkflowError):
        assert "2" in Workflow.from_ui(data, NODES)


def test_the_value_of_an_upload_button_is_no_file() -> None:
    """A class that gained a widget in front gets the file's name there, and the button's word for the file."""
    nodes = {"Load": definition({**NOTE, "file": ["COMBO", {"options": [], "video_upload": True}]})}
    for values in (["a.mp4", "image"], ["a.mp4", None]):
        workflow = Workflow.from_ui(save(node(1, "Load", values)), nodes)
        assert "file" in {each.input_name for each in workflow.conversion_problems}


def test_a_shift_is_told_although_the_last_widget_is_linked() -> None:
    nodes = {"Replace": definition({**NOTE, **TEXT, "with": ["STRING", {}]}), "Number": NODES["Number"]}
    data = save(node(1, "Number", [5]), node(2, "Replace", ["find", "put"], {"with": 1}), links=[(1, 1, 0, 2, 0)])
    assert [each.kind for each in Workflow.from_ui(data, nodes).conversion_problems] == ["missing_value"]
