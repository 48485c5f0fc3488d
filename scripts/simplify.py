"""What contracts of others hold and the generator cannot take, said more simply before it parses.

Changes no meaning but that of faults; what it loses is told. Our own contract passes through unchanged.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from openapi_python_client.config import Config

from adapt import OPERATION_ID, function_of, parameters_of
from contract import METHODS, follow, followed, objects, operations, pointer_to

# References to these the generator follows by itself.
COMPONENT = re.compile(r"#/components/(?:schemas|parameters|responses|requestBodies)/[^/]+\Z")
MAX_DEPTH = 12
# What says which fields there must be, and nothing of their types.
RULES = frozenset({"required", "not", "title", "description", "minProperties", "maxProperties"})
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
        yield from _simplify_schema(document, path, node)
        for media_type in node.get("content", ()) if isinstance(node.get("content"), dict) else ():
            plain = media_type.partition(";")[0].strip().lower()
            if JSON_TYPE.fullmatch(plain) and plain != "application/json" and not plain.endswith("+json"):
                config.content_type_overrides.setdefault(media_type, "application/json")
    _resolve_aliases(document)
    yield from _mend_parameters(document)
    yield from number_operations(document, config.field_prefix)


def _simplify_schema(document: dict[str, Any], path: str, node: dict[str, Any]) -> Iterator[str]:
    _spell_out_booleans(node)
    if isinstance(node.get("type"), dict):
        yield f"{path}: its type, which is no word"
        del node["type"]
    if node.get("type") == "array" and not {"items", "prefixItems"} & set(node):
        node["items"] = {}
    if isinstance(node.get("allOf"), list):
        _flatten(node)
        _merge_plain(document, node)
    if "properties" in node:
        for key in ("anyOf", "oneOf"):
            if isinstance(node.get(key), list) and all(set(one) <= RULES for one in node[key]):
                del node[key]  # which fields may stand together: not a question of types
    if {"anyOf", "oneOf"} & set(node) and {"properties", "allOf"} & set(node):
        yield f"{path}: its own fields are taken without types, beside those of its alternatives"
    for index, member in enumerate(node.get("allOf") or ()):
        if "$ref" not in member and {"anyOf", "oneOf"} & set(member):
            yield f"{path}/allOf/{index}: the fields of its alternatives are taken without types"
    alternatives = [key for key in ("anyOf", "oneOf", "allOf") if isinstance(node.get(key), list)]
    if len(alternatives) == 1 and not {*node} - {alternatives[0], "description", "title"}:
        members = node[alternatives[0]]
        if len(members) == 1 and "$ref" in members[0]:
            del node[alternatives[0]]
            node["$ref"] = members[0]["$ref"]
    if "default" in node and not _fits(node["default"], node):
        yield f"{path}: the default {node.pop('default')!r}, which is no {node['type']}"


def _spell_out_booleans(node: dict[str, Any]) -> None:
    """`true` as a schema says what `{}` says; OpenAPI 3.1 allows both."""
    if isinstance(node.get("properties"), dict):
        node["properties"].update({name: {} for name, one in node["properties"].items() if isinstance(one, bool)})
    if isinstance(node.get("items"), bool):
        node["items"] = {}
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(node.get(key), list):
            node[key] = [{} if isinstance(one, bool) else one for one in node[key]]


def _mend_parameters(document: dict[str, Any]) -> Iterator[str]:
    """Parameters as the generator takes them, and as the path has them."""
    _move_queries(document)
    for path, node in list(objects(document)):
        where, schema = node.get("in"), node.get("schema")
        if where in ("path", "query", "header", "cookie") and schema is None and "content" in node:
            schema = node["schema"] = {"type": "object"}
            del node["content"]
        elif where not in ("path", "header", "cookie") or not isinstance(schema, dict):
            continue
        _forbid_null(schema)
        if where == "header" and schema.get("format") in ("date", "date-time"):
            del schema["format"]  # the generator has no way to write one there
        if _is_composite(document, schema):
            node["schema"] = {"type": "string"}
            yield f"{path}: the parameter {node.get('name')} is taken as the text that is sent"
    for path, method, operation in operations(document):
        there = parameters_of(document, path, operation)
        wanted = dict.fromkeys(re.findall(r"\{([^{}/]+)\}", path))
        said = {one["name"] for one in there if one.get("in") == "path"}
        for name in (name for name in wanted if name not in said):
            parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            operation.setdefault("parameters", []).append(parameter)
            yield f"{method.upper()} {path}: the parameter {name}, of which nothing is said, is taken as text"
        if surplus := said - set(wanted):
            yield f"{method.upper()} {path}: the parameters {sorted(surplus)}, which the path does not have"
            for holder in (document["paths"][path], operation):
                kept = [followed(document, one) for one in holder.get("parameters", [])]
                holder["parameters"] = [one for one in kept if one["in"] != "path" or one["name"] not in surplus]


def _move_queries(document: dict[str, Any]) -> None:
    """`/things?sort={sort}` is the path `/things` with the query parameter `sort`."""
    paths = document.get("paths", {})
    for path in [path for path in paths if re.search(r"\?\w+=\{\w+\}(&\w+=\{\w+\})*\Z", path)]:
        plain, _, query = path.partition("?")
        if plain in paths:
            continue
        item = paths.pop(path)
        paths[plain] = item
        sent = {name.strip("{}"): key for key, name in (one.split("=") for one in query.split("&"))}
        for holder in (item, *(item[method] for method in METHODS if method in item)):
            holder["parameters"] = [
                {**one, "in": "query", "name": sent[one["name"]]} if one["name"] in sent else one
                for one in (followed(document, one) for one in holder.get("parameters", []))
            ]


def number_operations(document: dict[str, Any], prefix: str) -> Iterator[str]:
    """Give each operation a function of its own, where two have one name."""
    taken: dict[tuple[str, str], str] = {}
    for path, method, operation in operations(document):
        where = f"{method.upper()} {path}"
        key = function_of(path, method, operation, prefix)
        if first := taken.get(key):
            said, number = operation.get("operationId") or key[1], 1
            while key in taken:
                number += 1
                operation.update({"operationId": f"{said}_{number}", OPERATION_ID: said})
                key = function_of(path, method, operation, prefix)
            yield f"{where} ({said}): its name is numbered, since {first} has the same"
        taken[key] = where


def _resolve_aliases(document: dict[str, Any]) -> None:
    """What refers to a component that is only a reference refers to its target."""
    targets: dict[str, str] = {}
    for section, components in document.get("components", {}).items():
        for name, component in list(components.items()) if isinstance(components, dict) else ():
            if isinstance(component, dict) and isinstance(component.get("$ref"), str):
                targets[f"#{pointer_to(['components', section, name])}"] = unquote(component["$ref"])
                del components[name]
    for _, node in list(objects(document)) if targets else ():
        seen: set[str] = set()
        while isinstance(node.get("$ref"), str) and (reference := unquote(node["$ref"])) in targets:
            node["$ref"] = targets[reference]
            if reference in seen:  # a circle of nothing but references
                del node["$ref"]
            seen.add(reference)


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


def _is_composite(document: dict[str, Any], schema: Any) -> bool:
    """Whether a parameter may be a list or an object."""
    if not isinstance(schema, dict):
        return False
    schema = followed(document, schema)
    kinds = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    members = [one for key in ("allOf", "anyOf", "oneOf") for one in schema.get(key) or ()]
    return (
        bool({"array", "object"} & {*kinds})
        or "properties" in schema
        or any(_is_composite(document, one) for one in members)
    )


def _flatten(node: dict[str, Any]) -> None:
    """An `allOf` within an `allOf` is part of it; the generator does not look there."""
    for _ in range(MAX_DEPTH):
        nested = [one for one in node["allOf"] if isinstance(one.get("allOf"), list)]
        for one in nested:
            rest = {key: value for key, value in one.items() if key != "allOf"}
            at = node["allOf"].index(one)
            node["allOf"][at : at + 1] = [*one["allOf"], *([rest] if rest else [])]


def _merge_plain(document: dict[str, Any], node: dict[str, Any]) -> None:
    """`allOf` around texts, numbers or enums is one of them with more said; the generator merges only objects."""
    merged: dict[str, Any] = {}
    for member in node["allOf"]:
        there = followed(document, member)
        if {"properties", "allOf", "anyOf", "oneOf"} & set(there):
            return
        merged.update(there)
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
