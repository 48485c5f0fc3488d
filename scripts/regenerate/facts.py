"""Reduce an OpenAPI document to its facts: what a client depends on, without the words. Changes no file.

Facts are paths, methods, parameters, bodies, responses, schemas, security and servers. Words (titles, summaries,
descriptions), examples, extensions (`x-...`) and the version of OpenAPI are not: two documents that differ only in
these have equal facts. OpenAPI 3.1 is read as the 3.0 that says the same.
"""

from __future__ import annotations

import json
from typing import Any

from contract import ContractError, objects

WORDS = frozenset({"title", "summary", "description", "example", "examples", "externalDocs"})
# Below these keys, the keys are names that somebody chose: a property may be called `title`.
NAME_MAPS = frozenset(
    {"properties", "patternProperties", "schemas", "paths", "responses", "headers", "content", "securitySchemes"}
    | {"parameters", "requestBodies", "callbacks", "links", "encoding", "variables", "scopes", "mapping", "$defs"}
)
# Below these keys everything is data, and nothing in it is a word.
DATA = frozenset({"default", "enum", "const"})
# The order within these has no meaning.
SETS = frozenset({"required", "enum", "tags"})
PARTS = ("servers", "security", "paths", "components")


def is_fact(key: str, *, named: bool) -> bool:
    """Return whether a key of a mapping holds facts; below a key of NAME_MAPS (`named`) every key does."""
    return named or not (key in WORDS or key.startswith("x-"))


def below(key: str, *, named: bool) -> bool:
    """Return whether the keys of the mapping at `key` are names."""
    return key in NAME_MAPS and not named


def plain(node: Any, *, key: str = "", named: bool = False) -> Any:
    """Return the facts of a part of a document, in a form that is equal for equal facts."""
    if isinstance(node, dict):
        return {
            name: child
            if name in DATA and not named and name not in SETS
            else plain(child, key=name, named=child_named)
            for name, child in sorted(node.items())
            if is_fact(name, named=named)
            for child_named in [below(name, named=named)]
        }
    if not isinstance(node, list):
        return node
    items = [plain(item) for item in node]
    return sorted(items, key=dumped) if key in SETS or key == "parameters" else items


def dumped(value: Any) -> str:
    """Return a value as JSON, in which, unlike with `==`, true differs from 1 and 1 from 1.0."""
    return json.dumps(value, sort_keys=True)


def facts(document: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a document."""
    return {part: plain(document[part], named=part == "paths") for part in PARTS if part in document}


def same(one: Any, other: Any, *, key: str = "", named: bool = False) -> bool:
    """Return whether two parts have equal facts."""
    return dumped(plain(one, key=key, named=named)) == dumped(plain(other, key=key, named=named))


def read_as_30(document: dict[str, Any], name: str) -> None:
    """Respell OpenAPI 3.1 in place as the 3.0.3 that says the same. Raises ContractError if 3.0 cannot say it."""
    if not str(document.get("openapi", "")).startswith("3.1"):
        return
    document["openapi"] = "3.0.3"
    for key in ("webhooks", "jsonSchemaDialect"):
        document.pop(key, None)
    document.get("info", {}).pop("summary", None)
    document.get("info", {}).get("license", {}).pop("identifier", None)
    document.setdefault("paths", {})
    for path, node in list(objects(document)):
        if path.startswith("/components/schemas/") or "/schema" in path:
            _respell_schema(node, f"{name}: at {path}")


def _respell_schema(node: dict[str, Any], where: str) -> None:
    types = node.get("type")
    if isinstance(types, list):
        others = [kind for kind in types if kind != "null"]
        if len(others) < len(types):
            node["nullable"] = True
        if len(others) == 1:
            node["type"] = others[0]
        else:
            del node["type"]
            if others and "anyOf" in node:
                raise ContractError(f"{where}: several types beside anyOf, which OpenAPI 3.0 cannot say")
            if others:
                node["anyOf"] = [{"type": kind} for kind in others]
    for key in ("anyOf", "oneOf"):
        if {"type": "null"} in node.get(key, []):
            node[key] = [item for item in node[key] if item != {"type": "null"}]
            node["nullable"] = True
    if "const" in node:
        node["enum"] = [node.pop("const")]
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(bound), (int, float)) and not isinstance(node[bound], bool):
            node[limit], node[bound] = node[bound], True
    if node.get("contentEncoding") == "base64":
        node["format"] = "byte"
    elif "contentMediaType" in node and node.get("type") == "string":
        node["format"] = "binary"
    for key in ("contentEncoding", "contentMediaType", "$schema", "$id", "$comment", "examples"):
        node.pop(key, None)
    if "$ref" in node:
        # OpenAPI 3.0 ignores all keys beside a reference.
        for key in [key for key in node if key != "$ref"]:
            del node[key]
