"""Fixtures for the scripts: run the generator as its users do, and clients generated from contracts of others."""

from __future__ import annotations

import fcntl
import functools
import importlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import generate

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = Path(__file__).parent / "contracts"

SMALL = """\
openapi: 3.0.3
info: {title: small, version: "1"}
paths:
  /thing:
    get:
      operationId: getThing
      responses: {"200": {description: fine}}
"""


@pytest.fixture(scope="session")
def root() -> Path:
    """The repo; tests read it and write nowhere in it."""
    return ROOT


Share = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Share:
    """Fill a folder once in a run, whichever worker comes first, and get a copy of it."""
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def get(name: str, fill: Callable[[Path], None]) -> Path:
        shared = common / f"shared-{name}"
        with shared.with_suffix(".lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not shared.exists():
                folder = tmp_path_factory.mktemp(name)
                fill(folder)
                folder.rename(shared)
        return Path(shutil.copytree(shared, tmp_path_factory.mktemp(name), dirs_exist_ok=True))

    return get


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A contract of one operation, in a file."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="session", autouse=True)
def _known_to_be_good() -> Iterator[None]:
    """What runs of the generator in this process need not find out twice: what a contract says, that it is valid, that
    code can be imported. It is most of what a run costs, and many tests begin with the same one. What was refused is
    looked at each time."""
    parse, validate, import_all = generate.parse, generate.validate, generate.import_all
    good: set[Any] = set()

    @functools.cache
    def read(content: bytes, source: str) -> str:
        return json.dumps(parse(content, source))

    def validate_once(document: dict[str, Any], source: str, faults: list[str] | None = None) -> None:
        text, before = json.dumps(document), len(faults or ())
        if text not in good:
            validate(document, source, faults)
            if len(faults or ()) == before:
                good.add(text)

    def import_once(folder: Path) -> None:
        files = frozenset((path.relative_to(folder), path.read_bytes()) for path in folder.rglob("*.py"))
        if files not in good:
            import_all(folder)
            good.add(files)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "parse", lambda content, source: json.loads(read(content, source)))
        patch.setattr(generate, "validate", validate_once)
        patch.setattr(generate, "import_all", import_once)
        yield


@dataclass(frozen=True)
class Outcome:
    """What a run of the generator left: its exit status and what it printed."""

    status: int
    out: str
    err: str


Generate = Callable[..., Outcome]


@pytest.fixture
def generate_into(capsys: pytest.CaptureFixture[str]) -> Generate:
    """Run scripts/generate.py with these arguments."""

    def run(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        status = generate.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


@pytest.fixture
def old_client(tmp_path: Path) -> Path:
    """A folder as an earlier run has left it."""
    folder = tmp_path / "out" / "client"
    folder.mkdir(parents=True)
    (folder / "GENERATED.json").write_text("{}\n", encoding="utf-8")
    (folder / "client.py").write_text("OLD = True\n", encoding="utf-8")
    return folder


@pytest.fixture
def assert_untouched(old_client: Path) -> Callable[[], None]:
    """Check that the old client stands as it stood, and nothing beside it."""

    def check() -> None:
        assert [path.name for path in old_client.parent.iterdir()] == ["client"], "something was left behind"
        assert sorted(path.name for path in old_client.iterdir()) == ["GENERATED.json", "client.py"]
        assert (old_client / "client.py").read_text(encoding="utf-8") == "OLD = True\n"

    return check


@dataclass(frozen=True)
class Foreign:
    """A client generated from somebody else's contract: its folder, and what the run told."""

    folder: Path
    out: str

    @property
    def left_out(self) -> list[str]:
        return re.findall(r"^left out: (.*)$", self.out, re.MULTILINE)

    def load(self, name: str = "") -> ModuleType:
        """A module of the client, such as `api.default.get_thing`."""
        if str(self.folder.parent) not in sys.path:
            sys.path.insert(0, str(self.folder.parent))
        return importlib.import_module(f"{self.folder.name}.{name}" if name else self.folder.name)


@pytest.fixture(scope="session")
def make_foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, Path], Foreign]]:
    """Generate a client under a package name of its own; it can be imported until the session ends."""
    before = list(sys.path)

    def make(name: str, contract: Path) -> Foreign:
        folder = tmp_path_factory.mktemp("foreign") / name
        with pytest.MonkeyPatch.context() as patch:
            lines: list[str] = []
            patch.setattr(generate, "print", lambda *words, **_: lines.append(" ".join(words)), raising=False)
            status = generate.main(["--spec", str(contract), "--output", str(folder)])
        assert status == 0, "\n".join(lines)
        return Foreign(folder, "\n".join(lines))

    yield make
    sys.path[:] = before
