"""What contracts of others hold and the generator cannot take, said more simply or more loosely.

Two steps: `simplify` before the generator parses, which changes no meaning but that of faults, and `loosen` after,
which takes a schema that the generator refuses as any JSON value: one field without a type, where else whole
operations that only mention it would be left out. What is lost is named. Our own contract passes through unchanged.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import ParseError

from adapt import PLACE, place_of
from contract import follow, objects, resolve

# References to these the generator follows by itself.
COMPONENT = re.compile(r"#/components/(?:schemas|parameters|responses|requestBodies)/[^/]+\Z")
MAX_DEPTH = 12
# What a schema that means any value may hold.
KEPT = frozenset({PLACE, "description"})
FAILED_SCHEMA = re.compile(r"Unable to (?:process|parse) schema (/components/schemas/[^\s/:]+)")
FOLLOWS = re.compile(r"not found|Could not find reference|was not processed")
PLAIN = frozenset({"string", "integer", "number", "boolean"})
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
JSON_TYPE = re.compile(r"[^/]+/(?:[^+/]+\+)?(?:x-)?json\b")


def simplify(document: dict[str, Any], config: Config) -> Iterator[str]:
    """Respell in place; yields what that loses."""
    for extension in [path for path in document.get("paths", {}) if not path.startswith("/")]:
        del document["paths"][extension]
    _inline_references(document)
    for path, node in list(objects(document)):
        if isinstance(schema := node.get("schema"), dict):
            if node.get("in") == "path":
                _forbid_null(schema)
            if node.get("in") == "header" and schema.get("format") in ("date", "date-time"):
                del schema["format"]  # the generator has no way to write one there
        if isinstance(node.get("type"), dict):
            yield f"{path}: its type, which is no word"
            del node["type"]
        if node.get("type") == "array" and "items" not in node:
            node["items"] = {}
        if isinstance(node.get("allOf"), list):
            _merge_plain(document, node)
        if "default" in node and not _fits(node["default"], node):
            yield f"{path}: the default {node.pop('default')!r}, which is no {node['type']}"
        for media_type in node.get("content", ()) if isinstance(node.get("content"), dict) else ():
            plain = media_type.partition(";")[0].strip().lower()
            if JSON_TYPE.fullmatch(plain) and plain != "application/json" and not plain.endswith("+json"):
                config.content_type_overrides.setdefault(media_type, "application/json")


def _inline_references(document: dict[str, Any]) -> None:
    """Put what stands there in place of references into the middle of something."""
    for _ in range(MAX_DEPTH):  # what is put in may refer again
        found = [
            node
            for _, node in objects(document)
            if isinstance(node.get("$ref"), str) and not COMPONENT.fullmatch(unquote(node["$ref"]))
        ]
        if not found:
            return
        for node in found:
            target = follow(document, node.pop("$ref"))
            beside = dict(node)
            if isinstance(target, dict) and target is not node:
                node.update({**copy.deepcopy(target), **beside})
    for node in found:  # it holds itself
        node.pop("$ref", None)


def _forbid_null(schema: dict[str, Any]) -> None:
    """What stands in a path cannot be null."""
    schema.pop("nullable", None)
    if isinstance(schema.get("type"), list):
        kinds = [kind for kind in schema["type"] if kind != "null"]
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            schema[key] = [one for one in schema[key] if one != {"type": "null"}]


def _merge_plain(document: dict[str, Any], node: dict[str, Any]) -> None:
    """`allOf` around texts, numbers or enums is one of them with more said; the generator merges only objects."""
    merged: dict[str, Any] = {}
    for member in node["allOf"]:
        for _ in range(MAX_DEPTH):
            if isinstance(member, dict) and isinstance(member.get("$ref"), str):
                member = follow(document, member["$ref"])
        if not isinstance(member, dict) or {"properties", "allOf", "anyOf", "oneOf", "$ref"} & set(member):
            return
        merged.update(member)
    if merged.get("type") in PLAIN:
        beside = {key: value for key, value in node.items() if key != "allOf"}
        node.clear()
        node.update({**copy.deepcopy(merged), **beside})


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a default is of the type that its schema names; true where none is named."""
    kind = schema.get("type")
    if value is None or not isinstance(kind, str) or kind not in TYPES:
        return True
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def loosen(document: dict[str, Any], data: GeneratorData) -> Iterator[str]:
    """Take what the generator refused as any JSON value, in place; yields each place with the reason.

    What fails only because something else did comes last: it may be well once that is mended.
    """
    # The generator does not print what it distrusts, but where in memory that is.
    errors = [(error, re.sub(r"<\S+ object at \w+>", "...", error.detail or "")) for error in _errors(data)]
    for followers in (False, True):
        loosened = False
        for error, detail in errors:
            if FOLLOWS.search(detail) and not followers:
                continue
            for place in _loosened(document, error):
                loosened = True
                reason = " ".join(detail.partition("Failure to process")[0].split())
                yield f"{place}: taken as any value ({reason[:200]})"
        if loosened:
            return


def _loosened(document: dict[str, Any], error: ParseError) -> list[str]:
    """Where schemas lost their type because of this error: where it says, else in the component that it names."""
    component = FAILED_SCHEMA.search(error.header or "")
    for place in (place_of(error), component and component[1]):
        try:
            schema = resolve(document, place) if place else None
        except KeyError:
            continue
        if place is None or not isinstance(schema, dict) or not set(schema) - KEPT:
            continue
        # A property with `allOf` is the likely reason why a whole object fails.
        inside = [
            node for node in (schema.get("properties") or {}).values() if isinstance(node, dict) and "allOf" in node
        ]
        refused = inside if inside and "allOf" in (error.detail or "") else [schema]
        places = [str(node.get(PLACE, place)) for node in refused]
        for node in refused:
            for key in set(node) - {"description"}:
                del node[key]
        return places
    return []


def _errors(data: GeneratorData) -> Iterator[ParseError]:
    for error in data.errors:
        if isinstance(error, ParseError):
            yield error
    for collection in data.endpoint_collections_by_tag.values():
        yield from collection.parse_errors
