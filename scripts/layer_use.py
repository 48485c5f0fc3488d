"""Which hand-written methods stand on what of the contract, read from the layer's own source. Runs none of it.

The table in `_core/operations.py` names the public method of each operation. Beside it, the sources of `_async/` are
searched for the raw functions, models and names that a method uses, through the helpers that it calls. Names are
compared as texts, so a field called `name` may be found where another `name` is meant: what is reported is where to
look, and never too little.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from contract_changes import Change

# How deep helpers are followed: a method, its helper, and the `_core` function behind it.
DEPTH = 3
HANDLES = {"AsyncComfyCloud": "cloud", "AsyncJob": "job", "AsyncOutput": "output", "AsyncOutputs": "job.outputs"}


@dataclass(frozen=True)
class Use:
    """A public method that stands on an operation: `cloud.assets.tags` on `listTags`."""

    method: str
    operation: str


@dataclass
class Piece:
    """One function or class of the layer: what it calls and what it names."""

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

    def may_call(self, other: Piece) -> bool:
        """Whether this names that one in a way that may be a call. Public names of methods of others are too common."""
        if not other.owner:
            return other.name in self.calls
        return other.name in (self.own_methods if self.owner == other.owner else self.hidden_methods)


def snake(name: str) -> str:
    """The module of an operation in the raw client."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class Layer:
    """The hand-written layer of a source tree. `methods` is the table: operationId to names with commas between."""

    def __init__(self, package: Path, methods: dict[str, str]) -> None:
        self._methods = methods
        self._pieces: list[Piece] = []
        for folder in ("_async", "_core"):
            for path in sorted((package / folder).glob("*.py")):
                self._pieces += _pieces(path, ast.parse(path.read_text(encoding="utf-8")))
        self._called = {id(one): [two for two in self._pieces if one.may_call(two)] for one in self._pieces}
        self._groups = {**HANDLES, **_groups(package / "_async" / "client.py")}

    def methods_of(self, operation: str) -> list[str]:
        """The public methods that stand on an operation, those of the table first."""
        table = [f"cloud.{method}" for method in self._methods.get(operation, "").split(", ") if method]
        others = {name for piece in self._direct(operation) for name in self._public(piece)}
        return [*table, *sorted(others - set(table))]

    def knows(self, operation: str) -> bool:
        """Whether the table has a row for the operation."""
        return operation in self._methods

    def taken_by(self, change: Change) -> list[Use]:
        """The methods from which a change takes away what they stand on."""
        if not change.operations:
            # No operation reaches what the socket sends; it is read by one module.
            frames = {name for piece in self._pieces if piece.module == "_core/frames.py" for name in piece.names}
            hit = change.what == "removed" and bool(_spellings(change) & frames)
            return [Use("job.events", "the socket")] if hit else []
        return [
            Use(method, operation)
            for operation in sorted(change.operations)
            if self._takes(change, operation)
            for method in self.methods_of(operation)
        ]

    def _takes(self, change: Change, operation: str) -> bool:
        if not change.breaking or not self.methods_of(operation):
            return False
        if change.what == "added" or (change.kind, change.what) == ("body", "removed"):
            return True
        if change.kind == "operation":
            return True
        if change.kind == "model":
            return any(change.token in piece.models for piece in self._pieces)
        if change.what == "removed" or change.detail == "optional -> required":
            positional = change.kind == "parameter" and change.detail == "in path"
            found = positional or bool(_spellings(change) & self._names(operation))
            # What must be given now breaks who does not give it.
            return found if change.what == "removed" else not found
        return False

    def _direct(self, operation: str) -> list[Piece]:
        return [piece for piece in self._pieces if snake(operation) in piece.raws]

    def _names(self, operation: str) -> set[str]:
        """What the code around an operation names: its callers and its helpers."""
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
        # A class calls what its methods call, so that these are the callers.
        return [one for one in self._pieces if not one.is_class and any(two is piece for two in self._called[id(one)])]

    def _public(self, piece: Piece) -> set[str]:
        """The public methods that lead to a piece."""
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


def _spellings(change: Change) -> set[str]:
    """How Python code may spell a name or a value of the contract."""
    token = change.token
    plain = re.sub(r"\W+", "_", snake(token))
    return {token, plain, plain.upper(), f"{plain}_", f"{plain}_query", f"{plain}_path"}


def _groups(client: Path) -> dict[str, str]:
    """`AsyncJobs` to `cloud.jobs`, from the properties of the client."""
    tree = ast.parse(client.read_text(encoding="utf-8"))
    return {
        node.returns.id: f"cloud.{node.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Name)
        if any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list)
    }


def _pieces(path: Path, tree: ast.Module) -> Iterator[Piece]:
    raws, models = _imports(tree)
    module = f"{path.parent.name}/{path.name}"
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members = [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
            for item in members:
                yield _piece(Piece(module, node.name, item.name), item, raws, models)
            # Who makes an object of a class may call any of its methods.
            yield _piece(Piece(module, "", node.name, is_class=True), node, set(), set())
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _piece(Piece(module, "", node.name), node, raws, models)


def _imports(tree: ast.Module) -> tuple[set[str], set[str]]:
    """The names that a module imports from `raw.api` and from `raw.models`."""
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
