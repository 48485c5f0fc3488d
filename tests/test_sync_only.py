"""What only the synchronous client has to settle: callables that would have to be awaited, and threads."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import ComfyCloud, ConfigurationError
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
