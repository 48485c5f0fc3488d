"""What a valid contract may say and the generator cannot take, said another way: same requests, same answers.

Two steps: `adapt_document` before the generator parses, `adapt_names` after. Both change names and spellings only, so
our own contract passes through both unchanged. What neither can help is left out by the generator, and named.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint, generate_operation_id
from openapi_python_client.parser.properties import Property
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier, get_content_type, in_double_quote_literal, snake_case

from class_names import PLACE, free
from contract import METHODS, follow, followed, objects, operations

MODEL_METHODS = frozenset({"additional_keys", "additional_properties", "from_dict", "to_dict", "to_multipart"})
ENDPOINT_FUNCTIONS = frozenset({"asyncio_detailed", "sync_detailed"})
# The operationId, where the generator gets another so that names differ.
OPERATION_ID = "x-operation-id-was"
CONTENT = re.compile(r"/(requestBody|requestBodies/[^/]+|responses/[^/]+)/content$")
BINARY = {"type": "string", "format": "binary"}


def adapt_document(document: dict[str, Any], config: Config) -> Iterator[str]:
    """Respell `document` in place and add to the options; yields what that loses."""
    _inline_path_items(document)
    _respell_path_parameters(document)
    for _, _, operation in operations(document):
        operation.setdefault("responses", {})
    for path, node in list(objects(document)):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = unquote(node["$ref"])
            node[PLACE] = path
        if _is_schema(node):
            node[PLACE] = path
            if isinstance(node.get("default"), (dict, list)):
                # The generator takes no such default, and none is ever sent.
                del node["default"]
            if "enum" in node:
                yield from _name_members(node, path)
        elif content := CONTENT.search(path):
            body = content[1].startswith("requestBod")
            _settle_wildcard(document, node)
            if (unknown := _take_as_bytes(document, node, config, body)) is not None:
                yield f"{path}: {unknown} is {'sent' if body else 'read'} as bytes"
            (_adapt_body if body else _adapt_answer)(document, node, config)


def _is_schema(node: dict[str, Any]) -> bool:
    """Whether an OpenAPI object is a schema; parameters and security schemes look like one, but say where they go."""
    lists = any(isinstance(node.get(key), list) for key in ("allOf", "anyOf", "oneOf", "enum"))
    other = isinstance(node.get("type"), (str, list)) or isinstance(node.get("properties"), dict)
    return (lists or other) and not {"in", "scheme", "flows", "openIdConnectUrl"} & set(node)


def _inline_path_items(document: dict[str, Any]) -> None:
    paths = document.get("paths", {})
    for path, item in paths.items():
        while isinstance(item.get("$ref"), str):
            beside = {key: value for key, value in item.items() if key != "$ref"}
            item = paths[path] = {**follow(document, item["$ref"]), **beside}


def _respell_path_parameters(document: dict[str, Any]) -> None:
    """`{user.id}` becomes `{user_id}`: names in a path are never sent, and the generator wants plain ones."""
    for path, item in list(document.get("paths", {}).items()):
        names = re.findall(r"\{([^{}/]+)\}", path)
        plain = {name: re.sub(r"\W|^(?=\d)", "_", name, flags=re.ASCII) for name in names}
        if all(old == new or "-" in old for old, new in plain.items()) or len(set(plain.values())) < len(names):
            continue
        respelt = re.sub(r"\{([^{}/]+)\}", lambda match: f"{{{plain[match[1]]}}}", path)  # noqa: B023 - used at once
        if respelt in document["paths"]:
            continue
        _respell(document["paths"], path, respelt)
        for holder in (item, *(item[method] for method in METHODS if method in item)):
            holder["parameters"] = [
                {**parameter, "name": plain[parameter["name"]]}
                if parameter.get("in") == "path" and parameter["name"] in plain
                else parameter
                for parameter in (followed(document, one) for one in holder.get("parameters", []))
            ]


def _name_members(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Give the members of an enum names that differ, where the generator's own would not."""
    values = list({(type(value), repr(value)): value for value in schema["enum"]}.values())
    if unsayable := [value for value in values if isinstance(value, str) and not _is_sayable(value)]:
        yield f"{path}: the enum values {unsayable}, for their control characters"
        values = [value for value in values if value not in unsayable]
    schema["enum"] = values
    present = [value for value in values if value is not None]
    kinds = {type(value) for value in present}
    if not values:
        del schema["enum"]
    if not kinds:
        return
    if kinds == {bool} and schema.setdefault("type", "boolean") == "boolean":
        return  # the type is read before the values are
    if kinds not in ({str}, {int}):
        schema.pop("enum")
        yield f"{path}: an enum of {' and '.join(sorted(kind.__name__ for kind in kinds))} is taken without its values"
        return
    own = [_member_name(value, index) for index, value in enumerate(present)]
    given = schema.pop("x-enum-varnames", None)
    if isinstance(given, list) and len(given) == len(present) and all(isinstance(name, str) for name in given):
        names = [snake_case(name).upper() for name in given]
    else:
        names = list(own)
    usable = [name if _is_plain(name) else f"VALUE_{index}" for index, name in enumerate(names)]
    distinct = _distinct(usable)
    if distinct != own:
        schema["x-enum-varnames"] = distinct


def _is_sayable(value: str) -> bool:
    """Whether the generator writes the value whole."""
    return bool(json.loads(f'"{in_double_quote_literal(value)}"') == value)


def _member_name(value: Any, index: int) -> str:
    """The name that the generator gives by itself."""
    if isinstance(value, int):
        return f"VALUE_NEGATIVE_{-value}" if value < 0 else f"VALUE_{value}"
    return snake_case(value.upper() if value[:1].isalpha() else f"VALUE_{index}").upper()


def _is_plain(name: str) -> bool:
    return name.isidentifier() and normalize("NFKC", name) == name and snake_case(name).upper() == name


def _distinct(names: Iterable[str]) -> list[str]:
    result: list[str] = []
    for name in names:
        result.append(free(name, result.__contains__))
    return result


def _is_text_or_bytes(document: dict[str, Any], media: Any) -> bool:
    schema = media.get("schema") if isinstance(media, dict) else None
    return not schema or (isinstance(schema, dict) and followed(document, schema).get("type") == "string")


def _is_known(media_type: str, config: Config) -> bool:
    plain = get_content_type(media_type, config)
    kinds = {"application/json", "application/octet-stream", "application/x-www-form-urlencoded", "multipart/form-data"}
    return plain in kinds or bool(plain and plain.endswith("+json"))


def _respell(content: dict[str, Any], old: str, new: str) -> None:
    """Rename a key, in its place: the first media type is the one that is used."""
    items = [(new if key == old else key, value) for key, value in content.items()]
    content.clear()
    content.update(items)


def _settle_wildcard(document: dict[str, Any], content: dict[str, Any]) -> None:
    for wildcard in ("*/*", "application/*"):
        if wildcard in content:
            binary = content[wildcard].get("schema") and _is_text_or_bytes(document, content[wildcard])
            named = "application/octet-stream" if binary else "application/json"
            if named not in content:
                _respell(content, wildcard, named)


def _take_as_bytes(document: dict[str, Any], content: dict[str, Any], config: Config, body: bool) -> str | None:
    """Where a body or answer comes in unknown types only, take the first as bytes and return it."""

    def is_readable(media_type: str, media: Any) -> bool:
        typed = _is_known(media_type, config) and get_content_type(media_type, config) != "application/octet-stream"
        text = media_type.startswith("text/") and not body
        return typed or text or _is_text_or_bytes(document, media)

    if not content or any(is_readable(media_type, media) for media_type, media in content.items()):
        return None
    unknown = next(iter(content))
    content[unknown] = {"schema": dict(BINARY)}
    return unknown


def _adapt_body(document: dict[str, Any], content: dict[str, Any], config: Config) -> None:
    """Bodies of any type that are plain text or bytes are sent as they are, under their own type."""
    for media_type, media in list(content.items()):
        if _is_known(media_type, config) and get_content_type(media_type, config) != "application/octet-stream":
            media.setdefault("schema", {})
            continue
        if not _is_text_or_bytes(document, media):
            continue
        if not media.get("schema"):
            media["schema"] = {"type": "string"} if media_type.startswith("text/") else dict(BINARY)
        if media_type.startswith("text/") and "charset" not in media_type.lower():
            # httpx writes text as UTF-8.
            _respell(content, media_type, media_type := f"{media_type}; charset=utf-8")
        if not _is_known(media_type, config):
            config.content_type_overrides[media_type] = "application/octet-stream"


def _adapt_answer(document: dict[str, Any], content: dict[str, Any], config: Config) -> None:
    """Answers that are bytes are read as bytes, whatever kind of bytes."""
    for media_type, media in list(content.items()):
        plain = media_type.partition(";")[0].strip()
        if plain.startswith("text/") and plain != media_type and plain not in content:
            _respell(content, media_type, plain)
        elif not plain.startswith("text/") and not _is_known(media_type, config) and _is_text_or_bytes(document, media):
            config.content_type_overrides[media_type] = "application/octet-stream"


def adapt_names(data: GeneratorData, config: Config) -> None:
    """Rename what would hide a method of a model or a name of an endpoint's module."""
    for model in data.models:
        properties = [*(model.required_properties or []), *(model.optional_properties or [])]
        _rename(properties, MODEL_METHODS, "field", config)
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            _adapt_endpoint(endpoint, config)


def _adapt_endpoint(endpoint: Endpoint, config: Config) -> None:
    taken = ENDPOINT_FUNCTIONS | ({"body"} if endpoint.bodies else set())
    parameters = [parameter for _, parameter in endpoint.iter_all_parameters()]
    before = [str(parameter.python_name) for parameter in endpoint.path_parameters]
    _rename(parameters, taken, "parameter", config)
    if not before:
        return
    # The path becomes a format string: braces that are no parameter are doubled.
    renamed = dict(zip(before, (parameter.python_name for parameter in endpoint.path_parameters), strict=True))
    pieces = re.split(f"({'|'.join(re.escape(f'{{{name}}}') for name in before)})", endpoint.path.get_untrusted_value())
    path = "".join(
        f"{{{renamed[piece[1:-1]]}}}" if index % 2 else piece.replace("{", "{{").replace("}", "}}")
        for index, piece in enumerate(pieces)
    )
    endpoint.path = UntrustedString(path)


def _rename(properties: list[Property], taken: Iterable[str], suffix: str, config: Config) -> None:
    used = Counter(str(item.python_name) for item in properties)
    for item in properties:
        if item.python_name in taken:
            name = free(f"{item.python_name}_{suffix}", used.__contains__)
            used[name] += 1
            item.set_python_name(UntrustedString(name), config=config)


def function_of(path: str, method: str, operation: dict[str, Any], prefix: str) -> tuple[str, str]:
    """The module below `api` and the function that the generator writes for an operation; `prefix` is its option."""
    said = operation.get("operationId")
    unnamed = generate_operation_id(path=UntrustedString(path), method=method, prefix=prefix)
    tag = (operation.get("tags") or ["default"])[0]
    return PythonIdentifier(tag, prefix="tag"), PythonIdentifier(said, prefix=prefix) if said else unnamed


def parameters_of(document: dict[str, Any], path: str, operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of an operation and its path, references followed."""
    both = [*document["paths"][path].get("parameters", []), *operation.get("parameters", [])]
    return [followed(document, item) for item in both]
