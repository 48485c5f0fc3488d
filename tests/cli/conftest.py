"""Fixtures for the command line in this process: a server that it finds by the environment, and a folder to work in."""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud._core.timing import Timing
from comfy_cloud._sync.connection import Connection
from comfy_cloud.cli import main
from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]
TEXT = {"1": {"class_type": "EmulatorText", "_meta": {"title": "Words"}, "inputs": {"text": "hello"}}}
FAILS = {"1": {"class_type": "EmulatorFail", "inputs": {"message": "no memory", "exception_type": "OOMError"}}}


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[Any]:
        """The lines of stdout as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


CLI = Callable[..., Outcome]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: examples, a workflow that makes a text, and one that fails."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "text.json").write_text(json.dumps(TEXT), encoding="utf-8")
    (tmp_path / "fails.json").write_text(json.dumps(FAILS), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Callable[..., Emulator]]:
    """Start a server, which the environment names."""
    servers: list[Emulator] = []

    def do(**options: Any) -> Emulator:
        servers.append(Emulator(**options))
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", servers[-1].url)
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", servers[-1].api_key)
        return servers[-1]

    yield do
    for server in servers:
        server.close()


@pytest.fixture
def server(start: Callable[..., Emulator]) -> Emulator:
    """A cloud."""
    return start()


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> CLI:
    """Run a command. Its key is in nothing that it prints."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "argv", ["comfy-cloud"])
    quick = functools.partial(Connection, timing=Timing(unknown_grace=0.0, submit_lookup=0.0))
    monkeypatch.setattr("comfy_cloud._sync.connection.Connection", quick)

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        key = os.environ.get("COMFY_CLOUD_API_KEY", "no key")
        assert key not in printed.out + printed.err
        return Outcome(code, printed.out, printed.err)

    return run
