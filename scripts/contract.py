"""The contract as data: fetch it and check it. Generates nothing, corrects nothing and changes no file.

Every failure is a `ContractError` whose message says what is wrong and where.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import yaml
from jsonschema.exceptions import best_match
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FETCH_TIMEOUT_S = 30.0
MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 150
# What a document holds once its YAML aliases are written out; a few of them can stand for billions.
MAX_VALUES = 5_000_000


class ContractError(Exception):
    """The contract or a patch cannot be used; the message says what is wrong, and where."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2 as far as JSON's types go: `on`, `=`, 12:30 and dates are text, and so is every key, as written."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own table

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        merged = "tag:yaml.org,2002:merge"
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key that is not text", key.start_mark)
            if key.value in seen and key.tag != merged:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        self.flatten_mapping(node)
        for key, _ in node.value:
            key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
# As a value it means nothing.
_Loader.add_constructor("tag:yaml.org,2002:merge", lambda _, node: str(node.value))


def shown(source: str) -> str:
    """A source as messages name it: without the user, password and query of an address, which may be secrets."""
    if not _is_address(source):
        return source
    try:
        parts = urlsplit(source)
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def read_source(source: str) -> bytes:
    """The bytes of a file or an http(s) address."""
    if _is_address(source):
        return _fetch(source)
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:
        raise ContractError(f"{source}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _fetch(source: str) -> bytes:
    name = shown(source)
    deadline = time.monotonic() + FETCH_TIMEOUT_S
    content = bytearray()
    try:
        with httpx.stream("GET", source, timeout=FETCH_TIMEOUT_S, follow_redirects=True) as response:
            if response.status_code != 200:
                raise ContractError(f"{name}: the server answered {response.status_code}, not 200")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise ContractError(f"{name}: longer than {MAX_BYTES} bytes, which no contract is")
                # The timeout of httpx starts anew with each piece.
                if time.monotonic() > deadline:
                    raise ContractError(f"{name}: cannot be fetched: not complete after {FETCH_TIMEOUT_S:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, ValueError) as error:
        trouble = str(error).replace(source, name) or type(error).__name__
        raise ContractError(f"{name}: cannot be fetched: {trouble}") from error
    return bytes(content)


def parse(content: bytes, source: str) -> dict[str, Any]:
    """The OpenAPI document in `content` (JSON or YAML), with string keys throughout. Not yet validated."""
    name = shown(source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractError(f"{name}: not UTF-8 text at byte {error.start}") from error
    if not text.strip():
        raise ContractError(f"{name}: empty, where an OpenAPI document is wanted")
    if text.lstrip().startswith("<") and not text.lstrip().startswith("<<"):
        raise ContractError(f"{name}: this is a web page, not an OpenAPI document; is the address right?")
    document = load(text, name)
    if not isinstance(document, dict):
        raise ContractError(f"{name}: a {type(document).__name__} at the top, where an OpenAPI document is a mapping")
    if "swagger" in document:
        raise ContractError(f"{name}: Swagger {document['swagger']}; convert it to OpenAPI 3 first")
    version = document.get("openapi")
    if not isinstance(version, str) or not re.match(r"3\.[01](\.|\Z)", version):
        raise ContractError(f"{name}: `openapi` is {version!r}, where 3.0.x or 3.1.x (as text) is wanted")
    return document


def load(text: str, name: str) -> Any:
    """The JSON data of a JSON or YAML text: no doubled key, no type that JSON lacks, nothing endless."""
    json_trouble = ""
    data: Any = None
    # JSON is not quite YAML: PyYAML refuses tabs, and pairs of surrogates stay apart.
    if text.lstrip().startswith(("{", "[")):
        try:
            data = json.loads(text, object_pairs_hook=_unique, parse_constant=str)
        except RecursionError:
            raise ContractError(f"{name}: nested too deeply to be an OpenAPI document") from None
        except ValueError as error:
            json_trouble = f"{name}: not JSON: {error}"
    if data is None:
        try:
            data = yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a SafeLoader
        except (yaml.YAMLError, ValueError) as error:
            raise ContractError(json_trouble or f"{name}: not YAML: {_place(error)}") from error
        except RecursionError:
            raise ContractError(f"{name}: nested too deeply to be an OpenAPI document") from None
    _check_plain(data, name)
    data = json.loads(json.dumps(data))
    for path, value in pointers(data):
        try:
            f"{path} {value if isinstance(value, str) else ''}".encode()
        except UnicodeEncodeError:
            raise ContractError(f"{name}: at {path!a}: half a surrogate pair, which is no text") from None
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {doubled!r} stands twice in the object of {', '.join(mapping)[:200]}")
    return mapping


def _place(error: Exception) -> str:
    """What a YAML error says, in one line with its place first."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None)
    if mark is None or problem is None:
        return " ".join(str(error).split())
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}"


def _check_plain(data: Any, name: str) -> None:
    """Raise for what JSON cannot hold. Walks aliases as often as they are used, so endless ones are found by depth."""
    count = 0
    stack = [(data, 0)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if depth > MAX_DEPTH or count > MAX_VALUES:
            raise ContractError(f"{name}: nested too deeply or too large (aliases?) to be an OpenAPI document")
        if isinstance(node, dict):
            stack.extend((child, depth + 1) for child in node.values())
        elif isinstance(node, list):
            stack.extend((child, depth + 1) for child in node)
        elif not isinstance(node, (str, int, float)) and node is not None:
            raise ContractError(f"{name}: a {type(node).__name__} ({str(node)[:40]!r}), which JSON does not have")


def pointer_to(keys: Iterable[str | int]) -> str:
    """The JSON pointer that leads along these keys."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def pointers(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with its JSON pointer."""
    yield path, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from pointers(child, f"{path}{pointer_to([key])}")


def resolve(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer. Raises KeyError where there is none."""
    node = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            raise KeyError(pointer)
    return node


def follow(document: Any, reference: str) -> Any:
    """The value that a `$ref` within the document leads to. Raises KeyError where there is none."""
    return resolve(document, unquote(reference[1:]))


def followed(document: Any, node: dict[str, Any]) -> dict[str, Any]:
    """A node, or what it refers to; nothing of a circle of references."""
    seen = set()
    while isinstance(reference := node.get("$ref"), str):
        node = {} if reference in seen else follow(document, reference)
        seen.add(reference)
    return node


# Below these keys stands data of the API's users: what looks like a reference there is none.
DATA_KEYS = frozenset({"example", "examples", "default", "enum", "const"})
# Below these, keys are names somebody chose, and mean nothing.
NAME_MAPS = frozenset({"properties", "patternProperties", "schemas", "responses", "parameters", "headers", "$defs"})


def objects(node: Any, path: str = "", named: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every OpenAPI object with its JSON pointer: no data of users, and no mapping whose keys are just names."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from objects(child, f"{path}/{index}")
    if not isinstance(node, dict):
        return
    if not named:
        yield path, node
    for key, child in list(node.items()):
        if named or not (key in DATA_KEYS or key.startswith("x-")):
            yield from objects(child, f"{path}{pointer_to([key])}", named=not named and key in NAME_MAPS)


def validate(document: dict[str, Any], source: str, faults: list[str] | None = None) -> None:
    """Raise for a broken reference, for what the OpenAPI schema refuses, and for what contradicts itself.

    The last (a default of the wrong type, an enum that repeats itself) many real contracts hold: with `faults` it is
    noted there instead.
    """
    name = shown(source)
    check_references(document, name)
    validator = OpenAPIV30SpecValidator if document["openapi"].startswith("3.0") else OpenAPIV31SpecValidator
    trouble, refused = "", None
    try:
        error = next(iter(validator(document).iter_errors()), None)
        if error is not None:
            # The first error of an alternative is seldom the telling one.
            refused = best_match(validator.schema_validator.iter_errors(document))
            error = refused or error
            where = pointer_to(error.absolute_path)
            trouble = f"{f'at {where}: ' if where else ''}{error.message[:300]}"
    except RecursionError:
        trouble = "a schema that holds itself, which the validator cannot follow to its end"
    except Exception as broken:  # noqa: BLE001 - whatever the validator stumbles over
        trouble = f"not a valid OpenAPI document: {type(broken).__name__}: {broken}"[:300]
    if trouble and (faults is None or refused is not None):
        raise ContractError(f"{name}: {trouble}")
    if trouble and faults is not None:
        faults.append(trouble)


def check_references(document: dict[str, Any], name: str) -> None:
    """Raise for a reference that leads nowhere, or out of the document."""
    for path, node in objects(document):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            continue
        if not reference.startswith("#"):
            raise ContractError(f"{name}: at {path}: the reference {reference!r} leads out of the document")
        try:
            follow(document, reference)
        except KeyError:
            raise ContractError(f"{name}: at {path}: the reference {reference!r} leads nowhere") from None


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of every operation."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield path, method, item[method]
