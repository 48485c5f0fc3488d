"""A workflow as its user holds it: load or convert it, find its nodes, set their inputs, check it.

Touches local files only to read a workflow and to see whether a `Path` is there. Sends nothing, needs no server, and
invents nothing: inputs that a node does not have, and links in the way, are errors unless asked for.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from types import MappingProxyType, NoneType
from typing import IO, TYPE_CHECKING, Any, Self

from ._core.arguments import ARGUMENTS
from ._core.graph import Graph, find_node, find_save, matches, names_of, nodes_of, parse
from ._core.inputs import input_value, leaves, node_label, node_title
from ._core.links import WAY_OUT, read_link
from ._core.nearest import nearest
from ._settings import expanded
from .errors import NodeInputError, UIFormatError, WorkflowError

if TYPE_CHECKING:
    from ._core.checks import Problem
    from ._core.prepared import PreparedWorkflow

__all__ = ["Node", "Workflow"]

MAX_FILE_BYTES = 256 * 1024 * 1024
"""No workflow, nor a picture that carries one, is larger; a film opened by mistake is."""

_SMALL_SEED = 2**31 - 1
_LARGE_SEED = 2**50 - 1


class Workflow:
    """A workflow in ComfyUI's API format: nodes by id, each with a class and inputs.

    `graph` is a dict `{"3": {"class_type": "KSampler", "inputs": {...}}, ...}`, or one that wraps it under `"prompt"`
    (what a submit sends and a job gives back; the rest of the wrapper, `extra_data` with it, is left). It is copied
    deeply and never changed. Ids may be ints, and become text. Top-level keys that begin with `_` are notes: they are
    kept in `to_dict()`, never sent (a server answers 500 to them) and reported by `check()`; anything else that is no
    node is an error.

    Inputs hold JSON values, links `[node_id, slot]`, and files: a `pathlib.Path`, bytes, an open binary file or a PIL
    image, uploaded when the workflow is submitted, and files of servers: an output, an asset, a listed model. A string
    is never taken for a path.

    Raises UIFormatError for an editor's save (`load`, `loads` and `from_ui` convert those), WorkflowError for anything
    else that is no workflow.

        workflow = Workflow.load("portrait_api.json")
        workflow["Load Image"]["image"] = Path("me.jpg")
        workflow["KSampler"]["seed"] = 42
    """

    __slots__ = ("_graph", "_names", "_notes", "_problems", "_sources")

    def __init__(self, graph: Mapping[Any, Any]) -> None:
        self._fill(*nodes_of(graph, "the workflow"))
        self._require_paths()

    def _fill(
        self, graph: Graph, notes: dict[str, Any], problems: Iterable[Problem] = (), sources: Mapping[str, str] = {}
    ) -> Self:
        self._graph, self._notes, self._problems, self._sources = graph, notes, tuple(problems), sources
        self._names: dict[str, list[str]] | None = None
        return self

    @classmethod
    def load(
        cls, source: str | PathLike[str] | IO[str] | IO[bytes], *, node_info: object = None, strict: bool = False
    ) -> Workflow:
        """Read a workflow from a path (`~` is expanded) or an open file: JSON, or what ComfyUI saved with it inside.

        That is PNG, WebP, JPEG, AVIF, GIF, FLAC, Ogg, MP3, MP4, MOV, WebM, latents (safetensors) and GLB. The graph in
        API format comes first, else the editor's save, which needs `node_info`; `from_ui` tells what becomes of it.
        Raises UIFormatError for an editor's save without `node_info`, WorkflowError naming the file and the place for
        what cannot be read, OSError when the file cannot be opened.

            workflow = Workflow.load("ComfyUI_00001_.png", node_info=cloud.nodes.info())
        """
        if isinstance(source, str | PathLike):
            path = expanded(source, WorkflowError)
            with open(path, "rb") as file:
                return cls._read(file, repr(path), node_info, strict)
        if not callable(getattr(source, "read", None)):
            raise WorkflowError(f"Workflow.load takes a path or an open file, not {type(source).__name__}")
        name = getattr(source, "name", None)
        return cls._read(source, repr(name) if isinstance(name, str) else "the file", node_info, strict)

    @classmethod
    def loads(cls, text: str | bytes | bytearray, *, node_info: object = None, strict: bool = False) -> Workflow:
        """Read a workflow from JSON text, or from the bytes of any file that `load` reads. Errors as for `load`."""
        if not isinstance(text, str | bytes | bytearray):
            raise WorkflowError(f"Workflow.loads takes text or bytes, not {type(text).__name__}")
        return cls._parsed(text if isinstance(text, str) else bytes(text), "the text", node_info, strict)

    @classmethod
    def from_ui(cls, data: Mapping[str, Any], node_info: object, strict: bool = False) -> Workflow:
        """Convert an editor's save, as a dict, into the graph that ComfyUI's editor would send.

        `node_info` is what `cloud.nodes.info()` returns, or the JSON of `GET /api/object_info` as a dict. What the save
        does not say, or says of classes and widgets that this server does not have, is in `conversion_problems`. With
        `strict=True` these raise UIFormatError, but for kind `better_than_editor`, which is no fault: there the editor
        itself would change what the save says. Raises UIFormatError for data that is no editor's save, TypeError if
        `node_info` is something else.
        """
        if find_save(data) is None:
            raise UIFormatError(
                "data must be an editor's save with 'nodes' and 'links'; Workflow(data) takes the API format"
            )
        from ._core.checks import catalogue

        return cls._from(data, "the workflow", catalogue(node_info), strict)

    @classmethod
    def _read(cls, file: IO[str] | IO[bytes], source: str, node_info: object, strict: bool) -> Workflow:
        try:
            data = file.read(MAX_FILE_BYTES + 1)
        except UnicodeDecodeError:
            raise WorkflowError(f"{source} is not text in the encoding it was opened with; open it with 'rb'") from None
        if not isinstance(data, str | bytes):
            raise WorkflowError(f"{source} gave {type(data).__name__} where text or bytes were read")
        if len(data) > MAX_FILE_BYTES:
            raise WorkflowError(f"{source} is larger than {MAX_FILE_BYTES} bytes, too large for a workflow")
        return cls._parsed(data, source, node_info, strict)

    @classmethod
    def _parsed(cls, data: str | bytes, source: str, node_info: object, strict: bool) -> Workflow:
        return cls._from(parse(data, source, editors=node_info is not None), source, node_info, strict)

    @classmethod
    def _from(cls, data: object, source: str, node_info: object, strict: bool) -> Workflow:
        ARGUMENTS.flags(strict=strict)
        problems: list[Problem] = []
        sources: dict[str, str] = {}
        if node_info is not None and (save := find_save(data)):
            from ._core.conversion import convert
            from ._core.model_sources import model_sources

            sources = model_sources(save)
            data, problems = convert(save, node_info, source)
            faults = [problem for problem in problems if problem.kind != "better_than_editor"]
            if strict and faults:
                more = f"; and {len(faults) - 8} more" if len(faults) > 8 else ""
                raise UIFormatError(f"{source} could not be converted exactly: {'; '.join(map(str, faults[:8]))}{more}")
        return cls.__new__(cls)._fill(*nodes_of(data, source), problems, sources)

    @property
    def conversion_problems(self) -> list[Problem]:
        """Problems of the conversion from an editor's save, as `check` has them; empty for a graph in API format."""
        return list(self._problems)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, in the order of the graph."""
        return tuple(self)

    def __getitem__(self, name: str | int) -> Node:
        """Return the node with this id, else with this title, else of this class.

        The first of the three levels that matches decides. Raises AmbiguousNodeError when several nodes match on it,
        NodeNotFoundError (a KeyError) naming the nearest when none does on any.
        """
        return Node(self, find_node(self._graph, self._by_name(), name))

    def __contains__(self, name: object) -> bool:
        """Return True if the workflow has a node of this id, title or class, or this node."""
        if isinstance(name, Node):
            return name._workflow is self
        return isinstance(name, str | int) and bool(matches(self._graph, self._by_name(), str(name)))

    def _by_name(self) -> Mapping[str, list[str]]:
        # Ids, titles and classes stay as they were read: a node's view sets inputs only.
        if self._names is None:
            self._names = names_of(self._graph)
        return self._names

    def __iter__(self) -> Iterator[Node]:
        return (Node(self, node_id) for node_id in self._graph)

    def __len__(self) -> int:
        return len(self._graph)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workflow):
            return NotImplemented
        return self._graph == other._graph and self._notes == other._notes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} node{'s' if len(self) != 1 else ''}>"

    def copy(self) -> Workflow:
        """Return a copy of the workflow. Open files and images are shared, not copied."""
        graph, notes = (input_value(part, "the workflow") for part in (self._graph, self._notes))
        twin = type(self).__new__(type(self))._fill(graph, notes, self._problems, self._sources)
        twin._names = self._names
        return twin

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Workflow:
        return self.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return a deep copy as a plain dict in API format, with its notes. Files are the objects that were set."""
        twin = self.copy()
        return {**twin._graph, **twin._notes}

    def randomize_seeds(self, rng: random.Random | None = None) -> dict[tuple[str, str], int]:
        """Give a fresh value to every input named `seed` or `noise_seed` that holds an int; links stay.

        The same seed again is a cached run with nothing new. Returns what was set, by (node id, input name).
        Seeds are from 0 to 2**31 - 1, which every node takes; where the present one needs more than 32 bits, up to
        2**50 - 1, the least of the larger limits in use, and exact wherever JSON numbers are doubles. `rng` makes
        the draw repeatable.
        """
        ARGUMENTS.instance("rng", rng, (random.Random, NoneType), "a random.Random")
        rng = rng or random.SystemRandom()
        drawn: dict[tuple[str, str], int] = {}
        for node_id, node in self._graph.items():
            for name, value in node["inputs"].items():
                # Inputs of a dynamic choice carry its name in front: `sampling_mode.seed`.
                if name.rpartition(".")[2] in ("seed", "noise_seed") and type(value) is int:
                    limit = _LARGE_SEED if value > 2**32 - 1 else _SMALL_SEED
                    seed = value
                    while seed == value:
                        seed = rng.randint(0, limit)
                    node["inputs"][name] = drawn[node_id, name] = seed
        return drawn

    def check(self, node_info: object) -> list[Problem]:
        """Return what a server would refuse or misread, before a credit is spent. Empty if nothing is known wrong.

        `node_info` is what `cloud.nodes.info()` answers, or the JSON of `GET /api/object_info` as a dict. Finds
        unknown classes (with the nearest known name), missing required inputs, values out of range or not offered,
        links to nodes or outputs that are not there or of another type, a workflow without output, partner nodes
        (kind `partner_key`: no fault, but they need the key), notes, `[REDACTED]`, and values that JSON cannot carry.
        Does not complain of what it does not know, nor of the inputs of nodes that no output depends on: servers do
        not run those. Raises TypeError when `node_info` is something else.
        """
        from ._core.checks import find_problems

        return [self._hinted(problem) for problem in find_problems(self._graph, self._notes, node_info, self._sources)]

    def _hinted(self, problem: Problem) -> Problem:
        """Add what to do about a string that is not offered and is the path of a file here."""
        if problem.kind != "not_offered":
            return problem
        from ._files import path_hint  # with what it needs for uploads, which most workflows that are checked do not

        value = self._graph[problem.node_id or ""]["inputs"].get(problem.input_name)
        hint = path_hint(value)
        return replace(problem, message=f"{problem.message}.{hint}") if hint else problem

    def _prepare(self) -> PreparedWorkflow:
        """Return the workflow as it is now, to submit. Raises WorkflowError for what must not or cannot be sent."""
        from ._core.prepared import PreparedWorkflow

        prepared = PreparedWorkflow(self._graph)
        prepared.check()
        return prepared

    def _require_paths(self) -> None:
        for node_id, node in self._graph.items():
            for name, value in node["inputs"].items():
                _require_paths(value, f"{node_label(node_id, node)}, input {name!r}")


class Node:
    """A node of a workflow: a view, so that setting an input changes the workflow. Got by `workflow["..."]`."""

    __slots__ = ("_workflow", "id")

    def __init__(self, workflow: Workflow, node_id: str) -> None:
        self._workflow = workflow
        self.id = node_id

    @property
    def _node(self) -> dict[str, Any]:
        return self._workflow._graph[self.id]

    @property
    def class_type(self) -> str:
        """The node's class, e.g. `KSampler`."""
        return str(self._node["class_type"])

    @property
    def title(self) -> str:
        """The title given in the editor; the class where there is none."""
        return node_title(self._node) or self.class_type

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The inputs by name, to read: values, links `[node_id, slot]`, and files."""
        return MappingProxyType(self._node["inputs"])

    def __getitem__(self, name: str) -> Any:
        """Return the value of an input. Raises NodeInputError if the node does not have it."""
        if name not in self._node["inputs"]:
            raise NodeInputError(self._unknown(name))
        return self._node["inputs"][name]

    def __setitem__(self, name: str, value: Any) -> None:
        """Set an input that the node has; `set` tells what is taken and what raises NodeInputError."""
        self.set(name, value)

    def __contains__(self, name: object) -> bool:
        return name in self._node["inputs"]

    def __iter__(self) -> Iterator[str]:
        return iter(self.inputs)

    def set(self, name: str, value: Any, *, add: bool = False, replace_link: bool = False) -> None:
        """Set an input.

        - `name`: The input.
        - `value`: A JSON value; a file (`Path`, bytes, open binary file, PIL image, output, asset), also inside lists
          and dicts; or a link: `[node_id, slot]`, another node (its output 0), or `(node, slot)`.
        - `add`: True allows an input that the node does not have yet.
        - `replace_link`: True allows an input that is linked.

        Raises NodeInputError otherwise, and for a path that is no file, an output that cannot be fetched, a link to no
        node, or a value of another type, such as a file in text mode; the workflow is then unchanged.
        """
        ARGUMENTS.flags(add=add, replace_link=replace_link)
        inputs = self._node["inputs"]
        if name not in inputs and not add:
            raise NodeInputError(self._unknown(name))
        where = f"{node_label(self.id, self._node)}, input {name!r}"
        if (present := read_link(inputs.get(name))) and not replace_link:
            raise NodeInputError(
                f"{where} is linked to output {present.slot} of node {present.node_id!r}; "
                f"to cut that link, call node.set({name!r}, ..., replace_link=True)"
            )
        kept = self._link(value, where)
        if kept is None:
            kept = input_value(value, where)
            _require_paths(kept, where)
        inputs[name] = kept

    def _link(self, value: object, where: str) -> list[Any] | None:
        """Return the link that a value means, with its target's id as a string; None for other values."""
        target: object = value if isinstance(value, Node) else None
        slot: object = 0
        if isinstance(value, list | tuple) and len(value) == 2:
            target, slot = value
        if isinstance(target, Node):
            if target._workflow is not self._workflow:
                raise NodeInputError(f"{where} cannot link to {target!r}, a node of another workflow")
            target = target.id
        link = read_link([str(target) if type(target) is int else target, slot])
        if link is None:
            return None
        if type(link.slot) is not int or link.node_id not in self._workflow._graph or link.slot < 0:
            raise NodeInputError(
                f"{where} cannot link to output {link.slot} of node {link.node_id!r}: it is not there. {WAY_OUT}"
            )
        return [*link]

    def _unknown(self, name: object) -> str:
        has = ", ".join(self.inputs) or "none"
        return (
            f"{node_label(self.id, self._node)} has no input {name!r}{nearest(str(name), self.inputs)}. "
            f"It has: {has}. To give it one more, call node.set({name!r}, ..., add=True)"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        return self._workflow is other._workflow and self.id == other.id

    def __hash__(self) -> int:
        return hash((id(self._workflow), self.id))

    def __repr__(self) -> str:
        return f"<{node_label(self.id, self._node)}>"


def _require_paths(value: object, where: str) -> None:
    for leaf in leaves(value):
        if isinstance(leaf, Path):
            try:
                found = leaf.is_file()
            except OSError as error:
                raise NodeInputError(f"{where}: {str(leaf)!r} cannot be read: {error.strerror}") from None
            if not found:
                what = "is a folder" if leaf.is_dir() else "is not there"
                hint = "; expand '~' with Path.expanduser()" if leaf.parts[:1] == ("~",) else ""
                raise NodeInputError(f"{where}: {str(leaf)!r} {what}, and a Path must be a file{hint}")
