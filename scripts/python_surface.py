"""What differs for Python users between two generated clients, read from their source by griffe. Imports neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import griffe

# The four functions of an operation change together, and are named by their module.
FUNCTIONS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")
# A member of an enum that changes its value goes and comes; the other values are tables of the package itself.
IGNORED = frozenset({griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE})


@dataclass(frozen=True)
class SurfaceChanges:
    """What breaks, one sentence each, and the public names that are new; as paths below `comfy_cloud.raw`."""

    breaking: list[str]
    added: list[str]


def compare_surfaces(old: Path, new: Path) -> SurfaceChanges:
    """Compare two folders of one package name."""
    before, after = _load(old), _load(new)
    breaking = {
        f"`{_shown(breakage.obj.path, old.name)}`: {_sentence(breakage)}"
        for breakage in griffe.find_breaking_changes(before, after)
        if breakage.kind not in IGNORED and _is_public(breakage.obj.path)
    }
    fresh = set(_names(after)) - set(_names(before))
    # Of what is new as a whole, the whole is named.
    added = [_shown(name, old.name) for name in sorted(fresh) if name.rpartition(".")[0] not in fresh]
    return SurfaceChanges(sorted(breaking), added)


def _load(folder: Path) -> griffe.Object:
    # Nothing is imported: the new client comes from a contract that nobody has looked at yet.
    package = griffe.load(folder.name, search_paths=[folder.parent], allow_inspection=False)
    assert isinstance(package, griffe.Object)
    return package


def _is_public(path: str) -> bool:
    return not any(part.startswith("_") for part in path.split("."))


def _shown(path: str, package: str) -> str:
    module, _, name = path.rpartition(".")
    path = module if ".api." in path and name in FUNCTIONS else path
    return f"comfy_cloud.raw{path.removeprefix(package)}"


def _sentence(breakage: griffe.Breakage) -> str:
    what = breakage.kind.value[0].lower() + breakage.kind.value[1:]
    parameter = next(
        (one.name for one in (breakage.old_value, breakage.new_value) if isinstance(one, griffe.Parameter)), ""
    )
    return f"{what} (`{parameter}`)" if parameter else what


def _names(node: griffe.Object) -> Iterator[str]:
    """The public names below an object, without what modules only import."""
    for name, member in sorted(node.members.items()):
        if name.startswith("_") or isinstance(member, griffe.Alias):
            continue
        yield member.path
        if isinstance(member, griffe.Module | griffe.Class):
            yield from _names(member)
