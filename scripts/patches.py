"""Corrections to the contract as data: read the patch file, apply a patch. What they are for stands in that file.

Every failure is a `ContractError` whose message says what is wrong and where; a patch that changes nothing is none,
but says so.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import ContractError, load, resolve


@dataclass(frozen=True)
class Patch:
    """One correction: at the JSON pointer `at`, do `verb` with `value`, for the reason `because`."""

    at: str
    verb: str
    value: Any
    because: str

    def __str__(self) -> str:
        return f"{self.verb} at {self.at}"


def read_patches(path: Path) -> list[Patch]:
    """The patches of a file: each has `at`, exactly one of `add`, `replace`, `remove`, and `because`."""
    try:
        document = load(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(f"{path.name}: cannot be read: {error}") from error
    entries = (document or {}).get("patches") if isinstance(document or {}, dict) else document
    if not isinstance(entries, list):
        raise ContractError(f"{path.name}: wants a mapping with a list of `patches`")
    return [_patch(entry, f"{path.name}: patch {number}") for number, entry in enumerate(entries, 1)]


def _patch(entry: Any, where: str) -> Patch:
    if not isinstance(entry, dict):
        raise ContractError(f"{where}: a {type(entry).__name__}, where a mapping is wanted")
    verbs = [verb for verb in ("add", "replace", "remove") if verb in entry]
    rest = set(entry) - {"at", "because", *verbs}
    reason = entry.get("because")
    if len(verbs) != 1 or rest or not str(entry.get("at", "")).startswith("/") or not isinstance(reason, str):
        raise ContractError(
            f"{where}: wants `at` (a JSON pointer), one of `add`, `replace`, `remove`, and `because`;"
            f" has {', '.join(sorted(entry))}"
        )
    verb, value = verbs[0], entry[verbs[0]]
    if not reason.strip():
        raise ContractError(f"{where}: gives no reason (`because`)")
    if verb == "add" and (not isinstance(value, (dict, list)) or not value):
        raise ContractError(f"{where}: `add` wants a mapping of new keys, or a list of new items")
    if verb == "remove" and (
        not isinstance(value, list) or not value or not all(isinstance(key, str) for key in value)
    ):
        raise ContractError(f"{where}: `remove` wants a list of keys")
    return Patch(entry["at"], verb, value, reason)


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
    if not isinstance(target, dict) or (patch.verb == "add") != isinstance(patch.value, dict):
        return "no mapping stands there" if not isinstance(target, dict) else "a mapping stands there, not a list"
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
