"""Many jobs that survive anything: what is paid once, what is found again, and what stops a batch."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import math
import os
import pickle
import re
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import aclosing, closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from comfy_cloud import (
    APIStatusError,
    AsyncComfyCloud,
    AuthenticationError,
    BatchConflictError,
    BatchError,
    BatchInUseError,
    BatchProgress,
    ConfigurationError,
    DownloadError,
    Item,
    ItemState,
    PaymentRequiredError,
    RateLimitError,
    RetryPolicy,
    show_progress,
    sweep,
)
from comfy_cloud._async import backend, batch_run
from comfy_cloud._async.batch import AsyncBatch
from comfy_cloud._async.submit import submit_graph
from comfy_cloud._core.prepared import SentGraph
from comfy_cloud._core.watch import Timing
from comfy_cloud._files import PartFile
from comfy_cloud.testing import Emulator, Fault

pytestmark = pytest.mark.anyio

QUICK = Timing(
    poll_first=0.01, poll_early=0.02, poll_longest=0.02, list_spacing=0.01, unknown_grace=0, submit_lookup=0.3
)


def files(content: str, name: str = "made.png") -> dict[str, Any]:
    inputs = {"kind": "images", "filename": name, "content": content}
    return {"1": {"class_type": "EmulatorFiles", "inputs": inputs}}


LONG = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 600, "steps": 100}}}
FAIL = {"1": {"class_type": "EmulatorFail", "inputs": {"message": "no luck"}}}
PICTURE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "here"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


def client(server: Emulator, key: str | None = None) -> AsyncComfyCloud:
    cloud = AsyncComfyCloud(key or server.api_key, base_url=server.url, live=False, retry=RetryPolicy(base_delay=0.001))
    cloud._connection.timing = QUICK
    return cloud


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator(max_concurrent_jobs=8) as emulator:
        yield emulator


@pytest.fixture
async def cloud(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with client(server) as made:
        yield made


@pytest.fixture
async def batch(cloud: AsyncComfyCloud, tmp_path: Path) -> AsyncIterator[AsyncBatch]:
    async with cloud.batch(tmp_path / "batch") as made:
        yield made


async def run(batch: AsyncBatch, **options: Any) -> dict[str, Item]:
    """Return the rows that came to rest, by their keys."""
    async with aclosing(batch.run(**options)) as items:
        return {item.key: item async for item in items}


def submits(server: Emulator) -> int:
    return len(server.journal.of("executePrompt"))


async def test_a_sweep_is_run_saved_and_recorded(cloud: AsyncComfyCloud, server: Emulator, tmp_path: Path) -> None:
    """Three requests a job; added and run again, nothing is sent."""
    rows = [f"row {number}" for number in range(20)]
    async with cloud.batch(tmp_path / "out") as batch:
        assert await batch.add(sweep(files("?"), {"1.content": rows})) == 20
        items = await run(batch)
    assert {item.params["1.content"]: item.paths[0].read_text() for item in items.values()} == {
        row: row for row in rows
    }
    assert {item.state for item in items.values()} == {ItemState.DONE}
    assert all(item.paths[0].parent == tmp_path / "out" / item.key for item in items.values())
    assert all(item.tries == 1 and item.job_id and item.seconds is not None for item in items.values())
    asked = [entry for entry in server.journal if entry.operation not in {"listJobs", "getFeatures"}]
    assert len(asked) == 60

    server.journal.clear()
    async with cloud.batch(tmp_path / "out") as batch:
        assert await batch.add(sweep(files("?"), {"1.content": rows})) == 0
        assert await run(batch, window=1) == {}
        assert sorted(await batch.items("done"), key=lambda item: item.key) == sorted(
            items.values(), key=lambda item: item.key
        )
        assert str(await batch.plan()).startswith("0 of 20 to do")
    assert list(server.journal) == []


async def test_the_ledger_is_read_by_other_tools_and_holds_no_secret(
    cloud: AsyncComfyCloud, server: Emulator, tmp_path: Path
) -> None:
    async with cloud.batch(tmp_path, partner_key="partner-secret", sidecar=True) as batch:
        await batch.add([("a", files("x"), {"who": "me"})])
        (item,) = (await run(batch)).values()
        with closing(sqlite3.connect(f"file:{tmp_path}/batch.sqlite?mode=ro", uri=True)) as ledger:
            (row,) = ledger.execute("SELECT key, state, json_extract(params, '$.who') FROM rows").fetchall()
            assert ledger.execute("PRAGMA user_version").fetchone() == (1,)
    assert row == ("a", "done", "me")
    told = json.loads(item.paths[0].with_name(f"{item.paths[0].name}.json").read_text())
    assert (told["key"], told["params"], told["job"], told["graph"]) == ("a", {"who": "me"}, item.job_id, files("x"))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"partner-secret" not in path.read_bytes()
            assert server.api_key.encode() not in path.read_bytes()
    assert pickle.loads(pickle.dumps(item)) == item


async def test_files_are_named_by_a_template(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    async with cloud.batch(tmp_path, name="{key}-{node}-{index}{suffix}") as batch:
        await batch.add([("cat/42", files("x"))])
        (item,) = (await run(batch)).values()
    assert item.paths[0].name == "42-1-1.png"
    assert item.paths[0].parent.name.startswith("cat_42-")
    with pytest.raises(ValueError, match="unknown field 'sed'"):
        cloud.batch(tmp_path, name="{sed}")


async def test_the_same_key_with_other_content_is_a_conflict(batch: AsyncBatch, tmp_path: Path) -> None:
    """Also where only the content of a file differs: else the old picture would pass for the new one."""
    await batch.add([("a", files("x"))])
    assert await batch.add([("a", files("x"))]) == 0
    with pytest.raises(BatchConflictError, match="key 'a'") as caught:
        await batch.add([("b", files("y")), ("a", files("y"))])
    assert caught.value.key == "a"
    assert len(await batch.items()) == 1, "all or none"
    picture, graph = (
        tmp_path / "in.png",
        {**PICTURE, "1": {"class_type": "LoadImage", "inputs": {"image": tmp_path / "in.png"}}},
    )
    picture.write_bytes(b"one")
    await batch.add([("p", graph), graph])
    picture.write_bytes(b"other")
    assert await batch.add(graph) == 1
    with pytest.raises(BatchConflictError):
        await batch.add([("p", graph)])


async def test_an_input_file_is_uploaded_once_for_all_rows(batch: AsyncBatch, server: Emulator, tmp_path: Path) -> None:
    """Those in memory only are kept in the folder, since the batch may outlive the program."""
    picture = PNG
    for content in (picture, tmp_path / "in.png"):
        if isinstance(content, Path):
            content.write_bytes(picture)
        graph = {**PICTURE, "1": {"class_type": "LoadImage", "inputs": {"image": content}}}
        await batch.add(sweep(graph, {"SaveImage.filename_prefix": [f"{number}" for number in range(5)]}))
    items = await run(batch)
    assert {item.state for item in items.values()} == {ItemState.DONE}
    assert len(items) == 5, "the same content is the same row"
    assert len(server.journal.of("uploadAsset")) == 1


async def test_an_input_file_that_changed_is_not_sent(batch: AsyncBatch, server: Emulator, tmp_path: Path) -> None:
    picture = tmp_path / "in.png"
    picture.write_bytes(PNG)
    await batch.add([("a", {**PICTURE, "1": {"class_type": "LoadImage", "inputs": {"image": picture}}})])
    picture.write_bytes(PNG + b"changed")
    item = (await run(batch))["a"]
    assert item.state is ItemState.FAILED
    assert "has changed since the row was added" in str(item.error)
    assert submits(server) == 0


async def test_a_failed_job_fails_its_row_and_no_other(batch: AsyncBatch, server: Emulator) -> None:
    await batch.add([("bad", FAIL), ("refused", {"1": {"class_type": "Nobody", "inputs": {}}}), ("good", files("x"))])
    items = await run(batch)
    assert [items[key].state for key in ("bad", "refused", "good")] == ["failed", "failed", "done"]
    assert "no luck" in str(items["bad"].error)
    assert submits(server) == 3
    assert await batch.retry({"failed"}) == 2
    assert (await run(batch))["bad"].job_id != items["bad"].job_id
    with pytest.raises(ConfigurationError, match=r"states must be among cancelled, failed, uncertain"):
        await batch.retry({"done"})


async def test_a_failure_of_the_service_is_tried_again_twice(
    batch: AsyncBatch, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comfy_cloud._async.batch_run.BATCH_PAUSE_FIRST", 0.001)
    server.fail("executePrompt", Fault.status(500), count=2)
    await batch.add([("a", files("x"))])
    item = (await run(batch))["a"]
    assert (item.state, item.tries) == (ItemState.DONE, 3)


async def test_a_lost_answer_is_found_and_not_paid_twice(batch: AsyncBatch, server: Emulator) -> None:
    server.fail("executePrompt", Fault.lose_answer(), count=5)
    await batch.add(sweep(files("?"), {"1.content": [f"{number}" for number in range(10)]}))
    items = await run(batch)
    assert {item.state for item in items.values()} == {ItemState.DONE}
    assert submits(server) == 10


async def test_what_cannot_be_found_is_uncertain_until_the_user_decides(tmp_path: Path) -> None:
    """On a server that keeps no id of ours nobody can tell; the user may have seen it."""
    with Emulator(keeps_submission_ids=False) as server:
        async with client(server) as cloud, cloud.batch(tmp_path) as batch:
            server.fail("executePrompt", Fault.lose_answer())
            await batch.add([("a", files("x"))])
            item = (await run(batch))["a"]
            assert (item.state, item.tries) == (ItemState.UNCERTAIN, 1)
            assert await run(batch) == {}
            assert submits(server) == 1
            await batch.retry({"uncertain"})
            assert (await run(batch))["a"].state is ItemState.DONE
            assert submits(server) == 2


def edit(folder: Path, *statements: str) -> None:
    """Make the ledger what a crash would have left."""
    with closing(sqlite3.connect(folder / "batch.sqlite")) as ledger:
        for statement in statements:
            ledger.execute(statement)
        ledger.commit()


PLAIN: dict[str, Any] = {"extra_data": {}, "fields": {}, "targets": (), "queue_timeout": 0.0}


async def die_in_a_submit(
    cloud: AsyncComfyCloud, folder: Path, *, arrived: bool, known: bool = True, year: int = 2026
) -> str:
    """Leave a batch as a process does that dies in the submit of its row; return the id of the submit."""
    submission_id = str(uuid4())
    if arrived:
        await submit_graph(cloud._connection, SentGraph(files("x")), submission_id=submission_id, **PLAIN)
    async with cloud.batch(folder) as batch:
        await batch.add([("a", files("x"))])
    sent = f"submitted_at = '{year}-01-01T00:00:00+00:00', submission_id = '{submission_id}'"
    edit(folder, f"UPDATE rows SET state = 'submitting', {sent}")
    if known:
        edit(folder, "INSERT INTO facts VALUES ('keeps_ids', '1')")
    return submission_id


@pytest.mark.parametrize(
    ("arrived", "known", "state", "count"),
    [
        (True, True, "done", 1),
        (True, False, "done", 1),
        (False, True, "done", 1),
        (False, False, "uncertain", 0),
    ],
)
async def test_a_submit_of_a_process_that_died_is_looked_up(
    cloud: AsyncComfyCloud, server: Emulator, tmp_path: Path, arrived: bool, known: bool, state: str, count: int
) -> None:
    """It is sent again only if it is not there, under the same id, to a server that has been seen to keep ids."""
    submission_id = await die_in_a_submit(cloud, tmp_path, arrived=arrived, known=known)
    async with cloud.batch(tmp_path) as batch:
        item = (await run(batch))["a"]
    assert (item.state, submits(server)) == (state, count)
    assert item.submission_id == submission_id
    assert item.job_id in {submission_id, None}


@pytest.mark.parametrize("status", [401, 402, 403, 501])
async def test_a_submit_that_cannot_be_looked_up_is_not_sent_again(
    cloud: AsyncComfyCloud, server: Emulator, tmp_path: Path, status: int
) -> None:
    """With a revoked key nobody can tell whether the job is there. The row was planned again, and paid twice."""
    submission_id = await die_in_a_submit(cloud, tmp_path, arrived=True, known=False)
    server.fail("getJobDetail", Fault.status(status), count=None)
    async with cloud.batch(tmp_path) as batch:
        with pytest.raises(APIStatusError) as caught:
            await run(batch, window=1)
        assert caught.value.status == status
        assert (await batch.items())[0].state is ItemState.SUBMITTING
        server.faults.clear()
        item = (await run(batch))["a"]
    assert (item.state, item.submission_id, item.tries, submits(server)) == (ItemState.DONE, submission_id, 1, 1)


async def test_a_submit_is_looked_up_until_the_server_answers(
    cloud: AsyncComfyCloud, server: Emulator, tmp_path: Path
) -> None:
    """A server that is out of reach says nothing about the job."""
    await die_in_a_submit(cloud, tmp_path, arrived=False)
    server.fail("getJobDetail", Fault.status(502), count=8)
    async with cloud.batch(tmp_path) as batch:
        assert (await run(batch, window=1))["a"].state is ItemState.DONE
    assert submits(server) == 1


async def test_a_full_queue_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said once; the row that found no room is no failure."""
    monkeypatch.setattr("comfy_cloud._async.batch_run.BATCH_PAUSE_FIRST", 0.001)
    with Emulator(max_queued_jobs=5, max_concurrent_jobs=2) as server, caplog.at_level(logging.WARNING, "comfy_cloud"):
        async with client(server) as cloud, cloud.with_options(retry=None).batch(tmp_path) as batch:
            await batch.add(sweep(files("?"), {"1.content": [f"{number}" for number in range(12)]}))
            server.pause()
            futures = await batch.futures(window=12)
            await backend.in_thread(server.journal.wait_for, "executePrompt", count=9)
            server.resume()
            while not all(future.done() for future in futures.values()):
                await backend.sleep(0.01)
            assert (await batch.counts())[ItemState.DONE] == 12
            assert {item.tries for item in await batch.items()} == {1}
    assert len([record for record in caplog.records if "the batch waits" in record.message]) == 1


async def test_a_submit_waits_for_room_in_a_full_queue(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The 101st submit of a loop is no error; it is said once, and ends after `queue_timeout`."""
    pauses: list[float] = []
    with Emulator(max_queued_jobs=2) as server, caplog.at_level(logging.INFO, "comfy_cloud"):

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                server.resume()
                server.wait_for(first.id)

        server.pause()
        async with client(server) as patient:
            cloud = patient.with_options(retry=None)
            first, _ = await cloud.submit(files("1")), await cloud.submit(files("2"))
            with pytest.raises(RateLimitError, match="QUEUE_LIMIT"):
                await cloud.submit(files("3"), queue_timeout=0)
            assert submits(server) == 3
            monkeypatch.setattr(backend, "sleep", sleep)
            await cloud.submit(files("3"))
    assert pauses == [1.0] * 3
    assert len([record for record in caplog.records if "queue is full" in record.message]) == 1


async def test_the_window_is_twice_what_the_server_runs_at_once(tmp_path: Path) -> None:
    with Emulator(max_concurrent_jobs=2) as server:
        server.pause()
        async with client(server) as cloud, cloud.batch(tmp_path) as batch:
            await batch.add(sweep(files("?"), {"1.content": [f"{number}" for number in range(9)]}))
            futures = await batch.futures()
            await backend.in_thread(server.journal.wait_for, "executePrompt", count=4)
            await backend.in_thread(server.journal.wait_for, "listJobs", count=5)
            assert (len(futures), submits(server)) == (9, 4)
        assert all(future.cancelled() for future in futures.values())


async def test_no_credits_stop_the_batch_and_what_runs_is_collected(batch: AsyncBatch, server: Emulator) -> None:
    """`run` goes on later, once the account has credits again."""
    await batch.add(sweep(files("?"), {"1.content": [f"{number}" for number in range(9)]}))
    error = {"error": {"type": "PAYMENT_REQUIRED", "message": "not enough credits"}}
    server.fail("executePrompt", Fault.status(402, body=error), count=None, after=3)
    got: list[Item] = []
    with pytest.raises(PaymentRequiredError, match="not enough credits"):  # noqa: PT012
        async with aclosing(batch.run()) as items:
            async for item in items:
                got.append(item)  # noqa: PERF401 - what comes before the error counts
    assert [item.state for item in got] == ["done"] * 3
    assert (await batch.counts())[ItemState.PLANNED] == 6
    server.faults.clear()
    assert len(await run(batch)) == 6


async def test_a_key_that_is_revoked_stops_the_batch_and_no_job_is_lost(batch: AsyncBatch, server: Emulator) -> None:
    """The jobs run and are paid for: with a new key they are only collected."""
    await batch.add([("a", files("x")), ("b", files("y"))])
    server.fail("getJobDetail", Fault.status(401), count=None)
    with pytest.raises(AuthenticationError):
        await run(batch)
    assert (await batch.counts())[ItemState.SUBMITTED] == 2
    server.faults.clear()
    assert {item.state for item in (await run(batch)).values()} == {ItemState.DONE}
    assert submits(server) == 2


async def test_a_download_that_fails_is_tried_again_and_no_job_is_paid_twice(
    batch: AsyncBatch, server: Emulator
) -> None:
    await batch.add([("a", files("x"))])
    order = server.fail("viewFile", Fault.status(503), count=6)  # three tries each time
    item = (await run(batch))["a"]
    assert (item.state, item.tries, order.applied) == (ItemState.DONE, 1, 6)
    item.paths[0].unlink()
    server.fail("viewFile", Fault.status(503), count=None)
    assert (await run(batch))["a"].state is ItemState.FAILED
    server.faults.clear()
    await batch.retry({"failed"})
    assert (await run(batch))["a"].paths[0].read_text() == "x"
    assert submits(server) == 1


async def test_a_file_that_is_gone_is_downloaded_and_not_made_again(batch: AsyncBatch, server: Emulator) -> None:
    await batch.add([("a", files("x")), ("b", files("y"))])
    items = await run(batch)
    items["a"].paths[0].unlink()
    items["b"].paths[0].write_text("cut")
    assert sorted(items["b"].paths[0].parent.iterdir()) == [items["b"].paths[0]]
    assert sorted(await run(batch)) == ["a", "b"]
    assert [items[key].paths[0].read_text() for key in "ab"] == ["x", "y"]
    assert submits(server) == 2


async def test_files_that_cannot_be_written_stop_the_batch_and_cost_nothing(
    batch: AsyncBatch, server: Emulator, tmp_path: Path
) -> None:
    """A disk that is full is the user's to mend; the jobs are paid for and stay."""
    await batch.add([("a", files("x"))])
    (tmp_path / "batch" / "a").write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match="cannot be written"):
        await run(batch)
    assert (await batch.items())[0].state is ItemState.SUBMITTED
    (tmp_path / "batch" / "a").unlink()
    assert (await run(batch))["a"].paths[0].read_text() == "x"
    assert submits(server) == 1


async def test_parts_of_files_that_a_crash_left_are_cleared(
    batch: AsyncBatch, server: Emulator, tmp_path: Path
) -> None:
    await batch.add([("a", files("x"))])
    item = (await run(batch))["a"]
    item.paths[0].unlink()
    (item.paths[0].parent / ".made.png.0123.part").write_text("half")
    await run(batch)
    assert os.listdir(item.paths[0].parent) == [item.paths[0].name]


async def test_a_ledger_that_cannot_be_used_says_why(
    cloud: AsyncComfyCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time, nothing was sent, and what is recorded stays."""
    monkeypatch.setattr("comfy_cloud._ledger.LEDGER_PATIENCE", 0.01)
    async with cloud.batch(tmp_path / "a") as batch:
        with closing(sqlite3.connect(tmp_path / "a" / "batch.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(BatchError, match="locked; another program holds a lock"):
                await batch.add([("a", files("x"))])
        assert await batch.add([("a", files("x"))]) == 1
    edit(tmp_path / "a", "PRAGMA user_version = 99")
    with pytest.raises(BatchError, match="newer version"):
        cloud.batch(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "batch.sqlite").write_text("a diary, not a ledger. " * 100)
    with pytest.raises(BatchError, match="not a database"):
        cloud.batch(tmp_path / "b")
    (tmp_path / "c").write_text("a file")
    with pytest.raises(BatchError, match="could not use the ledger"):
        cloud.batch(tmp_path / "c")


async def test_a_batch_belongs_to_one_server(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    async with cloud.batch(tmp_path):
        pass
    with Emulator() as other:
        async with client(other) as elsewhere:
            with pytest.raises(BatchError, match="belongs to"):
                elsewhere.batch(tmp_path)


async def test_a_batch_has_one_owner(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    async with cloud.batch(tmp_path):
        with pytest.raises(BatchInUseError, match=f"in use by process {os.getpid()}") as caught:
            cloud.batch(tmp_path)
        assert caught.value.pid == os.getpid()
    async with cloud.batch(tmp_path):
        pass


async def test_what_follows_a_job_is_called_with_its_files(batch: AsyncBatch) -> None:
    """Its result and its failure stand in the ledger; only a failed call is made again, and no job."""
    calls: list[str] = []

    def then(item: Item) -> int:
        calls.append(item.key)
        if item.key == "bad" and len(calls) < 3:
            raise ValueError("not today")
        return len(item.paths[0].read_text())

    await batch.add([("good", files("four")), ("bad", files("x"))])
    items = await run(batch, then=then)
    assert (items["good"].result, items["good"].error) == (4, None)
    assert (items["bad"].state, items["bad"].error) == ("done", "ValueError: not today")
    assert await run(batch, then=then) == {}
    await batch.retry({"failed"})
    assert (await run(batch, then=then))["bad"].result == 1
    assert sorted(calls) == ["bad", "bad", "good"]


class Losing(ThreadPoolExecutor):
    """An executor whose worker dies with its first call, and that takes no more."""

    lost = 0

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        self.lost += 1
        if self.lost > 1:
            raise BrokenExecutor("a worker died")
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("a worker died"))
        return future


async def test_a_call_that_an_executor_lost_is_made_again_by_the_next_run(batch: AsyncBatch, server: Emulator) -> None:
    await batch.add([("a", files("x")), ("b", files("y"))])
    with Losing(1) as losing, pytest.raises(BatchError, match="executor"):
        await run(batch, then=Path, executor=losing)
    async with aclosing(batch.run()) as items:  # the jobs are there whatever the executor did
        async for _ in items:
            pass
    with ThreadPoolExecutor(2) as pool:
        items_of_calls = await run(batch, then=key_of, executor=pool)
    assert {key: item.result for key, item in items_of_calls.items()} == {"a": "a", "b": "b"}
    assert submits(server) == 2


def key_of(item: Item) -> str:
    return item.key


async def test_futures_have_the_items(batch: AsyncBatch) -> None:
    """For engines that take `concurrent.futures`."""
    await batch.add([("a", files("x")), ("bad", FAIL)])
    futures = await batch.futures()
    while not all(future.done() for future in futures.values()):
        await backend.sleep(0.01)
    assert futures["a"].result().paths[0].read_text() == "x"
    assert isinstance(futures["bad"].exception(), BatchError)
    with pytest.raises(ConfigurationError, match="running already"):
        await run(batch)


async def test_a_run_that_is_left_is_taken_up(batch: AsyncBatch, server: Emulator) -> None:
    await batch.add(sweep(files("?"), {"1.content": [f"{number}" for number in range(10)]}))
    async with aclosing(batch.run()) as items:
        async for item in items:
            first = item.key
            break
    others = await run(batch)
    assert first not in others
    assert len(await batch.items("done")) == 10
    assert submits(server) == 10


def beside() -> set[object]:
    """Return what runs beside a test: tasks, and threads of ours."""
    tasks: set[object] = set()
    with suppress(RuntimeError):  # no event loop runs
        tasks |= asyncio.all_tasks()
    return tasks | {thread for thread in threading.enumerate() if thread.name.startswith("comfy-cloud")}


@pytest.mark.parametrize(
    ("operation", "fault", "state"),
    [
        ("viewFile", Fault.stall(where="middle"), ItemState.SUBMITTED),
        ("getJobDetail", Fault.stall(), ItemState.SUBMITTED),
        ("uploadAsset", Fault.stall(), ItemState.PLANNED),
        ("executePrompt", Fault.stall(0.5), ItemState.SUBMITTED),
    ],
)
async def test_closing_a_batch_ends_what_runs_beside_it(
    cloud: AsyncComfyCloud, server: Emulator, tmp_path: Path, operation: str, fault: Fault, state: ItemState
) -> None:
    """No thread, no task and no part file stay. A submit is finished, since it is paid for; what is free is left."""
    (tmp_path / "in.png").write_bytes(PNG)
    graph = {**PICTURE, "1": {"class_type": "LoadImage", "inputs": {"image": tmp_path / "in.png"}}}
    before = beside()
    server.fail(operation, fault)
    async with cloud.batch(tmp_path / "out") as batch:
        await batch.add([("a", graph)])
        futures = await batch.futures()
        await backend.in_thread(server.journal.wait_for, operation)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert beside() <= before
    assert list(tmp_path.rglob("*.part")) == []
    assert futures["a"].cancelled()
    async with cloud.batch(tmp_path / "out") as batch:
        assert [item.state for item in await batch.items()] == [state]
        assert (await run(batch))["a"].state is ItemState.DONE
    assert submits(server) == 1


async def test_a_call_under_way_is_finished_when_its_run_is_left(batch: AsyncBatch) -> None:
    """A function of the user is not called twice for a row, and least of all twice at the same time."""
    calls: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def then(item: Item) -> str:
        calls.append(item.key)
        if item.key == "slow":
            begun.set()
            go_on.wait(10)
        assert begun.wait(10)
        return item.key

    await batch.add([("quick", files("x")), ("slow", files("y"))])
    async with aclosing(batch.run(then=then)) as items:
        async for item in items:
            assert item.key == "quick"
            break
    go_on.set()
    assert (await run(batch, then=then))["slow"].result == "slow"
    assert sorted(calls) == ["quick", "slow"]


async def test_cancelling_ends_what_waits_and_what_runs(batch: AsyncBatch, server: Emulator) -> None:
    await batch.add([("runs", LONG), ("planned", files("x"))])
    futures = await batch.futures(window=1)
    await backend.in_thread(server.journal.wait_for, "executePrompt")
    while not (await batch.counts())[ItemState.SUBMITTED]:
        await backend.sleep(0.01)
    await batch.cancel()
    while not all(future.done() for future in futures.values()):
        await backend.sleep(0.01)
    assert (await batch.counts())[ItemState.CANCELLED] == 2
    assert await batch.retry("cancelled") == 2
    assert submits(server) == 1


async def test_a_budget_stops_before_it_is_passed(tmp_path: Path) -> None:
    """Where a server tells what a job cost; the rest stays planned, and is run when there is more to spend."""
    with Emulator(max_concurrent_jobs=8, job_credits=2.5) as server:
        async with client(server) as cloud, cloud.batch(tmp_path) as batch:
            await batch.add(sweep(files("?"), {"1.content": [f"{number}" for number in range(9)]}))
            assert (await batch.plan()).credits is None
            with pytest.raises(BatchError, match=r"would pass the budget: 10 of 12 are spent"):
                await run(batch, budget=12)
            assert (submits(server), server.credits_spent) == (4, 10.0)
            assert (await batch.plan()).credits == 12.5
            assert str(await batch.plan()).endswith("about 12.5 credits")
            assert len(await run(batch, budget=22.5)) == 5
            assert server.credits_spent == 22.5


async def test_what_follows_is_called_though_the_budget_is_spent(tmp_path: Path) -> None:
    """A call costs no credits: that none are left is no reason to leave it to the next run."""
    with Emulator(job_credits=2.0) as server:
        async with client(server) as cloud, cloud.batch(tmp_path) as batch:
            await batch.add([("a", files("x")), ("b", files("y"))])
            with pytest.raises(BatchError, match="2 of 3 are spent"):
                await run(batch, budget=3, then=key_of)
            assert [item.result for item in await batch.items()] == ["a", None]


async def test_a_failed_job_counts_as_spent(tmp_path: Path) -> None:
    with Emulator(job_credits=2.0) as server:
        async with client(server) as cloud, cloud.batch(tmp_path) as batch:
            await batch.add([("bad", FAIL), ("good", files("x"))])
            with pytest.raises(BatchError, match="2 of 3 are spent"):
                await run(batch, budget=3)
            assert submits(server) == 1


@pytest.mark.parametrize("again", ["by the batch", "by its user"])
async def test_what_an_earlier_job_of_a_row_has_cost_stays_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    if again == "by the batch":
        monkeypatch.setattr("comfy_cloud._core.batch.is_of_the_service", lambda error: True)
    with Emulator(job_credits=2.0) as server:
        async with client(server) as cloud, cloud.batch(tmp_path) as batch:
            await batch.add([("bad", FAIL), ("good", files("x"))])
            if again == "by its user":
                for _ in range(2):
                    with pytest.raises(BatchError, match="are spent"):
                        await run(batch, budget=2 * submits(server) + 2, window=1)
                    await batch.retry("failed")
            with pytest.raises(BatchError, match="6 of 7 are spent"):
                await run(batch, budget=7)
            assert (submits(server), server.credits_spent) == (3, 6.0)


async def test_a_budget_that_cannot_be_kept_is_said_after_one_job(batch: AsyncBatch, server: Emulator) -> None:
    """A server that tells no credits would let every budget be passed in silence."""
    await batch.add(sweep(files("?"), {"1.content": ["1", "2", "3"]}))
    with pytest.raises(BatchError, match="this server tells no credits"):
        await run(batch, budget=100)
    assert submits(server) == 1
    assert (await batch.plan()).credits is None
    assert len(await run(batch)) == 2


async def test_a_clock_that_jumps_changes_no_duration(
    batch: AsyncBatch, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that is set in the middle would make a job take minus a year, and the plan nonsense."""
    times = iter([f"{year}-01-01T00:00:00+00:00" for year in (2030, 2001, 2099) * 20])
    monkeypatch.setattr(batch_run, "_now", lambda: next(times))
    await batch.add(sweep(files("?"), {"1.content": [f"{number}" for number in range(6)]}))
    items = await run(batch)
    assert all(item.state is ItemState.DONE and 0 <= (item.seconds or -1) < 60 for item in items.values())
    await batch.add([("later", files("x"))])
    plan = await batch.plan()
    assert plan.seconds is not None
    assert 0 <= plan.seconds < 60
    assert submits(server) == 6


@pytest.mark.parametrize("year", [2001, 2099])
@pytest.mark.parametrize("arrived", [True, False])
async def test_a_submit_by_a_clock_that_was_wrong_is_found(
    cloud: AsyncComfyCloud, server: Emulator, tmp_path: Path, year: int, arrived: bool
) -> None:
    """The clock of the process that died was years off: its job is found, and nothing is waited for until 2099."""
    submission_id = await die_in_a_submit(cloud, tmp_path, arrived=arrived, year=year)
    async with cloud.batch(tmp_path) as batch:
        item = (await run(batch))["a"]
    assert (item.state, item.submission_id, submits(server)) == (ItemState.DONE, submission_id, 1)
    assert item.seconds is None or 0 <= item.seconds < 60


async def test_a_full_disk_stops_the_batch_where_it_can_go_on(
    batch: AsyncBatch, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No byte more fits: not of a file, and not of the ledger. Both are said, and nothing is paid twice."""
    await batch.add(sweep(files("?"), {"1.content": ["1", "2", "3"]}))

    def write(self: PartFile, chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(PartFile, "write", write)
        with pytest.raises(DownloadError, match="No space left on device"):
            await run(batch)
    paid = submits(server)
    assert (await batch.counts())[ItemState.SUBMITTED] == paid

    (pages,) = batch._ledger._db.execute("PRAGMA page_count").fetchone()
    batch._ledger._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BatchError, match="disk is full; what was recorded before is safe"):
        await batch.add([(f"row {number}", files("x" * 9000), {"n": number}) for number in range(50)])
    assert len(await batch.items()) == 3
    batch._ledger._db.execute("PRAGMA max_page_count = 1000000")
    await run(batch)
    assert (await batch.counts())[ItemState.DONE] == 3
    assert submits(server) == 3


async def test_a_ledger_that_is_locked_while_it_runs_loses_nothing(
    batch: AsyncBatch, server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another tool writes for longer than we wait: the run ends, and the next one takes up what was sent."""
    await batch.add(sweep(files("?"), {"1.content": ["1", "2"]}))
    batch._ledger._db.execute("PRAGMA busy_timeout = 1")
    server.pause()
    futures = await batch.futures()
    await backend.in_thread(server.journal.wait_for, "executePrompt", count=2)
    while (await batch.counts())[ItemState.SUBMITTED] < 2:
        await backend.sleep(0.01)
    with closing(sqlite3.connect(tmp_path / "batch" / "batch.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        server.resume()
        while not all(future.done() for future in futures.values()):
            await backend.sleep(0.01)
    assert "another program holds a lock" in str(next(iter(futures.values())).exception())
    await batch._run.end()
    assert {item.state for item in (await run(batch)).values()} == {ItemState.DONE}
    assert submits(server) == 2


async def test_progress_is_told_with_each_row(batch: AsyncBatch, server: Emulator) -> None:
    told: list[BatchProgress] = []

    def tell(progress: BatchProgress) -> None:
        told.append(progress)
        server.resume()

    server.pause()
    await batch.add([("a", files("x")), ("b", FAIL)])
    await run(batch, on_progress=tell)
    assert (told[0].running, told[0].left, told[0].fraction, told[0].per_minute) == (2, 2, 0.0, 0.0)
    assert [progress.left for progress in told] == sorted((progress.left for progress in told), reverse=True)
    assert told[-1].fraction == 1.0
    assert (told[-1].done, told[-1].failed, told[-1].total, told[-1].running) == (1, 1, 2, 0)
    assert str(told[-1]).startswith("1 of 2 done, 1 failed, 0 running, ")


@pytest.mark.parametrize(
    ("argument", "value", "says"),
    [
        ("window", 0, "window must be a whole number, 1 or more, not 0"),
        ("then", "print", "then must be a function that takes an Item, not 'print'"),
        ("then", lambda item, other: None, "then must be a function that takes an Item and nothing else"),
        ("executor", ProcessPoolExecutor, "executor must be an executor of concurrent.futures, not type"),
        ("on_progress", show_progress, "on_progress must be a function that takes a BatchProgress, .*: call it"),
        ("budget", "5", "budget must be a number of credits, 0 or more, or None for no limit, not '5'"),
        ("budget", math.nan, "budget must be a number of credits, .* not nan"),
        ("budget", -1, "budget must be a number of credits, .* not -1"),
    ],
)
async def test_arguments_are_checked_before_a_row_is_sent(
    batch: AsyncBatch, server: Emulator, argument: str, value: Any, says: str
) -> None:
    await batch.add(("a", files("x")))
    with pytest.raises((TypeError, ValueError), match=says):
        await run(batch, **{argument: value})
    assert submits(server) == 0
    assert (await run(batch))["a"].state is ItemState.DONE


async def test_states_and_rows_are_checked(batch: AsyncBatch) -> None:
    with pytest.raises(ValueError, match="state must be one of planned, submitting"):
        await batch.items("ready")
    with pytest.raises(TypeError, match="states must be a string or a list of strings, not 5"):
        await batch.retry(5)  # type: ignore[arg-type]
    for rows in ("", b"", "a.json"):
        with pytest.raises(ConfigurationError, match="a row must be a workflow"):
            await batch.add(rows)


async def test_an_unknown_home_folder_is_said(batch: AsyncBatch, server: Emulator) -> None:
    where, says = "~nobody-of-this-name/x", "no home folder of '~nobody-of-this-name' is known"
    with pytest.raises(BatchError, match=says):
        await batch.export(where)
    with pytest.raises(BatchError, match=says):
        await batch.contact_sheet(where)
    async with client(server) as cloud:
        with pytest.raises(BatchError, match=says):
            cloud.batch(where)


async def test_rows_are_exported_and_shown(batch: AsyncBatch, tmp_path: Path) -> None:
    """The page holds what a prompt says, whatever that is, and paths that stay right when the folder is moved."""
    await batch.add([("a b", files("x"), {"text": "</script><b>"}), ("bad", FAIL)])
    name = (await run(batch))["a b"].paths[0].name
    lines = (await batch.export(tmp_path / "rows.jsonl")).read_text().splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["done", "failed"]
    page = (await batch.contact_sheet()).read_text()
    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert data[0]["params"] == {"text": "</script><b>"}
    assert data[0]["files"] == [f"a%20b/{name}"]
    assert "no luck" in data[1]["error"]
    assert not re.search(r'(src|href)="?http|url\(|@import', page)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
