"""Siblings of a client: other settings, the same connections."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import AsyncComfyCloud, RetryPolicy, ServerError
from comfy_cloud.raw.api.job import get_queue_info

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
