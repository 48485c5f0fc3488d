"""docs/testing.md is true: its blocks run as they stand, and its tables name what there is."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import get_args

import pytest

from comfy_cloud.testing import Fault
from comfy_cloud.testing._engine.node_definitions import DEFINITIONS
from comfy_cloud.testing._faults.faults import KINDS
from comfy_cloud.testing._servers.dialect_table import DIALECTS, DialectName

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


PYTHON = blocks("python")


def test_every_block_of_the_page_is_of_a_kind_that_is_run_here() -> None:
    assert len(PYTHON) + len(blocks("json")) + len(blocks("console")) == PAGE.count("\n```") // 2


TESTED = {f"test_block_{number}": code for number, code in enumerate(PYTHON) if "def test_" in code}
PROGRAMS = [code for code in PYTHON if "def test_" not in code]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    python = [sys.executable, "-W", "error", *command]
    return subprocess.run(python, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], str]:
    """A line `PASSED file::test` or the like for each test of the page, and all that pytest printed. One run for all
    blocks, each in a file of its own."""
    folder = tmp_path_factory.mktemp("page")
    for name, code in TESTED.items():
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    pytest_options = ["-q", "-rA", "-W", "error", "--strict-markers", "-p", "no:cacheprovider"]
    done = run(folder, "-m", "pytest", *pytest_options)
    return re.findall(r"^[A-Z]+ test_block_\w+\.py.*$", done.stdout, re.MULTILINE), done.stdout + done.stderr


@pytest.mark.parametrize("name", TESTED)
def test_a_block_of_tests_passes_as_it_stands(name: str, outcomes: tuple[list[str], str]) -> None:
    """A user copies it into a file and runs pytest."""
    lines, printed = outcomes
    tests = re.findall(r"^def (test_\w+)", TESTED[name], re.MULTILINE)
    assert len(tests) == TESTED[name].count("def test_")
    ours = [line for line in lines if line.split()[1].startswith(f"{name}.py")]
    assert sorted(ours) == sorted(f"PASSED {name}.py::{test}" for test in tests), printed


@pytest.mark.parametrize("code", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_block_runs_as_it_stands(code: str, tmp_path: Path) -> None:
    """A user copies it into a file and runs Python."""
    (tmp_path / "page.py").write_text(code, encoding="utf-8")
    done = run(tmp_path, "page.py")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    """Address, key and a line for each request, with the faults of the page's file."""
    (faults,), (session,) = blocks("json"), blocks("console")
    (tmp_path / "faults.json").write_text(faults, encoding="utf-8")
    first, *shown = session.splitlines()
    command = shlex.split(first.removeprefix("$ python ").replace("8188", "0"))
    process = subprocess.Popen(
        [sys.executable, "-W", "error", *command],
        cwd=tmp_path,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        printed = [process.stdout.readline().rstrip("\n") for _ in range(2)]
        url = printed[0].removeprefix("url: ")
        with pytest.raises(urllib.error.HTTPError, match="503") as failed:
            urllib.request.urlopen(f"{url}/queue")
        assert failed.value.headers["retry-after"] == "2"
        failed.value.close()
        with urllib.request.urlopen(f"{url}/queue") as answer:
            assert json.load(answer)["queue_pending"] == []
        printed += [process.stdout.readline().rstrip("\n") for _ in range(2)]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert errors == ""
    assert [varying(line) for line in printed] == [varying(line) for line in shown]


def varying(line: str) -> str:
    """A line of output without what differs from run to run: port, key and time of day."""
    return re.sub(r"(?<=127.0.0.1:)\d+|(?<=valid-)[0-9a-f]{24}$|^\d\d:\d\d:\d\d", "_", line)


def test_the_tables_name_every_fault_dialect_and_node_and_no_other() -> None:
    """What the page leaves out nobody finds; what it makes up wastes an hour."""
    assert re.findall(r"^\| `Fault\.(\w+)", PAGE, re.MULTILINE) == list(KINDS)
    assert set(re.findall(r'^\| `"([\w-]+)"`', PAGE, re.MULTILINE)) == set(DIALECTS) == set(get_args(DialectName))
    section = PAGE.partition("## Nodes")[2].partition("```")[0]
    assert set(re.findall(r"`([A-Z]\w+)`", section)) == set(DEFINITIONS)
    for name, inputs in re.findall(r"^\| `(Emulator\w+)` \| (.*?) \|", section, re.MULTILINE):
        listed = set(re.findall(r"`(\w+)`", inputs))
        assert listed == {item.name for item in DEFINITIONS[name].inputs} - {"image"}


def test_the_faults_of_the_table_are_called_as_it_says() -> None:
    """Names and defaults of arguments, by calling each entry."""
    for call in re.findall(r"^\| `(Fault\.\w+\(.*?\))` \|", PAGE, re.MULTILINE):
        name, arguments = re.fullmatch(r"Fault\.(\w+)\((.*)\)", call).groups()  # type: ignore[union-attr]
        plain = eval(f"Fault.{name}({'503' if name == 'status' else ''})", {"Fault": Fault})
        assert eval(f"Fault.{name}({arguments.replace('messages=...', '')})", {"Fault": Fault}) == plain
