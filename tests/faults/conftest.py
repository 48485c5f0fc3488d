"""Options of the fault matrix: `make test-faults FAULTS="--cases 800 --seed 7"` runs that many, chosen by that seed."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fault matrix")
    group.addoption("--cases", type=int, default=None, help="run this many cases of the fault matrix (default: all)")
    group.addoption("--seed", type=int, default=1, help="which cases those are")
