"""Progress over the socket, and what becomes of a job when its watcher leaves: the socket helps, REST decides."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncJob,
    ConflictError,
    JobCancelledError,
    JobCompleted,
    JobEvent,
    JobFailed,
    JobQueued,
    JobStarted,
    JobStatus,
    JobTimeoutError,
    NodeFinished,
    NodeProgress,
    NodesCached,
    NodeStarted,
    NodeText,
    Preview,
    UnknownEvent,
)
from comfy_cloud._async import jobs, watch, websocket
from comfy_cloud._core.frames import Signal
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

# Polling alone would take half a minute: what is quicker was told by the socket.
LAZY = Timing(poll_first=30, poll_early=30, poll_longest=30, unknown_grace=0.1, outputs_grace=0.1)
QUICK = Timing(poll_first=0.005, poll_longest=0.02, unknown_grace=0.05, outputs_grace=0.05)


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


STEPS = {"1": node("EmulatorSleep", seconds=0.05, steps=3), "2": node("EmulatorText", text="hello")}
TEXT = {"1": node("EmulatorText", text="hello")}
LONG = {"1": node("EmulatorSleep", seconds=600, steps=100)}


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param, max_concurrent_jobs=2) as emulator:
        yield emulator


@pytest.fixture
async def cloud(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with AsyncComfyCloud(server.api_key, base_url=server.url) as client:
        client._connection.timing = QUICK
        yield client


async def test_run_tells_every_step_of_a_job(cloud: AsyncComfyCloud) -> None:
    """What a progress bar needs, in order: started, node by node, done."""
    events: list[JobEvent] = []
    job = await cloud.run(STEPS, timeout=30, on_event=events.append)
    inside = [event for event in events if not isinstance(event, (JobQueued, JobStarted, JobCompleted))]
    assert {event.job_id for event in events} == {job.id}
    assert isinstance(events[-1], JobCompleted)
    assert [event.value for event in inside if isinstance(event, NodeProgress)] == [1, 2, 3]
    assert {event.node_id for event in inside if isinstance(event, NodeStarted)} == {"1", "2"}
    assert [event.text for event in inside if isinstance(event, NodeText)] == ["hello"]
    finished = [event for event in inside if isinstance(event, NodeFinished)]
    assert finished[-1].outputs == {"text": ["hello"]}
    assert not [event for event in inside if isinstance(event, UnknownEvent)]
    first = next(index for index, event in enumerate(events) if event in inside)
    assert JobStarted(job.id) in events[:first], "what happens inside a job comes after its start"
    assert [event async for event in job.events()] == [JobCompleted(job.id)], "nothing is told twice"


async def test_the_socket_makes_waiting_quicker(cloud: AsyncComfyCloud) -> None:
    """A job of a tenth of a second does not cost a poll interval (half a minute here)."""
    cloud._connection.timing = LAZY
    started = time.monotonic()
    await cloud.run(STEPS, timeout=29)
    assert time.monotonic() - started < 20


async def test_a_cached_run_tells_which_nodes_were_known(cloud: AsyncComfyCloud) -> None:
    """Nobody wonders why nothing happened."""
    graph = {
        "1": node("EmptyImage", width=8, height=8, batch_size=1, color=0),
        "2": node("PreviewImage", images=["1", 0]),
    }
    await cloud.run(graph, timeout=30)
    events: list[JobEvent] = []
    job = await cloud.run(graph, timeout=30, on_event=events.append)
    assert any(isinstance(event, NodesCached) and "1" in event.node_ids for event in events)
    assert len(job.outputs) == 1


async def test_previews_are_pictures(cloud: AsyncComfyCloud) -> None:
    """An interface shows them as they come."""
    events: list[JobEvent] = []
    await cloud.run({"1": node("EmulatorPreview", seconds=0.05, frames=2)}, timeout=30, on_event=events.append)
    previews = [event for event in events if isinstance(event, Preview)]
    assert previews
    assert all(preview.image[:3] in (b"\xff\xd8\xff", b"\x89PN") for preview in previews)
    assert {preview.node_id for preview in previews} == {"1"}


async def test_events_begin_with_the_state_and_end_with_the_end(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Whoever comes late still learns where the job is."""
    server.pause()
    job = await cloud.submit(STEPS)
    seen: list[JobEvent] = []
    async for event in job.events(timeout=30):
        seen.append(event)
        if isinstance(event, JobQueued):
            server.resume()
    assert seen[0] == JobQueued(job.id)
    assert seen[-1] == JobCompleted(job.id)
    assert job.status is JobStatus.COMPLETED
    assert [type(event) async for event in job.events()] == [JobCompleted], "a job that is over says so at once"


async def test_a_failure_is_an_event_of_events_and_an_error_of_wait(cloud: AsyncComfyCloud) -> None:
    """A loop over events ends by itself."""
    job = await cloud.submit({"1": node("EmulatorFail", message="no luck")})
    events = [event async for event in job.events(timeout=30)]
    assert isinstance(events[-1], JobFailed)
    assert "no luck" in events[-1].message


async def test_one_socket_serves_all_jobs_and_keeps_them_apart(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Events of another job never reach this one's watcher."""
    jobs: list[AsyncJob] = [await cloud.submit(STEPS) for _ in range(3)]
    for job in jobs:
        async for event in job.events(timeout=30):
            assert event.job_id == job.id
    assert sum(entry.path.endswith("/ws") for entry in server.journal) <= 1


@pytest.mark.parametrize("trouble", ["drop", "silence", "junk"])
async def test_a_socket_in_trouble_makes_nothing_slower_than_polling(
    cloud: AsyncComfyCloud, server: Emulator, trouble: str
) -> None:
    """Cut, deaf or raving: the job still ends when it ends."""
    job = await cloud.submit(LONG)
    events: list[JobEvent] = []

    def act(event: JobEvent) -> None:
        events.append(event)
        if len(events) > 1:
            return
        if trouble == "drop":
            server.drop_sockets()
        elif trouble == "silence":
            server._backend.hub.silence()
        else:
            for junk in ("junk", "[1]", '{"type": "executing", "data": 5}', b"\0\0\0\1", b"\xff" * 50):
                server._backend.hub.send_raw(junk)
        stopper.start()

    def stop() -> None:
        headers = {"X-API-Key": server.api_key}
        httpx.post(f"{server.url}/api/interrupt", json={"prompt_id": job.id}, headers=headers)

    stopper = threading.Thread(target=stop)
    with pytest.raises(JobCancelledError):
        await job.wait(30, on_event=act)
    stopper.join()


async def test_a_dropped_socket_is_opened_again(server: Emulator) -> None:
    """Progress comes back after a bad moment."""
    async with AsyncComfyCloud(server.api_key, base_url=server.url) as cloud:
        cloud._connection.timing = QUICK
        job = await cloud.submit({"1": node("EmulatorSleep", seconds=600, steps=60_000)})
        steps = 0
        async for event in job.events(timeout=30):
            if isinstance(event, NodeProgress):
                steps += 1
                if steps == 1:
                    server.drop_sockets()
                if steps == 3:
                    break
        assert steps == 3


@pytest.mark.parametrize("server", ["cloud", "comfyui"], indirect=True)
async def test_while_the_socket_tells_rest_is_hardly_asked(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """A service with many jobs does not poll for what it is told: at the start, at the end, every 15 s."""
    await cloud.run({"1": node("EmulatorSleep", seconds=0.5, steps=50)}, timeout=30)
    assert len(server.journal.of("getJobDetail")) < 10, "polling alone takes more than 25 here"


async def test_waits_on_finished_jobs_do_not_sleep(cloud: AsyncComfyCloud) -> None:
    """Whoever collects the results of yesterday has them at once, with a progress bar, too."""
    ids = [(await cloud.run(TEXT, timeout=30)).id for _ in range(3)]
    cloud._connection.timing = replace(LAZY, socket_lag=30)
    started = time.monotonic()
    for job_id in ids:
        await cloud.job(job_id).wait(60)
        await cloud.job(job_id).wait(60, on_event=lambda _: None)
    assert time.monotonic() - started < 20


async def test_a_server_that_answers_is_a_reason_to_reconnect(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage, progress is back with the first answer and not half a minute later."""
    monkeypatch.setattr(websocket, "SOCKET_REOPEN_FIRST", 0.01)
    answers = [{"status": "in_progress"}] * 60 + [{"status": "completed", "outputs": {}}]
    tries = 0

    def answer(_: Request) -> Response:
        return Response(json.dumps(answers.pop(0)), content_type="application/json")

    def refuse(_: Request) -> Response:
        nonlocal tries
        tries += 1
        return Response("", status=503)

    httpserver.expect_request("/ws").respond_with_handler(refuse)
    httpserver.expect_request("/api/jobs/j").respond_with_handler(answer)
    async with AsyncComfyCloud("k", base_url=httpserver.url_for("/")) as cloud:
        cloud._connection.timing = QUICK
        await cloud.job("j").wait(30)
    assert tries > 12, "pauses that double leave room for 7 tries in that time"


async def test_any_answer_of_the_server_is_a_reason_to_reconnect(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage, events are back with the first answer to anything, also to what is no question about a job."""
    monkeypatch.setattr(websocket, "SOCKET_REOPEN_FIRST", 0.01)
    httpserver.expect_request("/ws").respond_with_data("", status=503)
    httpserver.expect_request("/api/system_stats").respond_with_json({})
    httpserver.expect_request("/api/assets/a").respond_with_json({"code": "NOT_FOUND", "message": "no"}, status=404)
    async with AsyncComfyCloud("k", base_url=httpserver.url_for("/")) as cloud:
        socket = cloud._connection.socket
        assert socket is not None
        socket.start()
        for _ in range(100):
            await cloud.system.stats()
            with pytest.raises(Exception, match="404"):
                await cloud.assets.get("a")
    tries = [request.path for request, _ in httpserver.log].count("/ws")
    assert tries > 12, "pauses that double leave room for 7 tries in that time"


async def test_a_socket_that_never_opens_does_not_change_how_often_rest_is_asked(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken proxy is tried again and again; the server behind it is not asked more often for that."""
    monkeypatch.setattr(websocket, "SOCKET_REOPEN_FIRST", 0.01)
    httpserver.expect_request("/ws").respond_with_data("", status=503)
    httpserver.expect_request("/api/jobs/j").respond_with_json({"status": "in_progress"})
    async with AsyncComfyCloud("k", base_url=httpserver.url_for("/")) as cloud:
        cloud._connection.timing = LAZY
        with pytest.raises(JobTimeoutError):
            await cloud.job("j").wait(0.5)
    paths = [request.path for request, _ in httpserver.log]
    assert paths.count("/ws") > 2
    assert paths.count("/api/jobs/j") == 2, "at the start and at the end"


@pytest.mark.parametrize("server", ["cloud"], indirect=True)
async def test_a_silent_socket_is_replaced(
    cloud: AsyncComfyCloud, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open and deaf for 45 s (0.1 s here): perhaps a new one hears."""
    monkeypatch.setattr(websocket, "SOCKET_REOPEN_FIRST", 0.01)
    assert cloud._connection.socket is not None
    cloud._connection.socket._silence = 0.1
    server.pause()
    job = await cloud.submit(TEXT)
    with pytest.raises(JobTimeoutError):
        await job.wait(1.5)
    assert len([entry for entry in server.journal if entry.path.endswith("/ws")]) >= 2


async def test_a_server_without_a_socket_is_polled(httpserver: HTTPServer) -> None:
    """Behind some proxies there is none; nothing is said and nothing is slower."""
    httpserver.expect_request("/ws").respond_with_data("", status=404)
    detail = {"id": "j", "status": "completed", "outputs": {}}
    httpserver.expect_request("/api/jobs/j").respond_with_json(detail)
    httpserver.expect_request("/api/prompt").respond_with_json({"prompt_id": "j"})
    async with AsyncComfyCloud("k", base_url=httpserver.url_for("/")) as cloud:
        for _ in range(2):
            started = time.monotonic()
            await cloud.run({"1": node("EmulatorText", text="")}, timeout=30)
            assert time.monotonic() - started < 0.9, "a socket that is refused is not waited for"
    assert len([1 for request, _ in httpserver.log if request.path == "/ws"]) == 1


async def test_live_false_opens_no_socket(server: Emulator) -> None:
    """Where only polling is wanted, only polling is done."""
    async with AsyncComfyCloud(server.api_key, base_url=server.url, live=False) as cloud:
        events: list[JobEvent] = []
        await cloud.run(STEPS, timeout=30, on_event=events.append)
    assert isinstance(events[-1], JobCompleted)
    assert not [entry for entry in server.journal if entry.path.endswith("/ws")]


async def test_a_wait_that_times_out_leaves_the_job_or_cancels_it(cloud: AsyncComfyCloud) -> None:
    """A service with a deadline does not pay for work that nobody waits for."""
    job = await cloud.submit(LONG)
    with pytest.raises(JobTimeoutError):
        await job.wait(0.05)
    assert (await job.refresh()).status != JobStatus.CANCELLED
    with pytest.raises(JobTimeoutError):
        await job.wait(0.05, cancel_on_exit=True)
    assert (await job.wait(30, check=False)).status is JobStatus.CANCELLED


async def test_a_failing_callback_ends_the_wait_and_cancels_if_asked(cloud: AsyncComfyCloud) -> None:
    """An exception of the caller's comes out as it is."""

    def fail(event: JobEvent) -> None:
        if not isinstance(event, JobQueued):  # a ComfyUI forgets a job that is cancelled while it waits
            raise ZeroDivisionError("mine")

    job = await cloud.submit(LONG)
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        await job.wait(30, on_event=fail)
    assert job.id in "".join(caught.value.__notes__), "who reads the traceback can take the job up again"
    with pytest.raises(ZeroDivisionError, match="mine"):
        await job.wait(30, on_event=fail, cancel_on_exit=True)
    assert (await job.wait(30, check=False)).status is JobStatus.CANCELLED


async def test_cancelling_on_exit_takes_no_longer_than_it_may(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit holds for all its requests together: a slow server does not keep a program from ending."""
    monkeypatch.setattr(jobs, "CANCEL_TIMEOUT", 0.6)
    slow = threading.Event()

    def answer(request: Request) -> Response:
        if slow.is_set():
            over.wait(0.4)
        return Response('{"status": "in_progress"}', content_type="application/json")

    def leave(_: JobEvent) -> None:
        slow.set()
        httpserver.clear_log()
        raise ZeroDivisionError

    over = threading.Event()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    async with AsyncComfyCloud("key", base_url=httpserver.url_for(""), live=False) as cloud:
        with pytest.raises(ZeroDivisionError):
            await cloud.job("j").wait(30, on_event=leave, cancel_on_exit=True)
    over.set()
    assert [request.path for request, _ in httpserver.log][:1] == ["/api/jobs/j/cancel"]
    assert len(httpserver.log) <= 2


async def test_cancelling_a_job_that_waits_and_one_that_runs(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """One call, whatever state it is in; the other jobs go on."""
    other = await cloud.submit(LONG)
    server.wait_for(other.id, "in_progress")
    server.pause()
    waiting = await cloud.submit(LONG)
    await waiting.cancel()
    server.resume()
    if server.dialect.startswith("cloud"):
        assert waiting.status is JobStatus.CANCELLED
    assert (await other.refresh()).status is JobStatus.IN_PROGRESS
    await other.cancel()
    assert (await other.wait(30, check=False)).status is JobStatus.CANCELLED


@pytest.mark.parametrize("server", ["cloud"], indirect=True)
async def test_cancelling_does_not_stop_the_jobs_of_others(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """On the cloud an interrupt could hit other jobs of the account: it is refused, naming them, unless forced.

    Newer servers take a running job out of the queue by its name.
    """
    mine, other = await cloud.submit(LONG), await cloud.submit(LONG)
    for job in (mine, other):
        server.wait_for(job.id, "in_progress")
    with pytest.raises(ConflictError, match=re.escape(other.id)):
        await mine.cancel()
    assert (await mine.refresh()).status is JobStatus.IN_PROGRESS
    await mine.cancel(force=True)
    assert (await mine.wait(30, check=False)).status is JobStatus.CANCELLED


async def test_closing_leaves_no_socket_and_no_thread(server: Emulator) -> None:
    """A service that makes many clients does not fill up."""
    before = threading.active_count()
    cloud = AsyncComfyCloud(server.api_key, base_url=server.url)
    await cloud.run(STEPS, timeout=30)
    await cloud.aclose()
    assert threading.active_count() == before
    server.wait_for_sockets(0)


async def test_the_key_of_the_sockets_address_is_in_no_log(server: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    """The address of the socket holds the key; every logger is at DEBUG here."""
    key = "canary-0123456789" if server.dialect.startswith("comfyui") else server.api_key
    with caplog.at_level(logging.DEBUG):
        async with AsyncComfyCloud(key, base_url=server.url) as cloud:
            await cloud.run(STEPS, timeout=30)
    assert "/ws?[redacted]" in caplog.text
    assert key not in caplog.text


async def test_pictures_for_a_slow_reader_are_limited_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that stores each preview can be slower than the previews come; the last ones may be results."""
    monkeypatch.setattr(watch, "SOCKET_BACKLOG_BYTES", 100)
    inbox, taken = watch.AsyncInbox(), []
    for number in range(9):
        inbox.put(("j", Preview("j", "1", bytes([number]) * 40, "image/png")))
        inbox.put(("j", Signal.STARTED))
    for _ in range(9):
        _, kept = await inbox.get(0)
        taken.append(inbox.take(kept))
        assert await inbox.get(0) == ("j", Signal.STARTED), "what is small stays"
    assert [picture and picture.image[0] for picture in taken] == [None] * 7 + [7, 8]
    inbox.put(("j", Preview("j", "1", bytes(200), "image/png")))
    _, kept = await inbox.get(0)
    assert inbox.take(kept) is not None, "one picture is never too much"
