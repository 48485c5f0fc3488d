# Derived from tests/_async/test_routes.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The socket takes the way of the requests: their proxy and their certificates."""

from __future__ import annotations

import logging
import socket
import ssl
from base64 import b64encode
from collections.abc import Generator, Iterator
from typing import Any

import httpx
import pytest
import trustme

from comfy_cloud import ComfyCloud, ConfigurationError, JobEvent, NodeProgress
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from ..relays import ConnectProxy, TLSRelay  # noqa: TID252 - servers of all tests
from .conftest import connect

pytestmark = pytest.mark.anyio

# Polling alone would take half a minute: what is quicker was told by the socket.
LAZY = Timing(poll_first=30, poll_early=30, poll_longest=30)
STEPS: dict[str, Any] = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 0.05, "steps": 3}}}
AUTHORIZATION = "Proxy-Authorization: Basic " + b64encode(b"user:secret").decode()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whom no machine trusts that was not told to."""
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def secure(server: Emulator, authority: trustme.CA) -> Iterator[TLSRelay]:
    """The emulator behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with TLSRelay(server.url, context) as relay:
        yield relay


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    with ConnectProxy() as proxy:
        yield proxy


def run_live(cloud: ComfyCloud) -> None:
    """Run a job whose progress and end only the socket can tell in time."""
    events: list[JobEvent] = []
    cloud._connection.timing = LAZY
    cloud.run(STEPS, timeout=20, on_event=events.append)
    assert [event for event in events if isinstance(event, NodeProgress)]


def test_certificates_that_were_handed_in_hold_for_the_socket(
    server: Emulator, secure: TLSRelay, trusting: ssl.SSLContext
) -> None:
    with ComfyCloud(server.api_key, base_url=secure.url, ssl_context=trusting) as cloud:
        run_live(cloud)


def test_a_proxy_carries_the_socket_and_is_told_who_asks(
    server: Emulator, secure: TLSRelay, trusting: ssl.SSLContext, proxy: ConnectProxy
) -> None:
    url = f"http://user:secret@127.0.0.1:{proxy.port}"
    with ComfyCloud(server.api_key, base_url=secure.url, proxy=url, ssl_context=trusting) as cloud:
        run_live(cloud)
    assert len(proxy.seen) >= 2, "requests and the socket"
    assert all(AUTHORIZATION in head for head in proxy.seen)
    assert all(server.api_key not in head for head in proxy.seen)


def test_a_proxy_of_the_environment_carries_the_socket(
    server: Emulator,
    secure: TLSRelay,
    trusting: ssl.SSLContext,
    proxy: ConnectProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ComfyCloud(server.api_key, base_url=secure.url, ssl_context=trusting) as cloud:
        run_live(cloud)
    assert len(proxy.seen) >= 2


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_no_proxy_of_the_environment_reads_the_key_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, wire: WireServer, name: str
) -> None:
    monkeypatch.setenv(name, wire.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    wire.answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"]
    with ComfyCloud(server.api_key, base_url=server.url) as cloud:
        job = cloud.run(STEPS, timeout=30)
        job.refresh()
        assert cloud._connection.socket is not None
        assert cloud._connection.socket.is_open
    assert wire.requests == []


def test_a_client_of_the_users_does_not_take_the_key_to_a_proxy(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, wire: WireServer
) -> None:
    wire.answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"]
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more))
    proxy = wire.url.replace("127.0.0.1", "proxy.example")
    with httpx.Client(proxy=proxy) as own:
        cloud = ComfyCloud(server.api_key, base_url=server.url, http_client=own)
        with pytest.raises(ConfigurationError, match="in clear text to the proxy"):
            cloud.submit(STEPS)
        with pytest.raises(ConfigurationError, match="in clear text to the proxy"):
            cloud.queue.get()
    assert wire.requests == []


def test_a_proxy_that_cannot_be_is_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing of its password in the message."""
    for proxy in ("ftp://user:secret@proxy.example", "user:secret@proxy.example:3128"):
        with pytest.raises(ConfigurationError, match="proxy must be a URL") as caught:
            ComfyCloud(None, base_url="http://gpu.example", proxy=proxy)
        assert "secret" not in str(caught.value)


def test_hosts_without_a_proxy_are_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "localhost,example.com")
    for host, proxy in {"localhost": None, "gpu.example.com": None, "example.org": "http://127.0.0.1:1"}.items():
        with ComfyCloud(None, base_url=f"http://{host}:8188") as cloud:
            assert cloud._http.transport.socket_route == {"proxy": proxy}


# A client of the user's own: httpx does not tell its proxies and certificates.


@pytest.mark.parametrize("url", ["https://localhost:8188", "http://gpu.example:8188"])
def test_with_a_client_of_the_users_own_there_is_no_socket(url: str) -> None:
    """It could go around the proxy of a guarded network, or fail where requests succeed. Polling goes on."""
    with httpx.Client() as own, ComfyCloud(None, base_url=url, http_client=own) as cloud:
        assert cloud._connection.socket is None


def test_on_this_machine_there_is_one_all_the_same(server: Emulator) -> None:
    own = httpx.Client()
    with own, ComfyCloud(server.api_key, base_url=server.url, http_client=own) as cloud:
        run_live(cloud)


def test_what_its_owner_set_on_it_goes_with_the_handshake(wire: WireServer, caplog: pytest.LogCaptureFixture) -> None:
    wire.answers = [b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"]
    own = httpx.Client(headers={"X-Team": "blue"}, cookies={"session": "s"}, auth=("me", "password"))
    with caplog.at_level(logging.DEBUG):
        with own, connect(wire.url, http_client=own) as cloud:
            assert cloud._connection.socket is not None
            cloud._connection.socket.start()
            cloud._connection.socket.settle(10)
    (handshake,) = wire.requests
    assert handshake.count(b"\r\nHost: ") == 1
    for line in (b"X-Team: blue", b"Cookie: session=s", b"Authorization: Basic " + b64encode(b"me:password")):
        assert line.lower() in handshake.lower()
        assert line.partition(b": ")[2].decode() not in caplog.text


class AsksForAToken(httpx.Auth):
    """Yields another request first, as flows of OAuth do."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield httpx.Request("POST", "https://accounts.example/token", headers={"Authorization": "client secret"})
        yield request


def test_a_token_that_is_yet_to_be_asked_for_does_not(wire: WireServer) -> None:
    wire.answers = [b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"]
    with httpx.Client(auth=AsksForAToken()) as own, connect(wire.url, http_client=own) as cloud:
        assert cloud._connection.socket is not None
        cloud._connection.socket.start()
        cloud._connection.socket.settle(10)
    assert b"client secret" not in wire.requests[0]
