"""What is wrong with a workflow, by a server's node definitions: the rules that a server validates by.

Complains only of what is certain. Types, options and shapes that are not known pass, and so does a node that no
output depends on: servers do not run it.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .graph import Graph, nearest
from .inputs import has_redacted, is_file, is_link, json_fault, node_label

ProblemKind: TypeAlias = Literal[
    "unknown_class",  # the server has no such node
    "missing_input",  # a required input is not there
    "out_of_range",  # a number below `min` or above `max`
    "wrong_type",  # not a number where one is needed
    "not_offered",  # not among the choices
    "missing_node",  # a link to a node that is not there
    "missing_slot",  # a link to an output that its node does not have
    "type_mismatch",  # a link from an output of another type
    "no_output",  # nothing would be saved or shown, so nothing would run
    "partner_key",  # a paid partner node: submit with `partner_key`
    "not_a_node",  # a top-level key that is no node (kept aside, not sent)
    "redacted",  # `[REDACTED]`, left by a server in place of a key
    "not_json",  # NaN, infinity, broken text
]

_Found: TypeAlias = tuple[ProblemKind, str]

# Between these a mismatch is certain: other types may be sets of types, wildcards, or checked by the node itself.
# fmt: off
_PLAIN_TYPES = frozenset((
    "AUDIO", "BOOLEAN", "CLIP", "CLIP_VISION", "CLIP_VISION_OUTPUT", "CONDITIONING", "CONTROL_NET", "FLOAT", "GUIDER",
    "IMAGE", "INT", "LATENT", "MASK", "MODEL", "NOISE", "SAMPLER", "SIGMAS", "STRING", "STYLE_MODEL", "UPSCALE_MODEL",
    "VAE", "VIDEO",
))
# fmt: on
# Stored content and files of other folders are not listed among a node's choices, and are taken all the same.
_FILE_REFERENCE = re.compile(r"blake3:.+|[0-9a-fA-F]{64}(\.\w+)?|.+ \[(input|output|temp)\]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a server would refuse, or that would not do what was meant.

    `node_id` (or the top-level key), `class_type` and `input_name` say where, None where it concerns no single one;
    `kind` what, in a word to decide by; `message` all of it in a sentence.
    """

    node_id: str | None
    class_type: str | None
    input_name: str | None
    kind: ProblemKind
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class _Declared:
    required: bool
    type: Any
    options: Mapping[str, Any]

    @property
    def may_be_absent(self) -> bool:
        # The names of inputs that grow (`images.image0`) are not known beforehand, and the editor keeps the state
        # of its own widgets as it likes.
        grows = isinstance(self.type, str) and self.type.startswith("COMFY_") and self.type != "COMFY_MATCHTYPE_V3"
        return not self.required or grows or bool(self.options.get("socketless") or self.options.get("hidden"))


def find_problems(graph: Graph, notes: Mapping[str, Any], node_info: object) -> list[Problem]:
    """Everything certain, node by node in the graph's order. TypeError when `node_info` maps no classes."""
    known = _catalogue(node_info)
    definitions = {node_id: _mapping(known.get(node["class_type"])) for node_id, node in graph.items()}
    running = _running(graph, definitions)
    problems = []
    for node_id, node in graph.items():
        label, class_type = node_label(node_id, node), node["class_type"]
        if known and class_type not in known:
            message = f"{label}: this server has no such node class{nearest(class_type, known)}"
            problems.append(Problem(node_id, class_type, None, "unknown_class", message))
        if node_id not in running:
            continue
        definition = definitions[node_id]
        if definition is not None and definition.get("api_node") is True:
            message = f"{label} calls a paid partner service: submit it with partner_key="
            problems.append(Problem(node_id, class_type, None, "partner_key", message))
        for name, (kind, text) in _input_problems(node_id, graph, definitions):
            problems.append(Problem(node_id, class_type, name, kind, f"{label}, input {name!r} {text}"))
    for name in notes:
        message = f"{name!r} is no node; it is kept aside and not sent"
        problems.append(Problem(name, None, None, "not_a_node", message))
    if not any(_may_be_output(definition) for definition in definitions.values()):
        message = "no node saves or shows anything, so a server would run nothing; add one such as SaveImage"
        problems.append(Problem(None, None, None, "no_output", message))
    return problems


def _catalogue(node_info: object) -> Mapping[str, Any]:
    extra = getattr(node_info, "additional_properties", None)  # a raw model: the classes are its unnamed fields
    known = _mapping(extra) if extra is not None else _mapping(node_info)
    if known is None:
        raise TypeError(f"node_info is what nodes.info() answers, node definitions by class; got {type(node_info)}")
    return known


def _mapping(value: object) -> Mapping[str, Any] | None:
    if not isinstance(value, Mapping) and callable(to_dict := getattr(value, "to_dict", None)):
        value = to_dict()
    return value if isinstance(value, Mapping) else None


def _may_be_output(definition: Mapping[str, Any] | None) -> bool:
    return definition is None or definition.get("output_node") is not False


def _running(graph: Graph, definitions: Mapping[str, Mapping[str, Any] | None]) -> set[str]:
    """The nodes that outputs depend on. All of them where a broken link, or no output, hides what was meant."""
    links = {
        node_id: [value[0] for value in node["inputs"].values() if is_link(value)] for node_id, node in graph.items()
    }
    waiting = [node_id for node_id in graph if _may_be_output(definitions[node_id])]
    if not waiting or any(target not in graph for targets in links.values() for target in targets):
        return set(graph)
    running: set[str] = set()
    while waiting:
        node_id = waiting.pop()
        if node_id not in running:
            running.add(node_id)
            waiting += links[node_id]
    return running


def _input_problems(
    node_id: str, graph: Graph, definitions: Mapping[str, Mapping[str, Any] | None]
) -> Iterator[tuple[str, _Found]]:
    declared = dict(_declared(definitions[node_id] or {}))
    inputs = graph[node_id]["inputs"]
    for name, wanted in declared.items():
        if name not in inputs and not wanted.may_be_absent:
            yield name, ("missing_input", "is required and not there")
    for name, value in inputs.items():
        found: _Found | None
        if fault := json_fault(value):
            found = ("not_json", fault)
        elif has_redacted(value):
            found = ("redacted", "holds [REDACTED], which a server left in place of a key; set a real value")
        elif is_link(value):
            found = _link_problem(value[0], value[1], declared.get(name), graph, definitions)
        else:
            found = _value_problem(value, declared[name]) if name in declared else None
        if found:
            yield name, found


def _declared(definition: Mapping[str, Any]) -> Iterator[tuple[str, _Declared]]:
    sections = _mapping(definition.get("input")) or {}
    for section in ("optional", "required"):
        for name, spec in (_mapping(sections.get(section)) or {}).items():
            if isinstance(spec, list) and spec:
                options = _mapping(spec[1]) if len(spec) > 1 else None
                yield name, _Declared(section == "required", spec[0], options or {})


def _link_problem(
    target: str,
    slot: int,
    declared: _Declared | None,
    graph: Graph,
    definitions: Mapping[str, Mapping[str, Any] | None],
) -> _Found | None:
    if target not in graph:
        return "missing_node", f"links to node {target!r}, which is not there"
    outputs = (definitions[target] or {}).get("output")
    if not isinstance(outputs, list):
        return None
    label = node_label(target, graph[target])
    if not 0 <= slot < len(outputs):
        if "*" in outputs:  # nodes with any number of outputs declare one such
            return None
        return "missing_slot", f"links to output {slot} of {label}, which has {len(outputs)} (counted from 0)"
    got, wanted = outputs[slot], declared.type if declared else None
    if isinstance(got, str) and isinstance(wanted, str) and got != wanted and {got, wanted} <= _PLAIN_TYPES:
        return "type_mismatch", f"takes {wanted}, and output {slot} of {label} gives {got}"
    return None


def _value_problem(value: object, declared: _Declared) -> _Found | None:
    if isinstance(value, dict):
        value = value.get("__value__", value)  # how a list is sent as a value: a bare one would be a link
    if isinstance(value, dict | list) or is_file(value):
        return None
    if declared.type in ("INT", "FLOAT"):
        return _number_problem(value, declared)
    offered = _offered(declared)
    if offered is None or value in offered:
        return None
    if isinstance(value, str):
        uploads = any(name.endswith("_upload") and given for name, given in declared.options.items())
        if _FILE_REFERENCE.fullmatch(value) or (uploads and ("/" in value or "\\" in value)):
            return None
    choices = reprlib.repr(offered) if offered else "nothing"
    near = nearest(str(value), [choice for choice in offered if isinstance(choice, str)])
    return "not_offered", f"is {reprlib.repr(value)}, and this server offers {choices}{near}"


def _number_problem(value: Any, declared: _Declared) -> _Found | None:
    try:
        number = int(value) if declared.type == "INT" else float(value)
    except (TypeError, ValueError, OverflowError):
        return "wrong_type", f"is {reprlib.repr(value)}, which is no {declared.type}"
    least, most = declared.options.get("min"), declared.options.get("max")
    if isinstance(least, int | float) and number < least:
        return "out_of_range", f"is {number}, less than the least allowed, {least}"
    if isinstance(most, int | float) and number > most:
        return "out_of_range", f"is {number}, more than the most allowed, {most}"
    return None


def _offered(declared: _Declared) -> list[Any] | None:
    """The choices of a combo in either of its shapes; None when it is none, or they are not known."""
    choices = declared.options.get("options") if declared.type == "COMBO" else declared.type
    if not isinstance(choices, list) or "remote" in declared.options:
        return None
    return choices if all(isinstance(choice, str | int | float) for choice in choices) else None
