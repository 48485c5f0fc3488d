"""Find what a server would refuse, fail on or die of in a workflow, by the server's node definitions.

It follows the order of ComfyUI: first link or value, then the type. It complains only of what is certain: types,
options and shapes that are not known pass, and so does a node that no output depends on, since servers do not run it.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from .declared_inputs import DYNAMIC_CHOICE, GROWING, MATCHING, DeclaredInput, declared_inputs, mapping
from .graph import Graph
from .inputs import has_redacted, json_fault, node_label, unwrap
from .links import WAY_OUT, Link, find_cycle, links_of, outline_of, read_link
from .nearest import nearest

__all__ = ["Problem"]

ProblemKind: TypeAlias = Literal[
    "unknown_class",  # the server has no such node
    "missing_input",  # a required input is not there
    "out_of_range",  # a number below `min` or above `max`
    "wrong_type",  # no number where one is needed, or a value where only a link can be
    "bad_link",  # a list where only a link can be, and which names no node and output
    "unknown_input",  # a link to an item that a growing input does not have
    "not_offered",  # not among the choices
    "missing_node",  # a link to a node that is not there
    "missing_slot",  # a link to an output that its node does not have
    "type_mismatch",  # a link from an output of another type
    "cycle",  # nodes that depend on themselves
    "no_output",  # nothing would be saved or shown, so nothing would run
    "partner_key",  # a paid partner node: submit with `partner_key`
    "not_a_node",  # a top-level key that is no node (kept aside, not sent)
    "redacted",  # `[REDACTED]`, left by a server in place of a key
    "not_json",  # NaN, infinity, broken text
    "missing_value",  # conversion: a widget that the editor's save has no value for
    "surplus_value",  # conversion: more values than the class has widgets
    "lost_value",  # conversion: a value that the editor itself loses on its way to a widget
    "better_than_editor",  # conversion: no fault; the editor would have changed what the save says
]

_Found: TypeAlias = tuple[ProblemKind, str]
_Definitions: TypeAlias = Mapping[str, Mapping[str, Any]]

# Between these a mismatch is certain, and none but the first four can be written as a value: other types may be sets
# of types, wildcards, widgets of a custom node, or checked by the node itself.
# fmt: off
_VALUE_TYPES = frozenset(("BOOLEAN", "FLOAT", "INT", "STRING"))
_LINK_TYPES = frozenset((
    "AUDIO", "AUDIO_ENCODER", "AUDIO_ENCODER_OUTPUT", "CLIP", "CLIP_VISION", "CLIP_VISION_OUTPUT", "CONDITIONING",
    "CONTROL_NET", "GLIGEN", "GUIDER", "HOOKS", "HOOK_KEYFRAMES", "IMAGE", "LATENT", "LATENT_OPERATION", "MASK", "MESH",
    "MODEL", "MODEL_PATCH", "NOISE", "PHOTOMAKER", "SAMPLER", "SIGMAS", "STYLE_MODEL", "TIMESTEPS_RANGE",
    "UPSCALE_MODEL", "VAE", "VIDEO", "VOXEL",
))
# fmt: on
_PLAIN_TYPES = _VALUE_TYPES | _LINK_TYPES
# Stored content and files of other folders are not listed among a node's choices, and are taken all the same.
_FILE_REFERENCE = re.compile(r"blake3:.+|[0-9a-fA-F]{64}(\.\w+)?|.+ \[(input|output|temp)\]")


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault that a server would refuse, fail on or misread.

    `node_id` (or the top-level key), `class_type` and `input_name` say where, None where no single one is concerned;
    `kind` is a word to decide by; `message` is the whole of it in a sentence.
    """

    node_id: str | None
    class_type: str | None
    input_name: str | None
    kind: ProblemKind
    message: str

    def __str__(self) -> str:
        return self.message


def find_problems(
    graph: Graph, notes: Mapping[str, Any], node_info: object, sources: Mapping[str, str] = MappingProxyType({})
) -> list[Problem]:
    """Return everything certain, in the order of the graph. Raises TypeError if `node_info` maps no classes.

    `sources` tells where models can be downloaded, by file name.
    """
    return list(_Checker(graph, notes, catalogue(node_info), sources).problems())


def catalogue(node_info: object) -> Mapping[str, Any]:
    """Return the node definitions by class. Raises TypeError if `node_info` maps no classes."""
    if not isinstance(node_info, Mapping) and not callable(getattr(node_info, "to_dict", None)):
        raise TypeError(f"node_info must be what nodes.info() returns, definitions by class, not {type(node_info)}")
    return mapping(node_info)


class _Checker:
    """One workflow beside the definitions of one server."""

    def __init__(
        self, graph: Graph, notes: Mapping[str, Any], known: Mapping[str, Any], sources: Mapping[str, str]
    ) -> None:
        self._graph = graph
        self._sources = sources
        self._notes = notes
        self._known = known
        self._definitions: _Definitions = {
            node_id: mapping(known.get(node["class_type"])) for node_id, node in graph.items()
        }
        self._declared = {
            node_id: declared_inputs(self._definitions[node_id], node["inputs"]) for node_id, node in graph.items()
        }

    def problems(self) -> Iterator[Problem]:
        running = self._running()
        for node_id, node in self._graph.items():
            label, class_type = node_label(node_id, node), node["class_type"]
            # A server refuses the whole workflow for an unknown class, also of a node that no output needs.
            if self._known and class_type not in self._known:
                message = f"{label}: this server has no such node class{nearest(class_type, self._known)}"
                yield Problem(node_id, class_type, None, "unknown_class", message)
            if node_id not in running:
                continue
            if self._definitions[node_id].get("api_node") is True:
                message = f"{label} calls a paid partner service: submit it with partner_key="
                yield Problem(node_id, class_type, None, "partner_key", message)
            for name, (kind, text) in self._input_problems(node_id):
                yield Problem(node_id, class_type, name, kind, f"{label}, input {name!r} {text}")
        if ring := find_cycle(outline_of(self._graph), [node_id for node_id in self._graph if node_id in running]):
            named = " -> ".join(node_label(node_id, self._graph[node_id]) for node_id in [*ring, ring[0]])
            message = f"these nodes depend on themselves, so that none of them can run: {named}"
            yield Problem(ring[0], self._graph[ring[0]]["class_type"], None, "cycle", message)
        for name in self._notes:
            yield Problem(name, None, None, "not_a_node", f"{name!r} is not a node; it is kept aside and not sent")
        if not any(map(self._may_be_output, self._graph)):
            message = "no node saves or shows anything, so a server would run nothing; add one such as SaveImage"
            yield Problem(None, None, None, "no_output", message)

    def _may_be_output(self, node_id: str) -> bool:
        return self._definitions[node_id].get("output_node") is not False

    def _running(self) -> set[str]:
        """Return the nodes that outputs depend on; all of them where there is no output."""
        waiting = [node_id for node_id in self._graph if self._may_be_output(node_id)] or list(self._graph)
        running: set[str] = set()
        while waiting:
            node_id = waiting.pop()
            if node_id in self._graph and node_id not in running:
                running.add(node_id)
                waiting += [link.node_id for _, link in links_of(self._graph[node_id])]
        return running

    def _input_problems(self, node_id: str) -> Iterator[tuple[str, _Found]]:
        declared, inputs = self._declared[node_id], self._graph[node_id]["inputs"]
        for name, wanted in declared.items():
            if name not in inputs and _must_be_there(wanted):
                yield name, ("missing_input", "is required and is not set")
        for name, value in inputs.items():
            found: _Found | None
            if fault := json_fault(value):
                found = ("not_json", fault)
            elif has_redacted(value):
                found = ("redacted", "holds [REDACTED], which a server left in place of a key; set a real value")
            elif name in declared:
                found = self._declared_problem(value, declared[name])
            else:
                found = self._undeclared_problem(name, value, declared)
            if found:
                source = self._sources.get(value) if found[0] == "not_offered" and isinstance(value, str) else None
                hint = f". The workflow names its source: cloud.assets.import_url({source!r})" if source else ""
                yield name, (found[0], found[1] + hint)

    def _undeclared_problem(self, name: str, value: object, declared: Mapping[str, DeclaredInput]) -> _Found | None:
        """Find the harm in an input that the class does not have: servers follow links there, and ignore values."""
        link = read_link(value)
        if link is None:
            return None
        items = {full: wanted.item for full, wanted in declared.items() if wanted.item}
        group = name.rpartition(".")[0]
        if group in declared and any(full.startswith(f"{group}.") for full in items):
            near = nearest(name, items)
            return "unknown_input", f"is not an item of the growing input {group!r}{near}; a server would fail on it"
        if full := next((full for full, item in items.items() if item == name), None):
            return "unknown_input", f"must be called {full!r}; a server would fail on it under this name"
        return self._output_problem(link)

    def _declared_problem(self, value: object, wanted: DeclaredInput) -> _Found | None:
        if wanted.type == GROWING:
            return None  # a server ignores the group itself, and then misses its items
        inner = unwrap(value)
        if inner is not value and wanted.types <= _LINK_TYPES and wanted.types and read_link(inner):
            value = inner  # servers unwrap it, and follow the link
        if not isinstance(value, list):
            return _value_problem(inner, wanted)
        if wanted.type == DYNAMIC_CHOICE:
            return None if wanted.nested else ("not_offered", "holds a link, and a dynamic choice takes none")
        if len(value) != 2:
            return "bad_link", f"holds a list, which servers read as a link [node id, output] here. {WAY_OUT}"
        target, slot = value
        if not isinstance(target, str):
            return "bad_link", f"links to {reprlib.repr(target)}, and the id of a node is a string. {WAY_OUT}"
        if not isinstance(slot, int):
            return "bad_link", f"links to output {reprlib.repr(slot)}, and outputs are counted in whole numbers"
        return self._output_problem(Link(target, slot), wanted)

    def _output_problem(self, link: Link, wanted: DeclaredInput | None = None) -> _Found | None:
        """Find what is wrong with the output that a link names, for a declared input with its type."""
        target, slot = link
        if target not in self._graph:
            return "missing_node", f"links to node {target!r}, which is not there. {WAY_OUT}"
        if not isinstance(slot, int):
            return "bad_link", f"links to output {slot}, and outputs are counted in whole numbers"
        outputs = self._definitions[target].get("output")
        if not isinstance(outputs, list):
            return None
        label = node_label(target, self._graph[target])
        if not -len(outputs) <= slot < len(outputs) or (slot < 0 and wanted is None):
            if "*" in outputs:  # nodes with any number of outputs declare one such
                return None
            return "missing_slot", f"links to output {slot} of {label}, which has {len(outputs)} (counted from 0)"
        if slot < 0:
            return "missing_slot", f"links to output {slot} of {label}; outputs are counted from 0"
        if wanted is None:
            return None
        got = self._types_of_output(target, slot)
        if wanted.choices is not None:
            # Only a list of choices itself may be linked there, and its type is no plain name.
            if got and got <= _PLAIN_TYPES:
                return "type_mismatch", f"takes one of its choices, and output {slot} of {label} gives {_named(got)}"
        elif got and wanted.types and not got & wanted.types and got | wanted.types <= _PLAIN_TYPES:
            return "type_mismatch", f"takes {_named(wanted.types)}, and output {slot} of {label} gives {_named(got)}"
        return None

    def _types_of_output(self, node_id: str, slot: int, depth: int = 8) -> frozenset[str]:
        """Return the types that an output may have; empty where that is not known.

        An output that matches the type of inputs has the types of what they are linked to.
        """
        definition = self._definitions[node_id]
        outputs = definition.get("output") or []
        got = outputs[slot] if -len(outputs) <= slot < len(outputs) else None
        if got != MATCHING:
            return DeclaredInput(True, got, {}).types
        templates = definition.get("output_matchtypes")
        template = templates[slot] if isinstance(templates, list) and -len(templates) <= slot < len(templates) else None
        types: set[str] = set()
        for name, wanted in self._declared[node_id].items():
            if wanted.type != MATCHING or wanted.template_id != template:
                continue
            link = read_link(self._graph[node_id]["inputs"].get(name))
            known = link is not None and link.node_id in self._graph and isinstance(link.slot, int) and depth
            found = self._types_of_output(link.node_id, int(link.slot), depth - 1) if link and known else frozenset()
            if not found:
                return found
            types |= found
        return frozenset(types)


def _must_be_there(wanted: DeclaredInput) -> bool:
    # The editor keeps the state of its own widgets as it likes. Neither a growing input nor a dynamic choice inside
    # another is asked for by servers: only the inputs that they bring.
    if not wanted.required or wanted.type == GROWING or (wanted.type == DYNAMIC_CHOICE and wanted.nested):
        return False
    return not (wanted.options.get("socketless") or wanted.options.get("hidden"))


def _named(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))


def _value_problem(value: object, wanted: DeclaredInput) -> _Found | None:
    """Find what is wrong with a value that is no link."""
    if wanted.types and wanted.types <= _LINK_TYPES:
        if value is None and not wanted.required and not wanted.item:  # the items of a growing input form a list
            return None
        return "wrong_type", f"takes {_named(wanted.types)} from a link only, and holds {reprlib.repr(value)}"
    if isinstance(value, dict | list | str | int | float | None):
        if wanted.type in ("INT", "FLOAT"):
            return _number_problem(value, wanted)
        return _choice_problem(value, wanted)
    return None  # a file: its name is known once it is uploaded


def _choice_problem(value: object, wanted: DeclaredInput) -> _Found | None:
    offered = wanted.choices
    # An empty list means that the choices are made elsewhere, as those of CustomCombo are. A dynamic choice inside
    # another takes any word: ComfyUI runs the node without the inputs that the word would have brought.
    if not offered or "remote" in wanted.options or (wanted.type == DYNAMIC_CHOICE and wanted.nested):
        return None
    if not all(isinstance(choice, str | int | float) for choice in offered) or value in offered:
        return None
    if isinstance(value, list) and wanted.options.get("multiselect") and all(choice in offered for choice in value):
        return None
    if isinstance(value, str):
        uploads = any(name.endswith("_upload") and given for name, given in wanted.options.items())
        if _FILE_REFERENCE.fullmatch(value) or (uploads and ("/" in value or "\\" in value)):
            return None
    near = nearest(str(value), [choice for choice in offered if isinstance(choice, str)])
    return "not_offered", f"is {reprlib.repr(value)}, and this server offers {reprlib.repr(offered)}{near}"


def _number_problem(value: Any, wanted: DeclaredInput) -> _Found | None:
    try:
        number = int(value) if wanted.type == "INT" else float(value)
    except (TypeError, ValueError, OverflowError):
        return "wrong_type", f"must be of type {wanted.type}, not {reprlib.repr(value)}"
    least, most = wanted.options.get("min"), wanted.options.get("max")
    if isinstance(least, int | float) and number < least:
        return "out_of_range", f"is {number}, less than the least allowed, {least}"
    if isinstance(most, int | float) and number > most:
        return "out_of_range", f"is {number}, more than the most allowed, {most}"
    return None
