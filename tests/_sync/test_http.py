# Derived from tests/_async/test_http.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""What is tried again, after which pause, and what is not: no paid job twice, no call given up too early."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from comfy_cloud import (
    APIConnectionError,
    APIStatusError,
    NotFoundError,
    PaymentRequiredError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    SubscriptionInactiveError,
)
from comfy_cloud.raw.api.asset import delete_asset, get_asset_by_id
from comfy_cloud.raw.api.job import get_queue_info, interrupt_job, manage_queue
from comfy_cloud.raw.api.user import delete_userdata_file
from comfy_cloud.raw.api.workflow import execute_prompt
from comfy_cloud.raw.models import PromptRequest, QueueManageRequest

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import KEY, answers, connect, said

pytestmark = pytest.mark.anyio

ID = UUID("0b2f3c1e-5d55-4f43-9d3a-1d9d6f3f7a10")
SUBMIT: Any = {"body": PromptRequest.from_dict({"prompt": {}})}
HANGS_UP = b""
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
OK = said(200)
FULL = '{"error": {"type": "QUEUE_LIMIT", "message": "the queue is full"}}'
BUSY = '{"error": {"type": "BUSY", "message": "later"}}'


# Pauses between tries.


def test_pauses_grow_and_stay_random(httpserver: HTTPServer, pauses: list[float]) -> None:
    answers(httpserver, said(500))
    with connect(httpserver.url_for(""), retry=RetryPolicy(attempts=6)) as cloud:
        with pytest.raises(ServerError):
            get_queue_info.sync_detailed(client=cloud.raw)
    assert len(httpserver.log) == 6
    assert all(0 <= pause <= longest for pause, longest in zip(pauses, [0.5, 1, 2, 4, 8], strict=True))
    assert len(set(pauses)) == 5


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_in_seconds_is_kept_to(httpserver: HTTPServer, pauses: list[float], status: int) -> None:
    answers(httpserver, said(status, Retry_After="7"), said(status, Retry_After="60"), OK)
    with connect(httpserver.url_for("")) as cloud:
        get_queue_info.sync_detailed(client=cloud.raw)
    assert pauses == [7.0, 60.0]


def test_a_wait_until_a_date_is_kept_to(httpserver: HTTPServer, pauses: list[float]) -> None:
    now = datetime.now(UTC)
    dates = [format_datetime(now + timedelta(seconds=wait), usegmt=True) for wait in (40, -40)]
    answers(httpserver, said(503, Retry_After=dates[0]), said(503, Retry_After=dates[1]), OK)
    with connect(httpserver.url_for("")) as cloud:
        get_queue_info.sync_detailed(client=cloud.raw)
    assert 30 < pauses[0] <= 40
    assert pauses[1] == 0.0


@pytest.mark.parametrize("wish", ["soon", "", "-", "nan"])
def test_a_wait_that_nobody_understands_is_ours_to_choose(
    httpserver: HTTPServer, pauses: list[float], wish: str
) -> None:
    answers(httpserver, said(503, Retry_After=wish), OK)
    with connect(httpserver.url_for("")) as cloud:
        get_queue_info.sync_detailed(client=cloud.raw)
    assert pauses[0] <= 0.5


def test_a_wait_that_is_too_long_is_raised_at_once(httpserver: HTTPServer, pauses: list[float]) -> None:
    answers(httpserver, said(429, Retry_After="61"))
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(RateLimitError) as caught:
            get_queue_info.sync_detailed(client=cloud.raw)
    assert caught.value.retry_after == 61.0
    assert caught.value.retryable
    assert (len(httpserver.log), pauses) == (1, [])


# What is tried again.


def test_a_submit_is_sent_again_when_the_queue_was_full(httpserver: HTTPServer, pauses: list[float]) -> None:
    answers(httpserver, said(429, FULL), said(429, "slow down"), said(200, '{"prompt_id": "a"}'))
    with connect(httpserver.url_for("")) as cloud:
        response = execute_prompt.sync_detailed(client=cloud.raw, **SUBMIT)
    assert response.parsed.to_dict() == {"prompt_id": "a"}
    assert len(httpserver.log) == 3


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, '{"message": "Subscription is inactive"}', SubscriptionInactiveError),
        (429, '{"error": {"type": "PAYMENT_REQUIRED", "message": "Payment required"}}', PaymentRequiredError),
        (402, '{"error": {"type": "FREE_TIER_EXHAUSTED", "message": "Nothing left"}}', PaymentRequiredError),
    ],
)
def test_a_refusal_over_money_is_not_tried_again(
    httpserver: HTTPServer, status: int, body: str, error: type[APIStatusError]
) -> None:
    answers(httpserver, said(status, body, Retry_After="1"))
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(error) as caught:
            execute_prompt.sync_detailed(client=cloud.raw, **SUBMIT)
    assert (caught.value.status, caught.value.retryable) == (status, False)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("answer", "requests"),
    [(said(503, BUSY, Retry_After="1"), 2), (said(503, BUSY), 1), (said(503, "<html>", Retry_After="1"), 1)],
    ids=["named time", "no time", "gateway"],
)
def test_a_submit_is_sent_again_after_a_503_only_where_the_server_has_not_begun(
    httpserver: HTTPServer, pauses: list[float], answer: Response, requests: int
) -> None:
    answers(httpserver, answer, OK)
    with connect(httpserver.url_for("")) as cloud:
        if requests == 1:
            with pytest.raises(ServerError):
                execute_prompt.sync_detailed(client=cloud.raw, **SUBMIT)
        else:
            execute_prompt.sync_detailed(client=cloud.raw, **SUBMIT)
    assert len(httpserver.log) == requests
    assert pauses == [1.0] * (requests - 1)


@pytest.mark.parametrize("operation", [interrupt_job, manage_queue])
def test_what_could_hit_a_later_job_is_sent_once(wire: WireServer, operation: Any) -> None:
    wire.answers = [HANGS_UP, GOOD]
    body = {"body": QueueManageRequest(clear=True)} if operation is manage_queue else {}
    with connect(wire.url) as cloud:
        with pytest.raises(APIConnectionError):
            operation.sync_detailed(client=cloud.raw, **body)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("first", [said(503), said(500), said(429)], ids=["503", "500", "429"])
def test_a_404_on_the_second_try_to_delete_is_a_success(httpserver: HTTPServer, first: Response) -> None:
    answers(httpserver, first, said(404, '{"code": "NOT_FOUND", "message": "no such asset"}'))
    with connect(httpserver.url_for("")) as cloud:
        response = delete_asset.sync_detailed(ID, client=cloud.raw)
        assert (response.status_code, response.parsed) == (204, None)
        assert len(httpserver.log) == 2


def test_a_delete_whose_answer_was_lost_is_a_success(wire: WireServer) -> None:
    wire.answers = [HANGS_UP, b"HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\nFile not found"]
    with connect(wire.url) as cloud:
        response = delete_userdata_file.sync_detailed("a.json", client=cloud.raw)
    assert response.status_code == 204
    assert len(wire.requests) == 2


def test_a_404_on_the_first_try_to_delete_is_an_error(httpserver: HTTPServer) -> None:
    answers(httpserver, said(404, '{"message": "no such asset"}'))
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(NotFoundError, match=r"deleteAsset .* no such asset"):
            delete_asset.sync_detailed(ID, client=cloud.raw)
    assert len(httpserver.log) == 1


def test_a_404_on_the_second_try_to_read_is_an_error(httpserver: HTTPServer) -> None:
    answers(httpserver, said(503), said(404, '{"message": "no such asset"}'))
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(NotFoundError):
            get_asset_by_id.sync_detailed(ID, client=cloud.raw)


def test_retries_can_be_turned_off(httpserver: HTTPServer) -> None:
    answers(httpserver, said(503, Retry_After="0"), OK)
    with connect(httpserver.url_for(""), retry=None) as cloud:
        with pytest.raises(ServerError):
            get_queue_info.sync_detailed(client=cloud.raw)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(("method", "requests"), [("GET", 3), ("PUT", 3), ("DELETE", 3), ("POST", 1), ("PATCH", 1)])
def test_a_request_of_the_users_own_goes_by_its_method(wire: WireServer, method: str, requests: int) -> None:
    wire.answers = [HANGS_UP]
    with connect(wire.url) as cloud:
        with pytest.raises(APIConnectionError, match=f"{method} /api/custom"):
            cloud.raw.get_httpx_client().request(method, "/api/custom")
    assert len(wire.requests) == requests
    assert f"X-API-Key: {KEY}".encode() in wire.requests[0]


def test_a_streamed_answer_is_read_while_it_arrives(wire: WireServer) -> None:
    second = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"
        second.wait(10)
        yield b"rest"

    wire.answers = [slowly()]
    with connect(wire.url) as cloud:
        http = cloud.raw.get_httpx_client()
        response = http.send(http.build_request("GET", "/api/view"), stream=True)
        parts = []
        for part in response.iter_bytes():
            second.set()
            parts.append(part)
        response.close()
    assert parts == [b"half", b"rest"]


def test_a_streamed_answer_that_is_cut_is_our_error(wire: WireServer) -> None:
    wire.answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 80\r\n\r\nhalf"]
    with connect(wire.url) as cloud:
        http = cloud.raw.get_httpx_client()
        response = http.send(http.build_request("GET", "/api/view"), stream=True)
        with pytest.raises(APIConnectionError, match="GET /api/view") as caught:
            response.read()
        response.close()
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_an_error_is_raised_also_where_the_answer_would_be_streamed(httpserver: HTTPServer) -> None:
    answers(httpserver, said(404, '{"message": "gone"}'))
    with connect(httpserver.url_for("")) as cloud:
        http = cloud.raw.get_httpx_client()
        with pytest.raises(NotFoundError, match="gone"):
            http.send(http.build_request("GET", "/api/view"), stream=True)


# What the log says.


def test_the_log_has_a_line_per_request_and_per_retry(httpserver: HTTPServer, caplog: pytest.LogCaptureFixture) -> None:
    answers(httpserver, said(503), OK)
    with caplog.at_level(logging.DEBUG, "comfy_cloud"):
        with connect(httpserver.url_for("")) as cloud:
            get_queue_info.sync_detailed(client=cloud.raw)
    lines = [
        (r.levelname, re.sub(r"\d+(\.\d)? (ms|s)\b", r"N \2", r.getMessage()))
        for r in caplog.records
        if r.name == "comfy_cloud"
    ]
    assert lines == [
        ("DEBUG", "GET /api/queue failed after N ms"),
        ("INFO", "GET /api/queue: try 2 in N s (ServerError)"),
        ("DEBUG", "GET /api/queue 200 N ms"),
    ]
