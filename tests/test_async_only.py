"""What only the asynchronous client can do: a key that is awaited, calls that are cancelled."""

from __future__ import annotations

import asyncio
import io
import re
import threading
from collections.abc import Iterator

import httpx
import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import AsyncComfyCloud, ConfigurationError, JobStatus, RetryPolicy
from comfy_cloud.raw.api.job import get_queue_info
from comfy_cloud.testing import Emulator

from .conftest import WireServer

pytestmark = pytest.mark.anyio


async def test_a_key_can_be_awaited_for_each_request(httpserver: HTTPServer) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_json({})
    asked = 0

    async def vault() -> str:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return f"key-{asked}"

    async with AsyncComfyCloud(vault, base_url=httpserver.url_for("")) as cloud:
        await get_queue_info.asyncio(client=cloud.raw)
        await get_queue_info.asyncio(client=cloud.raw)
    assert [request.headers["X-API-Key"] for request, _ in httpserver.log] == ["key-1", "key-2"]


async def test_a_synchronous_client_cannot_be_handed_in() -> None:
    with httpx.Client() as own, pytest.raises(ConfigurationError, match=r"is a Client, not an httpx\.AsyncClient"):
        AsyncComfyCloud("key", http_client=own)  # type: ignore[arg-type]


async def test_a_cancelled_call_is_not_tried_again(wire: WireServer) -> None:
    arrived, over = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def silence() -> Iterator[bytes]:
        loop.call_soon_threadsafe(arrived.set)
        over.wait(10)
        yield b""

    wire.answers = [silence()]
    async with AsyncComfyCloud(base_url=wire.url, retry=RetryPolicy(base_delay=0)) as cloud:
        call = asyncio.ensure_future(get_queue_info.asyncio(client=cloud.raw))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    over.set()
    assert len(wire.requests) == 1


async def test_a_slow_disk_does_not_hold_up_the_event_loop(httpserver: HTTPServer) -> None:
    """A film is hashed before it is uploaded; until then others are served."""
    httpserver.expect_request(re.compile(".*")).respond_with_json({"name": "film.mp4", "prompt_id": "j"})
    reading, goes_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    class SlowFile(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            loop.call_soon_threadsafe(reading.set)
            assert goes_on.wait(10), "the loop that lets it go on stands still"
            return super().read(size)

    graph = {"1": {"class_type": "LoadVideo", "inputs": {"file": SlowFile(b"film")}}}
    async with AsyncComfyCloud(base_url=httpserver.url_for(""), live=False) as cloud:
        submit = asyncio.ensure_future(cloud.submit(graph))
        await reading.wait()
        goes_on.set()
        assert (await submit).id == "j"


async def test_calls_run_side_by_side_on_one_client(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/queue").respond_with_json({"queue_running": []})
    async with AsyncComfyCloud(base_url=httpserver.url_for("")) as cloud:
        answers = await asyncio.gather(*(get_queue_info.asyncio(client=cloud.raw) for _ in range(20)))
    assert [answer.to_dict() for answer in answers] == [{"queue_running": []}] * 20


@pytest.mark.parametrize("cancel_on_exit", [False, True])
async def test_a_cancelled_task_leaves_its_job_or_cancels_it(cancel_on_exit: bool) -> None:
    """A service that is stopped decides what becomes of paid work."""
    graph = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 600, "steps": 100}}}
    with Emulator() as server:
        async with AsyncComfyCloud(server.api_key, base_url=server.url) as cloud:
            job = await cloud.submit(graph)
            running = asyncio.Event()
            told = job.wait(on_event=lambda _: running.set(), cancel_on_exit=cancel_on_exit)
            task = asyncio.ensure_future(told)
            await running.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            if cancel_on_exit:
                await job.wait(30, check=False)
            status = (await job.refresh()).status
    assert (status is JobStatus.CANCELLED) is cancel_on_exit


async def test_showing_a_picture_in_a_notebook_does_not_wait(httpserver: HTTPServer) -> None:
    """It says what to do instead; nothing is fetched behind the loop's back."""
    async with AsyncComfyCloud("key", base_url=httpserver.url_for("")) as cloud:
        output = cloud.files.download("a.png")
        assert output._repr_mimebundle_() == {"text/plain": f"{output!r} (shown once it was read, up to 5 MB)"}
    assert httpserver.log == []
