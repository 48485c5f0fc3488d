"""Find the patches that a contract makes idle, and remove them from the text of the patch file."""

from __future__ import annotations

import copy
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contract import follow, objects, resolve
from patches import Patch, apply_patch, idle_keys, read_patches

from .merge import round_trip


@dataclass(frozen=True)
class IdlePatch:
    """A patch (by its index in the file) of which `keys` do nothing, or all of it if there are no keys."""

    index: int
    patch: Patch
    keys: tuple[str, ...]
    trouble: str

    @property
    def needed(self) -> bool:
        """Return whether the patch lost its place, so that what it corrects may still be wrong elsewhere."""
        return self.trouble.startswith(("nothing is there", "no mapping", "a mapping"))

    def __str__(self) -> str:
        what = "no longer applies" if self.needed else "no longer needed"
        part = f", {', '.join(self.keys)}" if self.keys else ""
        return f"{self.patch}{part}: {what} ({self.trouble}). Its reason was: {' '.join(self.patch.because.split())}"


def apply_patches(document: dict[str, Any], path: Path) -> list[IdlePatch]:
    """Apply the patches of a file to `document`, each as far as it does something, and return the idle rest.

    A patch that refers to what is gone would make the contract invalid: it is idle too.
    """
    patches = read_patches(path)
    before = copy.deepcopy(document)
    idle = [_apply(document, index, patch) for index, patch in enumerate(patches)]
    lost = {index: gone for index, patch in enumerate(patches) if (gone := _dangling(document, patch.value))}
    if lost:
        document.clear()
        document.update(copy.deepcopy(before))
        idle = [
            IdlePatch(index, patch, (), f"nothing is there: it refers to {lost[index]}")
            if index in lost
            else _apply(document, index, patch)
            for index, patch in enumerate(patches)
        ]
    return [one for one in idle if one is not None]


def _dangling(document: dict[str, Any], value: Any) -> str:
    """Return a reference within the value of a patch that leads nowhere, or an empty string."""
    for _, node in objects(value):
        if isinstance(reference := node.get("$ref"), str):
            try:
                follow(document, reference)
            except KeyError:
                return reference
    return ""


def _apply(document: dict[str, Any], index: int, patch: Patch) -> IdlePatch | None:
    trouble = apply_patch(document, patch)
    if trouble is None:
        return None
    by_key = trouble.startswith(("it already has", "it does not have"))
    keys = idle_keys(resolve(document, patch.at), patch) if by_key else []
    rest = [key for key in patch.value if key not in keys] if by_key else []
    if rest:
        value = {key: patch.value[key] for key in rest} if isinstance(patch.value, dict) else rest
        apply_patch(document, replace(patch, value=value))
    return IdlePatch(index, patch, tuple(keys) if rest else (), trouble)


def without(text: str, idle: list[IdlePatch]) -> str:
    """Return the text of the patch file without what is idle; comments, order and layout stay."""
    if not idle:
        return text
    yaml = round_trip()
    document = yaml.load(text)
    for one in reversed(idle):
        entry = document["patches"][one.index]
        if not one.keys:
            del document["patches"][one.index]
        elif one.patch.verb == "add":
            for key in one.keys:
                del entry["add"][key]
        else:
            entry["remove"] = [key for key in entry["remove"] if key not in one.keys]
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()
