"""What only the synchronous client has to settle: callables that would have to be awaited, and threads."""

from __future__ import annotations

import _thread
import re
import signal
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ConfigurationError, DownloadError, Outputs
from comfy_cloud._sync import outputs
from comfy_cloud._sync.deadline import DeadlineBackend, DeadlineStream
from comfy_cloud.raw.api.job import get_queue_info


def test_a_callable_that_would_have_to_be_awaited_is_refused_with_the_way_out(httpserver: HTTPServer) -> None:
    async def vault() -> str:
        return "key"

    refusal = pytest.raises(ConfigurationError, match="async callable was given to the sync client: use the async one")
    with ComfyCloud(vault, base_url=httpserver.url_for("")) as cloud, refusal:
        get_queue_info.sync(client=cloud.raw)
    assert httpserver.log == []


def test_an_asynchronous_client_cannot_be_handed_in() -> None:
    with pytest.raises(ConfigurationError, match=r"is a AsyncClient, not an httpx\.Client"):
        ComfyCloud("key", http_client=httpx.AsyncClient())  # type: ignore[arg-type]


def test_threads_share_one_client(httpserver: HTTPServer) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_json({"queue_running": []})
    with ComfyCloud("key", base_url=httpserver.url_for("")) as cloud, ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(get_queue_info.sync, client=cloud.raw) for _ in range(40)]
        assert all(call.result().to_dict() == {"queue_running": []} for call in calls)
    assert {request.headers["X-API-Key"] for request, _ in httpserver.log} == {"key"}


def test_a_connection_is_closed_once_the_threads_that_read_it_have_left() -> None:
    """Before that its number could go to a new connection, and the thread that wakes would wait for that one."""
    ours, theirs = socket.socketpair()
    events: list[str] = []

    class Slow(httpcore.NetworkStream):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            events.append("reads")
            received = ours.recv(max_bytes)
            time.sleep(0.05)
            events.append("has left")
            return received

        def get_extra_info(self, info: str) -> Any:
            return ours

        def close(self) -> None:
            events.append("closed")
            ours.close()

    stream = DeadlineStream(Slow(), DeadlineBackend())
    with theirs, ThreadPoolExecutor(1) as thread:
        read = thread.submit(stream.read, 10, 30.0)
        while not events:
            time.sleep(0.001)
        stream.close()
        assert read.result(5) == b""
    assert events == ["reads", "has left", "closed"]


def test_a_handle_of_the_other_kind_of_client_is_refused() -> None:
    """Its methods would have to be awaited; the id is enough."""
    with ComfyCloud("key", live=False) as cloud:
        theirs: Any = AsyncComfyCloud("key", live=False).job("some-id")
        with pytest.raises(ConfigurationError, match="a handle of class Job, not AsyncJob: pass the job's id"):
            cloud.job(theirs)


def test_a_picture_shows_itself_in_a_notebook(httpserver: HTTPServer) -> None:
    """As the last line of a cell; the second time without fetching it again."""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(1000)
    httpserver.expect_request("/api/view").respond_with_data(picture, content_type="image/png")
    with ComfyCloud("key", base_url=httpserver.url_for("")) as cloud:
        output = cloud.files.download("a.png")
        for _ in range(2):
            assert b64decode(output._repr_mimebundle_()["image/png"]) == picture
    assert len(httpserver.log) == 1


MADE = {
    "1": {"images": [{"filename": f"{number}.png"} for number in range(30)]},
    "2": {"videos": [{"filename": "a.mp4"}], "text": ["<b>words</b>"]},
}


def test_a_gallery_fetches_what_it_shows_and_no_more(httpserver: HTTPServer) -> None:
    """A job of a thousand pictures does not fill the notebook's file, nor a film the memory."""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(1000)
    httpserver.expect_request(
        "/api/view", query_string={"filename": "a.mp4", "subfolder": "", "type": "output"}
    ).respond_with_data(b"film")
    httpserver.expect_request("/api/view").respond_with_data(picture, content_type="image/png")
    with ComfyCloud("key", base_url=httpserver.url_for("")) as cloud:
        shown = Outputs._of(cloud._connection, "j", MADE)
        html = shown._repr_mimebundle_()["text/html"]
        assert html.count("<img ") == 24
        assert "and 8 more" in html
        assert len(httpserver.log) == 24
        last = shown[-2:]._repr_mimebundle_()["text/html"]
        assert "<video controls" in last
        assert "&lt;b&gt;words&lt;/b&gt;" in last
        assert len(httpserver.log) == 25
    assert not re.search(r"(?:src|href)=\"(?!data:)", html + last), "nothing is fetched by the notebook itself"


@pytest.mark.parametrize("trouble", ["too large", "gone", "no picture", "slow"])
def test_a_picture_that_cannot_be_shown_is_named(
    httpserver: HTTPServer, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Showing never fails and never hangs, nor does it fetch a film."""
    over = threading.Event()

    def answer(_: Request) -> Response:
        if trouble == "slow":
            over.wait(10)
        if trouble == "gone":
            return Response("", status=404)
        content = b"words" if trouble == "no picture" else b"\x89PNG\r\n\x1a\n" + bytes(6 << 20)
        return Response(content, content_type="image/png")

    httpserver.expect_request("/api/view").respond_with_handler(answer)
    if trouble == "slow":
        monkeypatch.setattr(outputs, "SHOWN_TIMEOUT", 0.05)
    with ComfyCloud("key", base_url=httpserver.url_for("")) as cloud:
        output = cloud.files.download("a.png")
        assert list(output._repr_mimebundle_()) == ["text/plain"]
        mesh = cloud.files.download("a.glb")
        assert mesh._repr_mimebundle_() == {"text/plain": repr(mesh)}
    over.set()
    assert len(httpserver.log) <= 1


@pytest.fixture
def stalling() -> Iterator[str]:
    """A server whose downloads begin and never go on, but for those of `cut.png` and `whole.png`, which end at once."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"\x89PNG\r\n\x1a\n" + bytes(992) if "whole" in self.path else b"x")
            self.wfile.flush()
            self.close_connection = True
            if "cut" not in self.path and "whole" not in self.path:
                ended.wait(20)

        def do_POST(self) -> None:
            ended.wait(20)

        def log_message(self, *_: Any) -> None:
            """Keep the output of the tests clean."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client that hangs up is what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


def files(cloud: ComfyCloud, *names: str) -> outputs.Outputs:
    return outputs.Outputs(cloud.files.download(name) for name in names)


def test_a_gallery_shows_what_came_in_time(stalling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stalls does not take the others along, nor the notebook."""
    monkeypatch.setattr(outputs, "SHOWN_TIMEOUT", 0.5)
    with ComfyCloud("key", base_url=stalling, live=False, retry=None) as cloud:
        html = files(cloud, "whole.png", "1.png", "whole.png")._repr_mimebundle_()["text/html"]
    assert html.count("<img ") == 2
    assert "1.png</div><div>(shown once it was read, up to 5 MB)" in html


def test_the_first_error_of_parallel_downloads_does_not_wait_for_the_others(stalling: str, tmp_path: Path) -> None:
    """They may take an hour, or be stuck until a timeout."""
    with ComfyCloud("key", base_url=stalling, live=False, retry=None) as cloud:
        started = time.monotonic()
        with pytest.raises(DownloadError, match=r"cut\.png"):
            files(cloud, "a.png", "b.png", "cut.png", "c.png").save(tmp_path)
        assert time.monotonic() - started < 1
    assert list(tmp_path.iterdir()) == []
    assert [thread.name for thread in threading.enumerate() if "ThreadPool" in thread.name] == []


@pytest.mark.parametrize("what", ["save", "upload"])
def test_an_interrupt_ends_parallel_transfers_at_once(stalling: str, tmp_path: Path, what: str) -> None:
    """Whoever presses Ctrl-C does not wait for downloads to end, and finds no half files."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    graph = {str(number): {"class_type": "LoadImage", "inputs": {"image": bytes([number])}} for number in range(4)}
    with ComfyCloud("key", base_url=stalling, live=False) as cloud:
        cloud._connection.is_cloud = False
        timer = threading.Timer(0.3, _thread.interrupt_main)
        timer.start()
        started = time.monotonic()
        downloads = files(cloud, "a.png", "b.png", "c.png")
        act = partial(downloads.save, tmp_path) if what == "save" else partial(cloud.submit, graph)
        with pytest.raises(KeyboardInterrupt):
            act()
        assert time.monotonic() - started < 1.3
    timer.join()
    signal.signal(signal.SIGINT, previous)
    assert list(tmp_path.iterdir()) == []
    assert [thread.name for thread in threading.enumerate() if "ThreadPool" in thread.name] == []
