"""Compare two contracts: each difference by a name that people use, and whether it breaks them. Changes no file."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contract import METHODS, followed, identified, operations, parameters_of

from .changes import BODY, Change, Document, Spot, change, compare_required, rest, short
from .compare_schemas import compare_schema, compare_schemas
from .facts import below, dumped, facts, is_fact, plain, same
from .rules import IMPLIED, REQUEST, RESPONSE, UNDECIDED


def compare(old: Document, new: Document) -> list[Change]:
    """Return every difference of two contracts, operations first. No difference is left without a row."""
    changes = [*_operations(old, new), *compare_schemas(old, new), *_servers(old, new), *_security(old, new)]
    changes += _other_components(old, new)
    if not changes and dumped(facts(old)) != dumped(facts(new)):
        redundant = dumped(_meant(facts(_spread(old)))) == dumped(_meant(facts(_spread(new))))
        detail = "says what holds anyway" if redundant else "in no place that has a name"
        here = Spot("the contract", frozenset() if redundant else frozenset(identified(new)))
        changes.append(change(here, "other", "changed", detail=detail, breaking="" if redundant else UNDECIDED))
    return list({change.key: change for change in changes}.values())


def _spread(document: Document) -> Document:
    """Return a contract whose operations have the parameters of their paths."""
    document = copy.deepcopy(document)
    for path, _, operation in operations(document):
        operation["parameters"] = parameters_of(document, path, operation)
    for item in document.get("paths", {}).values():
        item.pop("parameters", None)
    return document


def _meant(node: Any, *, named: bool = False) -> Any:
    """Return facts without those that hold anyway."""
    if isinstance(node, list):
        return [_meant(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _meant(child, named=below(key, named=named))
        for key, child in node.items()
        if named or key not in IMPLIED or dumped(child) != dumped(IMPLIED[key])
    }


def _servers(old: Document, new: Document) -> Iterator[Change]:
    before, after = (plain(document.get("servers", [])) for document in (old, new))
    if dumped(before) == dumped(after):
        return
    here = Spot("servers", frozenset(identified(new)))
    names = [", ".join(str(server.get("url")) for server in servers) or "nothing" for servers in (before, after)]
    # The first is where requests go that name no server. One that is added behind it changes nothing.
    for server in (*before, *after):
        server["url"] = str(server.get("url", "")).rstrip("/")
    kept = before[:1] == after[:1] and all(server in after for server in before)
    why = "" if kept else "requests go to another server"
    yield change(here, "other", "changed", detail=" -> ".join(names), breaking=why)


def addresses(document: Document) -> list[str]:
    """Return the URLs of the servers, each without a slash at its end."""
    return [str(server.get("url", "")).rstrip("/") for server in document.get("servers", [])]


def _security(old: Document, new: Document) -> Iterator[Change]:
    before, after = identified(old), identified(new)
    rights: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in before.keys() & after.keys():
        sides = ((old, before[name][2]), (new, after[name][2]))
        asked = [_security_of(document, operation) for document, operation in sides]
        if dumped(asked[0]) != dumped(asked[1]):
            # Without an alternative, or with an empty one, no key is asked for.
            lost = [one for one in asked[0] or [{}] if one not in asked[1]]
            opened = not asked[1] or {} in asked[1]
            why = "" if opened or not lost else "requests must carry other credentials"
            rights[why, f"{short(asked[0])} -> {short(asked[1])}"].add(name)
    for (why, detail), names in sorted(rights.items()):
        title = f"security of {sorted(names)[0]}" if len(names) == 1 else "security"
        here = Spot(title, frozenset(names))
        yield change(here, "other", "changed", detail=detail, breaking=why)
    if not rights and not same(old.get("security", []), new.get("security", [])):
        yield change(Spot("security", frozenset()), "other", "changed", detail="of no operation")
    schemes = [document.get("components", {}).get("securitySchemes", {}) for document in (old, new)]
    for name in sorted({*schemes[0], *schemes[1]}):
        one, two = (side.get(name) for side in schemes)
        if one is not None and two is not None and same(one, two):
            continue
        users = frozenset(user for user in before if _asks(old, before[user][2], name))
        here = Spot(f"security scheme {name}", users)
        what = "added" if one is None else "removed" if two is None else "changed"
        detail = "" if one is None or two is None else f"{short(one)} -> {short(two)}"
        # The names of headers have no case.
        alike = one and two and dumped(plain(one)).lower() == dumped(plain(two)).lower()
        why = "requests must carry other credentials" if users and not alike else ""
        yield change(here, "other", what, detail=detail, breaking=why)


def _security_of(document: Document, operation: Document) -> list[Any]:
    asked: list[Any] = plain(operation.get("security", document.get("security", [])))
    return asked


def _asks(document: Document, operation: Document, scheme: str) -> bool:
    return any(scheme in one for one in _security_of(document, operation))


def _other_components(old: Document, new: Document) -> Iterator[Change]:
    """Name the other shared parts. A change of what they say is judged where an operation refers to them."""
    before, after = (document.get("components", {}) for document in (old, new))
    for part in sorted({*before, *after} - {"schemas", "securitySchemes"}):
        if is_fact(part, named=False) and not same(before.get(part, {}), after.get(part, {}), key=part, named=True):
            yield change(Spot(f"components.{part}", frozenset()), "other", "changed")


def _operations(old: Document, new: Document) -> Iterator[Change]:
    before, after = identified(old), identified(new)
    moved = {(path, method): name for name, (path, method, _) in after.items() if name not in before}
    for name, (path, method, operation) in before.items():
        where = f"{method.upper()} {path}"
        renamed = moved.pop((path, method), None) if name not in after else None
        here = Spot(name, frozenset({name}), sides=(old, new))
        if name not in after and renamed is None:
            gone = f"{name} (`{where}`)"
            yield change(here, "operation", "removed", gone, token=name, breaking="its raw function goes")
            continue
        new_path, new_method, successor = after[renamed or name]
        if renamed:
            why = "its raw function has another name"
            yield change(here, "operation", "changed", name, detail=f"is now called {renamed}", breaking=why)
        elif (path, method) != (new_path, new_method):
            why = "servers with the old route refuse it"
            detail = f"`{where}` -> `{new_method.upper()} {new_path}`"
            yield change(here, "operation", "changed", name, detail=detail, breaking=why)
        if operation.get("tags", [])[:1] != successor.get("tags", [])[:1]:
            why = "its raw function stands in another module"
            detail = f"tag {operation.get('tags')} -> {successor.get('tags')}"
            yield change(here, "operation", "changed", name, detail=detail, breaking=why)
        items = old["paths"][path], new["paths"][new_path]
        yield from rest(*items, here, {*items[0], *items[1]} - {*METHODS, "parameters"}, "operation", name)
        yield from _operation(old, new, (path, operation), (new_path, successor), here)
    for name, (path, method, _) in after.items():
        if name not in before and name in moved.values():
            here = Spot(name, frozenset({name}))
            yield change(here, "operation", "added", f"{name} (`{method.upper()} {path}`)", token=name)


def _operation(
    old: Document, new: Document, before: tuple[str, Document], after: tuple[str, Document], here: Spot
) -> Iterator[Change]:
    asked, given = (replace(here, uses=frozenset({use})) for use in (REQUEST, RESPONSE))
    yield from _parameters(_by_place(old, *before), _by_place(new, *after), asked)
    sides = ((old, before[1]), (new, after[1]))
    first, second = (followed(document, operation.get("requestBody", {})) for document, operation in sides)
    yield from _body(first, second, asked.below(f"{here.name} body"))
    first, second = (
        {status: followed(document, response) for status, response in operation.get("responses", {}).items()}
        for document, operation in sides
    )
    yield from _responses(first, second, given)
    seen = {"parameters", "requestBody", "responses", "operationId", "security"}
    yield from rest(before[1], after[1], here, {*before[1], *after[1]} - seen, "operation", here.name)


def _by_place(document: Document, path: str, operation: Document) -> dict[tuple[str, str], Document]:
    return {(item["in"], item["name"]): item for item in parameters_of(document, path, operation)}


def _parameters(before: Mapping[Any, Document], after: Mapping[Any, Document], here: Spot) -> Iterator[Change]:
    for place, name in sorted({*before, *after}, key=str):
        old, new = before.get((place, name)), after.get((place, name))
        at = here.below(f"{here.name}: {name}")
        if new is None:
            why = "calls that give it fail"
            yield change(at, "parameter", "removed", token=name, detail=f"in {place}", breaking=why)
        elif old is None:
            needed = "calls must give it now" if new.get("required") else ""
            yield change(at, "parameter", "added", token=name, breaking=needed)
        else:
            yield from compare_required(bool(old.get("required")), bool(new.get("required")), at, "parameter", name)
            yield from compare_schema(old.get("schema", {}), new.get("schema", {}), at, "parameter", name)
            yield from rest(old, new, at, {*old, *new} - {"required", "schema", "name", "in"}, "parameter", name)


def _body(old: Document, new: Document, here: Spot) -> Iterator[Change]:
    if old and not new:
        yield change(here, "body", "removed", breaking="calls that give a body fail")
    elif new and not old:
        yield change(here, "body", "added", breaking="calls must give it now" if new.get("required") else "")
    else:
        yield from compare_required(bool(old.get("required")), bool(new.get("required")), here, "body", BODY)
        yield from _media(old.get("content", {}), new.get("content", {}), here, "body")


def _media(old: Document, new: Document, here: Spot, kind: str) -> Iterator[Change]:
    for media in sorted({*old, *new}):
        at = here.below(f"{here.name} as {media}")
        if media not in new:
            yield change(at, kind, "removed", breaking="this form goes")
        elif media not in old:
            yield change(at, kind, "added")
        else:
            yield from compare_schema(old[media].get("schema", {}), new[media].get("schema", {}), here, kind, BODY)
            yield from rest(old[media], new[media], at, {*old[media], *new[media]} - {"schema"}, kind)


def _responses(old: Document, new: Document, here: Spot) -> Iterator[Change]:
    for status in sorted({*old, *new}):
        at = here.below(f"{here.name} response {status}")
        success = status[:1] in "23" or status == "default"
        if status not in new:
            yield change(at, "response", "removed", breaking="its type goes" if success else "")
        elif status not in old:
            # A second success gives the function another type.
            yield change(at, "response", "added", token=BODY, typed=success)
        else:
            found = [*_media(old[status].get("content", {}), new[status].get("content", {}), at, "response")]
            yield from found if success else (_harmless(change) for change in found)
            yield from rest(old[status], new[status], at, {*old[status], *new[status]} - {"content"}, "response")


def _harmless(change: Change) -> Change:
    # Errors are raised, so the type of an error response is not part of any signature.
    return change if change.kind in {"field", "enum value"} else replace(change, breaking="", typed=False)
