"""Who may use a client: one event loop the async one, any number of threads the sync one."""

from __future__ import annotations

import asyncio
import gc
import threading
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
