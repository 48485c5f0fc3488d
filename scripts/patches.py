"""Read the patch file and apply its patches: corrections to our contract as data, each with its reason.

Every failure is a `ContractError` whose message names the fault and its place. A patch that changes nothing is no
failure here: `apply_patch` returns the reason, and its caller decides.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import ContractError, load, resolve


@dataclass(frozen=True)
class Patch:
    """One correction: `verb` with `value` at the JSON pointer `at`, for the reason `because`."""

    at: str
    verb: str
    value: Any
    because: str

    def __str__(self) -> str:
        return f"{self.verb} at {self.at}"


def read_patches(path: Path) -> list[Patch]:
    """Return the patches of a file: each has `at`, exactly one of `add`, `replace`, `remove`, and `because`."""
    try:
        document = load(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(f"{path.name}: could not be read: {error}") from error
    entries = (document or {}).get("patches") if isinstance(document or {}, dict) else document
    if not isinstance(entries, list):
        raise ContractError(f"{path.name}: must be a mapping with a list of `patches`")
    return [_patch(entry, f"{path.name}: patch {number}") for number, entry in enumerate(entries, 1)]


def _patch(entry: Any, where: str) -> Patch:
    if not isinstance(entry, dict):
        raise ContractError(f"{where}: must be a mapping, not {type(entry).__name__}")
    verbs = [verb for verb in ("add", "replace", "remove") if verb in entry]
    rest = set(entry) - {"at", "because", *verbs}
    reason = entry.get("because")
    if len(verbs) != 1 or rest or not str(entry.get("at", "")).startswith("/") or not isinstance(reason, str):
        raise ContractError(
            f"{where}: must have `at` (a JSON pointer), one of `add`, `replace`, `remove`, and `because`; has"
            f" {', '.join(sorted(entry))}"
        )
    verb, value = verbs[0], entry[verbs[0]]
    if not reason.strip():
        raise ContractError(f"{where}: `because` must be a reason, not empty")
    if verb == "add" and (not isinstance(value, (dict, list)) or not value):
        raise ContractError(f"{where}: `add` must be a mapping of new keys, or a list of new items")
    if verb == "remove" and (
        not isinstance(value, list) or not value or not all(isinstance(key, str) for key in value)
    ):
        raise ContractError(f"{where}: `remove` must be a list of keys")
    return Patch(entry["at"], verb, value, reason)


def apply_patch(document: dict[str, Any], patch: Patch) -> str | None:
    """Apply one patch in place. Returns the reason if it changed nothing, else None.

    `add` puts new keys into the mapping (or items to the list) at `at`; `replace` puts a new value there;
    `remove: [keys]` takes keys out of the mapping there.
    """
    try:
        target = resolve(document, patch.at)
    except KeyError:
        return "nothing is there"
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
        return "no mapping is there" if not isinstance(target, dict) else "a mapping is there, not a list"
    if keys := idle_keys(target, patch):
        return f"it {'already has' if patch.verb == 'add' else 'does not have'} {', '.join(keys)}"
    if patch.verb == "add":
        target.update(copy.deepcopy(patch.value))
    else:
        for key in patch.value:
            del target[key]
    return None


def idle_keys(target: dict[str, Any], patch: Patch) -> list[str]:
    """Return the keys of an `add` that are in `target` already, or of a `remove` that are not."""
    return [key for key in patch.value if (key in target) == (patch.verb == "add")]
