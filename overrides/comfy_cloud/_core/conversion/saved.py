"""Read an editor's save into plain data: graphs of nodes and links, and the definitions of subgraphs.

Every version of the format ends up in the same shape here: links as lists or objects, ids as numbers or strings, group
nodes as subgraphs, ids made unique. Whatever does not have the shape of a node or a link is refused by name. Nothing
is decided here about values.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from ...errors import UIFormatError

MAX_LINKS: Final = 200_000
MAX_NODES: Final = 50_000
"""The largest save that people have shared has some 2,000 nodes; larger ones are refused before they cost memory."""

MUTED: Final = 2
BYPASSED: Final = 4

INPUT_NODE: Final = "-10"
OUTPUT_NODE: Final = "-20"
"""The ids under which links inside a subgraph name its own inputs and outputs."""

_GROUP_PREFIXES: Final = ("workflow>", "workflow/")
_LINK_FIELDS: Final = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
_IS_NUMBER: Final = re.compile(r"[0-9]{1,15}").fullmatch


class Slot(NamedTuple):
    """An input or output: its name, its type, the link that ends there, and the widget that it stands for."""

    name: str
    type: Any
    link: str | None = None
    widget: str | None = None


class SavedLink(NamedTuple):
    """A link as saved: from an output of one node to an input of another, by ids and positions."""

    origin: str
    origin_slot: int
    target: str
    target_slot: int


@dataclass(slots=True)
class SavedNode:
    """A node as saved: the values of its widgets by position (`values`) or by name (`named`)."""

    id: str
    type: str
    mode: int = 0
    title: str = ""
    inputs: list[Slot] = field(default_factory=list)
    outputs: list[Slot] = field(default_factory=list)
    values: list[Any] | None = None
    named: Mapping[str, Any] = field(default_factory=dict)
    proxies: list[tuple[str, str]] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """True if the node runs, because it is neither muted nor bypassed."""
        return self.mode not in (MUTED, BYPASSED)


@dataclass
class SavedGraph:
    """The nodes and links of the workflow or of one subgraph, whose own `inputs` and `outputs` are named beside."""

    nodes: dict[str, SavedNode]
    links: dict[str, SavedLink]
    inputs: list[Slot] = field(default_factory=list)
    outputs: list[Slot] = field(default_factory=list)

    @cached_property
    def places(self) -> dict[str, int]:
        """The positions of the inputs of a subgraph, by name."""
        return {slot.name: place for place, slot in enumerate(self.inputs)}

    @cached_property
    def ends(self) -> dict[int, str]:
        """The links that end at the outputs of a subgraph, by position."""
        return {link.target_slot: link_id for link_id, link in self.links.items() if link.target == OUTPUT_NODE}

    @cached_property
    def starts(self) -> dict[int, list[SavedLink]]:
        """The links that start at the inputs of a subgraph, by position."""
        starts: dict[int, list[SavedLink]] = {}
        for link in self.links.values():
            if link.origin == INPUT_NODE:
                starts.setdefault(link.origin_slot, []).append(link)
        return starts


@dataclass(slots=True)
class Save:
    """A whole save: the graph at the top and the subgraphs by the id that nodes have as their type."""

    top: SavedGraph
    subgraphs: dict[str, SavedGraph]


def read_save(data: Mapping[str, Any], source: str) -> Save:
    """Read a save. Raises WorkflowError, naming `source` and the place, for what no editor writes."""
    reader = _Reader(source)
    top = reader.graph(data, "")
    definitions = {str(definition.get("id")): definition for definition in _definitions(data)}
    save = Save(top, {name: reader.graph(each, f" of subgraph {name!r}") for name, each in definitions.items()})
    last = _make_unique(save, _last_id(data, save))
    groups = _mapping(_mapping(data.get("extra")).get("groupNodes"))
    moved = {}
    for node in top.nodes.values():
        name = node.type[len(_GROUP_PREFIXES[0]) :] if node.type.startswith(_GROUP_PREFIXES) else ""
        if definition := _mapping(groups.get(name)):
            inner = reader.group(definition, f" of group node {name!r}")
            last = _unfold(save, node, inner, definition, last)
            moved[node.id] = str(last)
    _rename(top, moved)
    return save


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _definitions(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the definitions of subgraphs in file order, also those that stand inside others."""
    found = [data]
    for each in found:
        found += [inner for inner in _list(_mapping(each.get("definitions")).get("subgraphs")) if _mapping(inner)]
        if len(found) > MAX_NODES:
            raise UIFormatError(f"a save must have at most {MAX_NODES} subgraphs")
    return found[1:]


class _Reader:
    """The reading of one save, which counts what it reads against the limits."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._nodes = self._links = 0

    def graph(self, data: Mapping[str, Any], where: str) -> SavedGraph:
        nodes, links = _list(data.get("nodes")), _list(data.get("links"))
        self._count(len(nodes), len(links))
        graph = SavedGraph({}, self._all_links(links, where), _slots(data.get("inputs")), _slots(data.get("outputs")))
        for entry in nodes:
            node = self._node(entry, where)
            if node.id in graph.nodes:
                raise UIFormatError(f"{self._source}: two nodes{where} have the id {node.id!r}; give one another id")
            graph.nodes[node.id] = node
        return graph

    def group(self, data: Mapping[str, Any], where: str) -> SavedGraph:
        """Read the content of a group node, whose nodes and links are known by their position in it."""
        nodes = [{**_mapping(entry), "id": index} for index, entry in enumerate(_list(data.get("nodes")))]
        links = [[index, *link[:4]] for index, link in enumerate(_list(data.get("links"))) if isinstance(link, list)]
        graph = self.graph({"nodes": nodes, "links": links}, where)
        for index, link in graph.links.items():
            target = graph.nodes.get(link.target)
            if target and link.target_slot < len(target.inputs):
                target.inputs[link.target_slot] = target.inputs[link.target_slot]._replace(link=index)
        return graph

    def _count(self, nodes: int, links: int) -> None:
        self._nodes += nodes
        self._links += links
        if self._nodes > MAX_NODES or self._links > MAX_LINKS:
            raise UIFormatError(f"{self._source} must have at most {MAX_NODES} nodes and {MAX_LINKS} links and inputs")

    def _all_links(self, entries: list[Any], where: str) -> dict[str, SavedLink]:
        links = {}
        for entry in entries:
            parts = [entry.get(name) for name in _LINK_FIELDS] if isinstance(entry, Mapping) else entry
            if isinstance(parts, list) and len(parts) >= len(_LINK_FIELDS):
                link_id, origin, slot, target, target_slot = parts[: len(_LINK_FIELDS)]
                links[str(link_id)] = SavedLink(str(origin), _number(slot), str(target), _number(target_slot))
            elif entry is not None:  # editors before 2024 left holes
                raise self._fault(f"a link{where} must be a list of five or an object", entry)
        return links

    def _node(self, entry: object, where: str) -> SavedNode:
        saved = _mapping(entry)
        node_id, class_type, values = saved.get("id"), saved.get("type"), saved.get("widgets_values")
        if not isinstance(class_type, str) or not isinstance(node_id, int | str) or isinstance(node_id, bool):
            raise self._fault(f"a node{where} must be an object with 'id' and 'type'", entry)
        self._count(0, len(_list(saved.get("inputs"))) + len(_list(saved.get("outputs"))))
        proxies = _list(_mapping(saved.get("properties")).get("proxyWidgets"))
        return SavedNode(
            id=str(node_id),
            type=class_type,
            mode=_number(saved.get("mode")),
            title=str(saved.get("title") or ""),
            inputs=_slots(saved.get("inputs")),
            outputs=_slots(saved.get("outputs")),
            values=values if isinstance(values, list) else None,
            named=values if isinstance(values, Mapping) else _mapping(saved.get("widgets_values_named")),
            proxies=[(str(each[0]), str(each[1])) for each in proxies if isinstance(each, list) and len(each) > 1],
        )

    def _fault(self, rule: str, found: object) -> UIFormatError:
        return UIFormatError(f"{self._source}: {rule}, not {reprlib.repr(found)}")


def _slots(entries: object) -> list[Slot]:
    return [
        Slot(
            str(entry.get("name", "")),
            entry.get("type"),
            None if entry.get("link") is None else str(entry["link"]),
            str(_mapping(entry["widget"]).get("name")) if entry.get("widget") else None,
        )
        for entry in map(_mapping, _list(entries))
    ]


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _last_id(data: Mapping[str, Any], save: Save) -> int:
    marks = [_number(data.get("last_node_id")), _number(_mapping(data.get("state")).get("lastNodeId"))]
    return max(0, *marks, *(int(node_id) for node_id in save.top.nodes if _IS_NUMBER(node_id)))


def _make_unique(save: Save, last: int) -> int:
    """Give nodes of subgraphs whose id is taken the next free number, as the editor does when it opens a save."""
    taken = set(save.top.nodes)
    renamed: dict[str, dict[str, str]] = {}
    for name, graph in save.subgraphs.items():
        changes = {}
        for node_id in graph.nodes:
            if node_id in taken:
                last += 1
                changes[node_id] = str(last)
            taken.add(changes.get(node_id, node_id))
        renamed[name] = changes
        _rename(graph, changes)
    for graph in (save.top, *save.subgraphs.values()):
        for node in graph.nodes.values():
            changes = renamed.get(node.type, {})
            node.proxies = [(changes.get(inner, inner), widget) for inner, widget in node.proxies]
    return last


def _rename(graph: SavedGraph, changes: Mapping[str, str]) -> None:
    nodes = {}
    for node_id, node in graph.nodes.items():
        node.id = changes.get(node_id, node_id)
        nodes[node.id] = node
    graph.nodes = nodes
    for link_id, link in graph.links.items():
        graph.links[link_id] = link._replace(
            origin=changes.get(link.origin, link.origin), target=changes.get(link.target, link.target)
        )


def _unfold(save: Save, host: SavedNode, inner: SavedGraph, definition: Mapping[str, Any], last: int) -> int:
    """Turn a group node into a subgraph, as the editor does: new ids for its nodes, and then one for itself.

    A group node shows the inputs and the widgets of its nodes in their order, but for inputs that are linked inside,
    and the outputs that nothing inside takes, or that are listed as `external`.
    """
    external = {(str(each[0]), _number(each[1])) for each in _list(definition.get("external")) if _list(each)[1:]}
    used = {(link.origin, link.origin_slot) for link in inner.links.values() if link[:2] not in external}
    shown: dict[str, list[tuple[str, int]]] = {"input": [], "output": []}
    for node in inner.nodes.values():
        config = _mapping(_mapping(definition.get("config")).get(node.id))
        for kind, slots in (("input", node.inputs), ("output", node.outputs)):
            for place, slot in enumerate(slots):
                taken = slot.link is not None or slot.widget if kind == "input" else (node.id, place) in used
                setting = _mapping(_mapping(config.get(kind)).get(slot.name if kind == "input" else str(place)))
                if not taken and setting.get("visible") is not False:
                    shown[kind].append((node.id, place))
    outside = [place for place, slot in enumerate(host.inputs) if not slot.widget]
    for at, (node_id, place) in zip(outside, shown["input"], strict=False):
        inner.links[f"in{at}"] = SavedLink(INPUT_NODE, at, node_id, place)
        inner.nodes[node_id].inputs[place] = inner.nodes[node_id].inputs[place]._replace(link=f"in{at}")
    for at, (node_id, place) in enumerate(shown["output"][: len(host.outputs)]):
        inner.links[f"out{at}"] = SavedLink(node_id, place, OUTPUT_NODE, at)
    inner.inputs, inner.outputs = host.inputs, host.outputs
    values, counts = host.values or [], [len(node.values or []) for node in inner.nodes.values()]
    if len(values) == sum(counts):
        for node, count in zip(inner.nodes.values(), counts, strict=True):
            node.values, values = values[:count], values[count:]
        host.values = None
    _rename(inner, {node_id: str(last + 1 + index) for index, node_id in enumerate(inner.nodes)})
    last += len(inner.nodes) + 1
    host.type = f"{host.type}#{last}"
    save.subgraphs[host.type] = inner
    return last
