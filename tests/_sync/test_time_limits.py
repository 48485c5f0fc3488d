# Derived from tests/_async/test_time_limits.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""No call hangs: each try has its limit, and the whole call has one, however the server spends the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import (
    APITimeoutError,
    ServerError,
)
from comfy_cloud._sync import backend
from comfy_cloud.raw.api.job import get_queue_info
from comfy_cloud.raw.api.workflow import execute_prompt
from comfy_cloud.raw.models import PromptRequest

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import TLS, answers, connect, said

pytestmark = pytest.mark.anyio

SUBMIT: Any = {"body": PromptRequest.from_dict({"prompt": {}})}
OK = said(200)


def silence_until(over: threading.Event) -> Iterator[bytes]:
    over.wait(10)
    yield b""


def test_a_server_that_stays_silent_is_a_timeout_of_each_try(wire: WireServer) -> None:
    over = threading.Event()
    wire.answers = [silence_until(over)]
    with connect(wire.url, timeout=0.05, retry=None) as cloud:
        with pytest.raises(APITimeoutError, match="getQueueInfo /api/queue: the server stopped sending") as caught:
            get_queue_info.sync_detailed(client=cloud.raw)
    over.set()
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.sent


def test_the_whole_call_has_a_limit_too(wire: WireServer) -> None:
    over = threading.Event()
    wire.answers = [silence_until(over)]
    with connect(wire.url, total_timeout=0.1) as cloud:
        with pytest.raises(APITimeoutError):
            get_queue_info.sync_detailed(client=cloud.raw)
    over.set()
    assert len(wire.requests) == 1


def test_an_answer_that_trickles_in_does_not_outlast_the_limit(wire: WireServer) -> None:
    trickle = threading.Event()

    def drops() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
        for _ in range(500):
            trickle.wait(0.01)
            yield b" "

    wire.answers = [drops()]
    with connect(wire.url, total_timeout=0.1) as cloud:
        with pytest.raises(APITimeoutError, match="total_timeout is over") as caught:
            get_queue_info.sync_detailed(client=cloud.raw)
    assert caught.value.sent


def test_a_pause_that_would_outlast_the_limit_is_not_made(httpserver: HTTPServer, pauses: list[float]) -> None:
    answers(httpserver, said(503, Retry_After="50"))
    with connect(httpserver.url_for(""), total_timeout=49) as cloud:
        with pytest.raises(ServerError):
            get_queue_info.sync_detailed(client=cloud.raw)
    assert (pauses, len(httpserver.log)) == ([], 1)


def test_without_time_left_nothing_is_sent(httpserver: HTTPServer) -> None:
    answers(httpserver, OK)
    with connect(httpserver.url_for(""), total_timeout=0) as cloud:
        with pytest.raises(APITimeoutError, match="total_timeout is over") as caught:
            execute_prompt.sync_detailed(client=cloud.raw, **SUBMIT)
    assert not caught.value.sent
    assert httpserver.log == []


def test_limits_can_be_turned_off(httpserver: HTTPServer, pauses: list[float]) -> None:
    answers(httpserver, said(503, Retry_After="55"), said(503, Retry_After="59"), OK)
    with connect(httpserver.url_for(""), total_timeout=None, timeout=None) as cloud:
        get_queue_info.sync_detailed(client=cloud.raw)
    assert pauses == [55.0, 59.0]


def test_a_server_that_drips_its_headers_does_not_outlast_the_limit(wire: WireServer) -> None:
    """A byte now and then satisfies every limit between bytes, for hours."""
    over = threading.Event()

    def drops() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nX-Slow: "
        while not over.wait(0.01):
            yield b"."

    wire.answers = [drops()]
    started = time.monotonic()
    for _ in range(2):
        with connect(wire.url, total_timeout=0.2, retry=None) as cloud:
            with pytest.raises(APITimeoutError):
                get_queue_info.sync_detailed(client=cloud.raw)
    over.set()
    assert time.monotonic() - started < 5


def test_through_a_client_of_the_users_own_the_limit_holds_for_each_byte(wire: WireServer) -> None:
    """Its connections are not ours to change: httpx counts from byte to byte, and to the end of the time at most."""
    over = threading.Event()
    wire.answers = [silence_until(over)]
    with httpx.Client(verify=TLS) as client:
        with connect(wire.url, total_timeout=0.1, http_client=client) as cloud:
            with pytest.raises(APITimeoutError, match="total_timeout is over"):
                get_queue_info.sync_detailed(client=cloud.raw)
        over.set()
        assert isinstance(client._transport, httpx.HTTPTransport)
        backends = type(client._transport._pool._network_backend).__module__
        assert backends.split(".")[0] == "httpcore", "nothing of ours stays in it"


def test_a_connection_serves_on_after_a_call_that_was_in_time(httpserver: HTTPServer) -> None:
    """The limit belongs to a call, not to the connection that it leaves behind."""
    httpserver.expect_request("/api/queue").respond_with_json({})
    with connect(httpserver.url_for(""), total_timeout=0.5) as cloud:
        for _ in range(3):
            get_queue_info.sync_detailed(client=cloud.raw)
            backend.sleep(0.2)
