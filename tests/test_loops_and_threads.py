"""Who may use a client: one event loop the async one, any number of threads the sync one."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ConfigurationError
from comfy_cloud.testing import Emulator


def text(words: str) -> dict[str, Any]:
    return {"1": {"class_type": "EmulatorText", "inputs": {"text": words}}}


def test_one_sync_client_serves_many_threads() -> None:
    """A web service shares one client among its workers; nobody gets another's pictures."""
    with Emulator(max_concurrent_jobs=8) as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:

        def run(number: int) -> str | None:
            return cloud.run(text(str(number)), timeout=30).outputs[0].text

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(run, range(40))) == [str(number) for number in range(40)]
        assert server.sockets == 1


def test_an_async_client_says_that_it_belongs_to_another_loop() -> None:
    """Rather than hanging or failing somewhere inside a connection pool."""
    with Emulator() as server:

        async def make() -> AsyncComfyCloud:
            cloud = AsyncComfyCloud(server.api_key, base_url=server.url, live=False)
            await cloud.run(text("one"), timeout=30)
            return cloud

        async def use(cloud: AsyncComfyCloud) -> None:
            with pytest.raises(ConfigurationError, match="another event loop"):
                await cloud.submit(text("two"))

        loop = asyncio.new_event_loop()
        cloud = loop.run_until_complete(make())
        asyncio.run(use(cloud))
        loop.run_until_complete(cloud.aclose())
        loop.close()


def test_a_loop_that_closes_early_leaves_nothing(recwarn: pytest.WarningsRecorder) -> None:
    """A script that ends in the middle of a wait ends cleanly: no warning, no thread, no socket."""
    before = threading.active_count()
    with Emulator() as server:

        async def interrupted() -> None:
            async with AsyncComfyCloud(server.api_key, base_url=server.url) as cloud:
                graph = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 600}}}
                async with asyncio.timeout(0.2):
                    await cloud.run(graph)

        with pytest.raises(TimeoutError):
            asyncio.run(interrupted())
        server.wait_for_sockets(0)
    gc.collect()
    assert threading.active_count() == before
    assert not list(recwarn)


def in_fork(act: Callable[[], object]) -> str:
    """The name of the exception that `act` raises in a process that is forked off; an empty text for none."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of threads, which a forked process of a service has
        child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - told to the parent
            os.write(writing, type(error).__name__.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_client_that_was_used_before_a_fork_is_refused_after_it() -> None:
    """Both processes would read from one connection, and get each other's outputs."""
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        cloud.run(text("one"), timeout=30)
        server.pause()
        job = cloud.submit(text("one"))
        for act in (lambda: cloud.run(text("two")), cloud.queue.get, job.refresh, job.wait, lambda: next(job.events())):
            assert in_fork(act) == "ConfigurationError"
        assert in_fork(cloud.close) == ""
        server.resume()
        assert cloud.run(text("three"), timeout=30).outputs[0].text == "three", "the parent's connections are whole"
        assert server.sockets == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_client_that_was_only_made_before_a_fork_serves_the_child() -> None:
    """Services make their client before they fork their workers."""
    with Emulator() as server:
        cloud = ComfyCloud(server.api_key, base_url=server.url, live=False)
        assert in_fork(lambda: cloud.run(text("one"), timeout=30)) == ""
        assert cloud.run(text("two"), timeout=30).outputs[0].text == "two"
        cloud.close()


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    for _ in range(500):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen within 5 s")


def test_a_sync_client_that_is_dropped_leaves_no_thread_and_no_connection() -> None:
    """A service that makes a client for each request would run out of both."""
    with Emulator() as server:
        before = threading.active_count()

        def use() -> None:
            cloud = ComfyCloud(server.api_key, base_url=server.url)
            cloud.run(text("one"), timeout=30)
            assert server.sockets == 1

        use()
        gc.collect()
        wait_until(lambda: threading.active_count() <= before and server.sockets == 0)


def test_handles_and_siblings_keep_their_connection_when_the_client_is_dropped() -> None:
    """A function may make a client and return only the job, or a sibling with other options."""
    with Emulator() as server:
        job = ComfyCloud(server.api_key, base_url=server.url).submit(text("one"))
        sibling = ComfyCloud(server.api_key, base_url=server.url).with_options(timeout=5)
        gc.collect()
        assert job.wait(30).outputs[0].text == "one"
        assert sibling.run(text("two"), timeout=30).outputs[0].text == "two"
        sibling._owner = True
        sibling.close()
        job._connection.socket.close() if job._connection.socket else None
        job._connection.http.close()


def test_an_async_client_that_is_dropped_leaves_no_task_and_no_connection() -> None:
    with Emulator() as server:

        async def main() -> None:
            async def use() -> None:
                cloud = AsyncComfyCloud(server.api_key, base_url=server.url)
                await cloud.run(text("one"), timeout=30)

            await use()
            gc.collect()
            for _ in range(500):
                if len(asyncio.all_tasks()) == 1 and server.sockets == 0:
                    return
                await asyncio.sleep(0.01)
            raise AssertionError(asyncio.all_tasks())

        asyncio.run(main())
