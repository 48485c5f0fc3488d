"""What changed between two contracts, named as people name it, and whether it breaks users. Changes no file.

Breaking is judged for who calls the raw client: a name that goes, a value that must now be given, an answer that may
now lack what it had. A new optional field, value or operation breaks nobody, since answers are read forgivingly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract import follow, followed, operations
from contract_facts import DATA, dumped, is_fact, plain, same

Document = dict[str, Any]
ABSENT: Any = object()
REQUEST, ANSWER = "request", "answer"
# A change of these gives a Python value another type.
TYPES = frozenset({"type", "format", "$ref", "items", "allOf", "anyOf", "oneOf", "additionalProperties", "enum"})


@dataclass(frozen=True)
class Change:
    """One difference.

    `kind` is operation, parameter, field, enum value, model, body, answer or other; `what` added, removed or changed.
    `breaking` says why, and is empty where nobody breaks. `operations` are the ids of all operations it reaches;
    `token` is the bare name or value in the contract, `owner` the model or operation that it belongs to.
    """

    kind: str
    what: str
    name: str
    detail: str = ""
    breaking: str = ""
    operations: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    token: str = ""
    owner: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two findings the same one."""
        return self.kind, self.what, self.name, self.detail


@dataclass(frozen=True)
class Spot:
    """Where the comparison is: the name so far, the operations that reach it, in requests or answers."""

    name: str
    operations: frozenset[str]
    uses: frozenset[str]
    owner: str

    def below(self, name: str) -> Spot:
        return Spot(name, self.operations, self.uses, self.owner)


def identified(document: Document) -> dict[str, tuple[str, str, Document]]:
    """(path, method, operation) by operationId, or by method and path where there is none."""
    return {
        operation.get("operationId") or f"{method.upper()} {path}": (path, method, operation)
        for path, method, operation in operations(document)
    }


def compare(old: Document, new: Document) -> list[Change]:
    """Every difference in what the two contracts say, the most far-reaching first."""
    changes = list(_operations(old, new))
    changes += _schemas(old, new)
    for part in ("servers", "security"):
        changes += _rest(old, new, Spot(part, frozenset(), frozenset(), part), {part})
    before, after = (document.get("components", {}).get("securitySchemes", {}) for document in (old, new))
    everywhere = frozenset(identified(new))
    changes += _rest(before, after, Spot("security scheme", everywhere, frozenset(), ""), {*before, *after})
    return list({change.key: change for change in changes}.values())


def _operations(old: Document, new: Document) -> Iterator[Change]:
    before, after = identified(old), identified(new)
    moved = {(path, method): name for name, (path, method, _) in after.items() if name not in before}
    for name, (path, method, operation) in before.items():
        where = f"{method.upper()} {path}"
        renamed = moved.pop((path, method), None) if name not in after else None
        here = Spot(name, frozenset({name}), frozenset(), name)
        if name not in after and renamed is None:
            gone = f"{name} (`{where}`)"
            yield _change(here, "operation", "removed", gone, token=name, breaking="its raw function goes")
            continue
        new_path, new_method, successor = after[renamed or name]
        if renamed:
            why = "its raw function has another name"
            yield _change(here, "operation", "changed", name, detail=f"is now called {renamed}", breaking=why)
        elif (path, method) != (new_path, new_method):
            detail = f"`{where}` -> `{new_method.upper()} {new_path}`"
            yield _change(here, "operation", "changed", name, detail=detail)
        if operation.get("tags", [])[:1] != successor.get("tags", [])[:1]:
            why = "its raw function stands in another module"
            detail = f"tag {operation.get('tags')} -> {successor.get('tags')}"
            yield _change(here, "operation", "changed", name, detail=detail, breaking=why)
        yield from _operation(old, new, (path, operation), (new_path, successor), here)
    for name, (path, method, _) in after.items():
        if name not in before and name in moved.values():
            here = Spot(name, frozenset({name}), frozenset(), name)
            yield _change(here, "operation", "added", f"{name} (`{method.upper()} {path}`)", token=name)


def _change(here: Spot, kind: str, what: str, name: str, *, token: str = "", **more: str) -> Change:
    return Change(
        kind, what, name, operations=here.operations, uses=here.uses, token=token or name, owner=here.owner, **more
    )


def _operation(
    old: Document, new: Document, before: tuple[str, Document], after: tuple[str, Document], here: Spot
) -> Iterator[Change]:
    asked = Spot(here.name, here.operations, frozenset({REQUEST}), here.owner)
    answered = Spot(here.name, here.operations, frozenset({ANSWER}), here.owner)
    yield from _parameters(_parameters_of(old, *before), _parameters_of(new, *after), asked)
    sides = ((old, before[1]), (new, after[1]))
    first, second = (followed(document, operation.get("requestBody", {})) for document, operation in sides)
    yield from _body(first, second, asked.below(f"{here.name} body"))
    first, second = (
        {status: followed(document, answer) for status, answer in operation.get("responses", {}).items()}
        for document, operation in sides
    )
    yield from _answers(first, second, answered)
    seen = {"parameters", "requestBody", "responses", "operationId", "tags"}
    yield from _rest(before[1], after[1], here, {*before[1], *after[1]} - seen)


def _parameters_of(document: Document, path: str, operation: Document) -> dict[tuple[str, str], Document]:
    both = [*document["paths"][path].get("parameters", []), *operation.get("parameters", [])]
    return {(item["in"], item["name"]): item for item in (followed(document, one) for one in both)}


def _parameters(before: Mapping[Any, Document], after: Mapping[Any, Document], here: Spot) -> Iterator[Change]:
    for place, name in sorted({*before, *after}, key=str):
        old, new = before.get((place, name)), after.get((place, name))
        at = here.below(f"{here.name}: {name}")
        if new is None:
            why = "calls that give it fail"
            yield _change(at, "parameter", "removed", at.name, token=name, detail=f"in {place}", breaking=why)
        elif old is None:
            needed = "calls must give it now" if new.get("required") else ""
            yield _change(at, "parameter", "added", at.name, token=name, breaking=needed)
        else:
            yield from _needed(bool(old.get("required")), bool(new.get("required")), at, "parameter", name)
            yield from _schema(old.get("schema", {}), new.get("schema", {}), at, "parameter", name)
            yield from _rest(old, new, at, {*old, *new} - {"required", "schema", "name", "in"}, "parameter", name)


def _needed(old: bool, new: bool, here: Spot, kind: str, token: str) -> Iterator[Change]:
    if new and not old:
        why = "must be given now" if REQUEST in here.uses else ""
        yield _change(here, kind, "changed", here.name, token=token, detail="optional -> required", breaking=why)
    elif old and not new:
        why = "may be missing from answers now" if ANSWER in here.uses else ""
        yield _change(here, kind, "changed", here.name, token=token, detail="required -> optional", breaking=why)


def _body(old: Document, new: Document, here: Spot) -> Iterator[Change]:
    if old and not new:
        yield _change(here, "body", "removed", here.name, breaking="calls that give a body fail")
    elif new and not old:
        yield _change(
            here, "body", "added", here.name, breaking="calls must give it now" if new.get("required") else ""
        )
    else:
        yield from _needed(bool(old.get("required")), bool(new.get("required")), here, "body", "body")
        yield from _media(old.get("content", {}), new.get("content", {}), here, "body")


def _media(old: Document, new: Document, here: Spot, kind: str) -> Iterator[Change]:
    for media in sorted({*old, *new}):
        at = here.below(f"{here.name} as {media}")
        if media not in new:
            yield _change(at, kind, "removed", at.name, breaking="this form goes")
        elif media not in old:
            yield _change(at, kind, "added", at.name)
        else:
            yield from _schema(old[media].get("schema", {}), new[media].get("schema", {}), here, kind, "body")
            yield from _rest(old[media], new[media], at, {*old[media], *new[media]} - {"schema"}, kind)


def _answers(old: Document, new: Document, here: Spot) -> Iterator[Change]:
    for status in sorted({*old, *new}):
        at = here.below(f"{here.name} answer {status}")
        success = status.startswith("2") or status == "default"
        if status not in new:
            yield _change(at, "answer", "removed", at.name, breaking="the type of the answer goes" if success else "")
        elif status not in old:
            yield _change(at, "answer", "added", at.name)
        else:
            found = [*_media(old[status].get("content", {}), new[status].get("content", {}), at, "answer")]
            yield from found if success else (_harmless(change) for change in found)
            yield from _rest(old[status], new[status], at, {*old[status], *new[status]} - {"content"}, "answer")


def _harmless(change: Change) -> Change:
    # Errors are raised, so that the shapes of their bodies are nobody's types.
    return change if change.kind in {"field", "enum value"} else Change(**{**vars(change), "breaking": ""})


def _schemas(old: Document, new: Document) -> Iterator[Change]:
    before, after = (document.get("components", {}).get("schemas", {}) for document in (old, new))
    reach = _reach(old, _reach(new, defaultdict(lambda: (set(), set()))))
    for name in sorted({*before, *after}):
        reached_by, uses = reach[name]
        # What no operation reaches is what the socket sends.
        here = Spot(name, frozenset(reached_by), frozenset(uses or {ANSWER}), name)
        if name not in after:
            yield _change(here, "model", "removed", name, breaking="its class goes")
        elif name not in before:
            yield _change(here, "model", "added", name)
        else:
            yield from _schema(before[name], after[name], here, "model", name)


Reach = defaultdict[str, tuple[set[str], set[str]]]


def _reach(document: Document, reach: Reach) -> Reach:
    """By schema: the operations that reach it, and whether in requests or in answers."""

    def walk(node: Any, name: str, use: str) -> None:
        if isinstance(node, list):
            for child in node:
                walk(child, name, use)
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                schema = reference.rpartition("/")[2]
                known, uses = reach[schema]
                if name in known and use in uses and (schema, name, use) in seen:
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
        walk([*_parameters_of(document, path, operation).values(), operation.get("requestBody")], name, REQUEST)
        walk(operation.get("responses"), name, ANSWER)
    return reach


def _schema(old: Document, new: Document, here: Spot, kind: str, token: str) -> Iterator[Change]:
    if same(old, new):
        return
    yield from _fields(old, new, here)
    yield from _values(old, new, here)
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from _schema(old["items"], new["items"], here, kind, token)
    before, after = old.get("additionalProperties"), new.get("additionalProperties")
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _schema(before, after, here.below(f"{here.name}.*"), kind, token)
    if bool(old.get("nullable")) != bool(new.get("nullable")):
        says, why = "may be null now", "answers may be null now"
        if old.get("nullable"):
            says, why = "is never null now", "null is refused now"
        hit = (ANSWER if new.get("nullable") else REQUEST) in here.uses
        yield _change(here, kind, "changed", here.name, token=token, detail=says, breaking=why if hit else "")
    handled = {"properties", "required", "nullable"}
    handled |= {
        key for key in ("items", "additionalProperties") if all(isinstance(s.get(key), dict) for s in (old, new))
    }
    handled |= {"enum"} if "enum" in old and "enum" in new else set()
    yield from _alternatives(old, new, here, kind, token, handled)
    yield from _rest(old, new, here, {*old, *new} - handled, kind, token)


def _alternatives(
    old: Document, new: Document, here: Spot, kind: str, token: str, handled: set[str]
) -> Iterator[Change]:
    """Inline alternatives are compared one by one, as long as their number and references stand."""
    for key in ("allOf", "anyOf", "oneOf"):
        sides = (old.get(key, []), new.get(key, []))
        if sides[0] and [item.get("$ref") for item in sides[0]] == [item.get("$ref") for item in sides[1]]:
            handled.add(key)
            for before, after in zip(*sides, strict=True):
                yield from _schema(before, after, here, kind, token)


def _fields(old: Document, new: Document, here: Spot) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in sorted({*before, *after}):
        at = here.below(f"{here.name}.{name}")
        required = name in new.get("required", [])
        if name not in after:
            detail = _perhaps(before[name], after, before)
            yield _change(
                at, "field", "removed", at.name, token=name, detail=detail, breaking="code that names it fails"
            )
        elif name not in before:
            needed = "must be given now" if required and REQUEST in here.uses else ""
            yield _change(at, "field", "added", at.name, token=name, breaking=needed)
        else:
            yield from _needed(name in old.get("required", []), required, at, "field", name)
            yield from _schema(before[name], after[name], at, "field", name)


def _perhaps(schema: Document, there: Document, here: Document) -> str:
    """The one new field that says the same as one that went: it may be the same under another name."""
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
            yield _change(at, "enum value", "removed", at.name, token=bare, breaking="its member goes")
        elif value not in before:
            yield _change(at, "enum value", "added", at.name, token=bare)


def _rest(
    old: Document, new: Document, here: Spot, keys: set[str], kind: str = "other", token: str = ""
) -> Iterator[Change]:
    """Facts with no rule of their own."""
    for key in sorted(keys):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if not is_fact(key, named=False) or (
            before is not ABSENT and after is not ABSENT and same(before, after, key=key)
        ):
            continue
        why = ""
        if key in TYPES:
            why = "its type in Python changes"
        elif key == "default" and REQUEST in here.uses:
            why = "calls that leave it out mean something else"
        detail = f"{key}: {_short(before)} -> {_short(after)}"
        yield _change(here, kind, "changed", here.name, token=token, detail=detail, breaking=why)


def _short(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    if isinstance(value, dict) and set(value) == {"$ref"}:
        value = value["$ref"]
    text = value.rpartition("/")[2] if isinstance(value, str) and value.startswith("#/") else dumped(plain(value))
    return text if len(text) <= 80 else f"{text[:77]}..."
