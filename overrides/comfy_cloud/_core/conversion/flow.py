"""Follow links through everything that exists only in the editor, to the node that a server will run.

Reroutes, primitives, bypassed nodes and the borders of subgraphs leave no trace in the graph that is sent. Each link is
followed once, without recursion: a chain may be as long as the save, and may be a ring.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from ...errors import UIFormatError
from ..checks import ProblemKind
from .saved import BYPASSED, INPUT_NODE, MAX_NODES, MUTED, Save, SavedGraph, SavedNode

NOTES: Final = ("MarkdownNote", "Note")
EDITOR_NODES: Final = (*NOTES, "PrimitiveNode", "Reroute")
"""Nodes that no server has and that the editor leaves out."""

MAX_DEPTH: Final = 64
"""How deep subgraphs may be nested: people nest them two or three deep."""


@dataclass(eq=False, slots=True)
class Instance:
    """One use of a graph: the workflow itself, or a subgraph inside one of the nodes that stand for it.

    `promoted` are values that the outer node sets for inputs of the subgraph, by position; `overrides` those that it
    sets for a widget inside, by node id and name.
    """

    graph: SavedGraph
    prefix: str = ""
    outer: Instance | None = None
    host: SavedNode = field(default_factory=lambda: SavedNode("", ""))
    promoted: dict[int, Any] = field(default_factory=dict)
    overrides: dict[tuple[str, str], Any] = field(default_factory=dict)
    inner: dict[str, Instance] = field(default_factory=dict)

    def outer_link(self, position: int) -> str | None:
        """Return the link outside that ends at an input of this subgraph. A host may list fewer inputs than it has."""
        if position >= len(self.graph.inputs):
            return None
        name, slots = self.graph.inputs[position].name, self.host.inputs
        return next((slot.link for slot in (*slots[position : position + 1], *slots) if slot.name == name), None)


class Source(NamedTuple):
    """The result of following a link: a link to a node that runs, a value, or nothing, with the problems on the way."""

    kind: Literal["link", "value", "primitive", "nothing"]
    value: Any = None
    problem: tuple[ProblemKind, str] | None = None


NOTHING: Final = Source("nothing")


def instances(save: Save, source: str) -> Iterator[Instance]:
    """Yield the top graph and every active use of a subgraph, outer ones first, after linking them to one another."""
    waiting, nodes = [(Instance(save.top), frozenset[str]())], 0
    while waiting:
        instance, inside = waiting.pop()
        nodes += len(instance.graph.nodes) + len(instance.graph.inputs)
        if nodes > MAX_NODES:
            raise UIFormatError(f"{source} must have at most {MAX_NODES} nodes with those of its subgraphs")
        yield instance
        for node in instance.graph.nodes.values():
            graph = save.subgraphs.get(node.type)
            if graph is None or not node.active:
                continue
            if len(inside) >= MAX_DEPTH:
                raise UIFormatError(f"{source} must nest subgraphs at most {MAX_DEPTH} deep")
            if node.type in inside:
                raise UIFormatError(f"{source}: subgraph {node.type!r} contains itself")
            inner = Instance(graph, f"{instance.prefix}{node.id}:", instance, node)
            instance.inner[node.id] = inner
            waiting.append((inner, inside | {node.type}))


class Flow:
    """The sources of all links of a save."""

    def __init__(self) -> None:
        self._known: dict[tuple[Instance, str], Source] = {}

    def source(self, instance: Instance, link_id: str) -> Source:
        """Return what a link brings to the input in which it ends."""
        at = (instance, link_id)
        path: list[tuple[Instance, str]] = []
        visited = set()
        while (known := self._known.get(at)) is None:
            if at in visited:
                known = Source("nothing", problem=("cycle", "depends on itself through nodes of the editor"))
                break
            visited.add(at)
            step = self._step(*at)
            if isinstance(step, Source):
                known = self._known[at] = step
                break
            path.append(at)
            at = step
        for each in reversed(path):
            known = self._known[each] = _passed_on(known, *each)
        return known

    def _step(self, instance: Instance, link_id: str) -> Source | tuple[Instance, str]:
        link = instance.graph.links.get(link_id)
        if link is None:
            return Source("nothing", problem=("missing_node", f"has link {link_id}, which is not in the save"))
        if link.origin == INPUT_NODE and instance.outer:
            outside = instance.outer_link(link.origin_slot)
            return (instance.outer, outside) if outside is not None else _promoted(instance, link.origin_slot)
        node = instance.graph.nodes.get(link.origin)
        if node is None:
            text = f"is linked to node {instance.prefix + link.origin!r}, which is not there"
            return Source("nothing", problem=("missing_node", text))
        if node.type == "PrimitiveNode":
            return Source("primitive", node.values[0]) if node.values else NOTHING
        if node.mode == MUTED or node.type in NOTES:
            return NOTHING
        if node.mode == BYPASSED or node.type == "Reroute":
            through = _bypass(node, link.origin_slot)
            return (instance, through) if through is not None else NOTHING
        if inner := instance.inner.get(node.id):
            end = inner.graph.ends.get(link.origin_slot)
            return (inner, end) if end is not None else NOTHING
        return Source("link", [instance.prefix + node.id, link.origin_slot])


def _bypass(node: SavedNode, position: int) -> str | None:
    """Return the link that stands in for an output: of the input with its type, preferably at its own position."""
    if node.type == "Reroute":
        return node.inputs[0].link if node.inputs else None
    if not 0 <= position < len(node.outputs):
        return None
    wanted = node.outputs[position].type
    beside = [slot for slot in node.inputs[position : position + 1] if _connects(slot.type, wanted)]
    same = [slot for slot in node.inputs if slot.type == wanted]
    return next((slot.link for slot in (*beside, *same)), None)


def _connects(one: object, other: object) -> bool:
    """Return whether the editor lets types connect: names, several names with commas between, or any type."""
    names = {name.strip() for name in str(one).split(",")}, {name.strip() for name in str(other).split(",")}
    return any("*" in each for each in names) or bool(names[0] & names[1])


def _promoted(instance: Instance, position: int) -> Source:
    if position in instance.promoted:
        return Source("value", instance.promoted[position])
    return NOTHING


def _passed_on(source: Source, instance: Instance, link_id: str) -> Source:
    """Return what is left of a source after one node of the editor, or one border of a subgraph."""
    if source.kind == "primitive":
        value = reprlib.repr(source.value)
        text = f"loses the value {value} of a PrimitiveNode, as in the editor: only a direct link hands it on"
        source = Source("nothing", problem=("lost_value", text))
    link = instance.graph.links[link_id]
    if source.kind == "nothing" and link.origin == INPUT_NODE and instance.outer:
        return _promoted(instance, link.origin_slot)._replace(problem=source.problem)
    return source
