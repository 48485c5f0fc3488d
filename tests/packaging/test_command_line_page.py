"""docs/guide/command-line.md is true: its commands run in a shell, from top to bottom, and print what they show."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guide" / "command-line.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
# Installing is tested by `make test-installs`.
SESSION = [block for block in BLOCKS if not block.startswith("$ pip install")]
MARK = "== command =="


def commands() -> list[tuple[str, str]]:
    """Return each command of the page with the output that is shown for it."""
    found: list[tuple[str, str]] = []
    for line in "".join(SESSION).splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif line.startswith("> "):
            found[-1] = (found[-1][0] + line[2:], "")
        else:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each command prints, run in one shell with the program on its path."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(ROOT / "examples", folder / "examples")
    script = "".join(f"{command}echo '{MARK}'\n" for command, _ in commands())
    with Emulator() as server, HTTPServer() as files:
        files.expect_request("/harbour.safetensors").respond_with_data(b"weights")
        script = script.replace("https://huggingface.co/acme/harbour/resolve/main", files.url_for("").rstrip("/"))
        mine = {
            "COMFY_CLOUD_API_KEY": server.api_key,
            "COMFY_CLOUD_BASE_URL": server.url,
            "COMFY_CLOUD_CACHE_DIR": str(folder / "cache"),
            "COMFY_CLOUD_CONFIG": os.devnull,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env={**os.environ, **mine},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=300,
            check=False,
        )
    assert server.api_key not in done.stdout
    return [part.removeprefix("\n") for part in done.stdout.split(MARK)]


@pytest.mark.parametrize("number", range(len(commands())))
def test_a_command_prints_what_the_page_shows(number: int, printed: list[str]) -> None:
    """A reader copies it; dots stand for what differs from run to run."""
    command, shown = commands()[number]
    got = printed[number]
    assert doctest.OutputChecker().check_output(shown, got, doctest.ELLIPSIS), f"$ {command}{got}"


def test_the_readme_shows_a_command_of_the_page() -> None:
    """So it is run here."""
    shown = re.findall(r"^\$ (comfy-cloud .*\n)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert shown
    assert {*shown} <= {command for command, _ in commands()}


def test_every_command_is_on_the_page() -> None:
    from typer.main import get_command

    from comfy_cloud.cli.app import app

    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for inner in getattr(command, "commands", {"": None}):
            words = f"comfy-cloud {name} {inner}".strip()
            assert any(words in line for line, _ in commands()), words
