# Derived from tests/_async/test_connection.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""What goes with each request, through whose connections it goes, and what happens after the end."""

from __future__ import annotations

import platform
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

import comfy_cloud
from comfy_cloud import (
    ComfyCloud,
    ConfigurationError,
)
from comfy_cloud.raw.api.job import get_queue_info
from comfy_cloud.raw.api.system import get_system_stats

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
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
