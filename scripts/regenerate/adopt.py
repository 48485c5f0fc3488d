"""Adopt a contract: fetch, check, merge, generate, derive, test. Prints nothing and writes no report.

All work is done in a copy of the tree. Only a complete result is put in place, and a failure while it is put in place
restores what was there before. Descriptions are never copied: openapi-cloud.yaml keeps ours, and new places get
placeholders. Failing tests do not keep a contract out, since adapting the layer is work for a person.
"""

from __future__ import annotations

import copy
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from comfy_cloud._core.operations import OPERATIONS
from comfy_cloud._settings import DEFAULT_BASE_URL, KEY_HEADER
from contract import ContractError, identified, parse, read_source, shown, validate
from generate import LACKING, differences

from .changes import Change
from .compare_contracts import addresses, compare
from .facts import dumped, facts, read_as_30
from .idle_patches import apply_patches, without
from .layer_use import SOCKET, SOCKET_METHODS, Layer, spellings
from .merge import merge, to_be_worded
from .python_surface import SurfaceChanges, compare_surfaces
from .report import BREAKING, COMPATIBLE, Regeneration, Tests
from .words import changed_words

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = "openapi-cloud.yaml"
PATCHES = "openapi-cloud.patches.yaml"
WORDS = "openapi-cloud.words.json"
CLIENT = "generated/comfy_cloud_api"
# A run changes nothing else.
OUTPUTS = (CONTRACT, PATCHES, WORDS, CLIENT, "docs/operations.md", "overrides/comfy_cloud/_sync", "tests/_sync")
# Scripts that generate and derive, in this order. A client that lacks operations is adopted all the same, since the
# report names what is left out.
STEPS = (
    ("generate.py", "--allow-incomplete"),
    ("unasync.py",),
    ("operations_table.py",),
)
# The layer, and code of users.
CHECKED = ("overrides/comfy_cloud/_async", "overrides/comfy_cloud/_core", "tests/typing")
# Compiled modules and mypy's cache are copied: without them most of a run would be spent on making them anew.
NOT_COPIED = (".git", ".venv*", "out", "dist", "build", ".ruff_cache", ".pytest_cache", ".hypothesis", ".generating-*")
IMPORT_LAYER = """
import importlib, pkgutil, comfy_cloud
for name in ("_async", "_sync"):
    package = importlib.import_module(f"comfy_cloud.{name}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
"""
# Where a module is gone from the copy, mypy would find it in the package that is installed, and say nothing.
MYPY = """
import os, sys
sys.path[:] = [path for path in sys.path if not os.path.isdir(os.path.join(path, "comfy_cloud"))]
from mypy.__main__ import console_entry
console_entry()
"""


def run(source: str, tests: str) -> Regeneration:
    """Adopt the contract at `source`. Raises ContractError or OSError for a failure; then nothing is changed."""
    found = Regeneration(shown(source))
    theirs = parse(read_source(source), source)
    validate(theirs, source, found.faults)
    if not identified(theirs):
        raise ContractError(f"{shown(source)}: must have operations, and has none")
    ours = (ROOT / CONTRACT).read_text(encoding="utf-8")
    old = parse(ours.encode(), CONTRACT)
    if theirs["openapi"].startswith("3.1") and old["openapi"].startswith("3.0"):
        theirs = as_30(theirs, found)
    known = (ROOT / WORDS).read_text(encoding="utf-8") if (ROOT / WORDS).exists() else ""
    found.reworded, words = changed_words(known, old, theirs)
    found.contract = hashlib.sha256(dumped([facts(theirs), words]).encode()).hexdigest()[:16]
    merged = merge(ours, theirs, CONTRACT)
    if merged == ours and not any(one.figures for one in found.reworded):
        for step, *arguments in STEPS:
            script(ROOT, step, *arguments, "--check")
        return found
    with tempfile.TemporaryDirectory(prefix="regenerate-") as temporary:
        tree = Path(temporary) / "tree"
        shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        (tree / CONTRACT).write_text(merged, encoding="utf-8")
        (tree / WORDS).write_text(words, encoding="utf-8")
        new = parse(merged.encode(), CONTRACT)
        patched = patch(found, old, new)
        (tree / PATCHES).write_text(
            without((ROOT / PATCHES).read_text(encoding="utf-8"), found.patches), encoding="utf-8"
        )
        for step, *arguments in STEPS:
            told = script(tree, step, *arguments)
            found.lacking += [line for line in told.splitlines() if line.startswith(LACKING)]
        judge(found, (old, new), patched, compare_surfaces(ROOT / CLIENT, tree / CLIENT), lambda: type_check(tree))
        found.to_be_worded = to_be_worded(merged)
        found.tests = run_tests(tree, tests)
        found.files = adopt(tree)
    return found


def as_30(theirs: dict[str, Any], found: Regeneration) -> dict[str, Any]:
    """Return OpenAPI 3.1 as the 3.0 that says the same, or unchanged if 3.0 cannot say it."""
    read = copy.deepcopy(theirs)
    try:
        read_as_30(read, found.source)
        validate(read, f"{found.source}, read as OpenAPI 3.0", [])
    except ContractError as error:
        found.faults.append(f"the contract stays OpenAPI 3.1, since 3.0 cannot say all of it: {error}")
        return theirs
    return read


@cache
def the_layer() -> Layer:
    """Return the layer of this tree: reading its sources takes seconds."""
    return Layer(ROOT / "overrides" / "comfy_cloud", {name: row.method for name, row in OPERATIONS.items()})


Pair = tuple[dict[str, Any], dict[str, Any]]


def patch(found: Regeneration, old: dict[str, Any], new: dict[str, Any]) -> Pair:
    """Return both contracts with our patches, as users see them, and note the patches that the new one makes idle."""
    old, new = copy.deepcopy(old), copy.deepcopy(new)
    apply_patches(old, ROOT / PATCHES)
    found.patches = apply_patches(new, ROOT / PATCHES)
    return old, new


def judge(
    found: Regeneration, published: Pair, patched: Pair, surface: SurfaceChanges, check: Callable[[], str]
) -> None:
    """Decide what changed, whom it breaks, and which version follows. `check` asks mypy about the new tree."""
    found.surface = surface
    layer = the_layer()
    found.mistyped = layer.faults(check()) if surface.changed else []
    seen = {change.key: typed(change, surface) for change in compare(*patched)}
    for change in compare(*published):
        # If a patch has said so all along, nobody notices the change.
        seen.setdefault(change.key, replace(change, breaking="", typed=False))
    found.changes = sorted(seen.values(), key=lambda change: (not change.breaking, change.name, change.what))
    for change in found.changes:
        found.taken += [(use, change) for use in layer.taken_by(change)]
        for operation in sorted(change.operations):
            for method in layer.methods_of(operation):
                found.touched.setdefault((method, operation), []).append(change)
        if not change.operations and change.kind in {"model", "field", "enum value"}:
            for method in SOCKET_METHODS:
                found.touched.setdefault((method, SOCKET), []).append(change)
    found.settings = settings_that_differ(published[1])
    found.unwrapped = sorted(name for name in identified(published[1]) if not layer.knows(name))
    breaks = bool(surface.breaking or found.taken or found.mistyped or found.settings)
    breaks = breaks or any(change.breaking for change in found.changes)
    found.status = BREAKING if breaks else COMPATIBLE
    text = (ROOT / "overrides" / "comfy_cloud" / "_version.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(\d+)\.(\d+)\.(\d+)', text, re.MULTILINE)
    if version is None:
        raise ContractError("overrides/comfy_cloud/_version.py: no __version__ of three numbers")
    found.version = ".".join(version.groups())
    found.next_version = next_version(found.version, breaking=breaks, adding=bool(found.surface.added))


def typed(change: Change, surface: SurfaceChanges) -> Change:
    """Return a change of a type with what Python users see of it: a reason to break, or none."""
    names = spellings(change)
    for one in surface.breaking if change.typed else ():
        shared = one.operations & change.operations or not (one.operations or change.operations)
        if shared and (one.token in names or change.kind in {"body", "response", "model", "operation"}):
            return replace(change, breaking=f"its type in Python: {one.why}")
    return change


def settings_that_differ(new: dict[str, Any]) -> list[str]:
    """Return what the layer sends that the contract no longer names: its default address, and the key's header."""
    servers = addresses(new)
    schemes = new.get("components", {}).get("securitySchemes", {}).values()
    headers = [
        scheme.get("name") for scheme in schemes if (scheme.get("type"), scheme.get("in")) == ("apiKey", "header")
    ]
    found = []
    if DEFAULT_BASE_URL not in servers:
        found.append(f"the default address is {DEFAULT_BASE_URL}, the contract has {', '.join(servers) or 'none'}")
    if KEY_HEADER.lower() not in {str(header).lower() for header in headers}:
        found.append(f"the key is sent in {KEY_HEADER}, the contract has {', '.join(map(str, headers)) or 'no header'}")
    return found


def type_check(tree: Path) -> str:
    """Return what mypy says of the layer, and of code that uses it, in a copy of the tree."""
    command = [sys.executable, "-c", MYPY, "--no-error-summary", "--no-pretty", "--hide-error-context"]
    return run_in(tree, [*command, *CHECKED]).stdout


def next_version(version: str, *, breaking: bool, adding: bool) -> str:
    """Return the next version: semver, but before 1.0 a breaking change raises the minor number, others the patch."""
    major, minor, patch = (int(number) for number in version.split("."))
    if major == 0:
        return f"0.{minor + 1}.0" if breaking else f"0.{minor}.{patch + 1}"
    if breaking:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if adding else f"{major}.{minor}.{patch + 1}"


def run_in(tree: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a tree; it imports the package of this tree, not the installed one."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    own = {"RUFF_NO_CACHE": "true", "PATH": path, "PYTHONPATH": str(tree / "overrides")}
    environment = {**os.environ, **own}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def script(tree: Path, name: str, *arguments: str) -> str:
    """Run a script of a tree and return its output. Raises ContractError with its message if it fails."""
    done = run_in(tree, [sys.executable, str(tree / "scripts" / name), *arguments])
    if done.returncode:
        raise ContractError((done.stderr.strip() or done.stdout.strip()).replace(f"{tree}/", ""))
    return done.stdout


def run_tests(tree: Path, command: str) -> Tests:
    """Run the tests of a tree, unless its layer fails to import."""
    imported = run_in(tree, [sys.executable, "-c", IMPORT_LAYER])
    if imported.returncode:
        why = imported.stderr.strip().splitlines()[-1:]
        return Tests(lines=[f"the layer does not import: {''.join(why).replace(f'{tree}/', '')}"])
    done = run_in(tree, shlex.split(command))
    lines = [line.replace(f"{tree}/", "") for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    shown_lines = [*failed[:30], *lines[-1:]] if failed or not done.returncode else lines[-30:]
    return Tests("failed" if done.returncode else "passed", command, shown_lines)


def adopt(tree: Path) -> list[str]:
    """Copy changed files from the tree into the repo and return their names. A failure restores the old files."""
    names = [name for output in OUTPUTS for name in _changed(tree, output)]
    before = {name: (ROOT / name).read_bytes() if (ROOT / name).exists() else None for name in names}
    try:
        for name in names:
            _put(ROOT / name, (tree / name).read_bytes() if (tree / name).exists() else None)
    except BaseException:
        for name, content in before.items():
            _put(ROOT / name, content)
        raise
    return names


def _changed(tree: Path, output: str) -> list[str]:
    ours, theirs = ROOT / output, tree / output
    if theirs.is_dir():
        return [f"{output}/{name}" for name in differences(ours, theirs)]
    return [output] if not ours.exists() or ours.read_bytes() != theirs.read_bytes() else []


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
