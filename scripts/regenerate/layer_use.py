"""Find the hand-written methods that use a part of the contract, from the source of the layer. Runs none of it.

The table in `_core/operations.py` names the public method of each operation. Beside it, the sources of `_async/` are
searched for the raw functions, models and names that a method uses, through the helpers that it calls. Names are
compared as strings, so a field called `name` is also found where another `name` is meant: the result is where to look,
and rather too much than too little.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .changes import Change

# How deep calls are followed: a method, its helper, and the `_core` function that the helper calls.
DEPTH = 3
# What no operation reaches comes through the WebSocket.
SOCKET, SOCKET_METHODS = "the socket", ("cloud.run", "job.events", "job.wait")
# Errors of mypy that are no faults: code that is right may be written more simply now.
STYLE = frozenset(
    {"assert-type", "comparison-overlap", "redundant-cast", "redundant-expr", "truthy-bool", "unreachable"}
)
STYLE |= {"unused-ignore"}
HANDLES = {"AsyncComfyCloud": "cloud", "AsyncJob": "job", "AsyncOutput": "output", "AsyncOutputs": "job.outputs"}


@dataclass(frozen=True)
class Use:
    """A public method that uses an operation: `cloud.assets.tags` uses `listTags`."""

    method: str
    operation: str


@dataclass(frozen=True)
class Fault:
    """An error of mypy in the hand-written code, with the public methods that lead there."""

    place: str
    message: str
    methods: tuple[str, ...]


@dataclass
class Piece:
    """One function or class of the layer, with the names that it calls and mentions."""

    module: str
    owner: str
    name: str
    raws: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    own_methods: set[str] = field(default_factory=set)
    hidden_methods: set[str] = field(default_factory=set)
    is_class: bool = False
    lines: range = range(0)

    def may_call(self, other: Piece) -> bool:
        """Return whether this piece may call `other`. Public methods of other classes have too common names to tell."""
        if not other.owner:
            return other.name in self.calls
        return other.name in (self.own_methods if self.owner == other.owner else self.hidden_methods)


def snake(name: str) -> str:
    """Return the module of an operation in the raw client."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class Layer:
    """The hand-written layer of a source tree. `methods` maps operationIds to method names joined by commas."""

    def __init__(self, package: Path, methods: dict[str, str]) -> None:
        self._methods = methods
        self._pieces: list[Piece] = []
        for folder in ("_async", "_core"):
            for path in sorted((package / folder).rglob("*.py")):
                module = path.relative_to(package).as_posix()
                self._pieces += _pieces(module, ast.parse(path.read_text(encoding="utf-8")))
        self._called = {id(one): [two for two in self._pieces if one.may_call(two)] for one in self._pieces}
        self._found: dict[str, list[str]] = {}
        self._groups = {**HANDLES, **_groups(package / "_async" / "client.py")}

    def methods_of(self, operation: str) -> list[str]:
        """Return the public methods that use an operation, those of the table first."""
        if operation not in self._found:
            table = [f"cloud.{method}" for method in self._methods.get(operation, "").split(", ") if method]
            others = {name for piece in self._direct(operation) for name in self._public(piece)}
            self._found[operation] = [*table, *sorted(others - set(table))]
        return self._found[operation]

    def knows(self, operation: str) -> bool:
        """Return whether the table has a row for the operation."""
        return operation in self._methods

    def taken_by(self, change: Change) -> list[Use]:
        """Return the methods from which a change removes what they use."""
        if not change.operations:
            # No operation reaches what the socket sends; it is read by one module.
            frames = {name for piece in self._pieces if piece.module == "_core/frames.py" for name in piece.names}
            hit = bool(change.breaking) and bool(spellings(change) & frames)
            return [Use(method, SOCKET) for method in SOCKET_METHODS] if hit else []
        return [
            Use(method, operation)
            for operation in sorted(change.operations)
            if self._takes(change, operation)
            for method in self.methods_of(operation)
        ]

    def faults(self, told: str) -> list[Fault]:
        """Return the errors in the output of mypy, run in the root of a copy of the tree, each with its methods."""
        found = []
        for line in told.splitlines():
            said = re.match(r"(?P<path>\S+\.py):(?P<line>\d+): error: (?P<text>.*?)(?:  \[(?P<code>[\w-]+)\])?$", line)
            # Derived code has the faults of its source.
            if said is None or said["code"] in STYLE or said["path"].startswith("overrides/comfy_cloud/_sync/"):
                continue
            module, number = said["path"].partition("overrides/comfy_cloud/")[2], int(said["line"])
            inside = [piece for piece in self._pieces if piece.module == module and number in piece.lines]
            if module and not inside:
                # A line of imports: whoever uses a name that the message has.
                words = set(re.findall(r"\w+", said["text"]))
                inside = [one for one in self._pieces if one.module == module and (one.raws | one.models) & words]
            methods = {method for piece in inside for method in self._public(piece)}
            found.append(Fault(f"{said['path']}:{number}", said["text"], tuple(sorted(methods))))
        return found

    def _takes(self, change: Change, operation: str) -> bool:
        if not change.breaking or not self.methods_of(operation):
            return False
        if change.kind == "operation" or change.what == "added" or (change.kind, change.what) == ("body", "removed"):
            return True
        if change.kind == "model":
            return any(change.token in piece.models for piece in self._pieces)
        if change.kind in {"parameter", "field", "enum value"}:
            positional = change.kind == "parameter" and change.detail == "in path"
            found = positional or bool(spellings(change) & self._names(operation))
            # A value that must now be given breaks the code that does not name it.
            return not found if change.detail == "optional -> required" else found
        return change.kind in {"body", "response"}

    def _direct(self, operation: str) -> list[Piece]:
        return [piece for piece in self._pieces if snake(operation) in piece.raws]

    def _names(self, operation: str) -> set[str]:
        """Return the names in the code around an operation: in its callers and its helpers."""
        direct = self._direct(operation)
        callers = [caller for piece in direct for caller in self._callers(piece)]
        names: set[str] = set()
        for piece in [*direct, *callers]:
            names |= self._below(piece, DEPTH)
        return names

    def _below(self, piece: Piece, depth: int) -> set[str]:
        names = set(piece.names)
        for helper in self._called[id(piece)] if depth else ():
            names |= self._below(helper, depth - 1)
        return names

    def _callers(self, piece: Piece) -> list[Piece]:
        # A class calls what its methods call, so only the methods are callers.
        return [one for one in self._pieces if not one.is_class and any(two is piece for two in self._called[id(one)])]

    def _public(self, piece: Piece) -> set[str]:
        """Return the public methods that lead to a piece."""
        found: set[str] = set()
        seen: set[int] = set()
        waiting = [piece]
        while waiting:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            if one.owner in self._groups and not one.name.startswith("_"):
                found.add(f"{self._groups[one.owner]}.{one.name}")
            elif one.module.startswith("_async/"):
                waiting += self._callers(one)
        return found


def spellings(change: Change) -> set[str]:
    """Return how Python code may spell a name or a value of the contract."""
    token = change.token
    plain = re.sub(r"\W+", "_", snake(token))
    return {token, plain, plain.upper(), f"{plain}_", f"{plain}_query", f"{plain}_path"}


def _groups(client: Path) -> dict[str, str]:
    """Map class names to groups (`AsyncJobs` to `cloud.jobs`), from the properties of the client."""
    tree = ast.parse(client.read_text(encoding="utf-8"))
    return {
        node.returns.id: f"cloud.{node.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Name)
        if any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list)
    }


def _pieces(module: str, tree: ast.Module) -> Iterator[Piece]:
    raws, models = _imports(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members = [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
            for item in members:
                yield _piece(Piece(module, node.name, item.name, lines=_lines(item)), item, raws, models)
            # Code that creates an object may call any of its methods.
            yield _piece(Piece(module, "", node.name, is_class=True), node, set(), set())
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _piece(Piece(module, "", node.name, lines=_lines(node)), node, raws, models)


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _imports(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Return the names that a module imports from `raw.api` and from `raw.models`."""
    raws: set[str] = set()
    models: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = {alias.asname or alias.name for alias in node.names}
            if (node.module or "").startswith("raw.api."):
                raws |= names
            elif (node.module or "").startswith("raw.models"):
                models |= names
    return raws, models


def _piece(piece: Piece, node: ast.AST, raws: Iterable[str], models: Iterable[str]) -> Piece:
    docstrings = {
        id(one.body[0].value)
        for one in ast.walk(node)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and one.body
        and isinstance(one.body[0], ast.Expr)
    }
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in docstrings:
            piece.names.add(one.value)
        elif isinstance(one, ast.keyword) and one.arg:
            piece.names.add(one.arg)
        elif isinstance(one, ast.Attribute):
            piece.names.add(one.attr)
            if isinstance(one.value, ast.Name) and one.value.id == "self":
                piece.own_methods.add(one.attr)
            if one.attr.startswith("_"):
                piece.hidden_methods.add(one.attr)
        elif isinstance(one, ast.Name):
            piece.calls.add(one.id)
    piece.raws = piece.calls & set(raws)
    piece.models = piece.calls & set(models)
    return piece
