# Derived from tests/_async/conftest.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Fixtures: a client that never pauses for long, scripted answers, and another origin that must not see the key."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from comfy_cloud import ComfyCloud, RetryPolicy
from comfy_cloud._sync import backend

KEY = "comfyui-0123456789abcdef-the-key"
TLS = ssl.create_default_context()  # made once: it takes longer than a test


def connect(url: str, api_key: Any = KEY, **options: Any) -> ComfyCloud:
    """A client of ours whose retries come at once."""
    if "http_client" not in options:
        options["ssl_context"] = TLS
    return ComfyCloud(api_key, base_url=url, **{"retry": RetryPolicy(base_delay=0.001), **options})


def answers(server: HTTPServer, *scripted: Response) -> None:
    """The server's answers to any requests, in this order; the last one stays."""
    left = list(scripted)
    server.expect_request(re.compile(".*")).respond_with_handler(
        lambda request: left.pop(0) if len(left) > 1 else left[0]
    )


def said(status: int, body: str = "{}", **headers: str) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, status=status, headers=fields, content_type="application/json")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, in seconds: noted, and not made."""
    made: list[float] = []

    def sleep(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(backend, "sleep", sleep)
    return made


@pytest.fixture
def storage(httpserver_ipv4: HTTPServer) -> Iterator[HTTPServer]:
    """Another server, on another host name and port. Whatever a test does, it never sees the key."""
    yield httpserver_ipv4
    for request, _ in httpserver_ipv4.log:
        assert "X-API-Key" not in request.headers
        assert KEY not in f"{request.headers} {request.url}"
