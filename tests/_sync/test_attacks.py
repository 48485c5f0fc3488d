# Derived from tests/_async/test_attacks.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Attacks on keys, signed addresses and redirects that an earlier client did not withstand."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import socket
import threading
import time
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ComfyCloud,
    ComfyCloudError,
    DownloadError,
    InvalidWorkflowError,
    JobTimeoutError,
    PermissionDeniedError,
    UnexpectedResponseError,
)
from comfy_cloud._core import bodies
from comfy_cloud._core.frames import FrameReader
from comfy_cloud._core.outputs import OutputEntry
from comfy_cloud._core.watch import Timing
from comfy_cloud._sync import backend
from comfy_cloud._sync.connection import Connection
from comfy_cloud._sync.outputs import Output, Outputs
from comfy_cloud.raw.api.file import upload_image
from comfy_cloud.raw.models import UploadImageBody
from comfy_cloud.raw.types import File
from comfy_cloud.testing import Emulator

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import KEY, answers, connect, said
from .test_secrecy import everything_about

pytestmark = pytest.mark.anyio

ANYTHING = re.compile(".*")
GRAPH = {"1": {"class_type": "KSampler", "inputs": {}}}
SIGNED = "/bucket/a.png?filename*=UTF-8''it's%22<a>\\.png&X-Signature=s3cr3t"


def output(cloud: ComfyCloud) -> Output:
    """A file that the server redirects to its storage."""
    connection: Connection = cloud._connection
    entry = OutputEntry("9", "images", "image", "a.png", "", "output", None)
    return Output(connection, "job", entry)


def redirecting(httpserver: HTTPServer, storage: HTTPServer, status: int = 200) -> list[str]:
    """Redirect to the storage; the targets that the storage was asked for."""
    asked: list[str] = []

    def store(request: Request) -> Response:
        asked.append(request.full_path)
        return Response(b"bytes", status=status)

    storage.expect_request(ANYTHING).respond_with_handler(store)
    location = storage.url_for("/").rstrip("/") + SIGNED
    httpserver.expect_request(ANYTHING).respond_with_data(b"", status=302, headers={"Location": location})
    return asked


@pytest.mark.parametrize("own", [False, True])
def test_no_observer_of_http_sees_a_signed_address(
    httpserver: HTTPServer,
    storage: HTTPServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    own: bool,
) -> None:
    """Spans of httpx's instrumentation wrap the transport, a user's hooks get the request; logs are a third one."""
    caplog.set_level(logging.DEBUG)
    asked, seen = redirecting(httpserver, storage), []
    handle = httpx.HTTPTransport.handle_request

    def traced(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.url} {request.url!r}")
        return handle(self, request)

    def hook(request: httpx.Request) -> None:
        seen.append(f"{request.url} {request.url!r}")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", traced)
    with httpx.Client(event_hooks={"request": [hook]}) as client:
        options: dict[str, Any] = {"http_client": client} if own else {}
        with connect(httpserver.url_for(""), live=False, **options) as cloud:
            assert output(cloud).read() == b"bytes"
    assert len(asked) == 1
    assert "X-Signature=s3cr3t" in asked[0]
    assert len(seen) == (4 if own else 2)
    assert "s3cr3t" not in "".join(seen)
    lines = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]  # that is the server
    assert lines
    assert "s3cr3t" not in "".join(lines)


def test_a_transport_that_is_not_httpcores_gets_the_whole_address() -> None:
    """One of a user's own knows nothing of httpcore's extensions; a file that it fetches is fetched all the same."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "storage.example":
            good = request.url.query == b"X-Signature=s3cr3t"
            return httpx.Response(200 if good else 403, content=b"bytes")
        return httpx.Response(302, headers={"Location": "https://storage.example/a.png?X-Signature=s3cr3t"})

    with httpx.Client(transport=httpx.MockTransport(handle)) as client:
        cloud = ComfyCloud(KEY, base_url="https://gpu.example", http_client=client)
        assert output(cloud).read() == b"bytes"


def test_headers_that_hpack_logs_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG it shows every header of every request over HTTP/2, the key and the path among them."""
    caplog.set_level(logging.DEBUG)
    with connect("http://127.0.0.1:1"):
        for name in ("hpack.hpack", "hpack.table"):
            logging.getLogger(name).debug("Adding (%s, %s)", b"x-api-key", KEY)
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "location",
    [
        "ftp://storage.example/a.png",
        "file:///etc/passwd",
        "https://",
        "https://xn--zzzzzzzz-.example\udcff/",
        "https://a" + "b" * 70 + ".example/",
        "https://\xad/",
        "http://h:99999/",
        "http://[::1",
        "https://a b/",
        "//",
    ],
)
def test_redirects_to_odd_targets_are_not_followed(wire: WireServer, location: str) -> None:
    wire.answers = [
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
        + location.encode("utf-8", "surrogateescape")
        + b"\r\n\r\n"
    ]
    with connect(wire.url) as cloud:
        with pytest.raises(ComfyCloudError):
            output(cloud).read()
    assert len(wire.requests) <= 6


def test_a_redirect_to_plain_http_is_followed_from_plain_http_only() -> None:
    """Everybody on the way could read the signature, and change the file."""
    hosts = []

    def handle(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(302, headers={"Location": "http://storage.example/a.png?X-Signature=s3cr3t"})

    with httpx.Client(transport=httpx.MockTransport(handle)) as client:
        cloud = ComfyCloud(KEY, base_url="https://gpu.example", http_client=client)
        with pytest.raises(
            ComfyCloudError, match=r"redirected to http://storage\.example, which is not followed"
        ) as caught:
            output(cloud).read()
    assert "s3cr3t" not in everything_about(caught.value)
    assert hosts == ["gpu.example"]


def test_redirects_in_circles_end(httpserver: HTTPServer) -> None:
    answers(httpserver, said(302, Location="/api/view?again"))
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(ComfyCloudError, match="redirected"):
            output(cloud).read()
    assert len(httpserver.log) == 6


def test_a_redirect_without_a_target_is_told(httpserver: HTTPServer) -> None:
    answers(httpserver, said(302))
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(ComfyCloudError, match="302"):
            output(cloud).read()


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_all_credentials_of_a_request_are_cut_from_errors(httpserver: HTTPServer, status: int) -> None:
    """A node of a partner quotes the key that it was given; a gateway quotes the header that it did not accept."""
    secrets = ["partner-0123456789", "token-0123456789", "in-a-node-0123456789", "gateway-0123456789", KEY]
    partner, token, inner, gateway, _ = secrets
    quoted = ", ".join(secrets)
    body = {"error": {"type": "bad", "message": f"not {quoted}", "details": secrets}, "node_errors": {"1": quoted}}
    httpserver.expect_request(ANYTHING).respond_with_json(body, status=status)
    graph = {"1": {"class_type": "Partner", "inputs": {"api_key": inner}}}
    headers = {"Authorization": f"Bearer {gateway}"}
    with connect(httpserver.url_for(""), retry=None, live=False, headers=headers) as cloud:
        cloud._connection.timing = type(cloud._connection.timing)(submit_lookup=0)
        with pytest.raises((APIStatusError, UnexpectedResponseError)) as caught:
            cloud.submit(graph, partner_key=partner, extra_data={"auth_token_comfy_org": token})
    said_by_it = everything_about(caught.value)
    assert [secret for secret in secrets if secret in said_by_it] == []
    assert "[redacted]" in said_by_it
    if status == 200:
        assert isinstance(caught.value, InvalidWorkflowError)


# Exceptions of others.


class Odd(Exception):
    """An exception that nobody has heard of."""


@pytest.mark.parametrize(
    "error", [Odd("x"), RuntimeError("closed"), ExceptionGroup("all", [OSError("x")]), KeyError("x")]
)
def test_whatever_is_raised_below_a_request_is_translated(error: Exception) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error

    with httpx.Client(transport=httpx.MockTransport(handle)) as client:
        cloud = ComfyCloud(KEY, base_url="https://gpu.example", http_client=client, retry=None)
        with pytest.raises(APIConnectionError, match=type(error).__name__):
            cloud.queue.get()


def test_whatever_is_raised_while_a_body_is_read_is_translated() -> None:
    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"x"
            raise Odd

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Body())

    with httpx.Client(transport=httpx.MockTransport(handle)) as client:
        cloud = ComfyCloud(KEY, base_url="https://gpu.example", http_client=client, retry=None)
        with pytest.raises(APIConnectionError, match="Odd"):
            cloud.queue.get()
        with pytest.raises(DownloadError, match="Odd"):
            output(cloud).read()


def test_what_a_callers_own_code_raises_is_left_as_it_is(wire: WireServer) -> None:
    """A key that a program fetches itself fails with the program's own error."""

    def key() -> str:
        raise Odd("no vault")

    with connect(wire.url, key) as cloud:
        with pytest.raises(Odd, match="no vault"):
            cloud.queue.get()


def test_half_a_character_neither_stops_a_save_nor_leaves_as_a_foreign_error(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    half = "\ud83d"
    answers(httpserver, said(200))
    with connect(httpserver.url_for(""), live=False) as cloud:
        entry = OutputEntry("9", "text", "text", None, "", "output", f"cut {half} here")
        saved = Outputs([Output(cloud._connection, "job", entry)]).save(tmp_path)
        assert saved[0].read_text("utf-8") == "cut \ufffd here"
        for call in (
            partial(cloud.submit, {"1": {"class_type": "Text", "inputs": {"text": half}}}),
            partial(cloud.jobs.get, half),
            partial(cloud.userdata.write, half, b"x"),
            cloud.files.download(half).read,
        ):
            with pytest.raises((ComfyCloudError, ValueError)) as caught:
                call()
            assert not isinstance(caught.value, UnicodeError)
    assert httpserver.log == []


# Cookies.


def test_no_cookie_of_a_server_poisons_later_requests(wire: WireServer) -> None:
    """A byte over 127 in it cannot be sent again: every request after it would fail."""
    cookies = b"Set-Cookie: a=\xe9\xff; Path=/\r\nSet-Cookie: b=plain; Path=/\r\n"
    wire.answers = [b"HTTP/1.1 200 OK\r\n" + cookies + b"Content-Length: 2\r\n\r\n{}"]
    with connect(wire.url) as cloud:
        for _ in range(3):
            cloud.queue.get()
    assert len(wire.requests) == 3
    assert b"cookie" not in b"".join(wire.requests).lower()


# Connections that a server has just closed.


class HangingUp:
    """A server that answers one request on each connection, and hangs up without an answer when the next one comes.

    So do servers that close idle connections at the moment when a client sends on them.
    """

    def __init__(self) -> None:
        self.submits = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            request = WireServer._read(connection)
            self.submits += request.startswith(b"POST /api/prompt")
            body = b'{"prompt_id": "job-1"}'
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            connection.recv(1)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def test_a_submit_takes_no_connection_that_the_server_may_be_closing() -> None:
    """Nobody could tell whether it had arrived: a job that may be paid for, out of nothing."""
    server = HangingUp()
    with connect(server.url, live=False, retry=None) as cloud:
        for _ in range(10):
            assert (cloud.submit({"1": {"class_type": "A", "inputs": {}}})).id == "job-1"
    assert server.submits == 10
    server.close()


# Submits that are broken off.


class Failing:
    """A server of the cloud that fails on each submit, and has 5 jobs of others."""

    def __init__(self, httpserver: HTTPServer) -> None:
        self.sent: list[dict[str, Any]] = []
        self.asked: Counter[str] = Counter()
        httpserver.expect_request(ANYTHING).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked[f"{request.method} {request.path}"] += 1
        jobs = [{"id": f"other-{number}", "status": "completed"} for number in range(5)]
        if request.path == "/api/prompt":
            self.sent.append(request.get_json())
            return said(500)
        if request.path == "/api/queue":
            return said(200, '{"queue_running": [], "queue_pending": []}')
        if request.path == "/api/jobs":
            return said(200, json.dumps({"jobs": jobs}))
        if request.path.startswith("/api/jobs/other-"):
            return said(200, json.dumps({"id": request.path[10:], "status": "completed"}))
        return said(404, '{"error": "no such job"}')


@pytest.mark.parametrize("cancel", [False, True])
def test_a_search_for_a_lost_submit_looks_at_each_job_once(httpserver: HTTPServer, cancel: bool) -> None:
    """A server in trouble is not helped by a hundred questions."""
    server = Failing(httpserver)
    with connect(httpserver.url_for(""), live=False, retry=None) as cloud:
        cloud._connection.timing = Timing(poll_first=0.05, submit_lookup=1.0)
        with pytest.raises(ComfyCloudError) as caught:
            cloud.run({"1": {"class_type": "A", "inputs": {}}}, cancel_on_exit=cancel)
    assert caught.value.submission_id == server.sent[0]["prompt_id"]
    details = [count for path, count in server.asked.items() if "other-" in path]
    assert details == [1] * 5
    assert server.asked["POST /api/prompt"] == 1
    assert sum(server.asked.values()) < 60


def test_a_search_for_a_lost_submit_ends_with_the_time_of_the_call(httpserver: HTTPServer) -> None:
    Failing(httpserver)
    with connect(httpserver.url_for(""), live=False, retry=None, total_timeout=0.5) as cloud:
        started = time.monotonic()
        with pytest.raises(ComfyCloudError):
            cloud.submit({"1": {"class_type": "A", "inputs": {}}})
        assert time.monotonic() - started < 1.5


# Time and memory.


def test_a_slow_listener_does_not_stretch_a_wait() -> None:
    """A callback that takes longer than the events come would otherwise be called for ever."""
    steps = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 20, "steps": 2000}}}
    with Emulator() as server:
        with connect(server.url, server.api_key) as cloud:
            started = time.monotonic()
            with pytest.raises(JobTimeoutError):
                cloud.run(steps, timeout=1, on_event=lambda _: time.sleep(0.1))
            assert time.monotonic() - started < 2


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw"])
def test_a_bomb_is_neither_kept_nor_unpacked(wire: WireServer, encoding: str) -> None:
    """Half a megabyte became a gigabyte of memory."""
    packer = zlib.compressobj(9, wbits={"gzip": 31, "deflate": 15, "raw": -15}[encoding])
    bomb = packer.compress(bytes(64 << 20)) + packer.flush()
    head = b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
    name = {"raw": b"deflate"}.get(encoding, encoding.encode())
    wire.answers = [b"HTTP/1.1 200 OK\r\n" + head % (name, len(bomb)) + bomb]
    with connect(wire.url, live=False) as cloud:
        cloud._http.response_limit = 1 << 20
        tracemalloc.start()
        with pytest.raises(UnexpectedResponseError, match="the response is larger than 1,048,576 bytes"):
            cloud.queue.get()
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
        tracemalloc.stop()
    assert len(wire.requests) == 1


def test_of_an_error_only_the_beginning_is_read(wire: WireServer) -> None:
    wire.answers = [[b"HTTP/1.1 403 Forbidden\r\nContent-Length: 8000000\r\n\r\n", *[b"x" * 80_000] * 100]]
    with connect(wire.url, live=False) as cloud:
        tracemalloc.start()
        with pytest.raises(PermissionDeniedError):
            cloud.queue.get()
        assert tracemalloc.get_traced_memory()[1] < 5 << 20
        tracemalloc.stop()


def test_a_compression_that_was_not_asked_for_is_not_unpacked(wire: WireServer) -> None:
    wire.answers = [b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}"]
    with connect(wire.url, live=False, retry=None) as cloud:
        with pytest.raises(APIConnectionError, match="compression"):
            cloud.queue.get()
    assert b"accept-encoding: gzip, deflate\r\n" in wire.requests[0].lower()


def test_a_download_that_stalls_ends(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte on each try would keep it going without end."""
    monkeypatch.setattr(bodies, "TRANSFER_BYTES_TIME", 0.3)
    wire.answers = [
        b'HTTP/1.1 206 Partial\r\nETag: "a"\r\nContent-Length: 1000\r\n'
        b"Content-Range: bytes %d-999/1000\r\n\r\nx" % number
        for number in range(1000)
    ]
    wire.answers[0] = b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 1000\r\n\r\nx'
    with connect(wire.url, live=False) as cloud:
        started = time.monotonic()
        with pytest.raises(DownloadError, match="it stalls"):
            output(cloud).read()
        assert time.monotonic() - started < 2
    assert len(wire.requests) > 3


def test_an_upload_whose_answer_drips_ends(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transfer has no deadline; a header now and then is no progress."""
    monkeypatch.setattr(bodies, "TRANSFER_BYTES_TIME", 0.3)

    def drip() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            time.sleep(0.02)
            yield b"X-A: b\r\n"

    wire.answers = [drip()]
    with connect(wire.url, live=False, retry=None) as cloud:
        cloud._connection.is_cloud = False
        with pytest.raises(APITimeoutError):
            cloud.files.upload_image(b"\x89PNG\r\n\x1a\n")


def test_the_address_of_an_output_comes_in_time(wire: WireServer) -> None:
    """It transfers no file, so the time of a call holds."""
    wire.answers = [iter_slowly()]
    with connect(wire.url, live=False, retry=None, total_timeout=0.3) as cloud:
        started = time.monotonic()
        with pytest.raises(DownloadError):
            output(cloud).url()
        assert time.monotonic() - started < 1.3


def iter_slowly() -> Iterator[bytes]:
    """An answer whose head never ends."""
    yield b"HTTP/1.1 200 OK\r\n"
    for _ in range(100):
        time.sleep(0.02)
        yield b"X-A: b\r\n"


# Injection.


@pytest.mark.parametrize("mime_type", ["image/png\r\nX-Evil: 1", "a\nb", "a\x00b", "image/png\r\n\r\nbytes"])
def test_a_media_type_cannot_add_headers_or_bytes(wire: WireServer, mime_type: str) -> None:
    with connect(wire.url, live=False) as cloud:
        cloud._connection.is_cloud = True
        with pytest.raises((ValueError, ComfyCloudError)):
            cloud.assets.upload(b"content", mime_type=mime_type)
        form = UploadImageBody(File(io.BytesIO(b"x"), "a.png", mime_type))
        with pytest.raises(ValueError, match="must not contain control characters"):
            upload_image.sync_detailed(client=cloud.raw, body=form)
    assert wire.requests == []


def test_a_file_name_cannot_add_headers(wire: WireServer) -> None:
    wire.answers = [b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"name": "a.b"}']
    with connect(wire.url, live=False) as cloud:
        form = UploadImageBody(File(io.BytesIO(b"x"), 'a"\r\nX-Evil: 1\r\n\r\n.png', "image/png"))
        upload_image.sync_detailed(client=cloud.raw, body=form)
    assert b"\nX-Evil" not in wire.requests[0]


def test_closing_does_not_wait_for_a_handshake() -> None:
    """A server that accepts connections and says nothing held `close()` for five seconds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cloud = connect(f"http://127.0.0.1:{silent.getsockname()[1]}")
        web_socket = cloud._connection.socket
        assert web_socket is not None
        web_socket.start()
        connection, _ = backend.in_thread(silent.accept)
        backend.in_thread(connection.recv, 10)
        started = time.monotonic()
        cloud.close()
        assert time.monotonic() - started < 0.5
        connection.close()


def test_the_backlog_of_events_holds_no_large_frames() -> None:
    """256 frames of 4 MB for jobs that nobody follows stayed in memory."""
    with connect("http://127.0.0.1:1") as cloud:
        web_socket = cloud._connection.socket
        assert web_socket is not None
        frame = FrameReader().read(json.dumps({"type": "odd", "data": {"prompt_id": "a", "x": "y"}}))
        web_socket._deliver(frame, keep=False)
        assert web_socket._early.take({"a"}) == []
        web_socket._deliver(frame, keep=True)
        assert len(web_socket._early.take({"a"})) == 1
