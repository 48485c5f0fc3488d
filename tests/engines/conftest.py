"""Fixtures for engines that distribute: an emulator, and workers in processes of their own that can be killed.

`make test` leaves this folder out: Dask lives in an environment of its own, see `make test-engines`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from dask.distributed import Client, LocalCluster

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulator that the workers find by their environment, as they do on a cluster."""
    with Emulator(max_concurrent_jobs=8) as emulator:
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.api_key)
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud() as made:
        yield made


@pytest.fixture
def dask(server: Emulator) -> Iterator[Client]:
    """A client of a cluster of two processes on this machine. A worker that dies is replaced."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=2, processes=True, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """A folder in which functions note that they were called, since the memory of a killed worker is gone."""
    folder = tmp_path / "marks"
    folder.mkdir()
    return folder


def is_first(marks: Path, name: str) -> bool:
    """Return True for the first call with this name by any process."""
    try:
        os.close(os.open(marks / name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
