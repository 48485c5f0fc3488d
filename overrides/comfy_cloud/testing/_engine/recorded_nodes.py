"""Read recorded node definitions, so that a server has the node classes of another one. No code of theirs is run.

A class that the emulator implements is executed, if the recorded inputs allow that. All others get a stand-in.
"""

import functools
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from blake3 import blake3

from ..._core.declared_inputs import DYNAMIC_CHOICE, GROWING, expand_inputs, mapping
from .._state.files import FileStore
from .comfy_nodes import NODES
from .node import Call, Node, Result
from .node_definitions import DEFINITIONS, Definition, Input
from .stand_ins import Value, run_stand_in

NodeInfo = Mapping[str, Any] | str | PathLike[str] | Callable[[], object]
_UPLOAD = "_upload"


@dataclass(frozen=True)
class RecordedDefinition(Definition):
    """One node class of another server, as its `GET /api/object_info` describes it."""

    info: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def inputs_for(self, values: Mapping[str, Any]) -> tuple[Input, ...]:
        """Return the inputs, with those that a dynamic choice or a growing input brings."""
        return tuple(
            Input(name, declared.type, declared.options, required=_must_be_there(declared))
            for name, declared in expand_inputs(self.info, values)
            if declared.type != GROWING
        )

    @property
    def takes_undeclared(self) -> bool:
        # The nodes of ComfyUI itself fail on an undeclared link. Many custom nodes take any number of them.
        return not self.python_module.startswith(("nodes", "comfy"))

    def node_info(self, input_files: list[str]) -> dict[str, Any]:
        """Return the recorded description. The files in the input folder are added to the choices of uploads."""
        found = dict(self.info)
        uploads = {item.name for item in self.inputs_for({}) if item.is_upload}
        if uploads and input_files:
            sections = {
                section: {
                    name: _with_files(spec, input_files) if name in uploads else spec for name, spec in specs.items()
                }
                if section in ("required", "optional")
                else specs
                for section, specs in mapping(found.get("input")).items()
            }
            found["input"] = sections
        return found


def _must_be_there(declared: Any) -> bool:
    # The editor keeps the state of its own widgets, and a server does not ask for a choice inside another one.
    if not declared.required or (declared.type == DYNAMIC_CHOICE and declared.nested):
        return False
    return not (declared.options.get("socketless") or declared.options.get("hidden"))


def _with_files(spec: list[Any], input_files: list[str]) -> list[Any]:
    if isinstance(spec[0], list):
        return [[*spec[0], *(name for name in input_files if name not in spec[0])], *spec[1:]]
    offered = list(mapping(spec[1]).get("options") or ())
    return [spec[0], {**spec[1], "options": [*offered, *(name for name in input_files if name not in offered)]}]


@dataclass(frozen=True)
class NodeSet:
    """The node classes of one server.

    `accepted` are the classes that a submit may use, and `listed` those in its node definitions. `definitions` and
    `nodes` also have the classes that other classes expand into. `version` is a hash of recorded definitions.
    """

    accepted: Mapping[str, Definition]
    listed: Mapping[str, Definition]
    definitions: Mapping[str, Definition]
    nodes: Mapping[str, Node]
    version: str = ""


def own_nodes(definitions: Mapping[str, Definition]) -> NodeSet:
    """Return the node classes that the emulator implements."""
    return NodeSet(definitions, definitions, definitions, NODES)


def recorded_nodes(node_info: NodeInfo, node_seconds: float | Mapping[str, float]) -> NodeSet:
    """Return the node classes of a recorded server, and the emulator's own test nodes, which are not listed.

    Raises ValueError for anything that does not describe node classes, and OSError for a file that cannot be read.
    """
    classes = read_node_info(node_info)
    listed = {name: _definition(name, info) for name, info in classes.items()}
    seconds = _seconds_by_class(node_seconds, listed)
    tests = {name: definition for name, definition in DEFINITIONS.items() if definition.category == "emulator"}
    recorded = {name: _node(definition, seconds(name)) for name, definition in listed.items()}
    return NodeSet({**tests, **listed}, listed, {**DEFINITIONS, **listed}, {**NODES, **recorded}, _hash(classes))


def _hash(classes: Mapping[str, Any]) -> str:
    return blake3(json.dumps(classes, default=str).encode("utf-8", "backslashreplace")).hexdigest()[:8]


def read_node_info(node_info: NodeInfo) -> Mapping[str, Any]:
    """Return node definitions by class from a file, from a function that returns them, or as they are."""
    found: object = node_info
    if isinstance(node_info, str | PathLike):
        try:
            found = json.loads(Path(node_info).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"could not read node definitions from {node_info}: {error}") from None
    elif callable(node_info) and not isinstance(node_info, Mapping):
        found = node_info()
        if inspect.iscoroutine(found):
            found.close()
            raise ValueError("node_info must not be an async function: await it, and pass what it returns")
    classes = mapping(found)
    if not classes:
        raise ValueError(
            f"node_info must be the answer of GET /api/object_info (definitions by class), not {type(found).__name__}"
        )
    return {name: mapping(info) for name, info in classes.items()}


def _definition(name: str, info: Mapping[str, Any]) -> RecordedDefinition:
    outputs = info.get("output")
    if not isinstance(outputs, list) or not isinstance(info.get("input"), Mapping):
        raise ValueError(
            f'node_info[{name!r}] must be an object with "input" and "output", as servers describe a class'
        )
    names = info.get("output_name")
    return RecordedDefinition(
        name,
        str(info.get("display_name") or name),
        str(info.get("category") or ""),
        (),
        tuple(outputs),
        tuple(map(str, names)) if isinstance(names, list) and len(names) == len(outputs) else tuple(map(str, outputs)),
        output_node=info.get("output_node") is True,
        python_module=str(info.get("python_module") or ""),
        info=info,
    )


def _seconds_by_class(seconds: float | Mapping[str, float], known: Mapping[str, Any]) -> Callable[[str], float]:
    by_class: Mapping[str, Any] = seconds if isinstance(seconds, Mapping) else {"*": seconds}
    for name, value in by_class.items():
        if name not in {*known, "*"}:
            raise ValueError(f"node_seconds names the class {name!r}, which is not in node_info")
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
            raise ValueError(f"node_seconds must be a number of seconds, 0 or more, not {value!r}")
    return lambda name: float(by_class.get(name, by_class.get("*", 0)))


def _node(definition: RecordedDefinition, seconds: float) -> Node:
    """Return the implementation of a recorded class."""
    uploads = [item for item in definition.inputs_for({}) if item.is_upload]
    own = NODES.get(definition.name)
    node = Node(functools.partial(_run, definition, own, seconds))
    if own is not None:
        node = replace(node, fingerprint=own.fingerprint)
    if not uploads:
        return node
    required = frozenset(item.name for item in uploads if item.required)
    return replace(
        node,
        check=functools.partial(_check_files, uploads),
        checked=required,
        fingerprint=functools.partial(_file_fingerprint, uploads),
    )


def _run(definition: RecordedDefinition, own: Node | None, seconds: float, call: Call, /, **inputs: Any) -> Result:
    if own is not None and _can_execute(definition, call.files, inputs):
        call.sleep(seconds)
        return own.run(call, **inputs)
    return run_stand_in(definition, seconds, call, inputs)


def _can_execute(definition: RecordedDefinition, files: FileStore, inputs: Mapping[str, Any]) -> bool:
    """Return whether the emulator's own implementation takes these inputs."""
    own = {item.name for item in DEFINITIONS[definition.name].inputs}
    missing_file = any(item.is_upload and not _find(files, inputs.get(item.name)) for item in definition.inputs_for({}))
    return own >= inputs.keys() and not missing_file and not any(isinstance(value, Value) for value in inputs.values())


def _find(files: FileStore, value: Any) -> Any:
    return files.find_input(value) if isinstance(value, str) else None


def _file_fingerprint(uploads: list[Input], files: FileStore, inputs: Mapping[str, Any]) -> object:
    found = (_find(files, inputs.get(item.name)) for item in uploads)
    return [stored and stored.blob.digest for stored in found]


def _check_files(uploads: list[Input], files: FileStore, inputs: Mapping[str, Any]) -> str | None:
    """Accept files that were uploaded, and those that the recorded server had."""
    for item in uploads:
        value = inputs.get(item.name, "")
        if not isinstance(value, str):
            # The message is Python's own, as for the emulator's LoadImage. A linked value is None here.
            raise AttributeError(f"'{type(value).__name__}' object has no attribute 'endswith'")
        if value and not _find(files, value) and value not in (item.choices or ()):
            return f"Invalid {item.upload_kind} file: {value}"
    return None
