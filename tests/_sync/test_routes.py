# Derived from tests/_async/test_routes.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The socket takes the way of the requests: their proxy, their certificates, their HTTP client."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import trustme

from comfy_cloud import ComfyCloud, JobEvent, NodeProgress
from comfy_cloud._core.following import Timing
from comfy_cloud.testing import Emulator

from ..relays import ConnectProxy, TLSRelay  # noqa: TID252 - servers of all tests

pytestmark = pytest.mark.anyio

# Polling alone would take half a minute: what is quicker was told by the socket.
LAZY = Timing(poll_first=30, poll_longest=30)
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


def test_a_client_of_the_users_own_leads_the_socket(
    server: Emulator, secure: TLSRelay, trusting: ssl.SSLContext, proxy: ConnectProxy
) -> None:
    """Its mounts, its proxy, its certificates: a socket that went around them would leave a guarded network."""
    mounts = {
        "all://": httpx.HTTPTransport(
            proxy=httpx.Proxy(f"http://127.0.0.1:{proxy.port}", auth=("user", "secret")), verify=trusting
        )
    }
    own = httpx.Client(mounts=mounts, verify=trusting)
    with own, ComfyCloud(server.api_key, base_url=secure.url, http_client=own) as cloud:
        run_live(cloud)
    assert len(proxy.seen) >= 2
    assert all(AUTHORIZATION in head for head in proxy.seen)


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


@pytest.mark.parametrize("own", ["transport", "http2"])
def test_where_the_way_is_not_known_there_is_no_socket(server: Emulator, own: str) -> None:
    """A test's transport that answers by itself must not send the key to the real server beside it."""
    if own == "http2":
        client = httpx.Client()
        transport: Any = client._transport
        transport._pool._http2 = True
    else:
        client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    with client, ComfyCloud(server.api_key, base_url=server.url, http_client=client) as cloud:
        assert cloud._connection.socket is None
