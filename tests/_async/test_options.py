"""Siblings of a client: other settings, the same connections."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import AsyncComfyCloud, ConfigurationError, RetryPolicy, ServerError
from comfy_cloud.raw.api.job import get_queue_info

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import connect

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cloud(httpserver: HTTPServer) -> AsyncIterator[AsyncComfyCloud]:
    retry = RetryPolicy(base_delay=0.001)
    async with AsyncComfyCloud("key", base_url=httpserver.url_for(""), retry=retry, headers={"X-Team": "a"}) as client:
        yield client


async def test_a_sibling_has_its_own_settings_and_the_same_key(cloud: AsyncComfyCloud, httpserver: HTTPServer) -> None:
    """One call without retries does not need a client of its own."""
    httpserver.expect_request("/api/queue").respond_with_data("", status=503)
    with pytest.raises(ServerError):
        await get_queue_info.asyncio_detailed(client=cloud.with_options(retry=None).raw)
    assert len(httpserver.log) == 1
    with pytest.raises(ServerError):
        await get_queue_info.asyncio_detailed(client=cloud.raw)
    assert len(httpserver.log) == 4
    assert {request.headers["X-API-Key"] for request, _ in httpserver.log} == {"key"}


async def test_a_siblings_headers_are_added(cloud: AsyncComfyCloud, httpserver: HTTPServer) -> None:
    """What the client was given holds on; the client itself is not changed."""
    httpserver.expect_request("/api/queue").respond_with_json({})
    await get_queue_info.asyncio_detailed(client=cloud.with_options(headers={"X-Run": "7"}).raw)
    await get_queue_info.asyncio_detailed(client=cloud.raw)
    first, second = (request.headers for request, _ in httpserver.log)
    assert (first["X-Team"], first["X-Run"], second["X-Team"]) == ("a", "7", "a")
    assert "X-Run" not in second


async def test_closing_a_sibling_closes_nothing(cloud: AsyncComfyCloud, httpserver: HTTPServer) -> None:
    """A helper that was handed a sibling cannot pull the plug on its owner."""
    httpserver.expect_request("/api/queue").respond_with_json({})
    async with cloud.with_options(timeout=5.0, total_timeout=None) as sibling:
        await get_queue_info.asyncio_detailed(client=sibling.raw)
    await get_queue_info.asyncio_detailed(client=cloud.raw)
    assert len(httpserver.log) == 2


async def test_closing_a_sibling_does_not_cut_what_its_owner_receives(wire: WireServer) -> None:
    """They share their connections: closing these under a download would be a fault of the network to everybody."""
    closed = threading.Event()

    def answer() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst"
        closed.wait(10)
        yield b" rest"

    wire.answers = [answer()]
    received = b""
    async with connect(wire.url, retry=None) as cloud:
        async for chunk in cloud.files.download("a.bin").iter_bytes():
            received += chunk
            await cloud.with_options(timeout=5.0).aclose()
            closed.set()
    assert received == b"first rest"


async def test_a_sibling_ends_with_its_owner(httpserver: HTTPServer) -> None:
    cloud = connect(httpserver.url_for(""))
    sibling = cloud.with_options(timeout=5.0)
    await cloud.aclose()
    with pytest.raises(ConfigurationError, match="this client is closed"):
        await sibling.queue.get()
