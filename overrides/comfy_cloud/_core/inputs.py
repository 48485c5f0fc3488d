"""What the inputs of a node may hold: JSON values, links to other nodes, and files to be uploaded.

Decides by type and shape only: whether a path exists is asked elsewhere, and no file is opened or read here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike, fsdecode
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias, TypeGuard

from ..errors import NodeInputError, WorkflowError

REDACTED = "[REDACTED]"
"""What servers put in place of a key when a job's workflow is read back."""


class ImageLike(Protocol):
    """A PIL image, known by its shape so that Pillow need not be installed."""

    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def mode(self) -> str: ...
    def save(self, fp: Any, format: str | None = None, **params: Any) -> None: ...  # noqa: A002 - Pillow's name


FileContent: TypeAlias = Path | bytes | IO[bytes] | ImageLike


def is_link(value: object) -> bool:
    """Whether an input's value is a link, `[node_id, slot]`."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def is_file(value: object) -> TypeGuard[FileContent]:
    """Whether a kept value that is no dict and no list is a file: all else that is kept is a JSON scalar."""
    return value is not None and not isinstance(value, str | int | float)


def input_value(value: object, where: str) -> Any:
    """A deep copy of `value` in plain JSON types, files as they are. NodeInputError, beginning with `where`, if not."""
    try:
        return _rebuilt(value, where, _kept)
    except RecursionError:
        raise NodeInputError(f"{where} is nested too deeply, or contains itself") from None


def leaves(value: object) -> Iterator[object]:
    """Everything in `value` that is no dict and no list, in order."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def has_redacted(value: object) -> bool:
    """Whether the literal `[REDACTED]` stands somewhere in `value` as a whole text."""
    return any(isinstance(leaf, str) and leaf.strip() == REDACTED for leaf in leaves(value))


def json_fault(value: object) -> str | None:
    """Why JSON cannot carry `value`, as a sentence that follows its place; None when it can, or is a file."""
    for leaf in leaves(value):
        if isinstance(leaf, float) and not math.isfinite(leaf):
            return f"holds {leaf}, which JSON cannot carry; set a finite number"
        if isinstance(leaf, str):
            try:
                leaf.encode()
            except UnicodeEncodeError:
                return "holds text with half a surrogate pair, which cannot be sent; set whole characters"
    return None


@dataclass(frozen=True, slots=True, eq=False)
class FileInput:
    """A file that stands in an input: the node's id and class, the input's name, and the content to upload.

    Files with the same `key` are the same path, the same bytes or the same object, and need one upload.
    """

    node_id: str
    class_type: str
    input_name: str
    content: FileContent = field(repr=False)

    @property
    def key(self) -> Hashable:
        return _file_key(self.content)


class PreparedWorkflow:
    """A workflow as it stood when it was handed over, checked to be sendable but for its files.

    `files` has each distinct file once, at the first place that holds it. `graph` gives the JSON to send once every
    file has a name. Later changes to the workflow do not reach it.
    """

    def __init__(self, graph: Mapping[str, Mapping[str, Any]]) -> None:
        self._graph = {node_id: _sendable(node_id, node) for node_id, node in graph.items()}
        files: dict[Hashable, FileInput] = {}
        for node_id, node in self._graph.items():
            for name, value in node["inputs"].items():
                for content in filter(is_file, leaves(value)):
                    file = FileInput(node_id, node["class_type"], name, content)
                    files.setdefault(file.key, file)
        self.files = tuple(files.values())

    def graph(self, names: Mapping[Hashable, str]) -> dict[str, dict[str, Any]]:
        """The graph in plain JSON, with `names[file.key]` (what the server calls the upload) in place of each file."""

        def named(value: object, _where: str) -> Any:
            return names[_file_key(value)] if is_file(value) else value

        return {node_id: _rebuilt(node, node_id, named) for node_id, node in self._graph.items()}


def node_label(node_id: str, node: Mapping[str, Any]) -> str:
    """How messages name a node: its id, its class, and its title where that says more."""
    title = node_title(node)
    named = "" if title in (None, node["class_type"]) else f", {title!r}"
    return f"node {node_id!r} ({node['class_type']}{named})"


def node_title(node: Mapping[str, Any]) -> str | None:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) and title else None


def _sendable(node_id: str, node: Mapping[str, Any]) -> dict[str, Any]:
    label = node_label(node_id, node)
    copied: dict[str, Any] = {}
    for name, value in node.items():
        # A server leaves `is_changed` in the workflow of its PNGs and takes it back for the input's fingerprint:
        # sent again, it would hide that a file has changed. It often holds NaN as well.
        if name not in ("inputs", "is_changed"):
            copied[name] = _checked(value, f"{label}, {name!r}")
    copied["inputs"] = {name: _checked(value, f"{label}, input {name!r}") for name, value in node["inputs"].items()}
    return copied


def _checked(value: object, where: str) -> Any:
    copied = input_value(value, where)  # again: a list in an input can be changed without passing Node.set
    if fault := json_fault(copied):
        raise NodeInputError(f"{where} {fault}")
    if has_redacted(copied):
        raise WorkflowError(
            f"{where} holds {REDACTED}: the server blanked a key when this workflow was read back. "
            "Set the input to a real value (the key of partner nodes goes into partner_key=, not into the workflow)"
        )
    return copied


def _file_key(content: object) -> Hashable:
    return content if isinstance(content, Path | bytes) else id(content)


def _rebuilt(value: object, where: str, leaf: Callable[[object, str], Any]) -> Any:
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise NodeInputError(f"{where} has the key {name!r}; JSON has only text as keys")
        return {str(name): _rebuilt(item, f"{where}[{name!r}]", leaf) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rebuilt(item, f"{where}[{index}]", leaf) for index, item in enumerate(value)]
    return leaf(value, where)


def _kept(value: object, where: str) -> Any:
    """One value as the graph keeps it; subclasses (enums, numpy's float) become the plain type."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, PathLike):
        return value if isinstance(value, Path) else Path(fsdecode(value))
    if isinstance(value, type):
        pass  # a class that was not called has its instances' methods
    elif callable(getattr(value, "save", None)) and hasattr(value, "size") and hasattr(value, "mode"):
        return value
    elif callable(getattr(value, "read", None)):
        return _readable(value, where)
    elif getattr(value, "ndim", None) == 0 and callable(item := getattr(value, "item", None)):
        scalar = item()  # numpy's and torch's scalars
        if isinstance(scalar, bool | int | float | str):
            return scalar
    raise NodeInputError(
        f"{where} cannot hold a {type(value).__module__}.{type(value).__qualname__}: give a JSON value, a link, "
        "a pathlib.Path, bytes, an open binary file or a PIL image"
    )


def _readable(value: Any, where: str) -> Any:
    if hasattr(value, "encoding"):
        raise NodeInputError(f"{where}: the file is open in text mode; open it with 'rb'")
    if getattr(value, "closed", False):
        raise NodeInputError(f"{where}: the file is closed; hand over a Path, or keep it open until the submit")
    if callable(readable := getattr(value, "readable", None)) and not readable():
        raise NodeInputError(f"{where}: the file is not open for reading; open it with 'rb'")
    return value
