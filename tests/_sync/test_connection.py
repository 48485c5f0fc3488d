# Derived from tests/_async/test_connection.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""What goes with each request, through whose connections it goes, and what happens after the end."""

from __future__ import annotations

import platform
import socket
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import comfy_cloud
from comfy_cloud import (
    ComfyCloud,
    ConfigurationError,
)
from comfy_cloud._constants import RECEIVE_CHUNK
from comfy_cloud._sync import backend
from comfy_cloud._sync.deadline import DeadlineBackend, DeadlineStream, readable_check
from comfy_cloud.raw.api.job import get_queue_info
from comfy_cloud.raw.api.system import get_system_stats
from comfy_cloud.testing import Emulator

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from ..relays import Relay  # noqa: TID252 - servers of all tests
from .conftest import KEY, TLS, answers, connect, said

pytestmark = pytest.mark.anyio

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
OK = said(200)


# The key, and what else goes with a request.


def test_the_key_and_the_agent_go_with_each_request(httpserver: HTTPServer) -> None:
    answers(httpserver, OK)
    with connect(httpserver.url_for(""), user_agent="my-app/1.2", headers={"X-Team": "blue"}) as cloud:
        get_system_stats.sync_detailed(client=cloud.raw)
    headers = httpserver.log[0][0].headers
    assert headers["X-API-Key"] == KEY
    assert headers["X-Team"] == "blue"
    assert headers["User-Agent"] == (
        f"my-app/1.2 comfy-cloud/{comfy_cloud.__version__} python/{platform.python_version()} httpx/{httpx.__version__}"
    )


def test_without_a_key_no_header_is_sent(httpserver: HTTPServer) -> None:
    answers(httpserver, OK)
    with connect(httpserver.url_for(""), None) as cloud:
        get_system_stats.sync_detailed(client=cloud.raw)
    assert "X-API-Key" not in httpserver.log[0][0].headers


def test_a_callable_is_asked_for_each_request(httpserver: HTTPServer) -> None:
    keys = iter(["key-1", "key-2", "key-3"])
    answers(httpserver, OK, said(503), OK)
    with connect(httpserver.url_for(""), lambda: next(keys)) as cloud:
        get_system_stats.sync_detailed(client=cloud.raw)
        get_system_stats.sync_detailed(client=cloud.raw)
    assert [request.headers["X-API-Key"] for request, _ in httpserver.log] == ["key-1", "key-2", "key-3"]


@pytest.mark.parametrize("given", [None, 5, b"key", "", "a key\n"])
def test_a_callable_that_gives_no_key_is_a_configuration_error(httpserver: HTTPServer, given: Any) -> None:
    answers(httpserver, OK)
    with connect(httpserver.url_for(""), lambda: given) as cloud:
        with pytest.raises(ConfigurationError, match="api_key"):
            get_system_stats.sync_detailed(client=cloud.raw)
    assert httpserver.log == []


def test_the_key_goes_to_a_host_whose_name_is_written_in_another_way(httpserver: HTTPServer) -> None:
    answers(httpserver, OK)
    for url in (f"HTTP://LOCALHOST:{httpserver.port}", f"http://localhost:{httpserver.port}/"):
        with connect(url) as cloud:
            get_system_stats.sync_detailed(client=cloud.raw)
    assert [request.headers["X-API-Key"] for request, _ in httpserver.log] == [KEY, KEY]


def test_the_key_goes_to_a_host_whose_name_is_not_ascii() -> None:
    seen: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("X-API-Key"))
        return httpx.Response(200, json={})

    with httpx.Client(transport=httpx.MockTransport(handler)) as inner:
        for url in ("https://bücher.example", "https://xn--bcher-kva.example", "https://BÜCHER.example:443"):
            with connect(url, http_client=inner) as cloud:
                get_system_stats.sync_detailed(client=cloud.raw)
    assert seen == [KEY, KEY, KEY]


# Clients that are handed in, and the end of ours.


def test_a_client_of_the_users_own_is_used_and_stays_open(httpserver: HTTPServer) -> None:
    passed: list[str] = []

    def hook(request: httpx.Request) -> None:
        passed.append(request.url.path)

    answers(httpserver, said(503), OK)
    with httpx.Client(verify=TLS, event_hooks={"request": [hook]}, base_url="https://unused.invalid") as own:
        with connect(httpserver.url_for(""), http_client=own) as cloud:
            get_queue_info.sync_detailed(client=cloud.raw)
        assert not own.is_closed
        answer = own.get(httpserver.url_for("/mine"))
        assert answer.request.headers.get("X-API-Key") is None
        assert KEY not in str(own.headers)
    assert passed == ["/api/queue", "/api/queue", "/mine"]
    assert httpserver.log[0][0].headers["User-Agent"].startswith("comfy-cloud/")


def test_what_its_owner_set_on_a_client_holds_for_our_server_and_for_no_other(
    httpserver: HTTPServer, storage: HTTPServer
) -> None:
    """A gateway before the server may ask for a header, a cookie or a password."""
    httpserver.expect_request("/api/view").respond_with_data(
        status=302, headers={"Location": storage.url_for("/a"), "Set-Cookie": "balancer=7"}
    )
    storage.expect_request("/a").respond_with_data(b"bytes")
    own = httpx.Client(
        verify=TLS, headers={"X-Gate": "g"}, cookies={"session": "s"}, auth=("me", "password"), params={"x": "1"}
    )
    with own, connect(httpserver.url_for(""), http_client=own) as cloud:
        for _ in range(2):
            assert cloud.files.download("a.png").read() == b"bytes"
    for (request, _), cookie in zip(httpserver.log, ("session=s", "session=s; balancer=7"), strict=True):
        assert request.headers["X-Gate"] == "g"
        assert sorted(request.headers["Cookie"].split("; ")) == sorted(cookie.split("; "))
        assert request.headers["Authorization"].startswith("Basic ")
        assert request.args["filename"] == "a.png"
    for request, _ in storage.log:
        assert not {"X-Gate", "Cookie", "Authorization"} & set(request.headers.keys())


def test_at_most_ten_connections_go_to_one_server(httpserver: HTTPServer) -> None:
    """The eleventh request waits for its turn."""
    under_way, most, lock = 0, 0, threading.Lock()

    def handler(_: Request) -> Response:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        full.wait(0.2)
        with lock:
            under_way -= 1
        return Response("{}", content_type="application/json")

    full = threading.Event()
    httpserver.expect_request("/api/queue").respond_with_handler(handler)
    with connect(httpserver.url_for("")) as cloud:
        backend.gather([cloud.queue.get] * 12, 12)
    assert most <= 10


def test_a_client_of_the_users_own_that_is_closed_is_our_error(httpserver: HTTPServer) -> None:
    own = httpx.Client(verify=TLS)
    own.close()
    with connect(httpserver.url_for(""), http_client=own) as cloud:
        with pytest.raises(ConfigurationError, match="http_client that was handed in is closed"):
            get_queue_info.sync_detailed(client=cloud.raw)


def test_proxy_and_tls_belong_to_a_client_that_is_handed_in() -> None:
    with httpx.Client(verify=TLS) as own:
        for option in ({"proxy": "http://127.0.0.1:1"}, {"ssl_context": TLS}):
            with pytest.raises(ConfigurationError, match="set them there"):
                ComfyCloud(KEY, http_client=own, **option)  # type: ignore[arg-type]


def test_a_proxy_is_used(wire: WireServer) -> None:
    wire.answers = [GOOD]
    with connect("http://gpu.localhost:8188", proxy=wire.url) as cloud:
        get_queue_info.sync_detailed(client=cloud.raw)
    assert wire.requests[0].startswith(b"GET http://gpu.localhost:8188/api/queue HTTP/1.1\r\n")


def test_a_closed_client_says_so(httpserver: HTTPServer) -> None:
    answers(httpserver, OK)
    cloud = connect(httpserver.url_for(""))
    get_queue_info.sync_detailed(client=cloud.raw)
    cloud.close()
    cloud.close()
    with pytest.raises(ConfigurationError, match="this client is closed: make a new one"):
        get_queue_info.sync_detailed(client=cloud.raw)
    assert len(httpserver.log) == 1


class Counting(Relay):
    """A relay that knows how many connections were made."""

    made = 0

    def open(self, accepted: socket.socket) -> tuple[socket.socket, tuple[str, int] | None]:
        self.made += 1
        return super().open(accepted)


def test_connections_are_kept_beside_submits_and_redirects(tmp_path: Path) -> None:
    """Only a submit opens one of its own. Ten jobs that are saved would open forty else, each with a TLS handshake."""
    graph = {"1": {"class_type": "EmulatorFiles", "inputs": {"kind": "images", "filename": "a.png", "content": "a"}}}
    with Emulator() as server:
        port = int(server.url.rpartition(":")[2])
        with Counting(("127.0.0.1", port)) as relay:
            with ComfyCloud(server.api_key, base_url=f"http://127.0.0.1:{relay.port}", live=False) as cloud:
                for _ in range(10):
                    job = cloud.run(graph)
                    job.outputs.save(tmp_path)
            assert relay.made == 11


def test_a_connection_that_its_server_closed_can_be_read() -> None:
    """The pool does not send on it: nobody could tell whether the server had read the request."""
    connected, other = socket.socketpair()
    with connected, other:
        is_readable = readable_check(connected)
        assert not is_readable()
        other.close()
        assert is_readable()


class NotedStream:
    """A connection that notes how many bytes are asked for, and gives pieces of these sizes."""

    def __init__(self, kept: socket.socket, *sizes: int) -> None:
        self._kept = kept
        self._sizes = list(sizes)
        self.asked: list[int] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.asked.append(max_bytes)
        return bytes(min(max_bytes, self._sizes.pop(0)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None: ...

    def get_extra_info(self, info: str) -> Any:
        return self._kept


def test_more_than_httpcore_asks_for_is_taken_in_long_responses_only() -> None:
    """A large buffer for each small response makes all small calls an eighth slower."""
    with socket.socket() as kept:
        noted: Any = NotedStream(kept, 200, 1 << 20, 1 << 20, 100, 1 << 20, 200)
        stream = DeadlineStream(noted, DeadlineBackend())
        for responses in (1, 4, 1):
            stream.write(b"GET / HTTP/1.1")
            for _ in range(responses):
                stream.read(1 << 16)
    assert noted.asked == [1 << 16, 1 << 16, RECEIVE_CHUNK, RECEIVE_CHUNK, RECEIVE_CHUNK, 1 << 16]
