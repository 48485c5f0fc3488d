"""What only the asynchronous client can do: a key that is awaited, calls that are cancelled."""

from __future__ import annotations

import asyncio
import io
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler

from comfy_cloud import AsyncComfyCloud, AsyncOutputs, ConfigurationError, JobStatus, RetryPolicy
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
    """A film is read before it is uploaded and while it is; others are served meanwhile."""
    httpserver.expect_request(re.compile(".*/hash/.*")).respond_with_json({}, status=404)
    httpserver.expect_request(re.compile(".*")).respond_with_json({"name": "film.mp4", "prompt_id": "j"})
    reading, goes_on = asyncio.Event(), threading.Event()
    loop, readers = asyncio.get_running_loop(), set[int]()

    class SlowFile(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            readers.add(threading.get_ident())
            loop.call_soon_threadsafe(reading.set)
            assert goes_on.wait(10), "the loop that lets it go on stands still"
            return super().read(size)

    graph = {"1": {"class_type": "LoadVideo", "inputs": {"file": SlowFile(b"film")}}}
    async with AsyncComfyCloud(base_url=httpserver.url_for(""), live=False) as cloud:
        submit = asyncio.ensure_future(cloud.submit(graph))
        await reading.wait()
        goes_on.set()
        assert (await submit).id == "j"
    assert threading.get_ident() not in readers


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
        shown = AsyncOutputs([output])._repr_mimebundle_()
        assert "a.png</div><div>(shown once it was read, up to 5 MB)" in shown["text/html"]
    assert httpserver.log == []


class Slow:
    """A server that accepts a job under an id of its own, and does not answer before it is let go."""

    def __init__(self, httpserver: HTTPServer) -> None:
        self.reached, self.let_go = threading.Event(), threading.Event()
        self.sent: dict[str, Any] = {}
        self.cancelled: list[str] = []
        httpserver.expect_request(re.compile(".*")).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        body: Any = {}
        if request.path == "/api/prompt":
            self.sent = request.get_json()
            self.reached.set()
            self.let_go.wait(10)
            body = {"prompt_id": "theirs"}
        elif request.path == "/api/queue" and request.method == "POST":
            self.cancelled += request.get_json()["delete"]
        elif request.path == "/api/queue":
            extra = self.sent.get("extra_data", {})
            body = {"queue_running": [], "queue_pending": [[1, "theirs", {}, extra, []]]}
        elif request.path == "/api/jobs/theirs":
            body = {"id": "theirs", "status": "cancelled"}
        else:
            return Response('{"error": "none"}', status=404, content_type="application/json")
        return Response(json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("how", ["submit", "run", "run and cancel"])
async def test_a_cancelled_submit_tells_its_id(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The job was accepted and costs money; the exception is all that its payer has."""
    # A server with threads changes it for all servers of the process.
    monkeypatch.setattr(WSGIRequestHandler, "protocol_version", WSGIRequestHandler.protocol_version)
    httpserver = HTTPServer(threaded=True)
    httpserver.start()
    server = Slow(httpserver)
    graph = {"1": {"class_type": "A", "inputs": {}}}
    async with AsyncComfyCloud("key", base_url=httpserver.url_for(""), live=False) as cloud:
        call = cloud.submit(graph) if how == "submit" else cloud.run(graph, cancel_on_exit="cancel" in how)
        task = asyncio.ensure_future(call)
        await asyncio.to_thread(server.reached.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    server.let_go.set()
    httpserver.stop()
    told = server.sent["prompt_id"]
    assert getattr(caught.value, "submission_id", None) == told
    assert told in "".join(caught.value.__notes__)
    assert server.cancelled == (["theirs"] if "cancel" in how else [])
