"""Faults that real contracts have against OpenAPI itself, and a client can do with: mended in place, and told.

Ours has none. Broken references stay refused, and so does what the generator cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from openapi_python_client.schema import OpenAPI
from pydantic import ValidationError

from contract import DATA_KEYS, NAME_MAPS, ContractError, check_references, objects, pointer_to, shown, validate

# Faults can hide one another.
MAX_ROUNDS = 5
ANSWERS = re.compile(r"/responses/[^/]+\Z")
# What a client does without, where it is at fault.
DISPENSABLE = frozenset(
    {"pattern", "format", "title", "description", "summary", "example", "examples", "xml", "externalDocs", "enum"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "default"}
    | {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required", "readOnly", "writeOnly"}
    | {"deprecated", "discriminator", "tags", "contact", "license", "termsOfService", "links", "callbacks"}
)


def accept(document: dict[str, Any], source: str, faults: list[str]) -> None:
    """As `contract.validate` with `faults`; what the generator takes all the same is noted there, too."""
    faults += _complete(document)
    try:
        validate(document, source, faults)
    except ContractError as error:
        check_references(document, shown(source))  # these are refused in any case
        noted = list(_take_out(document))
        if _misread(document):
            raise
        faults += [str(error), *noted]


def _complete(document: dict[str, Any]) -> Iterator[str]:
    """Say what is said to be nothing, or not said, where it can only be one thing."""
    for path, node in list(objects(document)):
        for key in [key for key, value in node.items() if value is None and key not in DATA_KEYS]:
            if key in ("schema", "items"):
                node[key] = {}  # any value
            else:
                del node[key]
            yield f"at {path}: `{key}` is null, which is taken as not said"
        if node.get("in") == "path" and node.get("required") is not True and "name" in node:
            node["required"] = True
            yield f"at {path}: a parameter of the path that need not be given"
        if ANSWERS.search(path) and not {"$ref", "description"} & set(node):
            node["description"] = ""
            yield f"at {path}: an answer without a description"
    info = document.get("info")
    if isinstance(info, dict) and isinstance(info.get("version"), (int, float)):
        info["version"] = str(info["version"])
        yield "at /info/version: a number, which should be text"


def _take_out(document: dict[str, Any]) -> Iterator[str]:
    """Take out, in place, what the generator cannot read and a client does without."""
    for _ in range(MAX_ROUNDS):
        taken = [path for place in _misread(document) if (path := _taken_out(document, place))]
        yield from (f"at {path}: not what OpenAPI has there, and taken as not said" for path in taken)
        if not taken:
            return


def _misread(document: dict[str, Any]) -> list[tuple[str | int, ...]]:
    """Where the generator reads something else than it wants."""
    try:
        OpenAPI.model_validate(document)
    except ValidationError as errors:
        return [error["loc"] for error in errors.errors(include_url=False, include_context=False, include_input=False)]
    return []


def _taken_out(document: dict[str, Any], place: tuple[str | int, ...]) -> str | None:
    """Take out what is misread at a place, if a client does without, and return its JSON pointer."""
    path: list[str | int] = []
    node: Any = document
    for key in place:
        there = key in node if isinstance(node, dict) else isinstance(node, list) and isinstance(key, int)
        if not there and key in ("ref", "other"):
            continue  # which of two things the generator took it for
        if not there:
            break
        if key in DISPENSABLE and not (path and path[-1] in NAME_MAPS):
            del node[key]
            return pointer_to([*path, key])
        node = node[key]
        path.append(key)
    return None
