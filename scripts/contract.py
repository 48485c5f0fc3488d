"""Fetch a contract, read it as data and check it. Generates nothing, corrects nothing and changes no file.

Every failure is a `ContractError` whose message names the fault and its place.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import yaml
from jsonschema.exceptions import best_match
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FETCH_TIMEOUT_S = 30.0
MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 150
# The number of values once YAML aliases are written out: a few aliases can stand for billions.
MAX_VALUES = 5_000_000


class ContractError(Exception):
    """The contract or a patch cannot be used; the message names the fault and its place."""


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.2 as far as JSON has its types: `on`, `=`, 12:30, dates and each key are strings, as written."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own table

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        merged = "tag:yaml.org,2002:merge"
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key that is not a string", key.start_mark)
            if key.value in seen and key.tag != merged:
                problem = f"the key {key.value!r} is there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        self.flatten_mapping(node)
        for key, _ in node.value:
            key.tag = "tag:yaml.org,2002:str"
        return yaml.SafeLoader.construct_mapping(self, node, deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
# As a value, `<<` is a plain string.
_Loader.add_constructor("tag:yaml.org,2002:merge", lambda _, node: str(node.value))


class _FastLoader(yaml.CSafeLoader):
    """Reads the same with libyaml, in a sixth of the time."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers
    yaml_constructors = _Loader.yaml_constructors
    construct_mapping = _Loader.construct_mapping


def shown(source: str) -> str:
    """Return a source as messages name it: a URL without user, password and query, which may be secrets."""
    return re.sub(r"\A(https?://)(?:[^/?#]*@)?([^?#]*).*", r"\1\2", source, flags=re.DOTALL | re.IGNORECASE)


def _is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def read_source(source: str) -> bytes:
    """Return the bytes of a file or of an http(s) URL."""
    if _is_url(source):
        return _fetch(source)
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:
        raise ContractError(f"{source}: could not be read: {getattr(error, 'strerror', None) or error}") from error


def _fetch(source: str) -> bytes:
    name = shown(source)
    deadline = time.monotonic() + FETCH_TIMEOUT_S
    content = bytearray()
    try:
        with httpx.stream("GET", source, timeout=FETCH_TIMEOUT_S, follow_redirects=True) as response:
            if response.status_code != 200:
                raise ContractError(f"{name}: could not be fetched: the server answered {response.status_code}")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise ContractError(f"{name}: must be at most {MAX_BYTES} bytes")
                # The timeout of httpx starts again with each chunk, so a server that trickles would never reach it.
                if time.monotonic() > deadline:
                    raise ContractError(f"{name}: could not be fetched: not complete after {FETCH_TIMEOUT_S:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, ValueError) as error:
        trouble = str(error).replace(source, name) or type(error).__name__
        raise ContractError(f"{name}: could not be fetched: {trouble}") from error
    return bytes(content)


def parse(content: bytes, source: str) -> dict[str, Any]:
    """Return the OpenAPI document in `content` (JSON or YAML), with string keys throughout. It is not yet validated."""
    name = shown(source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractError(f"{name}: must be UTF-8, which it is not at byte {error.start}") from error
    if not text.strip():
        raise ContractError(f"{name}: must be an OpenAPI document, not empty")
    if text.lstrip().startswith("<") and not text.lstrip().startswith("<<"):
        raise ContractError(f"{name}: must be an OpenAPI document, not a web page; check the URL")
    document = load(text, name)
    if not isinstance(document, dict):
        raise ContractError(f"{name}: must be an object, not {type(document).__name__}")
    if "swagger" in document:
        raise ContractError(f"{name}: must be OpenAPI 3, not Swagger {document['swagger']}; convert it first")
    version = document.get("openapi")
    if not isinstance(version, str) or not re.match(r"3\.[01](\.|\Z)", version):
        raise ContractError(f"{name}: `openapi` must be 3.0.x or 3.1.x (a string), not {version!r}")
    return document


def load(text: str, name: str) -> Any:
    """Return the data of a JSON or YAML text. Refuses doubled keys, types that JSON lacks, and endless aliases."""
    json_trouble = ""
    data: Any = None
    # JSON is not quite YAML: PyYAML refuses tabs and does not join pairs of surrogates.
    if text.lstrip().startswith(("{", "[")):
        try:
            data = json.loads(text, object_pairs_hook=_unique, parse_constant=str)
        except RecursionError:
            raise ContractError(f"{name}: nested too deeply to be an OpenAPI document") from None
        except ValueError as error:
            json_trouble = f"{name}: not JSON: {error}"
    if data is None:
        try:
            with contextlib.suppress(yaml.YAMLError, ValueError):
                return _checked(yaml.load(text, Loader=_FastLoader), name)  # noqa: S506 - a SafeLoader
            # libyaml refuses escaped pairs of surrogates, and has other words for what is wrong.
            data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
        except (yaml.YAMLError, ValueError) as error:
            raise ContractError(json_trouble or f"{name}: not YAML: {_place(error)}") from error
        except RecursionError:
            raise ContractError(f"{name}: nested too deeply to be an OpenAPI document") from None
    return _checked(data, name)


def _checked(data: Any, name: str) -> Any:
    """Return what YAML or JSON gave as JSON gives it."""
    _check_plain(data, name)
    data = json.loads(json.dumps(data))
    for path, value in pointers(data):
        try:
            f"{path} {value if isinstance(value, str) else ''}".encode()
        except UnicodeEncodeError:
            raise ContractError(f"{name}: at {path!a}: half a surrogate pair is no character") from None
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {doubled!r} is there twice in the object of {', '.join(mapping)[:200]}")
    return mapping


def _place(error: Exception) -> str:
    """Return the message of a YAML error as one line, its place first."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None)
    if mark is None or problem is None:
        return " ".join(str(error).split())
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}"


def _check_plain(data: Any, name: str) -> None:
    """Refuse what JSON cannot hold. Aliases are followed at each use, so endless ones are found by their depth."""
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
            raise ContractError(f"{name}: JSON has no {type(node).__name__} ({str(node)[:40]!r})")


def pointer_to(keys: Iterable[str | int]) -> str:
    """Return the JSON pointer along these keys."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def pointers(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of a document with its JSON pointer."""
    yield path, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from pointers(child, f"{path}{pointer_to([key])}")


def resolve(document: Any, pointer: str) -> Any:
    """Return the value at a JSON pointer. Raises KeyError if there is none."""
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
    """Return the target of a `$ref` within the document. Raises KeyError if there is none."""
    return resolve(document, unquote(reference[1:]))


def followed(document: Any, node: dict[str, Any]) -> dict[str, Any]:
    """Return a node, or the node that it refers to; an empty one for a circle of references."""
    seen = set()
    while isinstance(reference := node.get("$ref"), str):
        node = {} if reference in seen else follow(document, reference)
        seen.add(reference)
    return node


# Below these keys is data of the API's users, in which a `$ref` is no reference.
DATA_KEYS = frozenset({"example", "examples", "default", "enum", "const"})
# Below these keys, the keys are names that somebody chose: a property may be called `$ref`.
NAME_MAPS = frozenset({"properties", "patternProperties", "schemas", "responses", "parameters", "headers", "$defs"})


def objects(node: Any, path: str = "", named: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each OpenAPI object with its JSON pointer, without data of users and mappings whose keys are names."""
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
    """Refuse broken references and what the OpenAPI schema refuses; append smaller faults to `faults`, if given.

    A default of the wrong type or an enum that repeats itself is such a fault: many contracts have one.
    """
    name = shown(source)
    check_references(document, name)
    validator = OpenAPIV30SpecValidator if document["openapi"].startswith("3.0") else OpenAPIV31SpecValidator
    trouble, refused = "", None
    try:
        error = next(iter(validator(document).iter_errors()), None)
        if error is not None:
            # The first error of several alternatives is often about another alternative than the one that was meant.
            refused = best_match(validator.schema_validator.iter_errors(document))
            error = refused or error
            where = pointer_to(error.absolute_path)
            trouble = f"{f'at {where}: ' if where else ''}{error.message[:300]}"
    except RecursionError:
        trouble = "a schema contains itself, and the validator cannot follow it to its end"
    except Exception as broken:  # noqa: BLE001 - the validator raises errors of many kinds
        trouble = f"must be a valid OpenAPI document: {type(broken).__name__}: {broken}"[:300]
    if trouble and (faults is None or refused is not None):
        raise ContractError(f"{name}: {trouble}")
    if trouble and faults is not None:
        faults.append(trouble)


def check_references(document: dict[str, Any], name: str) -> None:
    """Refuse a reference that leads nowhere, or out of the document."""
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


def parameters_of(document: dict[str, Any], path: str, operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of an operation and its path, references followed."""
    both = [*document["paths"][path].get("parameters", []), *operation.get("parameters", [])]
    return [followed(document, item) for item in both]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (path, method, operation) of every operation."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield path, method, item[method]


def identified(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return (path, method, operation) by operationId, or by method and path if there is none."""
    return {
        operation.get("operationId") or f"{method.upper()} {path}": (path, method, operation)
        for path, method, operation in operations(document)
    }
