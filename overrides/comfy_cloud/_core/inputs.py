"""Check and copy the values of inputs: JSON values, links to other nodes, files to upload, and files of servers.

Only types and shapes are checked. No file is opened, and paths are not checked for existence here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from inspect import iscoroutinefunction
from io import IOBase, TextIOBase
from os import PathLike, fsdecode
from pathlib import Path
from typing import IO, Any, Final, Protocol, TypeAlias, TypeGuard

from ..errors import NodeInputError
from .file_refs import FileOnServer, ServerOutput

SCALARS: Final = frozenset({str, int, float, bool, type(None)})
"""The types of values that stay as they are. Subclasses of these become the plain type."""

REDACTED = "[REDACTED]"
"""The string that servers put in place of an API key in a job's workflow."""


class ImageLike(Protocol):
    """A PIL image, recognised by its attributes, so that Pillow does not have to be installed."""

    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def mode(self) -> str: ...
    def save(self, fp: Any, format: str | None = None, **params: Any) -> None: ...  # noqa: A002 - Pillow's name


FileContent: TypeAlias = Path | bytes | IO[bytes] | ImageLike
_TAKEN = (
    "a JSON value, a link, a pathlib.Path, bytes, an open binary file, a PIL image, or a file of the server (an "
    "output, an asset)"
)


def unwrap(value: object) -> object:
    """Return the value inside `{"__value__": ...}`, the form in which ComfyUI takes a list as data; else the value."""
    return value["__value__"] if isinstance(value, dict) and "__value__" in value else value


def is_file(value: object) -> TypeGuard[FileContent]:
    """Return True if a leaf of an input is a file. All other leaves that `input_value` returns are JSON scalars."""
    return value is not None and not isinstance(value, str | int | float)


def is_asset(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value is an asset of the raw client, known by its fields: this layer does not import models."""
    return {"id", "name", "asset_hash"} <= getattr(type(value), "DECLARED", {}).keys()


def is_stored(value: object) -> bool:
    """Return whether a value is a file that a server has: an output of a job, an asset, a file of the user data."""
    return isinstance(value, FileOnServer) or is_asset(value)


def input_value(value: object, where: str) -> Any:
    """Return a deep copy of a value in plain JSON types, with files unchanged.

    Raises NodeInputError, whose message begins with `where`, if the value contains anything else.
    """
    try:
        return rebuilt(value, where, _kept)
    except RecursionError:
        raise NodeInputError(f"{where} must not contain itself or be nested too deeply") from None


def leaves(value: object) -> Iterator[object]:
    """Yield every value inside `value` that is not a dict or a list, in order."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def has_redacted(value: object) -> bool:
    """Return True if a string inside `value` is `[REDACTED]`."""
    return any(isinstance(leaf, str) and leaf.strip() == REDACTED for leaf in leaves(value))


def json_fault(value: object) -> str | None:
    """Return why JSON cannot contain `value`, as the end of a sentence about it, or None if it can or is a file."""
    for leaf in leaves(value):
        # `json.dumps` writes NaN and Infinity, which are not JSON: the server would refuse the whole body.
        if isinstance(leaf, float) and not math.isfinite(leaf):
            return f"must be a finite number, not {leaf}: JSON cannot contain it"
        if isinstance(leaf, str):
            try:
                leaf.encode()
            except UnicodeEncodeError:
                return "must not contain half a surrogate pair: UTF-8 cannot encode it; use whole characters"
    return None


def node_label(node_id: str, node: Mapping[str, Any]) -> str:
    """Return the label of a node for messages: its id, its class, and its title if that is not the class."""
    title = node_title(node)
    named = "" if title in (None, node["class_type"]) else f", {title!r}"
    return f"node {node_id!r} ({node['class_type']}{named})"


def node_title(node: Mapping[str, Any]) -> str | None:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) and title else None


def rebuilt(value: object, where: str, leaf: Callable[[object, str], Any]) -> Any:
    """Return a copy of nested dicts and lists with each leaf but plain scalars replaced by `leaf(value, where)`."""
    if type(value) in SCALARS:
        return value
    if isinstance(value, Mapping) and not is_asset(value) and not _is_model(value):
        for name in value:
            if not isinstance(name, str):
                raise NodeInputError(f"{where}: the keys of a mapping must be strings, not {name!r}")
        return {
            str(name): item if type(item) in SCALARS else rebuilt(item, f"{where}[{name!r}]", leaf)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [
            item if type(item) in SCALARS else rebuilt(item, f"{where}[{index}]", leaf)
            for index, item in enumerate(value)
        ]
    return leaf(value, where)


def _kept(value: object, where: str) -> Any:
    """Return a value as the graph keeps it. Subclasses, such as enums and numpy's float64, become the plain type."""
    # Every bool is an int, so bools must be tested first: `int(True)` would send 1.
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        # `str(value)` would call the `__str__` of an enum, which can return the name of the member.
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, PathLike):
        return value if isinstance(value, Path) else Path(fsdecode(value))
    if isinstance(value, ServerOutput):
        return _output_value(value, where)
    if is_stored(value):
        return value
    if _is_model(value):
        return str(value["name"])
    if isinstance(value, type):
        pass  # A class has the methods of its instances, so `PIL.Image.Image` itself would pass as an image.
    elif _is_image(value):
        return value
    elif callable(getattr(value, "read", None)):
        return _readable(value, where)
    elif getattr(value, "ndim", None) == 0 and callable(item := getattr(value, "item", None)):
        scalar = item()  # A scalar of numpy or torch, such as `torch.tensor(42)`.
        if isinstance(scalar, bool | int | float | str):
            return scalar
    raise NodeInputError(f"{where} must be {_TAKEN}, not {_class_of(value)}")


def _class_of(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _is_model(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value is a listed model of the raw client, whose name is what a loader takes."""
    return {"name", "pathIndex"} <= getattr(type(value), "DECLARED", {}).keys()


def _is_image(value: Any) -> bool:
    """Return whether a value is a PIL image. A mock has all its attributes, but not of these types."""
    size = getattr(value, "size", None)
    sized = isinstance(size, tuple) and len(size) == 2
    return sized and isinstance(getattr(value, "mode", None), str) and callable(getattr(value, "save", None))


def _output_value(output: ServerOutput, where: str) -> Any:
    entry = output._entry
    if entry.fault is not None:
        raise NodeInputError(f"{where} must be an output that can be fetched, not {output!r}")
    return output if entry.text is None else entry.text


def _readable(value: Any, where: str) -> Any:
    # The files of `tempfile` and of web frameworks are wrappers that hold the real file in `file`. Sockets, responses
    # and mocks have a `read` as well, but it may block, be a coroutine or return anything. They are refused here, since
    # an error in the upload would come much later and name nothing.
    stream = value if isinstance(value, IOBase) else getattr(value, "file", None)
    if not isinstance(stream, IOBase) or iscoroutinefunction(value.read):
        inner = "the open file in its attribute 'file'" if isinstance(stream, IOBase) else "its content as bytes"
        raise NodeInputError(f"{where} must be an open binary file, not {_class_of(value)}; set {inner}")
    if isinstance(stream, TextIOBase) or hasattr(value, "encoding"):
        raise NodeInputError(f"{where}: the file must be open in binary mode; open it with 'rb'")
    if getattr(value, "closed", False):
        raise NodeInputError(f"{where}: the file must be open until the submit, not closed; or set a Path")
    if callable(readable := getattr(value, "readable", None)) and not readable():
        raise NodeInputError(f"{where}: the file must be open for reading; open it with 'rb'")
    return value
