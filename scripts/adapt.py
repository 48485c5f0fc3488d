"""Respell in a contract what openapi-python-client 0.29 cannot take; requests and responses stay the same.

A function for a contract of this field names that contract and the upstream issue: delete it when the issue is closed.
What no respelling can help is left out and named. Our own contract passes through unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi_python_client.parser.openapi import generate_operation_id
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier, snake_case

from contract import follow, followed, objects, operations

# Where an object of a union has the values of its discriminators.
TAGS = "x-tags"
MODEL_METHODS = frozenset({"additional_keys", "additional_properties", "from_dict", "to_dict", "to_multipart"})


def adapt_document(document: dict[str, Any], prefix: str) -> Iterator[str]:
    """Respell `document` in place and yield what is left out of it; `prefix` is the generator's `field_prefix`."""
    yield from _check_operations(document, prefix)
    for path, node in list(objects(document)):
        if isinstance(node.get("discriminator"), dict):
            _tag_alternatives(document, node)
        if node.get("in") in ("path", "query", "header", "cookie") and "schema" not in node:
            _take_content_as_string(node)
        if isinstance(node.get("properties"), dict):
            yield from _leave_out_fields(node, path, prefix)
        if isinstance(node.get("enum"), list):
            yield from _name_members(node, path)
            _spell_out_null(node, path)


def _check_operations(document: dict[str, Any], prefix: str) -> Iterator[str]:
    """Leave out operations whose function in Python another one has, and name responses without a media type.

    The generator overwrites the module of the first, and reads nothing of the second.
    """
    taken: dict[tuple[str, str], str] = {}
    for path, method, operation in list(operations(document)):
        name = f"{method.upper()} {path} ({operation.get('operationId', '')})"
        function = function_of(path, method, operation, prefix)
        if function in taken:
            del document["paths"][path][method]
            yield f"{name}, whole: {taken[function]} has the same name in Python"
        taken.setdefault(function, name)
        if followed(document, operation.get("requestBody", {})).get("content") == {}:
            yield f"{name}, in part: the body of the request, which has no media type"
        # Optional since OpenAPI 3.1, and the generator asks for it.
        for status, response in operation.setdefault("responses", {}).items():
            if followed(document, response).get("content") == {}:
                yield f"{name}, in part: the body of response {status}, which has no media type"


def _tag_alternatives(document: dict[str, Any], union: dict[str, Any]) -> None:
    """Note at each object of a union the values of the discriminator that mean it.

    The generator ignores discriminators (openapi-python-client issue 219).
    """
    name, mapping = union["discriminator"].get("propertyName"), union["discriminator"].get("mapping") or {}
    for reference in [one["$ref"] for key in ("oneOf", "anyOf") for one in union.get(key, ()) if "$ref" in one]:
        schema = reference.rpartition("/")[2]
        values = tuple(value for value, target in mapping.items() if str(target).rpartition("/")[2] == schema)
        follow(document, reference).setdefault(TAGS, {})[name] = values or (schema,)


def _leave_out_fields(schema: dict[str, Any], path: str, prefix: str) -> Iterator[str]:
    """Leave out a field whose Python name another field or a method has; its value is read as an additional one."""
    taken = set(MODEL_METHODS)
    for name in list(schema["properties"]):
        raw = PythonIdentifier(name, prefix=prefix, skip_snake_case=True)
        if {raw, PythonIdentifier(name, prefix=prefix)} & (taken if raw in taken else MODEL_METHODS):
            del schema["properties"][name]
            schema["required"] = [one for one in schema.get("required", ()) if one != name]
            yield f"the field {name!r} of {path}: its name in Python is taken"
        taken.add(raw)


def _take_content_as_string(parameter: dict[str, Any]) -> None:
    """Take a parameter that has `content` and no `schema` as a string; the generator drops it without a word.

    ComfyUI has one: `workspace_id` of `GET /api/view` (openapi-python-client pull request 1464).
    """
    if parameter.pop("content", None):
        parameter["schema"] = {"type": "string"}


def _name_members(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Give each member of an enum a name of its own in Python: `low` and `LOW` would share one.

    The generator refuses the whole contract for some of them and drops the others (openapi-python-client issue 1030).
    """
    values = list({(type(value), repr(value)): value for value in schema["enum"]}.values())
    present = [value for value in values if value is not None]
    kinds = {type(value) for value in present}
    schema["enum"] = values
    if present and kinds not in ({str}, {int}, {bool}):
        del schema["enum"]
        yield f"the values of the enum at {path}: they are of several types"
    elif kinds == {str}:
        names = [_member_name(value, index) for index, value in enumerate(present)]
        if schema.pop("x-enum-varnames", None) or len(set(names)) < len(names):
            schema["x-enum-varnames"] = [
                name if names.index(name) == index else f"VALUE_{index}" for index, name in enumerate(names)
            ]


def _member_name(value: str, index: int) -> str:
    """Return the name that the generator gives an enum member."""
    return snake_case(value.upper() if value[:1].isalpha() else f"VALUE_{index}").upper()


def _spell_out_null(schema: dict[str, Any], path: str) -> None:
    """Spell a nullable enum as a union of the enum and null.

    ComfyUI has one: `queue_reason` of `JobDetailResponse`. The generator makes three equal classes of an enum that
    lists null (openapi-python-client issue 1120) and forgets the null of one that does not (issue 1405).
    """
    values = [value for value in schema.get("enum", ()) if value is not None]
    if not values or (None not in schema["enum"] and not schema.get("nullable")):
        return
    enum: dict[str, Any] = {
        key: schema.pop(key) for key in ("type", "enum", "x-enum-varnames", "format") if key in schema
    }
    if isinstance(enum.get("type"), list):
        enum["type"] = next((kind for kind in enum["type"] if kind != "null"), "string")
    *_, holder, name = path.split("/")
    # The title names the class; without one it would be called `...Type0`.
    if holder in ("properties", "schemas"):
        enum["title"] = schema.get("title", name)
    schema.update(nullable=True, oneOf=[{**enum, "enum": values}])


def function_of(path: str, method: str, operation: dict[str, Any], prefix: str) -> tuple[str, str]:
    """Return the module below `api` and the function that the generator writes for an operation."""
    said = operation.get("operationId")
    unnamed = generate_operation_id(path=UntrustedString(path), method=method, prefix=prefix)
    tag = (operation.get("tags") or ["default"])[0]
    return PythonIdentifier(tag, prefix="tag"), PythonIdentifier(said, prefix=prefix) if said else unnamed
