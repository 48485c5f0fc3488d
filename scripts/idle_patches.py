"""Find the patches that a contract makes idle, and take them out of the patch file's text. Decides nothing else."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contract import resolve
from contract_merge import round_trip
from patches import Patch, apply_patch, read_patches


@dataclass(frozen=True)
class IdlePatch:
    """A patch (by its place in the file) of which `keys` do nothing, or all of it where there are none."""

    index: int
    patch: Patch
    keys: tuple[str, ...]
    trouble: str

    @property
    def needed(self) -> bool:
        """True where the patch has lost its place, so that what it mends may still be wrong elsewhere."""
        return self.trouble.startswith(("nothing stands", "no mapping", "a mapping"))

    def __str__(self) -> str:
        what = "no longer applies" if self.needed else "no longer needed"
        part = f", {', '.join(self.keys)}" if self.keys else ""
        return (
            f"{self.patch}{part}: {what} ({self.trouble}). It was there because: {' '.join(self.patch.because.split())}"
        )


def apply_patches(document: dict[str, Any], path: Path) -> list[IdlePatch]:
    """Apply the patches of a file to `document`, each as far as it does something; what does nothing is returned."""
    idle = []
    for index, patch in enumerate(read_patches(path)):
        trouble = apply_patch(document, patch)
        if trouble is None:
            continue
        keys = _idle_keys(document, patch)
        rest = [key for key in patch.value if key not in keys] if keys else []
        if rest:
            value = {key: patch.value[key] for key in rest} if isinstance(patch.value, dict) else rest
            apply_patch(document, replace(patch, value=value))
        idle.append(IdlePatch(index, patch, tuple(keys) if rest else (), trouble))
    return idle


def _idle_keys(document: dict[str, Any], patch: Patch) -> list[str]:
    """The keys of an `add` that are there already, or of a `remove` that are not there."""
    try:
        target = resolve(document, patch.at)
    except KeyError:
        return []
    if (
        not isinstance(target, dict)
        or patch.verb == "replace"
        or (patch.verb == "add") != isinstance(patch.value, dict)
    ):
        return []
    return [key for key in patch.value if (key in target) == (patch.verb == "add")]


def without(text: str, idle: list[IdlePatch]) -> str:
    """The patch file's text without what is idle; comments, order and layout stay."""
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
