"""Convert an editor's save into the graph that the editor would send, by the server's node definitions.

Measured against ComfyUI's own editor. Nothing is guessed in silence: what a save does not say, or says of a class that
the server does not have, is reported. Opens no file and asks no server.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..checks import Problem, catalogue
from ..declared_inputs import DYNAMIC_CHOICE, DeclaredInput, declared_inputs, mapping
from ..graph import Graph
from ..inputs import node_label
from ..nearest import nearest
from .flow import EDITOR_NODES, MAX_DEPTH, NOTHING, Flow, Instance, instances
from .saved import SavedNode, Slot, read_save
from .widgets import EDITOR_ONLY, Finding, default_of, filled, fits, is_widget, sent, widget_values

_EXACT: Final = 2**53
"""JavaScript, and so the editor, keeps whole numbers exact only up to here."""


def convert(save: Mapping[str, Any], node_info: object, source: str) -> tuple[Graph, list[Problem]]:
    """Return the graph of a save, and what is wrong with the save or differs from what the editor would send.

    Raises WorkflowError for a save that cannot be read, and TypeError if `node_info` maps no classes.
    """
    return _Conversion(save, node_info, source).result()


class _Conversion:
    """One save beside the definitions of one server."""

    def __init__(self, data: Mapping[str, Any], node_info: object, source: str) -> None:
        self._save = read_save(data, source)
        self._source = source
        self._known = catalogue(node_info)
        self._flow = Flow()
        self._own: dict[str, tuple[dict[str, Any], list[Finding]]] = {}
        self._definitions: dict[str, Mapping[str, Any]] = {}
        self._targets: dict[tuple[str, int], _Target | None] = {}
        self._problems: list[Problem] = []

    def result(self) -> tuple[Graph, list[Problem]]:
        active = list(instances(self._save, self._source))
        for instance in active:
            if instance.outer:
                self._promote(instance, instance.host, instance.outer)
        graph: Graph = {}
        for instance in active:
            for node in instance.graph.nodes.values():
                if node.type not in EDITOR_NODES and node.active and node.id not in instance.inner:
                    graph[instance.prefix + node.id] = self._node(instance, node)
        return graph, self._problems

    def _definition(self, class_type: str) -> Mapping[str, Any]:
        """Return the definition of a class with its inputs in the order of the editor."""
        if class_type not in self._definitions:
            definition = mapping(self._known.get(class_type))
            order, sections = mapping(definition.get("input_order")), mapping(definition.get("input"))
            inputs = {}
            for section in ("required", "optional"):
                names, found = order.get(section), mapping(sections.get(section))
                first = [name for name in names if name in found] if isinstance(names, list) else []
                inputs[section] = {name: found[name] for name in dict.fromkeys([*first, *found])}
            self._definitions[class_type] = {**definition, "input": inputs}
        return self._definitions[class_type]

    def _own_values(self, node: SavedNode) -> tuple[dict[str, Any], list[Finding]]:
        """Return the values that a node has by itself; those of a node in a subgraph are read only once."""
        if node.id not in self._own:
            findings: list[Finding] = []
            if mapping(self._known.get(node.type)):
                values = widget_values(node, self._definition(node.type), findings)
            else:  # without a definition only names tell which value is whose
                values = {name: value for name, value in node.named.items() if name not in EDITOR_ONLY}
                text = f"is of a class that this server does not have{nearest(node.type, self._known)}"
                findings.append(Finding(None, "unknown_class", text))
            self._own[node.id] = values, findings
        return self._own[node.id]

    def _node(self, instance: Instance, node: SavedNode) -> dict[str, Any]:
        definition = self._definition(node.type)
        own, findings = self._own_values(node)
        values = {name: instance.overrides.get((node.id, name), value) for name, value in own.items()}
        links, found = {}, []
        for slot in node.inputs:
            source = self._flow.source(instance, slot.link) if slot.link is not None else NOTHING
            if source.problem:
                found.append(Finding(slot.name, *source.problem))
            if source.kind == "link":
                links[slot.name] = source.value
            elif source.kind == "value" or (source.kind == "primitive" and slot.name in values):
                values[slot.name] = source.value
        _choose_again(definition, own, values)
        for name, value in values.items():
            if type(value) is int and abs(value) > _EXACT:
                found.append(Finding(name, "better_than_editor", f"is sent as exactly {value}; the editor rounds it"))
        for finding in (*found, *findings):
            self._report(instance, node, finding)
        inputs = {name: links.pop(name) if name in links else sent(value) for name, value in values.items()}
        title = node.title or definition.get("display_name") or node.type
        return {"inputs": inputs | links, "class_type": node.type, "_meta": {"title": title}}

    def _promote(self, instance: Instance, host: SavedNode, outer: Instance) -> None:
        """Set what a subgraph's node sets for the widgets inside; a value goes to all that its input leads to."""
        values, overrides, findings = self._host_values(host)
        leading = {slot.name for place, slot in enumerate(instance.graph.inputs) if place in instance.graph.starts}
        lost = [slot.name for slot in host.inputs if slot.link is not None and slot.name not in leading]
        for finding in (*findings, *(Finding(name, "lost_value", "leads to nothing inside") for name in lost)):
            self._report(outer, host, finding)
        instance.overrides |= overrides
        for place, slot in enumerate(instance.graph.inputs):
            if target := self._target(host.type, place):
                instance.promoted[place] = outer.overrides.get((host.id, slot.name), values.get(place, target.value))

    def _host_values(self, host: SavedNode) -> tuple[dict[int, Any], dict[tuple[str, str], Any], list[Finding]]:
        """Return the values of a subgraph's node: by position among its inputs, and by node and widget inside."""
        graph = self._save.subgraphs[host.type]
        places = {name: place for name, place in graph.places.items() if self._target(host.type, place)}
        saved, findings = host.values or [], list[Finding]()
        widgets = [("-1", name) for name in places if name in host.named] or [("-1", name) for name in places]
        if any(name in host.named for name in places):
            saved = [host.named[name] for _, name in widgets]
        elif any(inner == "-1" for inner, _ in host.proxies) or len(widgets) != len(saved) == len(host.proxies):
            widgets = host.proxies
        if saved and len(widgets) != len(saved):
            text = f"has {len(saved)} values for the {len(widgets)} widgets of its subgraph"
            findings.append(Finding(None, "missing_value" if len(saved) < len(widgets) else "surplus_value", text))
        values: dict[int, Any] = {}
        overrides: dict[tuple[str, str], Any] = {}
        for (inner, name), value in zip(widgets, saved, strict=False):
            node, widget = graph.nodes.get(inner), name
            if name in places and inner == "-1" and (target := self._target(host.type, places[name])):
                node, widget = target.node, target.widget
            declared = node and self._declared(node, widget)
            if declared and not fits(value, declared):
                text = f"does not take {reprlib.repr(value)}; the value inside the subgraph is used"
                findings.append(Finding(name, "wrong_type", text))
            elif inner == "-1" and name in places:
                values[places[name]] = filled(value, declared) if declared else value
            elif value is not None:
                overrides[inner, name] = value
        return values, overrides, findings

    def _declared(self, node: SavedNode, name: str) -> DeclaredInput | None:
        return declared_inputs(self._definition(node.type), self._own_values(node)[0]).get(name)

    def _target(self, class_type: str, place: int, depth: int = MAX_DEPTH) -> _Target | None:
        """Return the first widget inside to which an input of a subgraph leads, and its value."""
        known = (class_type, place)
        if known not in self._targets and depth:
            self._targets[known] = None  # a subgraph that contains itself ends here
            graph = self._save.subgraphs[class_type]
            ends = [(graph.nodes.get(link.target), link.target_slot) for link in graph.starts.get(place, [])]
            slots = [(node, node.inputs[at]) for node, at in ends if node and 0 <= at < len(node.inputs)]
            found = (self._widget(node, slot, depth - 1) for node, slot in slots)
            self._targets[known] = next((target for target in found if target), None)
        return self._targets.get(known)

    def _widget(self, node: SavedNode, slot: Slot, depth: int) -> _Target | None:
        """Return the widget that an input of a node is, or to which it leads in the subgraph of the node."""
        if inner := self._save.subgraphs.get(node.type):
            place = inner.places.get(slot.name, -1)
            target = self._target(node.type, place, depth)
            return target and target._replace(value=self._host_values(node)[0].get(place, target.value))
        own = self._own_values(node)[0]
        return _Target(node, slot.name, own.get(slot.name)) if slot.widget or slot.name in own else None

    def _report(self, instance: Instance, node: SavedNode, finding: Finding) -> None:
        node_id, name = instance.prefix + node.id, finding.widget
        where = node_label(node_id, {"class_type": node.type, "_meta": {"title": node.title}})
        where += f", input {name!r}" if name is not None else ""
        self._problems.append(Problem(node_id, node.type, name, finding.kind, f"{where} {finding.text}"))


class _Target(NamedTuple):
    """A widget inside a subgraph, and the value that it has there."""

    node: SavedNode
    widget: str
    value: Any


def _choose_again(definition: Mapping[str, Any], own: Mapping[str, Any], values: dict[str, Any]) -> None:
    """Fit the inputs of dynamic choices to keys that came from elsewhere than the node itself, as the editor does."""
    declared = declared_inputs(definition, values) if any(values[name] != own[name] for name in own) else {}
    if any(each.type == DYNAMIC_CHOICE and values.get(name) != own.get(name) for name, each in declared.items()):
        for name in own.keys() - declared.keys():
            del values[name]
        for name, each in declared.items():
            if name not in values and is_widget(name, each):
                values[name] = default_of(each)
