"""Test that the emulator's folders are layers: each imports only from folders below it."""

import ast
from pathlib import Path

import comfy_cloud.testing

ROOT = Path(comfy_cloud.testing.__file__).parent
# From top to bottom. The public modules stand above all of these.
LAYERS = ("_faults", "_sessions", "_routes", "_journal", "_servers", "_engine", "_threaded_server", "_state")


def level(parts: tuple[str, ...]) -> int:
    """Return how low a module lies. A module that is in no layer is public and lies on top."""
    return LAYERS.index(parts[0]) + 1 if parts and parts[0] in LAYERS else 0


def imported(path: Path) -> list[tuple[str, ...]]:
    """Return the modules of the emulator that a module imports, as parts of their names."""
    home = path.relative_to(ROOT).parent.parts
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(home) + 1:
            base = (*home[: len(home) - node.level + 1], *(node.module.split(".") if node.module else ()))
            found += [(*base, alias.name) for alias in node.names]
    return found


def test_no_folder_imports_from_a_folder_above_it() -> None:
    """State that imports its routes cannot be read, tested or replaced without them."""
    assert set(LAYERS) <= {path.stem for path in ROOT.iterdir()}, "every layer exists"
    offenders = [
        f"{path.relative_to(ROOT)} imports {'.'.join(name)}"
        for path in sorted(ROOT.rglob("*.py"))
        for name in imported(path)
        if level(name) < level(path.relative_to(ROOT).with_suffix("").parts)
    ]
    assert offenders == []
