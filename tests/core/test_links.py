"""Links are read as servers read them, and a workflow that would harm a server is not sent."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import Workflow, WorkflowError
from comfy_cloud._core.links import find_cycle, outline_of, read_link


@pytest.mark.parametrize("value", [["1", 0], ["1", -1], ["1", 0.5], ["1", True], ["16:9", 1]])
def test_a_list_of_a_string_and_a_number_is_a_link(value: list[Any]) -> None:
    assert read_link(value) == tuple(value)


@pytest.mark.parametrize(
    "value", ["1", 1, None, [], ["1"], [1, 0], ["1", "0"], ["1", None], ["1", 0, 0], {"a": ["1", 0]}]
)
def test_anything_else_is_none(value: Any) -> None:
    assert read_link(value) is None


def graph_of(**inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: {"class_type": "Node", "inputs": given} for name, given in inputs.items()}


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        (graph_of(a={"x": ["gone", 0]}), "link to node 'gone'"),
        (graph_of(a={"size": ["16:9", 1]}), r"node 'a' \(Node\), input 'size' is \['16:9', 1\].*'__value__'"),
        (graph_of(a={"size": ["text", 1.5]}), "link to node 'text'"),
        (graph_of(a={"size": ["text", True]}), "link to node 'text'"),
        (graph_of(a={"x": ["a", 0]}), r"node 'a' \(Node\) -> node 'a' \(Node\)"),
        (graph_of(a={"x": ["b", 0]}, b={"x": ["a", 0]}), "depend on themselves"),
    ],
)
def test_what_would_harm_a_server_is_refused_when_it_is_submitted(graph: dict[str, Any], says: str) -> None:
    """Such a graph is accepted with 200 by real servers, and no job of anybody runs after it."""
    workflow = Workflow(graph)  # it can be loaded, and mended
    with pytest.raises(WorkflowError, match=says):
        workflow._prepare()


@pytest.mark.parametrize(
    "value", [{"__value__": ["16:9", 1]}, {"nested": ["gone", 0]}, ["16", "9"], [16, 9], ["a", 1, 2]]
)
def test_lists_that_are_data_are_sent(value: Any) -> None:
    graph = graph_of(a={"size": value})
    assert Workflow(graph)._prepare().graph({}) == graph


@pytest.mark.parametrize(
    "value", [["b", 0], ["b", 0.5], ["b", True], ("b", 1), {"__value__": ["b", 0]}, [["b", 0]], "b"]
)
def test_the_links_of_a_submit_are_those_of_its_graph(value: Any) -> None:
    """The copy that is submitted finds its links on the way: a ring that it overlooked would stop a server."""
    prepared = Workflow(graph_of(a={"first": ["c", 0], "x": value, "last": ["b", 2]}, b={}, c={}))._prepare()
    assert prepared.check().outline == outline_of(prepared.graph({}))


@pytest.mark.parametrize("value", [("gone", 0), ["16:9", 1], ("a", 1.5), ["a", True], ("a", -1)])
def test_setting_an_input_reads_links_in_the_same_way(value: Any) -> None:
    workflow = Workflow(graph_of(a={"size": 1}, b={}))
    with pytest.raises(WorkflowError, match="cannot link to output"):
        workflow["a"].set("size", value)
    assert workflow["a"]["size"] == 1


def test_long_chains_and_shared_nodes_are_no_rings() -> None:
    chain = graph_of(**{f"n{i}": {"x": [f"n{i + 1}", 0], "y": [f"n{i + 1}", 0]} for i in range(20_000)}, n20000={})
    assert find_cycle(outline_of(chain), chain) == []
    upwards = dict(reversed(chain.items()))
    assert find_cycle(outline_of(upwards), upwards) == []
    chain["n20000"]["inputs"]["x"] = ["n19998", 0]
    assert find_cycle(outline_of(chain), chain) == ["n19998", "n19999", "n20000"]
