"""A broken answer becomes one of our errors, in both flavours, and is asked for again where that does no harm."""

from __future__ import annotations

import gzip
import logging
import re
from typing import Any
from uuid import UUID

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import (
    APIConnectionError,
    ComfyCloudError,
    ConfigurationError,
    NotSupportedError,
    ServerError,
    UnexpectedResponseError,
)
from comfy_cloud.raw.api.asset import create_asset_download, create_asset_from_hash, upload_asset
from comfy_cloud.raw.api.file import upload_image, view_file
from comfy_cloud.raw.api.job import get_job_detail, get_queue_info, interrupt_job, manage_queue
from comfy_cloud.raw.api.user import post_userdata_file
from comfy_cloud.raw.api.workflow import execute_prompt
from comfy_cloud.raw.models import QueueManageRequest
from comfy_cloud.raw.models.post_userdata_file_overwrite import PostUserdataFileOverwrite
from comfy_cloud.raw.types import File

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import Raw, arguments

JOB = {"job_id": UUID("0b2f3c1e-5d55-4f43-9d3a-1d9d6f3f7a10")}
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
CUT = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"queue_running": ['
CUT_CHUNK = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"queue_running"'
BROKEN_GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot any gzip"
NO_HTTP = b"SSH-2.0-OpenSSH_9.6\r\n"
SILENCE = b""
HTML = b"<!doctype html><html><head><title>Sign in</title></head></html>"

# Rows of the table that may be sent once only, by what decides it.
ONCE: dict[str, tuple[Any, dict[str, Any]]] = {
    "submit": (execute_prompt, {}),
    "interrupt": (interrupt_job, {}),
    "asset upload": (upload_asset, {"body": upload_asset.UploadAssetFilesBody(File(b"x", "a.png"))}),
    "asset from hash": (create_asset_from_hash, {}),
    "asset download": (create_asset_download, {}),
    "queue clear": (manage_queue, {"body": QueueManageRequest(clear=True)}),
    "user data without overwrite": (post_userdata_file, {"overwrite": PostUserdataFileOverwrite.FALSE}),
}
REPEATABLE: dict[str, tuple[Any, dict[str, Any]]] = {
    "queue": (get_queue_info, {}),
    "job": (get_job_detail, JOB),
    "file": (view_file, {"filename": "a.png"}),
    "queue delete": (manage_queue, {"body": QueueManageRequest(delete=["a"])}),
    "image upload": (upload_image, {"body": upload_image.UploadImageBody(File(b"x", "a.png"))}),
    "user data": (post_userdata_file, {}),
}


def given(row: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
    return {**arguments(row[0]), **row[1]}


@pytest.mark.parametrize("answer", [CUT, CUT_CHUNK, BROKEN_GZIP, NO_HTTP, SILENCE])
def test_a_broken_answer_is_a_connection_error_after_three_tries(wire: WireServer, raw: Raw, answer: bytes) -> None:
    wire.answers = [answer]
    with pytest.raises(APIConnectionError) as caught:
        raw(wire.url, get_queue_info)
    assert caught.value.operation == "getQueueInfo"
    assert caught.value.sent
    assert len(wire.requests) == 3


@pytest.mark.parametrize("answer", [CUT, CUT_CHUNK, BROKEN_GZIP, NO_HTTP, SILENCE])
def test_one_broken_answer_goes_unnoticed(wire: WireServer, raw: Raw, answer: bytes) -> None:
    wire.answers = [answer, GOOD]
    assert raw(wire.url, get_queue_info).to_dict() == {}
    assert len(wire.requests) == 2


@pytest.mark.parametrize("row", REPEATABLE)
def test_what_does_no_harm_is_asked_for_again(wire: WireServer, raw: Raw, row: str) -> None:
    wire.answers = [CUT, GOOD]
    raw(wire.url, REPEATABLE[row][0], **given(REPEATABLE[row]))
    assert len(wire.requests) == 2


@pytest.mark.parametrize("answer", [CUT, BROKEN_GZIP, SILENCE])
@pytest.mark.parametrize("row", ONCE)
def test_what_could_be_done_twice_is_sent_once(wire: WireServer, raw: Raw, row: str, answer: bytes) -> None:
    wire.answers = [answer, GOOD]
    with pytest.raises(APIConnectionError) as caught:
        raw(wire.url, ONCE[row][0], **given(ONCE[row]))
    assert caught.value.sent
    assert len(wire.requests) == 1


@pytest.mark.parametrize("row", ONCE)
def test_what_could_be_done_twice_is_sent_once_also_after_a_500(httpserver: HTTPServer, raw: Raw, row: str) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_data("oh", status=500)
    with pytest.raises(ServerError):
        raw(httpserver.url_for(""), ONCE[row][0], **given(ONCE[row]))
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("operation", [get_queue_info, execute_prompt])
def test_a_refused_connection_is_tried_again_by_every_operation(
    refused: str, raw: Raw, operation: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "comfy_cloud"), pytest.raises(APIConnectionError) as caught:
        raw(refused, operation, **arguments(operation))
    assert not caught.value.sent
    assert len([record for record in caplog.records if "APIConnectionError" in record.getMessage()]) == 2


@pytest.mark.parametrize("body", [b'{"queue_running": [', b"\xff\xfe\xfd", b"pong", b"[" * 100_000])
def test_a_success_without_json_is_an_error_of_ours(httpserver: HTTPServer, raw: Raw, body: bytes) -> None:
    httpserver.expect_request("/api/queue").respond_with_data(body, content_type="text/html")
    with pytest.raises(UnexpectedResponseError, match="getQueueInfo /api/queue: 200 without JSON") as caught:
        raw(httpserver.url_for(""), get_queue_info)
    assert (caught.value.status, caught.value.operation) == (200, "getQueueInfo")
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("operation", [get_queue_info, execute_prompt])
def test_a_web_page_in_place_of_json_is_a_wrong_server(httpserver: HTTPServer, raw: Raw, operation: Any) -> None:
    """A login page, or another service: the error names the server, and nothing is sent twice."""
    httpserver.expect_request(re.compile(".*")).respond_with_data(HTML, content_type="text/html")
    with pytest.raises(ConfigurationError, match=r"a web page \(200 Sign in\)") as caught:
        raw(httpserver.url_for(""), operation, **arguments(operation))
    assert httpserver.url_for("").rstrip("/") in str(caught.value)
    assert len(httpserver.log) == 1


def test_a_gzip_cut_short_is_an_error_of_ours(httpserver: HTTPServer, raw: Raw) -> None:
    packed = gzip.compress(b'{"queue_running": [], "queue_pending": [1, 2, 3]}')[:-20]
    httpserver.expect_request("/api/queue").respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(ComfyCloudError):
        raw(httpserver.url_for(""), get_queue_info)


@pytest.mark.parametrize(
    ("status", "tries"), [(500, 3), (502, 3), (503, 3), (504, 3), (501, 1), (519, 1), (520, 3), (530, 3), (531, 1)]
)
def test_a_gateway_that_gives_up_is_a_server_error(httpserver: HTTPServer, raw: Raw, status: int, tries: int) -> None:
    httpserver.expect_request("/api/queue").respond_with_data(HTML, status=status, content_type="text/html")
    with pytest.raises(ServerError, match=f"{status} Sign in") as caught:
        raw(httpserver.url_for(""), get_queue_info)
    assert (caught.value.status, caught.value.operation) == (status, "getQueueInfo")
    assert len(httpserver.log) == tries


@pytest.mark.parametrize("status", [300, 304, 418, 499, 599, 999])
def test_a_status_nobody_has_heard_of_is_an_error_of_ours(httpserver: HTTPServer, raw: Raw, status: int) -> None:
    httpserver.expect_request("/api/queue").respond_with_data(b"", status=status)
    with pytest.raises(ComfyCloudError, match=str(status)):
        raw(httpserver.url_for(""), get_queue_info)


def test_an_operation_that_the_server_lacks_says_so(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_data("404: Not Found", status=404)
    with pytest.raises(NotSupportedError) as caught:
        raw(httpserver.url_for(""), get_job_detail, **JOB)
    assert caught.value.status == 404
    assert len(httpserver.log) == 1
