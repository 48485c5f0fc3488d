"""Interruptions at any moment: a cancelled task, Ctrl-C, a flood of messages, many threads. Nothing is lost or left."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import json
import os
import re
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloud,
    ComfyCloudError,
    DownloadError,
    Job,
    JobProgress,
    NodeProgress,
    Workflow,
    sweep,
)
from comfy_cloud._constants import SOCKET_BACKLOG
from comfy_cloud.testing import Emulator

STEPS = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 0.03, "steps": 3}}}
FILE = "what the server has" * 2000
FILES = {
    "1": {"class_type": "EmulatorFiles", "inputs": {"kind": "images", "filename": "a.png", "content": FILE}},
    "2": {"class_type": "EmulatorFiles", "inputs": {"kind": "images", "filename": "b.png", "content": FILE}},
}
MOMENTS = [number * 0.004 for number in range(30)]  # seconds


def accepted(server: Emulator) -> set[str]:
    """Return the ids of all jobs that the server has."""
    engine = server._backend.engine
    return {job.id for job in [*engine.finished(), *engine.running(), *engine.pending()]}


def told(error: BaseException | None) -> set[str]:
    """Return the ids in an exception, and in its notes."""
    words = " ".join([str(error), *getattr(error, "__notes__", ())]).replace("'", " ").replace("(", " ").split()
    return {*words, str(getattr(error, "submission_id", "")), str(getattr(error, "job_id", ""))}


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator(max_concurrent_jobs=4) as server:
        yield server


@pytest.fixture(scope="module")
def made(server: Emulator) -> Any:
    """A job with two files."""
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as cloud:
        return cloud.run(FILES, timeout=30)


async def run(cloud: AsyncComfyCloud, made: Any, folder: Path) -> None:
    await cloud.run(STEPS, on_event=lambda event: None)


async def save(cloud: AsyncComfyCloud, made: Any, folder: Path) -> None:
    await (await cloud.jobs.get(made.id)).outputs.save(folder / "saved")


async def upload(cloud: AsyncComfyCloud, made: Any, folder: Path) -> None:
    await cloud.assets.upload(b"content" * 100_000, tags=["input"], name=f"{folder.name}.bin")


async def batch(cloud: AsyncComfyCloud, made: Any, folder: Path) -> None:
    async with cloud.batch(folder / "batch") as rows:
        await rows.add(sweep(Workflow(STEPS), {"1.seconds": [0.01, 0.02]}))
        async for _ in rows.run():
            pass


@pytest.mark.parametrize("what", [run, save, upload, batch])
def test_a_task_is_cancelled_at_any_moment(
    server: Emulator, made: Any, tmp_path: Path, what: Callable[..., Awaitable[None]]
) -> None:
    """It ends at once; no task, thread, socket or file is left, and a job that was made is told by its id."""

    async def main(number: int, delay: float) -> None:
        before, folder = accepted(server), tmp_path / str(number)
        folder.mkdir()
        cloud = AsyncComfyCloud(server.api_key, base_url=server.url)
        task = asyncio.ensure_future(what(cloud, made, folder))
        await asyncio.wait([task], timeout=delay)
        task.cancel()
        started, error = time.monotonic(), None
        try:
            await task
        except asyncio.CancelledError as caught:
            error = caught
        assert time.monotonic() - started < 1
        await cloud.aclose()
        if left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left, timeout=1)  # a thread may be about to end, and its task with it
        assert [task for task in left if not task.done()] == []
        jobs = accepted(server) - before
        if what is run and error is not None:
            assert jobs <= told(error), "a job that its payer does not know"
        if what is batch:
            assert len(jobs) <= 2
        for path in folder.rglob("*"):
            assert not path.name.endswith(".part")
            assert path.suffix != ".png" or path.read_text() == FILE

    for number, delay in enumerate(MOMENTS):
        asyncio.run(main(number, delay))
    gc.collect()  # a socket or a task that is left warns now, which is an error


@contextlib.contextmanager
def interrupted(delay: float) -> Iterator[None]:
    """Press Ctrl-C after a while, unless it is over before."""
    armed = True

    def press(_: int, frame: FrameType | None) -> None:
        while frame is not None:
            if frame.f_code.co_name == "__del__" or frame.f_code.co_filename.endswith(("weakref.py", "_weakrefset.py")):
                signal.setitimer(signal.ITIMER_REAL, 0.001)  # Python itself ignores what is raised there
                return
            frame = frame.f_back
        if armed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, press)
    signal.setitimer(signal.ITIMER_REAL, max(delay, 0.0001))
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Python closes a socket whose connecting an interrupt cuts off only as it forgets it, which warns.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers of the system")
@pytest.mark.parametrize("what", ["run", "save", "upload"])
def test_ctrl_c_comes_at_any_moment(server: Emulator, made: Any, tmp_path: Path, what: str) -> None:
    """It comes back within a second; no thread and no half file is left, and a job that was made is told by its id."""
    before_all = {thread for thread in threading.enumerate() if thread.name.startswith(("comfy-cloud", "ThreadPool"))}
    for number, delay in enumerate(MOMENTS):
        before, folder, error = accepted(server), tmp_path / str(number), None
        with ComfyCloud(server.api_key, base_url=server.url) as cloud:
            job = cloud.jobs.get(made.id)
            started = time.monotonic()
            try:
                with interrupted(delay):
                    if what == "run":
                        cloud.run(STEPS, on_event=lambda event: None)
                    elif what == "save":
                        job.outputs.save(folder)
                    else:
                        cloud.assets.upload(b"content" * 100_000, tags=["input"], name=f"{number}.bin")
            except KeyboardInterrupt as caught:
                error = caught
            assert time.monotonic() - started < delay + 5
        if what == "run" and error is not None:
            assert accepted(server) - before <= told(error), "a job that its payer does not know"
        for path in folder.rglob("*"):
            assert not path.name.endswith(".part")
            assert path.read_text() == FILE
    for thread in set(threading.enumerate()) - before_all:
        if thread.name.startswith(("comfy-cloud", "ThreadPool")):
            thread.join(3)
            assert not thread.is_alive(), thread


@pytest.mark.parametrize("cancel", [False, True])
def test_ctrl_c_between_a_submit_and_its_wait_tells_the_job(
    server: Emulator, monkeypatch: pytest.MonkeyPatch, cancel: bool
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = accepted(server)
    monkeypatch.setattr(Job, "_wait", interrupt)
    with ComfyCloud(server.api_key, base_url=server.url) as cloud, pytest.raises(KeyboardInterrupt) as caught:
        cloud.run({"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 30}}}, cancel_on_exit=cancel)
    (job_id,) = accepted(server) - before
    assert job_id in told(caught.value)
    with ComfyCloud(server.api_key, base_url=server.url) as cloud:
        job = cloud.jobs.get(job_id)
        if cancel:
            monkeypatch.undo()
            assert job.wait(20, check=False).status == "cancelled"
        else:
            assert job.status in ("pending", "in_progress")
            job.cancel()


def test_a_flood_of_messages_neither_harms_nor_stays() -> None:
    """Ten thousand messages, most of them about jobs of others, some of them nonsense, and progress that goes back."""
    with Emulator(max_concurrent_jobs=1) as server:
        hub, events = server._backend.hub, []
        with ComfyCloud(server.api_key, base_url=server.url) as cloud:
            server.pause()
            job = cloud.submit(STEPS)
            socket = cloud._connection.socket
            assert socket is not None
            socket.start()
            server.wait_for_sockets(1)
            frames = [
                json.dumps(
                    {"type": "progress", "data": {"prompt_id": job.id, "node": "1", "value": 99 - at, "max": 99}}
                )
                for at in range(100)
            ]
            frames += ["{", "[]", '{"type": []}', '{"type": "progress", "data": 5}', "[" * 1000]
            other = {"prompt_id": "another", "node": "1", "value": 1, "max": 2, "text": "x" * 200}
            for number in range(10_000):
                hub.send_raw(
                    frames[number % len(frames)]
                    if number % 10 == 0
                    else json.dumps({"type": "progress", "data": {**other, "prompt_id": f"another-{number}"}})
                )
                if number % 100 == 0:
                    hub.send_raw(bytes([0, 0, 0, number % 6]) + b"x" * (number % 50))
            server.resume()
            finished = job.wait(60, on_event=events.append)
            assert finished.status == "completed"
            assert len(socket._early._items) <= SOCKET_BACKLOG
        assert {event.job_id for event in events} == {job.id}
        fractions = [event.fraction for event in events if isinstance(event, JobProgress)]
        assert fractions == sorted(fractions), "progress never goes back"
        assert len(events) < 2_000
        assert all(0 <= event.fraction <= 1 for event in events if isinstance(event, NodeProgress))


def test_many_threads_share_one_client() -> None:
    """A service runs one client in all its workers: 20 threads, and each gets its own outputs."""
    with Emulator(max_concurrent_jobs=20) as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:

        def work(thread: int) -> list[str | None]:
            texts = []
            for number in range(5):
                graph = {"1": {"class_type": "EmulatorText", "inputs": {"text": f"{thread}-{number}"}}}
                texts.append(cloud.run(graph, timeout=60).outputs[0].text)
            return texts

        with ThreadPoolExecutor(20) as threads:
            found = list(threads.map(work, range(20)))
        assert found == [[f"{thread}-{number}" for number in range(5)] for thread in range(20)]
        assert len(accepted(server)) == 100
        assert server.sockets == 1


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_folder_that_becomes_read_only_or_full_keeps_what_it_had(
    server: Emulator, made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Between the first byte and the last: the error names the file, no part of it is left, and the old one stands."""

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    old = tmp_path / "old.png"
    old.write_text("old")
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as cloud:
        output = cloud.jobs.get(made.id).outputs[0]
        for name in ("link", "replace", "fsync"):
            with monkeypatch.context() as patch:
                patch.setattr(os, name, refuse)
                for overwrite in (False, True):
                    if (name == "link" and overwrite) or (name == "replace" and not overwrite):
                        continue  # the other one of the two is used
                    with pytest.raises(DownloadError, match=re.escape(os.strerror(number))):
                        output.save(old if overwrite else tmp_path / "new.png", overwrite=overwrite)
        assert [path.name for path in tmp_path.iterdir()] == ["old.png"]
        assert old.read_text() == "old"
        assert output.save(old, overwrite=True).read_text() == FILE


def test_a_sync_client_is_closed_while_threads_use_it(server: Emulator, made: Any, tmp_path: Path) -> None:
    """Each of them gets its result or an error of ours, and soon."""
    for number, delay in enumerate(MOMENTS[::6]):
        cloud = ComfyCloud(server.api_key, base_url=server.url)

        def use(thread: int, cloud: ComfyCloud = cloud, number: int = number) -> BaseException | None:
            try:
                if thread % 2:
                    cloud.run(STEPS, timeout=10, on_event=lambda event: None)
                else:
                    cloud.jobs.get(made.id).outputs.save(tmp_path / f"{number}-{thread}")
            except BaseException as caught:  # noqa: BLE001 - that it is one of ours is what is checked
                return caught
            return None

        with ThreadPoolExecutor(6) as threads:
            ends = [threads.submit(use, thread) for thread in range(6)]
            threading.Event().wait(delay)
            cloud.close()
            errors = [end.result(timeout=20) for end in ends]
        assert [found for found in errors if not isinstance(found, ComfyCloudError | None)] == []
    assert list(tmp_path.rglob("*.part")) == []


def test_an_async_client_is_closed_while_tasks_use_it(server: Emulator, made: Any, tmp_path: Path) -> None:
    async def main(number: int, delay: float) -> None:
        cloud = AsyncComfyCloud(server.api_key, base_url=server.url)
        calls = [run(cloud, made, tmp_path), save(cloud, made, tmp_path / str(number)), upload(cloud, made, tmp_path)]
        tasks = [asyncio.ensure_future(call) for call in calls]
        await asyncio.sleep(delay)
        await cloud.aclose()
        async with asyncio.timeout(20):
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert [end for end in ends if not isinstance(end, ComfyCloudError | None)] == []

    for number, delay in enumerate(MOMENTS[::4]):
        asyncio.run(main(number, delay))
    assert list(tmp_path.rglob("*.part")) == []
