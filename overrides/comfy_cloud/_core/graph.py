"""Reading a workflow: from text or PNG bytes to nodes by id, and finding a node by name.

Takes the API format only, and refuses what a server could not run as a workflow. Opens no file.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

from ..errors import AmbiguousNodeError, NodeInputError, NodeNotFoundError, UIFormatError, WorkflowError
from .inputs import input_value, node_label, node_title
from .pngtext import SIGNATURE, png_texts

Graph: TypeAlias = dict[str, dict[str, Any]]

_EXPORT = "In ComfyUI choose Workflow > Export (API) and load the file that it saves"


def parse(data: str | bytes, source: str) -> object:
    """The JSON value in a text, or in the texts of a PNG. WorkflowError names `source` and the place of the fault."""
    if isinstance(data, bytes):
        if data.startswith(SIGNATURE):
            data = _of_png(data, source)
        else:
            if data[8:12] == b"WEBP":
                raise WorkflowError(f"{source} is a WebP; workflows are read from JSON and PNG files only")
            try:
                data = data.decode(json.detect_encoding(data))
            except UnicodeDecodeError as error:
                raise WorkflowError(f"{source} is neither a PNG nor JSON (byte {error.start} is not UTF-8)") from None
    text = data.removeprefix("\ufeff")
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
    """Deep copies of a workflow's nodes, and of the notes beside them (top-level keys that begin with `_`)."""
    if callable(to_dict := getattr(data, "to_dict", None)):
        data = to_dict()
    if not isinstance(data, Mapping):
        raise WorkflowError(
            f"{source} holds a {type(data).__name__}; a workflow maps node ids to nodes. "
            "Workflow.load reads a file, Workflow.loads a text"
        )
    wrapped = data.get("prompt")
    if isinstance(wrapped, Mapping) and "class_type" not in wrapped:
        data = wrapped
    _refuse_ui_format(data, source)
    graph: Graph = {}
    notes: dict[str, Any] = {}
    strangers = []
    for key, entry in data.items():
        node_id = str(key) if type(key) is int else key
        if not isinstance(node_id, str):
            raise WorkflowError(f"{source}: {key!r} cannot be the id of a node; ids are texts")
        if node_id in graph:
            raise WorkflowError(f"{source}: two nodes have the id {node_id!r}; give one of them another id")
        if node_id.startswith("_"):
            notes[node_id] = input_value(entry, f"{source}: {node_id!r}")
        elif isinstance(entry, Mapping) and isinstance(entry.get("class_type"), str):
            graph[node_id] = _node(node_id, entry, source)
        else:
            strangers.append(node_id)
    if strangers:
        raise WorkflowError(
            f"{source}: no node stands under {_listed(strangers)}. A node is an object with 'class_type' and "
            "'inputs'; remove what is none, or keep notes under keys that begin with '_'"
        )
    if not graph:
        raise WorkflowError(f"{source} holds no nodes")
    if any(type(key) is int for key in data):
        _links_to_text(graph)
    return graph, notes


def find_node(graph: Graph, name: str | int) -> str:
    """The id of the one node with this id, else title, else class: the first of the three that matches decides."""
    name = str(name)
    found = matches(graph, name)
    if len(found) == 1:
        return found[0]
    if found:
        nodes = ", ".join(node_label(node_id, graph[node_id]) for node_id in found)
        raise AmbiguousNodeError(f"{len(found)} nodes go by {name!r}: {nodes}. Name one by its id")
    names = {node_title(node) for node in graph.values()} | {node["class_type"] for node in graph.values()}
    near = nearest(name, [*graph, *(known for known in names if known)])
    labels = [node_label(node_id, node) for node_id, node in graph.items()]
    raise NodeNotFoundError(f"no node has the id, title or class {name!r}{near}. There are: {_listed(labels, 12)}")


def matches(graph: Graph, name: str) -> list[str]:
    """The ids of the nodes that `name` may mean, of the first level that has any."""
    if name in graph:
        return [name]
    titled = [node_id for node_id, node in graph.items() if node_title(node) == name]
    return titled or [node_id for node_id, node in graph.items() if node["class_type"] == name]


def nearest(name: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` when something close to `name` is known, else nothing."""
    folded = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.7)
    return f" (did you mean {folded[close[0]]!r}?)" if close else ""


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
            raise NodeInputError(f"{where}: {name!r} cannot be the name of an input; names are texts")
    node = {name: input_value(value, f"{where}, {name!r}") for name, value in entry.items() if name != "inputs"}
    node["inputs"] = {name: input_value(value, f"{where}, input {name!r}") for name, value in inputs.items()}
    return node


def _links_to_text(graph: Graph) -> None:
    # Who writes ids as numbers writes the links to them as numbers too; servers know only text.
    for node in graph.values():
        for value in node["inputs"].values():
            if isinstance(value, list) and len(value) == 2 and type(value[0]) is int and str(value[0]) in graph:
                value[0] = str(value[0])


def _refuse_ui_format(data: Mapping[Any, Any], source: str) -> None:
    nested = data.get("workflow")
    for saved in (data, nested if isinstance(nested, Mapping) else {}):
        nodes = saved.get("nodes")
        marks = {"links", "state", "version", "last_node_id", "definitions"} & saved.keys()
        if isinstance(nodes, list) or (isinstance(nodes, Mapping) and marks):
            version = f"version {saved['version']}, " if isinstance(saved.get("version"), int | float) else ""
            raise UIFormatError(
                f"{source} is in the UI format, as the editor saves workflows ({version}{len(nodes)} nodes); "
                f"servers cannot run that. {_EXPORT}"
            )


def _of_png(data: bytes, source: str) -> str:
    try:
        texts = png_texts(data, ("prompt", "workflow"))
    except ValueError as error:
        raise WorkflowError(f"{source} {error}") from None
    if "prompt" in texts:
        return texts["prompt"]
    if "workflow" in texts:
        raise UIFormatError(f"{source} is a PNG that carries only the editor's workflow (UI format). {_EXPORT}")
    raise WorkflowError(f"{source} is a PNG that carries no workflow: it was not saved by ComfyUI, or recoded since")


def _without_doubles(source: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        seen: set[str] = set()
        for key, value in pairs:
            if key in seen:
                what = "node id" if isinstance(value, dict) and "class_type" in value else "key"
                raise WorkflowError(f"{source}: the {what} {key!r} stands twice in one object; remove one of the two")
            seen.add(key)
    return read
