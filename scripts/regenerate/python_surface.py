"""Compare two generated clients as Python users see them, from their source, with griffe. Imports neither.

griffe finds names and arguments that are gone. Types are compared here: a value that is sent must still be taken, and
what is received must still be what code expects. So a function may take more and return less than before. A class that
has another name, but the same fields, is the same class.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import griffe

from generate import differences

from .rules import REQUEST, RESPONSE

# The four functions of an operation change together, so they are named by their module.
FUNCTIONS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")
# A changed value of an enum is a removed and an added member; other changed values are internal tables.
IGNORED = frozenset({griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE})
ANYTHING = frozenset({"Any", "object"})


@dataclass(frozen=True, order=True)
class Break:
    """A breaking change: what it is about, why, the operations that it reaches, and its own name in Python."""

    name: str
    why: str
    operations: frozenset[str]
    token: str


@dataclass(frozen=True)
class SurfaceChanges:
    """Breaking changes, the new public names, as paths below `comfy_cloud.raw`, and classes that have another name."""

    breaking: list[Break]
    added: list[str]
    renamed: dict[str, str] = field(default_factory=dict)
    changed: bool = False


class Client:
    """A generated client: the arguments and results of its operations, and the fields of its classes, as types."""

    def __init__(self, folder: Path) -> None:
        # Nothing is imported: the new client comes from a contract that nobody has reviewed yet.
        package = griffe.load(folder.name, search_paths=[folder.parent], allow_inspection=False)
        assert isinstance(package, griffe.Module)
        self.package = package
        self.name = folder.name
        # By the name of its module below `api`: operationId, function.
        self.functions: dict[str, tuple[str, griffe.Function]] = {}
        for tag in _modules(package["api"]):
            for module in _modules(tag):
                said = re.search(r"Operation\('(.*?)'|Operation\(\"(.*?)\"", str(module["operation"].value))
                name = (said[1] or said[2]) if said else module.name
                self.functions[f"{tag.name}.{module.name}"] = (name, module["sync"])
        classes = (one for module in _modules(package["models"]) for one in module.members.values())
        self.classes = {one.name: one for one in classes if isinstance(one, griffe.Class)}

    @cached_property
    def fields(self) -> dict[str, dict[str, str]]:
        """Return the fields of each class with their types."""
        return {
            name: {
                member.name: _text(member.annotation)
                for member in one.members.values()
                if isinstance(member, griffe.Attribute) and member.annotation and not member.name.isupper()
            }
            for name, one in self.classes.items()
        }

    @cached_property
    def reach(self) -> dict[str, dict[str, set[str]]]:
        """Return, for each class, the uses by the operations that reach it: in requests, in responses or in both."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for name, function in self.functions.values():
            asked = [_text(one.annotation) for one in function.parameters if one.name != "client"]
            for use, texts in ((REQUEST, asked), (RESPONSE, [_text(function.returns)])):
                waiting = [word for text in texts for word in re.findall(r"\w+", text)]
                while waiting:
                    word = waiting.pop()
                    if word in self.fields and use not in found[word][name]:
                        found[word][name].add(use)
                        waiting += [part for text in self.fields[word].values() for part in re.findall(r"\w+", text)]
        return found


def compare_surfaces(old: Path, new: Path) -> SurfaceChanges:
    """Compare two folders of one package name. Most facts (limits, security) do not reach the code at all."""
    if not any(name.endswith(".py") for name in differences(old, new)):
        return SurfaceChanges([], [])
    return Comparison(_loaded(old), Client(new)).result()


@cache
def _loaded(folder: Path) -> Client:
    return Client(folder)


class Comparison:
    """The comparison of two clients, and the pairs of classes that were found to have the same fields."""

    def __init__(self, old: Client, new: Client) -> None:
        self._old, self._new = old, new
        self._pairs: dict[tuple[str, str], bool] = {}

    def result(self) -> SurfaceChanges:
        """Return what breaks, and what is new."""
        typed = [*self._functions(), *self._fields()]
        renamed = {a: b for (a, b), alike in self._pairs.items() if alike and a != b and a not in self._new.classes}
        named = [one for one in self._names() if one.token not in renamed]
        fresh = set(_names(self._new.package)) - set(_names(self._old.package))
        # If a whole module or class is new, only that is named.
        added = [_shown(name, self._old.name) for name in sorted(fresh) if name.rpartition(".")[0] not in fresh]
        lost = set(_names(self._old.package)) - set(_names(self._new.package))
        texts = [_signatures(client) for client in (self._old, self._new)]
        return SurfaceChanges(sorted({*typed, *named}), added, renamed, bool(fresh or lost or texts[0] != texts[1]))

    def _names(self) -> Iterator[Break]:
        """Yield what griffe finds: names and arguments that are gone."""
        for breakage in griffe.find_breaking_changes(self._old.package, self._new.package):
            path = breakage.obj.path
            if breakage.kind in IGNORED or any(part.startswith("_") for part in path.split(".")):
                continue
            parts = path.split(".")[1:]
            name = parts[-1]
            operations: set[str] = set()
            if parts[0] == "api" and ".".join(parts[1:3]) in self._old.functions:
                operations = {self._old.functions[".".join(parts[1:3])][0]}
            elif parts[0] == "models" and len(parts) > 1:
                inside = {one.name for one in self._old.classes.values() if one.module.name == parts[1]}
                # A module of a class is called like it, and goes with it.
                name = next(iter(inside), name) if len(parts) == 2 else name
                owner = parts[2] if len(parts) > 2 else name
                operations = {*self._old.reach.get(owner, {}), *self._new.reach.get(owner, {})}
            yield Break(_shown(path, self._old.name), _sentence(breakage), frozenset(operations), name)

    def _functions(self) -> Iterator[Break]:
        for module in self._old.functions.keys() & self._new.functions.keys():
            name, old = self._old.functions[module]
            new = self._new.functions[module][1]
            shown = f"comfy_cloud.raw.api.{module}"
            known = {one.name: one for one in new.parameters}
            for one in old.parameters:
                before, after = _text(one.annotation), _text(getattr(known.get(one.name), "annotation", None))
                if one.name in known and not self._takes(after, before):
                    why = f"`{one.name}` was {before}, is {after}"
                    yield Break(shown, why, frozenset({name}), one.name)
            before, after = _text(old.returns), _text(new.returns)
            if not self._takes(before, after):
                yield Break(shown, f"returned {before}, returns {after}", frozenset({name}), "return")

    def _fields(self) -> Iterator[Break]:
        for name in self._old.fields.keys() & self._new.fields.keys():
            reach = [client.reach.get(name, {}) for client in (self._old, self._new)]
            # What no operation reaches comes through the WebSocket.
            uses = {use for side in reach for found in side.values() for use in found} or {RESPONSE}
            for token, before in self._old.fields[name].items():
                after = self._new.fields[name].get(token)
                sent = REQUEST not in uses or after is None or self._takes(after, before)
                received = RESPONSE not in uses or after is None or self._takes(before, after)
                if not (sent and received):
                    operations = frozenset({*reach[0], *reach[1]})
                    yield Break(
                        f"comfy_cloud.raw.models.{name}.{token}", f"was {before}, is {after}", operations, token
                    )

    def _takes(self, wide: str, narrow: str) -> bool:
        """Return whether each value of the type `narrow` is one of the type `wide`."""
        return wide == narrow or all(
            any(self._fits(one, other) for one in _members(wide)) for other in _members(narrow)
        )

    def _fits(self, wide: str, narrow: str) -> bool:
        if wide in ANYTHING or wide == narrow or (wide, narrow) == ("float", "int"):
            return True
        if narrow in ANYTHING:
            return False
        outer, inner = (re.fullmatch(r"(\w+)\[(.*)\]", text) for text in (wide, narrow))
        if inner and inner[1] == "Literal":
            values = set(inner[2].split(", "))
            return (outer is not None and values <= set(outer[2].split(", "))) or (wide == "str" and "'" in inner[2])
        if outer and inner and outer[1] == inner[1]:
            return self._takes(outer[2].removeprefix("str, "), inner[2].removeprefix("str, "))
        return self._alike(wide, narrow)

    def _alike(self, one: str, other: str) -> bool:
        """Return whether a class of the one client and a class of the other have the same fields, or members."""
        if one not in self._old.classes or other not in self._new.classes:
            # The other way round, for what is sent.
            one, other = other, one
        if one not in self._old.classes or other not in self._new.classes:
            return False
        if (one, other) not in self._pairs:
            self._pairs[one, other] = True  # until it is found out, as for a class that contains itself
            fields = self._old.fields[one], self._new.fields[other]
            members = [set(client.classes[name].members) for client, name in ((self._old, one), (self._new, other))]
            self._pairs[one, other] = members[0] == members[1] and all(
                self._takes(text, fields[1][name]) and self._takes(fields[1][name], text)
                for name, text in fields[0].items()
            )
        return self._pairs[one, other]


def _modules(module: griffe.Object | griffe.Alias) -> list[griffe.Module]:
    return [one for one in module.members.values() if isinstance(one, griffe.Module)]


def _text(annotation: object) -> str:
    return str(annotation or "").replace('"', "'") if annotation is not None else ""


def _members(text: str) -> list[str]:
    """Return the alternatives of a union."""
    try:
        node = ast.parse(text.strip("'"), mode="eval").body
    except SyntaxError:
        return [text]

    def parts(one: ast.expr) -> Iterator[str]:
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.BitOr):
            yield from parts(one.left)
            yield from parts(one.right)
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield from _members(one.value)
        else:
            yield ast.unparse(one)

    return list(parts(node))


def _signatures(client: Client) -> object:
    """Return all that a type checker sees of a client."""
    functions = {
        module: (
            [(one.name, _text(one.annotation), str(one.default)) for one in function.parameters],
            str(function.returns),
        )
        for module, (_, function) in client.functions.items()
    }
    return functions, client.fields


def _shown(path: str, package: str) -> str:
    module, _, name = path.rpartition(".")
    path = module if ".api." in path and name in FUNCTIONS else path
    return f"comfy_cloud.raw{path.removeprefix(package)}"


def _sentence(breakage: griffe.Breakage) -> str:
    what = breakage.kind.value[0].lower() + breakage.kind.value[1:]
    parameter = next(
        (one.name for one in (breakage.old_value, breakage.new_value) if isinstance(one, griffe.Parameter)), ""
    )
    return f"{what} (`{parameter}`)" if parameter else what


def _names(node: griffe.Object) -> Iterator[str]:
    """Yield the public names below an object, without names that a module only imports."""
    for name, member in sorted(node.members.items()):
        if name.startswith("_") or isinstance(member, griffe.Alias):
            continue
        yield member.path
        if isinstance(member, griffe.Module | griffe.Class):
            yield from _names(member)
