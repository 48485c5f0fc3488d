"""Prepare a workflow for a submit: check and copy it, list the files to upload, and encode the graph to send.

A graph that would harm a server is refused. No file is opened and no request is sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

from ..errors import NodeInputError, WorkflowError
from .inputs import (
    REDACTED,
    SCALARS,
    FileContent,
    has_redacted,
    input_value,
    is_file,
    json_fault,
    leaves,
    node_label,
    node_title,
    rebuilt,
)
from .links import Outline, outline_of, read_link, refuse_harmful
from .outputs import Nodes

AnyGraph: TypeAlias = Mapping[str, Mapping[str, Any]]
Named: TypeAlias = Callable[[Any], Any]
"""Returns the name on the server of a file in a graph."""

# The encoder holds the interpreter's lock for each piece, so that it does not hold up an event loop in another thread.
_PIECE_NODES: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class FileInput:
    """A file in an input: the node's id and class, the input's name, and the content to upload.

    Files with an equal `key` are the same path, the same bytes or the same object. They are uploaded once.
    """

    node_id: str
    class_type: str
    input_name: str
    content: FileContent = field(repr=False)

    @property
    def key(self) -> Hashable:
        """The path, the bytes, or the id of the open file or image."""
        return _file_key(self.content)


class SentGraph:
    """A graph of plain JSON, checked and encoded: `text` is its JSON.

    `nodes` has the titles and classes of the nodes, `outline` their links. `named` encodes files that are left in it.
    """

    def __init__(self, graph: AnyGraph, named: Named | None = None, outline: Outline | None = None) -> None:
        self.values = graph
        self.outline = outline_of(graph) if outline is None else outline
        refuse_harmful(graph, self.outline)
        self.nodes: Nodes = {node_id: (node_title(node), node["class_type"]) for node_id, node in graph.items()}
        self.text = _encoded(graph, named)

    def with_names(self, named: Named) -> SentGraph:
        """Return the same graph with the names of its files."""
        twin = copy(self)
        twin.text = _encoded(self.values, named)
        return twin


class PreparedWorkflow:
    """A copy of a workflow at the time of the submit. Later changes to the workflow do not change it.

    `files` has each distinct file once, with the first input that contains it. `check` raises for what must not be
    sent. It takes longer than the copy, and may be called in another thread. `sent` and `graph` return what to send
    when every file has a name.
    """

    def __init__(self, graph: AnyGraph) -> None:
        self._graph: dict[str, dict[str, Any]] = {}
        # What `outline_of` would return for the copy. To walk all inputs again for it takes as long as the copy does.
        self._outline: dict[str, tuple[str, ...]] = {}
        self._checked: SentGraph | None = None
        files: dict[Hashable, FileInput] = {}
        for node_id, node in graph.items():
            inputs = dict(node["inputs"])
            targets = []
            for name, value in inputs.items():
                if type(value) in SCALARS:
                    continue
                if type(value) is list and len(value) == 2 and type(value[0]) is str and type(value[1]) is int:
                    inputs[name] = value.copy()  # a link, as most are
                    targets.append(value[0])
                    continue
                # `Node.set` has checked the value already, but a list in an input can be changed in place afterwards.
                inputs[name] = input_value(value, _place(node_id, node, name))
                if link := read_link(inputs[name]):
                    targets.append(link.node_id)
                for content in filter(is_file, leaves(inputs[name])):
                    file = FileInput(node_id, node["class_type"], name, content)
                    files.setdefault(file.key, file)
            self._outline[node_id] = tuple(targets)
            self._graph[node_id] = {**node, "inputs": inputs}
            # ComfyUI writes `is_changed` into the workflow of its PNGs, and reads it as the fingerprint of the inputs.
            # If it were sent again, ComfyUI would not notice that a file has changed. It is often NaN, which JSON
            # refuses.
            self._graph[node_id].pop("is_changed", None)
        self.files = tuple(files.values())

    def check(self) -> SentGraph:
        """Return the graph without the names of files. Raises WorkflowError for what must not or cannot be sent."""
        if self._checked is None:
            self._checked = SentGraph(self._graph, lambda _file: "", self._outline)
        return self._checked

    def sent(self, names: Mapping[Hashable, str]) -> SentGraph:
        """Return the graph to send. Each file is replaced by `names[file.key]`, its name on the server."""
        checked = self.check()
        return checked.with_names(lambda file: names[_file_key(file)]) if self.files else checked

    def graph(self, names: Mapping[Hashable, str]) -> dict[str, dict[str, Any]]:
        """Return the graph as plain JSON of its own. Each file is replaced by `names[file.key]`."""

        def named(value: object, _where: str) -> Any:
            return names[_file_key(value)] if is_file(value) else value

        return {node_id: rebuilt(node, node_id, named) for node_id, node in self._graph.items()}


def _encoded(graph: AnyGraph, named: Named | None) -> bytes:
    """Return a graph as JSON. Raises WorkflowError for what JSON cannot hold, and for a key that was blanked."""
    # The form in which httpx encodes a body. What is wrong with a graph is found by its text first, since looking at
    # each value costs more than all else; only then is the place searched for.
    # Looking for containers in themselves takes a tenth of the encoding, and `input_value` lets none of them in.
    encoder = json.JSONEncoder(
        ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"), default=named
    )
    nodes = iter(graph.items())
    try:
        pieces = [encoder.encode(piece)[1:-1] for piece in iter(lambda: dict(islice(nodes, _PIECE_NODES)), {})]
        text = f"{{{','.join(pieces)}}}".encode()
    except ValueError as error:
        _refuse_values(graph)
        half = "half a surrogate pair in an id or a name, which UTF-8 cannot encode"
        why = half if isinstance(error, UnicodeEncodeError) else str(error)
        raise WorkflowError(f"could not write the workflow as JSON: {why}") from None
    if REDACTED.encode() in text:
        _refuse_values(graph)
    return text


def _refuse_values(graph: AnyGraph) -> None:
    for node_id, node in graph.items():
        for where, value in _values(node_id, node):
            if fault := json_fault(value):
                raise NodeInputError(f"{where} {fault}")
            if has_redacted(value):
                raise WorkflowError(
                    f"{where} must not be {REDACTED}: a server put it in place of a key when this workflow was read"
                    " back. Set the input to a real value; the key of partner nodes goes into partner_key=, not into"
                    " the workflow"
                )


def _values(node_id: str, node: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, value in node.items():
        if name != "inputs":
            yield f"{node_label(node_id, node)}, {name!r}", value
    for name, value in node["inputs"].items():
        yield _place(node_id, node, name), value


def _place(node_id: str, node: Mapping[str, Any], name: str) -> str:
    return f"{node_label(node_id, node)}, input {name!r}"


def _file_key(content: object) -> Hashable:
    return content if isinstance(content, Path | bytes) else id(content)
