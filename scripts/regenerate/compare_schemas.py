"""Compare the schemas of two contracts, with their fields, values and alternatives. Changes no file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from contract import follow, identified, parameters_of

from .changes import Change, Document, Spot, change, compare_required, rest, short
from .facts import DATA, dumped, is_fact, plain, same
from .rules import REFUSED, REQUEST, RESPONSE

Reach = defaultdict[str, tuple[set[str], set[str]]]


def compare_schemas(old: Document, new: Document) -> Iterator[Change]:
    before, after = (document.get("components", {}).get("schemas", {}) for document in (old, new))
    reach = _reach(old, _reach(new, defaultdict(lambda: (set(), set()))))
    for name in sorted({*before, *after}):
        reached_by, uses = reach[name]
        # A schema that no operation reaches describes a WebSocket message.
        here = Spot(name, frozenset(reached_by), frozenset(uses or {RESPONSE}), (old, new))
        if name not in after:
            yield change(here, "model", "removed", name, breaking="its class goes")
        elif name not in before:
            yield change(here, "model", "added", name)
        else:
            yield from compare_schema(before[name], after[name], here, "model", name)


def _reach(document: Document, reach: Reach) -> Reach:
    """Add to `reach`, by schema, the operations that reach it, and whether in requests or in responses."""

    def walk(node: Any, name: str, use: str) -> None:
        if isinstance(node, list):
            for child in node:
                walk(child, name, use)
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                schema = reference.rpartition("/")[2]
                known, uses = reach[schema]
                if (schema, name, use) in seen:
                    return
                seen.add((schema, name, use))
                known.add(name)
                uses.add(use)
                walk(follow(document, reference), name, use)
            for key, child in node.items():
                if key not in DATA:
                    walk(child, name, use)

    seen: set[tuple[str, str, str]] = set()
    for name, (path, _, operation) in identified(document).items():
        walk([*parameters_of(document, path, operation), operation.get("requestBody")], name, REQUEST)
        walk(operation.get("responses"), name, RESPONSE)
    return reach


def _unwrapped(document: Document, schema: Document) -> Document:
    """Return a schema without what only wraps it: a reference, or `allOf` with one item and words."""
    seen: list[str] = []
    while isinstance(schema, dict):
        said = [key for key in schema if is_fact(key, named=False)]
        if isinstance(reference := schema.get("$ref"), str) and reference not in seen:
            seen.append(reference)
            schema = follow(document, reference)
        elif said == ["allOf"] and len(schema["allOf"]) == 1:
            schema = schema["allOf"][0]
        else:
            break
    return schema


def _references(schema: Document, key: str) -> list[Any]:
    return [item.get("$ref") for item in schema.get(key, [])]


def _joined(document: Document, schema: Document, through: tuple[str, ...] = ()) -> Document:
    """Return a schema with what the parts of its `allOf` say, as the generator's classes have it."""
    whole: Document = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        reference = part.get("$ref", "")
        if reference in through:
            continue
        said = _joined(document, follow(document, reference) if reference else part, (*through, reference))
        for key, value in said.items():
            if key == "properties":
                whole[key] = {**value, **whole.get(key, {})}
            elif key == "required":
                whole[key] = [*whole.get(key, ()), *value]
            else:
                whole.setdefault(key, value)
    return whole


def compare_schema(old: Document, new: Document, here: Spot, kind: str, token: str) -> Iterator[Change]:
    if same(old, new):
        return
    references = {schema["$ref"] for schema in (old, new) if isinstance(schema.get("$ref"), str)}
    if references and not references <= here.through:
        # One side refers to what the other says in place, or they refer to different schemas.
        yield change(here, kind, "changed", token=token, detail=f"{short(old)} -> {short(new)}", typed=True)
        here = replace(here, through=here.through | references)
        old, new = (_unwrapped(document, schema) for document, schema in zip(here.sides, (old, new), strict=True))
        if same(old, new):
            return
    if _references(old, "allOf") != _references(new, "allOf"):
        old, new = (_joined(document, schema) for document, schema in zip(here.sides, (old, new), strict=True))
    for single, union, document in ((old, new, here.sides[1]), (new, old, here.sides[0])):
        forms = [] if "oneOf" in single or "anyOf" in single else [*union.get("oneOf", ()), *union.get("anyOf", ())]
        if any(same(single, _unwrapped(document, form)) for form in forms):
            refused = REFUSED if union is old and REQUEST in here.uses else ""
            says = "is one of several forms now" if union is new else "is the only form now"
            yield change(here, kind, "changed", token=token, detail=says, breaking=refused, typed=True)
            return
    yield from _fields(old, new, here)
    yield from _values(old, new, here)
    inside = {"items", "additionalProperties"}
    inside = {key for key in inside if all(isinstance(side.get(key), dict) for side in (old, new))}
    for key in sorted(inside):
        at = here if key == "items" else here.below(f"{here.name}.*")
        yield from compare_schema(old[key], new[key], at, kind, token)
    if bool(old.get("nullable")) != bool(new.get("nullable")):
        says = "may be null now" if new.get("nullable") else "is never null now"
        yield change(here, kind, "changed", token=token, detail=says, typed=True)
    handled = {"properties", "required", "nullable"} | inside
    handled |= {"enum"} if "enum" in old and "enum" in new else set()
    yield from _alternatives(old, new, here, kind, token, handled)
    yield from rest(old, new, here, {*old, *new} - handled, kind, token)


def _alternatives(
    old: Document, new: Document, here: Spot, kind: str, token: str, handled: set[str]
) -> Iterator[Change]:
    """Compare alternatives: inline ones one by one, if their number and references are unchanged."""
    for key in ("allOf", "anyOf", "oneOf"):
        sides = (old.get(key, []), new.get(key, []))
        if sides[0] and _references(old, key) == _references(new, key):
            handled.add(key)
            for before, after in zip(*sides, strict=True):
                yield from compare_schema(before, after, here, kind, token)
        elif sides[0] and sides[1] and REQUEST in here.uses:
            known = [{dumped(plain(item)) for item in side} for side in sides]
            if known[0] - known[1]:
                # Python may have one type for several of them, such as two patterns of strings.
                says = f"{key} takes fewer forms"
                yield change(here, kind, "changed", token=token, detail=says, breaking=REFUSED)


def _fields(old: Document, new: Document, here: Spot) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in sorted({*before, *after}):
        at = here.below(f"{here.name}.{name}")
        required = name in new.get("required", [])
        if name not in after:
            detail = _perhaps(before[name], after, before)
            yield change(at, "field", "removed", token=name, detail=detail, breaking="code that names it fails")
        elif name not in before:
            needed = "must be given now" if required and REQUEST in here.uses else ""
            yield change(at, "field", "added", token=name, breaking=needed)
        else:
            yield from compare_required(name in old.get("required", []), required, at, "field", name)
            yield from compare_schema(before[name], after[name], at, "field", name)


def _perhaps(schema: Document, there: Document, here: Document) -> str:
    """Name the only new field that equals a removed one: it may be the same under another name."""
    twins = [name for name, other in there.items() if name not in here and same(schema, other)]
    return f"perhaps now `{twins[0]}`" if len(twins) == 1 else ""


def _values(old: Document, new: Document, here: Spot) -> Iterator[Change]:
    if "enum" not in old or "enum" not in new:
        return
    before, after = ({dumped(value): value for value in schema["enum"]} for schema in (old, new))
    for value in sorted({*before, *after}):
        at = here.below(f"{here.name} = {value}")
        bare = str((after if value in after else before)[value])
        if value not in after:
            yield change(at, "enum value", "removed", token=bare, breaking="its member goes")
        elif value not in before:
            yield change(at, "enum value", "added", token=bare)
