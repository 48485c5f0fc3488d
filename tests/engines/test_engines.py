"""Work that is spread over processes whose workers are killed in the middle: each job is paid once, each row ends.

The three ways of docs/guide/dask.md, and a pool of the standard library.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from dask.distributed import Client

from comfy_cloud import BatchError, ComfyCloud, Item, ItemState, sweep
from comfy_cloud.testing import Emulator

from .conftest import is_first

ROWS = [f"row {number}" for number in range(12)]
ROOT = Path(__file__).resolve().parents[2]
# The workers do not have this folder of tests on their path: functions travel by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
cloudpickle.register_pickle_by_value(sys.modules[is_first.__module__])


def files(content: str) -> dict[str, Any]:
    inputs = {"kind": "images", "filename": "made.png", "content": content}
    return {"1": {"class_type": "EmulatorFiles", "inputs": inputs}}


def read_or_die(marks: Path, item: Item) -> str:
    """Return what the job made. The first calls of three rows take their worker with them."""
    if item.params["1.content"] in ROWS[3:6] and is_first(marks, item.key):
        os.kill(os.getpid(), signal.SIGKILL)
    return item.paths[0].read_text()


def paid(server: Emulator) -> int:
    return len(server.journal.of("executePrompt"))


def test_what_follows_runs_on_dask_whose_workers_die(
    server: Emulator, cloud: ComfyCloud, dask: Client, marks: Path, tmp_path: Path
) -> None:
    """Dask makes a lost call again on another worker; no job is run again for it."""
    with cloud.batch(tmp_path / "batch") as batch:
        batch.add(sweep(files("?"), {"1.content": ROWS}))
        items = list(batch.run(then=partial(read_or_die, marks), executor=dask.get_executor()))
    assert sorted(item.result for item in items) == sorted(ROWS)
    assert len(list(marks.iterdir())) == 3
    assert paid(server) == len(ROWS)


def test_a_call_that_dask_gives_up_is_made_again_by_the_next_run(
    server: Emulator, cloud: ComfyCloud, dask: Client, tmp_path: Path
) -> None:
    """A function that kills every worker ends the run, and not the jobs."""
    with cloud.batch(tmp_path / "batch") as batch:
        batch.add([("deadly", files("x"))])
        with pytest.raises(BatchError, match=r"the executor lost a call: KilledWorker"):
            list(batch.run(then=lambda item: os.kill(os.getpid(), signal.SIGKILL), executor=dask.get_executor()))
        assert batch.counts()[ItemState.DONE] == 1
        (item,) = batch.run(then=lambda item: item.paths[0].read_text(), executor=dask.get_executor())
    assert (item.result, paid(server)) == ("x", 1)


def test_rows_are_handed_to_dask_as_they_end(
    server: Emulator, cloud: ComfyCloud, dask: Client, marks: Path, tmp_path: Path
) -> None:
    """`futures()` gives a future for each row; what Dask makes of it is Dask's."""
    with cloud.batch(tmp_path / "batch") as batch:
        batch.add(sweep(files("?"), {"1.content": ROWS}))
        tasks = [dask.submit(read_or_die, marks, future.result()) for future in batch.futures().values()]
        assert sorted(dask.gather(tasks)) == sorted(ROWS)
        assert batch.counts()[ItemState.DONE] == len(ROWS)
    assert len(list(marks.iterdir())) == 3
    assert paid(server) == len(ROWS)


def run_one(marks: Path, row: str) -> bytes:
    """Be a task with a client of its own. The first tasks of three rows are killed once their job is submitted."""
    with ComfyCloud() as cloud:
        if row in ROWS[3:6] and is_first(marks, row):
            cloud.submit(files(row), key=row)
            os.kill(os.getpid(), signal.SIGKILL)
        return cloud.run(files(row), key=row).outputs[0].read()


def test_tasks_that_each_run_a_job_pay_once_however_often_they_are_lost(
    server: Emulator, dask: Client, marks: Path
) -> None:
    """The key finds the job that the lost task began."""
    tasks = dask.map(partial(run_one, marks), ROWS, pure=False)
    assert [content.decode() for content in dask.gather(tasks)] == ROWS
    assert len(list(marks.iterdir())) == 3
    assert paid(server) == len(ROWS)


def size_of(item: Item) -> int:
    return item.paths[0].stat().st_size


def die(item: Item) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_pool_of_processes_may_lose_a_worker(server: Emulator, cloud: ComfyCloud, tmp_path: Path) -> None:
    """The standard library's pool is broken then: the next run makes the calls again on a new one."""
    spawned = get_context("spawn")
    with cloud.batch(tmp_path / "batch") as batch:
        batch.add(sweep(files("?"), {"1.content": ROWS}))
        with ProcessPoolExecutor(2, mp_context=spawned) as pool, pytest.raises(BatchError, match="executor"):
            list(batch.run(then=die, executor=pool))
        with ProcessPoolExecutor(2, mp_context=spawned) as pool:
            items = list(batch.run(then=size_of, executor=pool))
    assert [item.result for item in items] == [item.paths[0].stat().st_size for item in items]
    assert len(items) == len(ROWS)
    assert paid(server) == len(ROWS)


def test_the_example_runs(server: Emulator, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / "on_dask.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "overrides")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["then", "futures", "tasks"]
    assert all(line.endswith(" 8 pictures") for line in done.stdout.splitlines())
    assert paid(server) == 16


def test_the_page_runs_from_top_to_bottom(server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader copies it block by block; the environment of `make test-packaging` has no Dask to run it."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(ROOT / "overrides")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "overrides"))
    page = (ROOT / "docs" / "guide" / "dask.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks:
        exec(compile(block, "dask.md", "exec", dont_inherit=True), names)
    assert len(blocks) == 4
    assert paid(server) == 12
