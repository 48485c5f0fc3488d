"""Read links between nodes exactly as servers do, and find links that would harm a server.

Setting an input, checking a workflow, submitting it and converting an editor's save all use this one reader: a value
that one of them took for data and a server for a link has stopped real servers for all their users.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from ..errors import NodeInputError, WorkflowError
from .inputs import node_label

WAY_OUT = "A list that is data and no link must be wrapped: {'__value__': [...]}"

Outline: TypeAlias = Mapping[str, tuple[str, ...]]
"""The ids of the nodes that each node is linked to. It has no values, which can be large or secret."""


class Link(NamedTuple):
    """A reference to an output of another node. `slot` counts from 0; servers also read floats and booleans there."""

    node_id: str
    slot: float


def read_link(value: object) -> Link | None:
    """Return the link that a server reads in an input's value, or None.

    ComfyUI takes every list of a string and a number for a link when it runs a graph, also in an input that the
    node's class does not declare: `["16:9", 1]` is a link to a node called 16:9. A boolean is a number in Python.
    """
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int | float):
        return Link(value[0], value[1])
    return None


def links_of(node: Mapping[str, Any]) -> Iterator[tuple[str, Link]]:
    """Yield the links of a node with the names of the inputs that hold them."""
    for name, value in node["inputs"].items():
        if (link := read_link(value)) is not None:
            yield name, link


def outline_of(graph: Mapping[str, Any]) -> Outline:
    """Return the links of a graph. A server's graph may have entries that are no nodes."""
    nodes = ((node_id, node.get("inputs")) for node_id, node in graph.items() if isinstance(node, dict))
    return {
        # Most inputs are no lists: to call the reader for each of them takes longer than to find all links.
        str(node_id): tuple(
            [link.node_id for value in inputs.values() if isinstance(value, list) and (link := read_link(value))]
        )
        for node_id, inputs in nodes
        if isinstance(inputs, dict)
    }


def find_cycle(outline: Outline, among: Iterable[str]) -> list[str]:
    """Return the ids of nodes that form a ring of links, in the order in which they depend on each other; else [].

    Undeclared inputs count: a ring through one is accepted by ComfyUI, which then runs no node and reports success.
    """
    finished: set[str] = set()
    for start in among:
        if finished.issuperset(outline[start]):
            # The editor lists nodes in the order in which they run, so that this is all that most graphs need.
            finished.add(start)
            continue
        path: dict[str, Iterator[str]] = {}
        waiting = [start] if start not in finished else []
        while waiting:
            node_id = waiting[-1]
            if node_id not in path:
                path[node_id] = iter(outline[node_id])
            target = next((target for target in path[node_id] if target in outline and target not in finished), None)
            if target is None:
                finished.add(waiting.pop())
                del path[node_id]
            elif target in path:
                ring = list(path)
                return ring[ring.index(target) :]
            else:
                waiting.append(target)
    return []


def refuse_harmful(graph: Mapping[str, Mapping[str, Any]], outline: Outline) -> None:
    """Raise WorkflowError for links that would harm the server or could never run, before anything is uploaded.

    ComfyUI 0.3.64 and 0.33.0 accept a link to a missing node in an undeclared input with 200, and then their job worker
    dies: the server runs no job of anybody until it is restarted. Without node definitions nobody can tell which
    inputs are declared, so every such link is refused.
    """
    missing = set(chain.from_iterable(outline.values())) - graph.keys()
    for node_id, node in graph.items() if missing else ():
        for name, link in links_of(node):
            if link.node_id in missing:
                raise NodeInputError(
                    f"{node_label(node_id, node)}, input {name!r} is {node['inputs'][name]!r}, which servers read as a "
                    f"link to node {link.node_id!r}, and the workflow has no such node; it could stop the server for "
                    f"everybody. {WAY_OUT}"
                )
    if ring := find_cycle(outline, outline):
        named = " -> ".join(node_label(node_id, graph[node_id]) for node_id in [*ring, ring[0]])
        raise WorkflowError(f"these nodes depend on themselves, so that none of them can run: {named}; cut a link")
