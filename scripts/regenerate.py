#!/usr/bin/env python3
"""Adopt a published contract: fetch, check, merge, generate, derive, test, report.

    python scripts/regenerate.py                        the contract at its published address
    python scripts/regenerate.py --spec FILE_OR_URL     another one
    python scripts/regenerate.py --tests "python -m pytest tests/raw" --report report.md

All work is done in a copy of the tree; only when it is complete are the changed files put in place, and a failure puts
back what stood there. Words are never taken over: openapi-cloud.yaml keeps ours, and new places get placeholders.
Failing tests do not keep a contract out, since adapting to it is work for a person: the report says so.

Exit status: 0 nothing changed, 10 a compatible change, 20 a breaking one, anything else failed and changed nothing.
With GITHUB_OUTPUT set, `status`, `tests` and `title` are appended there for later steps.
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from comfy_cloud._core.operations import OPERATIONS
from contract import ContractError, parse, read_source, shown, validate
from contract_changes import Change, compare, identified
from contract_facts import read_as_30
from contract_faults import accept
from contract_merge import merge, to_be_worded
from generate import LACKING, differences, printable
from idle_patches import apply_patches, without
from layer_use import Layer
from python_surface import compare_surfaces
from report import BREAKING, COMPATIBLE, FAILED, HEADINGS, UNCHANGED, Regeneration, Tests, render

# Where the contract is published. The one place that names it.
PUBLISHED = "https://raw.githubusercontent.com/Comfy-Org/docs/main/openapi-cloud.yaml"

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = "openapi-cloud.yaml"
PATCHES = "openapi-cloud.patches.yaml"
CLIENT = "generated/comfy_cloud_api"
# All that a run may change.
OUTPUTS = (CONTRACT, PATCHES, CLIENT, "docs/operations.md", "overrides/comfy_cloud/_sync", "tests/_sync")
# What builds and derives, in this order.
# A client that is not all that its contract says is adopted, too: the report names what is lacking.
STEPS = (
    ("generate.py", "--spec", CONTRACT, "--output", CLIENT),
    ("unasync.py",),
    ("operations_table.py",),
)
NOT_COPIED = (".git", ".venv*", "out", "dist", "build", "__pycache__", ".*_cache", ".hypothesis", ".generating-*")
STATUSES = {UNCHANGED: 0, COMPATIBLE: 10, BREAKING: 20, FAILED: 1}
TESTS = "python -m pytest -n auto --maxprocesses 8"
IMPORT_LAYER = """
import importlib, pkgutil, comfy_cloud
for name in ("_async", "_sync"):
    package = importlib.import_module(f"comfy_cloud.{name}")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
"""


def run(source: str, tests: str) -> Regeneration:
    """Do it all. Raises ContractError or OSError for what fails; then nothing is changed."""
    found = Regeneration(shown(source))
    theirs = parse(read_source(source), source)
    accept(theirs, source, found.faults)
    if not identified(theirs):
        raise ContractError(f"{shown(source)}: no operations: this cannot be the contract")
    ours = (ROOT / CONTRACT).read_text(encoding="utf-8")
    if theirs["openapi"].startswith("3.1") and parse(ours.encode(), CONTRACT)["openapi"].startswith("3.0"):
        theirs = as_30(theirs, found)
    merged = merge(ours, theirs, CONTRACT)
    if merged == ours:
        for step, *arguments in STEPS:
            script(ROOT, step, *arguments, "--check")
        return found
    with tempfile.TemporaryDirectory(prefix="regenerate-") as temporary:
        tree = Path(temporary) / "tree"
        shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        (tree / CONTRACT).write_text(merged, encoding="utf-8")
        compare_contracts(found, tree, parse(ours.encode(), CONTRACT), parse(merged.encode(), CONTRACT))
        for step, *arguments in STEPS:
            told = script(tree, step, *arguments)
            found.lacking += [line for line in told.splitlines() if line.startswith(LACKING)]
        found.surface = compare_surfaces(ROOT / CLIENT, tree / CLIENT)
        judge(found)
        found.to_be_worded = to_be_worded(merged)
        found.tests = run_tests(tree, tests)
        found.files = adopt(tree)
    return found


def as_30(theirs: dict[str, Any], found: Regeneration) -> dict[str, Any]:
    """OpenAPI 3.1 as the 3.0 that says the same; as it came where there is none."""
    read = copy.deepcopy(theirs)
    try:
        read_as_30(read, found.source)
        validate(read, f"{found.source}, read as OpenAPI 3.0", [])
    except ContractError as error:
        found.faults.append(f"it is kept as OpenAPI 3.1, since 3.0 cannot say it all: {error}")
        return theirs
    return read


def compare_contracts(found: Regeneration, tree: Path, old: dict[str, object], new: dict[str, object]) -> None:
    """What changed, first as published, then as users see it, with our patches; idle patches leave the tree."""
    published = compare(old, new)
    old, new = copy.deepcopy(old), copy.deepcopy(new)
    apply_patches(old, ROOT / PATCHES)
    found.patches = apply_patches(new, ROOT / PATCHES)
    text = (ROOT / PATCHES).read_text(encoding="utf-8")
    (tree / PATCHES).write_text(without(text, found.patches), encoding="utf-8")
    seen = {change.key: change for change in compare(old, new)}
    for change in published:
        # Where a patch has said so all along, nobody notices.
        seen.setdefault(change.key, Change(**{**vars(change), "breaking": ""}))
    found.changes = sorted(seen.values(), key=lambda change: (not change.breaking, change.name, change.what))
    layer = Layer(ROOT / "overrides" / "comfy_cloud", {name: row.method for name, row in OPERATIONS.items()})
    for change in found.changes:
        found.taken += [(use, change) for use in layer.taken_by(change)]
        for operation in sorted(change.operations):
            for method in layer.methods_of(operation):
                found.touched.setdefault((method, operation), []).append(change)
    found.unwrapped = sorted(name for name in identified(new) if not layer.knows(name))


def judge(found: Regeneration) -> None:
    """Breaking or not, and the version that follows."""
    breaks = bool(found.surface.breaking or found.taken or any(change.breaking for change in found.changes))
    found.status = BREAKING if breaks else COMPATIBLE
    text = (ROOT / "overrides" / "comfy_cloud" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(\d+)\.(\d+)\.(\d+)', text, re.MULTILINE)
    if version is None:
        raise ContractError("overrides/comfy_cloud/__init__.py: no __version__ of three numbers")
    found.version = ".".join(version.groups())
    found.next_version = next_version(found.version, breaking=breaks, adding=bool(found.surface.added))


def next_version(version: str, *, breaking: bool, adding: bool) -> str:
    """Before 1.0 a breaking change raises the minor number and any other the patch number; from 1.0 it is semver."""
    major, minor, patch = (int(number) for number in version.split("."))
    if major == 0:
        return f"0.{minor + 1}.0" if breaking else f"0.{minor}.{patch + 1}"
    if breaking:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if adding else f"{major}.{minor}.{patch + 1}"


def environment(tree: Path) -> dict[str, str]:
    """For processes that are to import the package of this tree, not the installed one."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    clean = {"PYTHONDONTWRITEBYTECODE": "1", "RUFF_NO_CACHE": "true"}
    return {**os.environ, **clean, "PATH": path, "PYTHONPATH": str(tree / "overrides")}


def script(tree: Path, name: str, *arguments: str) -> str:
    """Run a script of a tree and return what it prints. Raises ContractError with what it says where it fails."""
    command = [sys.executable, str(tree / "scripts" / name), *arguments]
    done = subprocess.run(command, cwd=tree, env=environment(tree), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ContractError((done.stderr.strip() or done.stdout.strip()).replace(f"{tree}/", ""))
    return done.stdout


def run_tests(tree: Path, command: str) -> Tests:
    """Run the tests of a tree, unless its layer does not even import."""
    imported = subprocess.run(
        [sys.executable, "-c", IMPORT_LAYER],
        cwd=tree,
        env=environment(tree),
        capture_output=True,
        text=True,
        check=False,
    )
    if imported.returncode:
        why = imported.stderr.strip().splitlines()[-1:]
        return Tests(lines=[f"the layer does not import: {''.join(why).replace(f'{tree}/', '')}"])
    words = shlex.split(command)
    done = subprocess.run(words, cwd=tree, env=environment(tree), capture_output=True, text=True, check=False)
    lines = [line.replace(f"{tree}/", "") for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    shown_lines = [*failed[:30], *lines[-1:]] if failed or not done.returncode else lines[-30:]
    return Tests("failed" if done.returncode else "passed", command, shown_lines)


def adopt(tree: Path) -> list[str]:
    """Put what changed in the tree into the repo; the names of the files. A failure puts back what stood there."""
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
    return [output] if ours.read_bytes() != theirs.read_bytes() else []


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def tell(found: Regeneration, report: Path) -> None:
    """Write the report, and say the outcome to whom it concerns: a person, a later step in CI."""
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(render(found), encoding="utf-8")
    for use, change in found.taken:
        line = f"{use.method} stands on {use.operation}: {change.kind} {change.name} {change.what}"
        print(f"regenerate: {printable(line)}", file=sys.stderr)
    if found.trouble:
        print(f"regenerate: {printable(found.trouble)}", file=sys.stderr)
    for line in found.lacking:  # all of them; the report, which has to fit a pull request, may be cut
        print(printable(line))
    print(f"report: {report}")
    print(f"status: {STATUSES[found.status]} {found.status}, tests {found.tests.outcome}")
    if output := os.environ.get("GITHUB_OUTPUT"):
        with Path(output).open("a", encoding="utf-8") as lines:
            lines.write(f"status={found.status}\ntests={found.tests.outcome}\ntitle={HEADINGS[found.status]}\n")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--spec", metavar="FILE_OR_URL", default=PUBLISHED, help="the contract (default: published)")
    parser.add_argument("--tests", metavar="COMMAND", default=TESTS, help=f"what tests the result (default: {TESTS})")
    parser.add_argument("--report", metavar="FILE", type=Path, default=ROOT / "out" / "regenerate.md")
    arguments = parser.parse_args(argv)
    try:
        found = run(arguments.spec or PUBLISHED, arguments.tests or TESTS)
    except (ContractError, OSError) as error:
        found = Regeneration(shown(arguments.spec or PUBLISHED), FAILED, str(error))
    tell(found, arguments.report.resolve())
    return STATUSES[found.status]


if __name__ == "__main__":
    sys.exit(main())
