"""Read a workflow from a text or a file's bytes to nodes by id, and find a node by name.

Takes the API format only, and refuses what a server could not run as a workflow. Opens no file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeAlias

from ..errors import AmbiguousNodeError, NodeInputError, NodeNotFoundError, UIFormatError, WorkflowError
from .inputs import SCALARS, input_value, node_label, node_title
from .nearest import nearest

Graph: TypeAlias = dict[str, dict[str, Any]]

MAX_CONTAINERS = 500_000
"""Workflows of 50,000 nodes have fewer lists and objects."""

_WAYS = (
    "Workflow.load(file, node_info=cloud.nodes.info()) converts it; or in ComfyUI choose Workflow > Export (API) and "
    "load the file that it saves"
)


def find_save(data: object) -> Mapping[str, Any] | None:
    """Return the editor's save in an object, or in its wrapper; None if there is none, or a graph beside it."""
    data = _unwrapped(data) if isinstance(data, Mapping) else {}
    for saved in (data, data.get("workflow")):
        if isinstance(saved, Mapping):
            marks = {"links", "state", "version", "last_node_id", "definitions"} & saved.keys()
            nodes = saved.get("nodes")
            if isinstance(nodes, list) or (isinstance(nodes, Mapping) and marks):
                return saved
    return None


def _unwrapped(data: Mapping[Any, Any]) -> Mapping[Any, Any]:
    wrapped = data.get("prompt")
    return wrapped if isinstance(wrapped, Mapping) and "class_type" not in wrapped else data


def parse(data: str | bytes, source: str, *, editors: bool = False) -> object:
    """Return the JSON value in a text, or in what a picture, a sound or a film carries.

    A file that carries only the editor's save is UIFormatError unless `editors` takes those, too. WorkflowError names
    `source` and the place of the fault.
    """
    if isinstance(data, bytes):
        data = _text_of(data, source, editors)
    text = data.removeprefix("\ufeff")
    # A million links are 30 MB of text, and many times that once they are objects: count them before they are made.
    if text.count("[") + text.count("{") > MAX_CONTAINERS:
        raise WorkflowError(f"{source} must hold at most {MAX_CONTAINERS} lists and objects to be a workflow")
    try:
        return json.loads(text, object_pairs_hook=partial(_without_doubles, source))
    except json.JSONDecodeError as error:
        what = "is empty" if not text.strip() else "is not JSON"
        raise WorkflowError(f"{source} {what}: {error.msg}, line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise WorkflowError(f"{source} is nested too deeply to be a workflow") from None
    except ValueError as error:  # an integer of thousands of digits
        raise WorkflowError(f"{source} cannot be read: {error}") from None


def nodes_of(data: object, source: str) -> tuple[Graph, dict[str, Any]]:
    """Return deep copies of a workflow's nodes, and of the notes beside them (top-level keys that begin with `_`)."""
    if callable(to_dict := getattr(data, "to_dict", None)):
        data = to_dict()
    if not isinstance(data, Mapping):
        raise WorkflowError(
            f"{source} holds a {type(data).__name__}; a workflow maps node ids to nodes. "
            "Workflow.load reads a file, Workflow.loads a text"
        )
    data = _unwrapped(data)
    _refuse_ui_format(data, source)
    graph: Graph = {}
    notes: dict[str, Any] = {}
    strangers = []
    for key, entry in data.items():
        node_id = str(key) if type(key) is int else key
        if not isinstance(node_id, str):
            raise WorkflowError(f"{source}: the id of a node must be a string, not {key!r}")
        if node_id in graph:
            raise WorkflowError(f"{source}: two nodes have the id {node_id!r}; give one of them another id")
        if isinstance(entry, Mapping) and isinstance(entry.get("class_type"), str):
            graph[node_id] = _node(node_id, entry, source)
        elif node_id.startswith("_"):
            notes[node_id] = input_value(entry, f"{source}: {node_id!r}")
        else:
            strangers.append(node_id)
    if strangers:
        raise WorkflowError(
            f"{source}: not a node: {_listed(strangers)}. Each top-level value must be an object with 'class_type' and"
            " 'inputs', or a note whose key begins with '_'"
        )
    if not graph:
        raise WorkflowError(f"{source} holds no nodes")
    if any(type(key) is int for key in data):
        _links_to_text(graph)
    return graph, notes


def find_node(graph: Graph, names: Mapping[str, list[str]], name: str | int) -> str:
    """Return the id of the one node with this id, else title, else class: the first of them that matches decides.

    `names` has what `names_of` returns for the graph.
    """
    name = str(name)
    found = matches(graph, names, name)
    if len(found) == 1:
        return found[0]
    if found:
        nodes = ", ".join(node_label(node_id, graph[node_id]) for node_id in found)
        raise AmbiguousNodeError(f"{len(found)} nodes go by {name!r}: {nodes}. Name one by its id")
    near = nearest(name, [*graph, *names, *(node["class_type"] for node in graph.values())])
    labels = [node_label(node_id, node) for node_id, node in graph.items()]
    raise NodeNotFoundError(f"no node has the id, title or class {name!r}{near}. There are: {_listed(labels, 12)}")


def names_of(graph: Graph) -> dict[str, list[str]]:
    """Return the ids of the nodes that go by a title, or by a class that is nobody's title."""
    titles: dict[str, list[str]] = {}
    classes: dict[str, list[str]] = {}
    for node_id, node in graph.items():
        classes.setdefault(node["class_type"], []).append(node_id)
        if (title := node_title(node)) is not None:
            titles.setdefault(title, []).append(node_id)
    return classes | titles


def matches(graph: Graph, names: Mapping[str, list[str]], name: str) -> list[str]:
    """Return the ids of the nodes that `name` may mean, on the first level that has any."""
    return [name] if name in graph else names.get(name, [])


def _listed(names: list[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _node(node_id: str, entry: Mapping[str, Any], source: str) -> dict[str, Any]:
    where = f"{source}: node {node_id!r} ({entry['class_type']})"
    inputs = entry.get("inputs", {})
    if not isinstance(inputs, Mapping):
        raise WorkflowError(f"{where}: 'inputs' is a {type(inputs).__name__}, not an object of inputs by name")
    for name in inputs:
        if not isinstance(name, str):
            raise NodeInputError(f"{where}: the name of an input must be a string, not {name!r}")
    node = {name: input_value(value, f"{where}, {name!r}") for name, value in entry.items() if name != "inputs"}
    node["inputs"] = {
        name: value if type(value) in SCALARS else input_value(value, f"{where}, input {name!r}")
        for name, value in inputs.items()
    }
    return node


def _links_to_text(graph: Graph) -> None:
    # Who writes ids as numbers writes the links to them as numbers as well; servers know only strings.
    for node in graph.values():
        for value in node["inputs"].values():
            if isinstance(value, list) and len(value) == 2 and type(value[0]) is int and str(value[0]) in graph:
                value[0] = str(value[0])


def _refuse_ui_format(data: Mapping[Any, Any], source: str) -> None:
    if (saved := find_save(data)) is not None:
        version = f"version {saved['version']}, " if isinstance(saved.get("version"), int | float) else ""
        raise UIFormatError(
            f"{source} is in the UI format, as the editor saves workflows ({version}{len(saved['nodes'])} nodes); "
            f"servers cannot run that. {_WAYS}"
        )


def _text_of(data: bytes, source: str, editors: bool) -> str:
    from .media import carried  # readers of a dozen formats, for files that are no JSON

    try:
        found = carried(data)
    except ValueError as error:
        raise WorkflowError(f"{source} {error}") from None
    if found is None:
        try:
            return data.decode(json.detect_encoding(data))
        except UnicodeDecodeError as error:
            place = f"byte {error.start} is not UTF-8"
            raise WorkflowError(f"{source} is neither JSON nor a file that carries a workflow ({place})") from None
    kind, texts = found
    if "prompt" in texts:
        return texts["prompt"]
    if "workflow" not in texts:
        raise WorkflowError(f"{source} is {kind} that carries no workflow: ComfyUI did not save it, or it was recoded")
    if not editors:
        raise UIFormatError(f"{source} is {kind} that carries only the editor's workflow (UI format). {_WAYS}")
    return texts["workflow"]


def _without_doubles(source: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        seen: set[str] = set()
        for key, value in pairs:
            if key in seen:
                what = "node id" if isinstance(value, dict) and "class_type" in value else "key"
                raise WorkflowError(f"{source}: the {what} {key!r} is twice in one object; remove one of the two")
            seen.add(key)
    return read
