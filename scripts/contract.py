"""The contract as data: fetch it, check it, apply patches. Generates nothing and changes no file.

Every failure is a `ContractError` whose message says what is wrong and where.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FETCH_TIMEOUT_S = 30.0


class ContractError(Exception):
    """The contract or a patch cannot be used; the message says what is wrong, and where."""


class _Loader(yaml.SafeLoader):
    """YAML as OpenAPI needs it: JSON's types only (no dates, `on` is a string) and no doubled keys."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)  # type: ignore[no-untyped-call]
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_source(source: str) -> bytes:
    """The bytes of a file or an http(s) address."""
    if source.startswith(("http://", "https://")):
        try:
            response = httpx.get(source, timeout=FETCH_TIMEOUT_S, follow_redirects=True)
        except httpx.HTTPError as error:
            raise ContractError(f"{source}: cannot be fetched: {error or type(error).__name__}") from error
        if response.status_code != 200:
            raise ContractError(f"{source}: the server answered {response.status_code}, not 200")
        return response.content
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise ContractError(f"{source}: cannot be read: {error.strerror or error}") from error


def parse(content: bytes, source: str) -> dict[str, Any]:
    """The OpenAPI document in `content`, with string keys throughout. Checks that it is one, not that it is valid."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractError(f"{source}: not UTF-8 text at byte {error.start}") from error
    if text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<?xml")):
        raise ContractError(f"{source}: this is a web page, not an OpenAPI document; is the address right?")
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a SafeLoader
    except yaml.YAMLError as error:
        raise ContractError(f"{source}: not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ContractError(f"{source}: nested too deeply to be an OpenAPI document") from error
    if not isinstance(document, dict):
        raise ContractError(f"{source}: a {type(document).__name__} at the top, where an OpenAPI document is a mapping")
    if "swagger" in document:
        raise ContractError(f"{source}: Swagger {document['swagger']}; convert it to OpenAPI 3 first")
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
        raise ContractError(f"{source}: `openapi` is {version!r}, where 3.0 or 3.1 is wanted")
    # Status codes are often written as numbers; JSON, and so OpenAPI, has only strings as keys.
    normal: dict[str, Any] = json.loads(json.dumps(document))
    return normal


def pointers(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with its JSON pointer."""
    yield path, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from pointers(child, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")


def resolve(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer. Raises KeyError where there is none."""
    node = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (KeyError, IndexError, TypeError, ValueError):
            raise KeyError(pointer) from None
    return node


def validate(document: dict[str, Any], source: str) -> None:
    """Raise for a broken reference or anything that the OpenAPI schema refuses."""
    for path, node in pointers(document):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if isinstance(reference, str) and not path.endswith("/properties"):
            if not reference.startswith("#/"):
                raise ContractError(f"{source}: at {path}: the reference {reference!r} leads out of the document")
            try:
                resolve(document, reference[1:])
            except KeyError:
                raise ContractError(f"{source}: at {path}: the reference {reference!r} leads nowhere") from None
    validator = OpenAPIV30SpecValidator if document["openapi"].startswith("3.0") else OpenAPIV31SpecValidator
    try:
        error = next(iter(validator(document).iter_errors()), None)
    except Exception as broken:
        raise ContractError(f"{source}: not a valid OpenAPI document: {broken}") from broken
    if error is not None:
        where = "/" + "/".join(str(part) for part in error.absolute_path)
        raise ContractError(f"{source}: at {where}: {error.message[:300]}")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of every operation."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield path, method, item[method]


@dataclass(frozen=True)
class Patch:
    """One correction: at the JSON pointer `at`, do `verb` with `value`, for the reason `because`."""

    at: str
    verb: str
    value: Any
    because: str


def read_patches(path: Path) -> list[Patch]:
    """The patches of a file: each has `at`, exactly one of `add`, `replace`, `remove`, and `because`."""
    document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    patches = []
    for number, entry in enumerate(document.get("patches") or [], 1):
        verbs = [verb for verb in ("add", "replace", "remove") if verb in entry]
        rest = set(entry) - {"at", "because", *verbs}
        if len(verbs) != 1 or rest or not entry.get("because") or not str(entry.get("at", "")).startswith("/"):
            raise ContractError(
                f"{path.name}: patch {number}: wants `at` (a JSON pointer), one of `add`, `replace`, `remove`,"
                f" and `because`; has {sorted(entry)}"
            )
        patches.append(Patch(entry["at"], verbs[0], entry[verbs[0]], entry["because"]))
    return patches


def apply_patch(document: dict[str, Any], patch: Patch) -> str | None:
    """Apply one patch in place. Answers why it did nothing, or None where it changed something.

    `add` puts new keys into the mapping (or items to the list) at `at`; `replace` puts a new value there;
    `remove: [keys]` takes keys out of the mapping there.
    """
    try:
        target = resolve(document, patch.at)
    except KeyError:
        return "nothing stands there"
    if patch.verb == "replace":
        if target == patch.value:
            return "it already says so"
        parent_pointer, _, last = patch.at.rpartition("/")
        parent = resolve(document, parent_pointer)
        key = last.replace("~1", "/").replace("~0", "~")
        parent[int(key) if isinstance(parent, list) else key] = copy.deepcopy(patch.value)
        return None
    if patch.verb == "add" and isinstance(target, list) and isinstance(patch.value, list):
        news = [item for item in patch.value if item not in target]
        target.extend(copy.deepcopy(news))
        return None if news else "it is already there"
    if not isinstance(target, dict):
        return "no mapping stands there"
    if patch.verb == "add":
        present = [key for key in patch.value if key in target]
        if present:
            return f"it already has {', '.join(present)}"
        target.update(copy.deepcopy(patch.value))
        return None
    absent = [key for key in patch.value if key not in target]
    if absent:
        return f"it does not have {', '.join(absent)}"
    for key in patch.value:
        del target[key]
    return None
