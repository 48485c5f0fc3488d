"""The benchmarks run with nothing but the client installed, and their tables tell what was measured.

A contributor who changes the client loses, with these, the numbers to judge the change by.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def bench(*arguments: str) -> str:
    command = [sys.executable, str(FOLDER), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    import harness
    import report

    yield report
    for module in (harness, report):
        assert isinstance(module, ModuleType)
        sys.modules.pop(module.__name__)


def test_a_row_is_measured_beside_what_is_installed() -> None:
    name, ours, *_ = bench("call", "--rounds", "1").split()
    assert name == "call"
    assert float(ours) > 0


@pytest.mark.parametrize("row", ["submit-async", "import"])
def test_our_side_of_a_row_can_be_profiled(row: str) -> None:
    assert "function calls" in bench("profile", row)


def test_each_row_has_a_name() -> None:
    assert len(bench("list").splitlines()) > 20


def result(report: Any, name: str, sides: dict[str, Any], **more: Any) -> Any:
    import harness

    row = harness.Row(name, f"title of {name}", dict.fromkeys(["ours", "httpx", "sdk"], ""), 1.5, "3.0", **more)
    return report.result_of(row, {side: turns if isinstance(turns, list) else [turns] for side, turns in sides.items()})


def test_a_figure_is_a_ratio_and_a_missed_goal_is_bold(report: Any) -> None:
    sides = {"ours": {"cpu": 2.0, "peak": 40.0}, "httpx": {"cpu": 1.0, "peak": 30.0}}
    assert "| 3.0 | **2.00** | 1.50 | sdk: not measured | 40 (httpx 30) |" in report.table([result(report, "a", sides)])


def test_a_ratio_is_taken_within_each_turn(report: Any) -> None:
    """A machine that is busy for some turns, and idle for others, must not decide which side looks faster."""
    ours = [{"cpu": cpu, "peak": 40.0} for cpu in (2.0, 6.0, 2.2, 90.0, 9.0)]
    httpx = [{"cpu": cpu, "peak": 30.0} for cpu in (1.0, 3.0, 1.0, 9.0, 4.5)]
    assert result(report, "a", {"ours": ours, "httpx": httpx})["figures"]["ours"] == 2.0


def test_a_row_without_its_peer_says_so(report: Any) -> None:
    table = report.table([result(report, "a", {"ours": {"cpu": 2.0, "peak": 40.0}})])
    assert "httpx: not measured, sdk: not measured" in table


@pytest.mark.parametrize(("last", "shape"), [(1.0, "flat"), (10.0, "linear"), (100.0, "**power 2.00**")])
def test_growth_is_flagged(report: Any, last: float, shape: str) -> None:
    costs = {"10": 0.1, "100": 0.5, "1000": 1.0, "10000": last, "cpu": 1.0}
    assert f"| {shape} |" in report.growth_table([result(report, "a", {"ours": costs}, over=None, growth=True)])
