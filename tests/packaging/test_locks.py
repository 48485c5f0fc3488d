"""Development and CI install what was locked, checked by hash: nobody's new release breaks or enters a build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_of_a_lock_is_pinned_with_its_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert packages
    assert not [entry for entry in packages if "==" not in entry or "--hash=sha256:" not in entry]


def test_make_installs_by_lock_and_builds_with_what_is_locked() -> None:
    """The package itself comes without dependencies, and is built with the locked backend, not a fresh one."""
    for line in re.findall(r"^.*pip install.*$", MAKEFILE, re.MULTILINE):
        by_lock = "--require-hashes" in line
        assert by_lock or {"--no-deps", "--no-build-isolation"} <= set(line.split()), line
    for line in re.findall(r"^.* -m build\b.*$", MAKEFILE, re.MULTILINE):
        assert "--no-isolation" in line


def test_make_lock_writes_every_lock() -> None:
    """One that it forgets grows old unseen."""
    assert set(re.findall(r"-o requirements/(\S+)", MAKEFILE)) == {path.name for path in LOCKS}


def test_ci_installs_nothing_of_its_own() -> None:
    """What it runs is what a developer runs."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith(("#", "set ", "cd ", "PS4="))]
    assert all(re.fullmatch(r'make [\w-]+(?: [A-Z]+=(?:\w+|"[\w -]+"))*', line) for line in commands)
