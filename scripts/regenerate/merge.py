"""Merge the facts of another contract into the text of ours. Our words, comments, order and layout stay. No I/O.

No words of the other contract are copied: at a new place each of its texts becomes a placeholder with the name of the
place, marked with TO_BE_WORDED, for a person to word.
"""

from __future__ import annotations

import copy
import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from contract import ContractError, parse, pointers

from .facts import DATA, PARTS, SETS, below, dumped, facts, is_fact, same

TO_BE_WORDED = "To be worded"


def merge(ours: str, theirs: dict[str, Any], name: str) -> str:
    """Return the text of our contract with the facts of `theirs`: the same text if the facts are equal."""
    if dumped(facts(parse(ours.encode(), name))) == dumped(facts(theirs)):
        return ours
    yaml = round_trip()
    document = yaml.load(ours)
    if str(document["openapi"])[:3] != theirs["openapi"][:3]:
        document["openapi"] = theirs["openapi"]
    for part in PARTS:
        if part in theirs and part not in document:
            document[part] = _worded(theirs[part], named=part == "paths", place=(part,))
        elif part in theirs:
            _into(document, part, theirs[part], named=part == "paths", place=(part,))
        else:
            document.pop(part, None)
    text = dumped_with(yaml, document)
    merged = parse(text.encode(), name)
    if dumped(facts(merged)) != dumped(facts(theirs)):
        raise ContractError(f"{name}: the new facts could not be merged: at {_first_difference(merged, theirs)}")
    return text


def round_trip() -> YAML:
    """Return a YAML reader and writer that keeps comments, order and quotes."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def dumped_with(yaml: YAML, document: Any) -> str:
    """Return the text of a document, with a blank line before each path as in our layout."""
    stream = io.StringIO()
    yaml.dump(document, stream)
    lines: list[str] = []
    part = ""
    for line in stream.getvalue().splitlines():
        if line[:1].isalpha():
            part = line.partition(":")[0]
        starts_path = part == "paths" and re.match(r"  /\S*:$", line)
        if starts_path and lines and lines[-1] and not lines[-1].startswith("paths:"):
            lines.append("")
        lines.append(line)
    return "\n".join(lines) + "\n"


def to_be_worded(text: str) -> list[str]:
    """Return the placeholders in the text of a contract."""
    return re.findall(rf"{TO_BE_WORDED}: (.*?)\.?['\"]?$", text, re.MULTILINE)


def _into(holder: Any, key: Any, theirs: Any, *, named: bool, place: tuple[str, ...]) -> None:
    """Give `holder[key]` the facts of `theirs`. `named`: its keys are names."""
    ours = holder[key]
    if isinstance(ours, CommentedMap) and isinstance(theirs, dict):
        _merge_mapping(ours, theirs, named=named, place=place)
    elif isinstance(ours, CommentedSeq) and isinstance(theirs, list):
        _merge_list(ours, theirs, key=str(key), place=place)
    elif not same(ours, theirs):
        holder[key] = _worded(theirs, named=named, place=place)


def _merge_mapping(ours: CommentedMap, theirs: dict[str, Any], *, named: bool, place: tuple[str, ...]) -> None:
    spelt = {str(key): key for key in ours}
    for name in [name for name in spelt if name not in theirs and is_fact(name, named=named)]:
        del ours[spelt[name]]
    for name, value in theirs.items():
        if not is_fact(name, named=named):
            continue
        at, keys = (*place, name), below(name, named=named)
        if name not in spelt:
            ours.insert(_position(ours, theirs, name), name, _worded(value, named=keys, place=at, key=name))
        elif name in DATA and name not in SETS and not named:
            if dumped(ours[spelt[name]]) != dumped(value):
                ours[spelt[name]] = copy.deepcopy(value)
        elif not same(ours[spelt[name]], value, key=name, named=keys):
            _into(ours, spelt[name], value, named=keys, place=at)


def _position(ours: CommentedMap, theirs: dict[str, Any], name: str) -> int:
    """Return the position behind the nearest key that is before `name` in theirs and also in ours."""
    names = list(theirs)
    present = [str(key) for key in ours]
    for before in reversed(names[: names.index(name)]):
        if before in present:
            return present.index(before) + 1
    return 0


def _merge_list(ours: CommentedSeq, theirs: list[Any], *, key: str, place: tuple[str, ...]) -> None:
    known = [label_of(item, index) for index, item in enumerate(ours)]
    labels = [label_of(item, index) for index, item in enumerate(theirs)]
    for index in reversed(range(len(ours))):
        if known[index] not in labels:
            del ours[index]
            del known[index]
    for index, (label, item) in enumerate(zip(labels, theirs, strict=True)):
        at = (*place, label if isinstance(item, dict) else str(index))
        if label in known:
            _into(ours, known.index(label), item, named=False, place=at)
            continue
        behind = next((known.index(one) + 1 for one in reversed(labels[:index]) if one in known), 0)
        ours.insert(behind, _worded(item, named=False, place=at))
        known.insert(behind, label)
    if key not in SETS and key != "parameters" and known != labels:
        ours[:] = [ours[known.index(label)] for label in labels]


def label_of(item: Any, index: int) -> str:
    """Return what identifies an item of a list: its name, its reference, itself, or its index."""
    if not isinstance(item, dict):
        return dumped(item)
    if isinstance(item.get("$ref"), str):
        return str(item["$ref"])
    return f"{item.get('in', '')} {item['name']}".strip() if isinstance(item.get("name"), str) else str(index)


def _worded(theirs: Any, *, named: bool, place: tuple[str, ...], key: str = "") -> Any:
    """Copy what is new, with placeholders for texts and without titles and examples."""
    if isinstance(theirs, dict):
        fresh = CommentedMap()
        for name, value in theirs.items():
            at = (*place, name)
            if name in DATA and not named:
                fresh[name] = copy.deepcopy(value)
            elif is_fact(name, named=named):
                fresh[name] = _worded(value, named=below(name, named=named), place=at, key=name)
            elif name in {"summary", "description"} and isinstance(value, str):
                fresh[name] = f"{TO_BE_WORDED}: {place_name(place)}."
        return fresh
    if isinstance(theirs, list) and key not in SETS:
        return [
            _worded(item, named=False, place=(*place, label_of(item, index) if isinstance(item, dict) else str(index)))
            for index, item in enumerate(theirs)
        ]
    return copy.deepcopy(theirs)


def place_name(place: tuple[str, ...]) -> str:
    """Return a place as people name it: `GET /api/tags parameter query limit`, `Asset size`."""
    skipped = {"paths", "components", "schemas", "properties", "content", "schema", "parameters", "application/json"}
    words = [word for word in place if word not in skipped]
    if place[0] == "paths" and len(words) > 1:
        words[:2] = [f"{words[1].upper()} {words[0]}"]
    return " ".join({"responses": "response", "requestBody": "body"}.get(word, word) for word in words)


def _first_difference(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Return the JSON pointer of the deepest value that differs."""
    one, other = (dict(pointers(facts(document))) for document in (ours, theirs))
    return max((path for path in {**one, **other} if dumped(one.get(path)) != dumped(other.get(path))), key=len)
