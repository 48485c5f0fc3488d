# Derived from tests/_async/test_secrecy.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The key and signed addresses stay out of logs and exceptions, whatever goes wrong and whoever quotes them."""

from __future__ import annotations

import gc
import json
import logging
import pickle
import re
import traceback
from collections.abc import Iterator
from types import FrameType, FunctionType, ModuleType
from typing import Any

import httpcore
import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from comfy_cloud import APIConnectionError, APIStatusError, ComfyCloudError, ConfigurationError
from comfy_cloud.raw.api.file import view_file
from comfy_cloud.raw.api.job import get_queue_info

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import KEY, TLS, connect

pytestmark = pytest.mark.anyio

ANYTHING = re.compile(".*")
SECRETS = (KEY, "s3cr3t")
# A key may hold what JSON writes with escapes.
ODD_KEY = 'comfy"&<key>\\1'


def everything_about(error: BaseException) -> str:
    """Message, repr, attributes, pickle and traceback of an error and of all that hang on it."""
    seen: list[BaseException] = []

    def chain(link: BaseException | None) -> Iterator[BaseException]:
        if link is not None and link not in seen:
            seen.append(link)
            yield link
            yield from chain(link.__cause__)
            yield from chain(link.__context__)

    texts = []
    for link in chain(error):
        texts += [str(link), repr(link), str(link.args), str(vars(link)), *getattr(link, "__notes__", [])]
    texts.append("".join(traceback.format_exception(error)))
    return "\n".join(texts) + pickle.dumps(error).decode("latin-1")


def tells(error: BaseException) -> list[str]:
    said = everything_about(error)
    return [secret for secret in SECRETS if secret in said]


def failing_call(url: str, operation: Any = get_queue_info, **options: Any) -> ComfyCloudError:
    """The error that an operation raises."""
    arguments = {"filename": "a.png"} if operation is view_file else {}
    with connect(url, **options) as cloud:
        with pytest.raises(ComfyCloudError) as caught:
            operation.sync_detailed(client=cloud.raw, **arguments)
    return caught.value


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 429, 500, 503])
def test_an_error_answer_that_quotes_the_key_is_redacted(httpserver: HTTPServer, status: int) -> None:
    body = {"error": {"type": f"bad {KEY}", "message": f"key {KEY} is wrong", "details": [KEY, {KEY: KEY}]}}
    httpserver.expect_request(ANYTHING).respond_with_json(body, status=status)
    error = failing_call(httpserver.url_for(""), retry=None)
    assert isinstance(error, APIStatusError)
    assert tells(error) == []
    assert "[redacted] is wrong" in str(error)


@pytest.mark.parametrize("content", [f"wrong key: {KEY}", f"<title>{KEY}</title>", f'{{"cut": "{KEY}'])
def test_text_and_html_that_quote_the_key_are_redacted(httpserver: HTTPServer, content: str) -> None:
    httpserver.expect_request(ANYTHING).respond_with_data(content, status=403)
    error = failing_call(httpserver.url_for(""))
    assert tells(error) == []
    assert "[redacted]" in f"{error} {vars(error)}"


def test_a_key_that_json_writes_with_escapes_is_redacted_too(httpserver: HTTPServer) -> None:
    quoted = json.dumps({"error": {"message": f"no such key: {ODD_KEY}"}}).replace("&", "\\u0026")
    assert ODD_KEY not in quoted
    httpserver.expect_request(ANYTHING).respond_with_data(quoted, status=401, content_type="application/json")
    error = failing_call(httpserver.url_for(""), api_key=ODD_KEY)
    assert isinstance(error, APIStatusError)
    assert ODD_KEY not in f"{error} {error.body['error']['message']}"
    assert "no such key: [redacted]" in str(error)


def test_the_key_that_was_sent_is_redacted_also_when_the_next_one_is_another(httpserver: HTTPServer) -> None:
    httpserver.expect_request(ANYTHING).respond_with_handler(
        lambda request: Response(f"wrong: {request.headers['X-API-Key']}", status=503)
    )
    keys = iter(["first-key", "second-key", "third-key"])
    error = failing_call(httpserver.url_for(""), api_key=lambda: next(keys))
    assert "third-key" not in everything_about(error)
    assert "[redacted]" in str(error)


def test_an_error_answer_that_quotes_a_signed_address_is_redacted(httpserver: HTTPServer) -> None:
    address = "https://storage.example/a.png?X-Expires=9&X-Signature=s3cr3t"
    quoted = json.dumps({"error": {"message": f"cannot fetch {address}"}, "from": [address]}).replace("&", "\\u0026")
    httpserver.expect_request(ANYTHING).respond_with_data(quoted, status=422, content_type="application/json")
    error = failing_call(httpserver.url_for(""))
    assert tells(error) == []
    assert "cannot fetch https://storage.example/a.png?[redacted]" in str(error)


def test_a_success_that_is_no_json_is_not_quoted(httpserver: HTTPServer) -> None:
    httpserver.expect_request(ANYTHING).respond_with_data(f"<html>{KEY}</html>", content_type="text/html")
    error = failing_call(httpserver.url_for(""))
    assert isinstance(error, ConfigurationError)
    assert tells(error) == []


@pytest.mark.parametrize(
    "broken", [b"", b"HTTP/1.1 s3cr3t\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut"]
)
def test_a_broken_connection_does_not_tell(httpserver: HTTPServer, wire: WireServer, broken: bytes) -> None:
    wire.answers = [broken]
    error = failing_call(wire.url, view_file)
    assert isinstance(error, APIConnectionError)
    assert KEY not in everything_about(error)
    httpserver.expect_request("/api/view").respond_with_data(
        status=302, headers={"Location": f"{wire.url}/a?sig=s3cr3t"}
    )
    wire.answers = [broken.replace(b"s3cr3t", b"x")]
    assert tells(failing_call(httpserver.url_for(""), view_file)) == []


def test_errors_hang_on_nothing_of_httpx(httpserver: HTTPServer, wire: WireServer, refused: str) -> None:
    wire.answers = [b""]
    httpserver.expect_request("/api/queue").respond_with_data("<html>")
    httpserver.expect_request("/api/view").respond_with_data(status=302, headers={"Location": f"{refused}/?s3cr3t"})
    for url, operation in [
        (wire.url, get_queue_info),
        (refused, get_queue_info),
        (httpserver.url_for(""), get_queue_info),
        (httpserver.url_for(""), view_file),
    ]:
        error = failing_call(url, operation)
        assert error.__cause__ is None
        assert error.__context__ is None
        assert tells(error) == []


def requests_held_by(*kept: object) -> list[str]:
    """The headers of every HTTP request that can be reached from `kept`, such as a debugger or a cache would."""
    found: list[str] = []
    seen: set[int] = set()
    waiting: list[Any] = [*kept]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (type, ModuleType, FunctionType, FrameType)):
            continue
        seen.add(id(one))
        if isinstance(one, (httpx.Request, httpcore.Request)):
            found.append(str(one.headers.raw if isinstance(one, httpx.Request) else one.headers))
        waiting += gc.get_referents(one)
    return found


@pytest.mark.parametrize("own", [False, True], ids=["our client", "the user's own"])
def test_what_is_kept_of_a_call_does_not_keep_the_request_with_the_key(
    httpserver: HTTPServer, storage: HTTPServer, own: bool
) -> None:
    """Errors are sent to trackers with all that hangs on them, and responses are cached."""
    httpserver.expect_request("/api/view").respond_with_data(
        status=302, headers={"Location": storage.url_for("/a?sig=s3cr3t")}
    )
    httpserver.expect_request("/files").respond_with_data(status=302, headers={"Location": "/api/queue"})
    httpserver.expect_request("/api/queue").respond_with_json({})
    httpserver.expect_request("/api/user").respond_with_data("no", status=500)
    storage.expect_request("/a").respond_with_data(b"bytes")
    kept: list[object] = []
    with httpx.Client(verify=TLS) as client:
        options: dict[str, Any] = {"http_client": client} if own else {}
        with connect(httpserver.url_for(""), retry=None, **options) as cloud:
            http = cloud.raw.get_httpx_client()
            for path in ("/api/view", "/files", "/api/queue"):
                kept.append(http.get(path))
                streamed = http.send(http.build_request("GET", path), stream=True)
                streamed.read()
                kept.append(streamed)
            with pytest.raises(ComfyCloudError) as caught:
                http.get("/api/user")
            kept.append(caught.value.with_traceback(None))
            held = requests_held_by(*kept)
    assert held, "responses show the request that was made"
    assert not [headers for headers in held if KEY in headers]


# Logs: all that a program with logging.basicConfig(level=DEBUG) would write.


def test_no_log_record_holds_the_key_or_a_signed_address(
    httpserver: HTTPServer, storage: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    signed = storage.url_for("/bucket/a.png?X-Signature=s3cr3t")
    httpserver.expect_request("/api/view").respond_with_data(status=302, headers={"Location": signed})
    storage.expect_oneshot_request("/bucket/a.png").respond_with_data(status=302, headers={"Location": "/b?sig=s3cr3t"})
    storage.expect_request("/b").respond_with_data("expired", status=403)
    with caplog.at_level(logging.DEBUG):
        error = failing_call(httpserver.url_for(""), view_file, api_key=lambda: KEY)
    records = [record for record in caplog.records if record.name.split(".")[0] in {"comfy_cloud", "httpx", "httpcore"}]
    assert {record.name.split(".")[0] for record in records} == {"comfy_cloud", "httpx", "httpcore"}
    for record in records:
        # What a handler writes, and what one could write: Sentry and the like look at everything.
        text = f"{record.getMessage()} {vars(record)}"
        assert KEY not in text
        assert "s3cr3t" not in text
    assert any("/bucket/a.png?[redacted]" in record.getMessage() for record in records)
    assert tells(error) == []


def test_each_request_is_logged_once_by_httpx(httpserver: HTTPServer, caplog: pytest.LogCaptureFixture) -> None:
    httpserver.expect_request("/api/queue").respond_with_json({})
    with caplog.at_level(logging.INFO, "httpx"):
        with connect(httpserver.url_for("")) as cloud:
            get_queue_info.sync_detailed(client=cloud.raw)
    lines = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    assert lines == [f'HTTP Request: GET {httpserver.url_for("/api/queue")} "HTTP/1.0 200 OK"']


def test_many_clients_filter_once(httpserver: HTTPServer) -> None:
    for _ in range(3):
        connect(httpserver.url_for("")).close()
    for name in ("httpx", "httpcore.http11", "httpcore.connection"):
        assert len(logging.getLogger(name).filters) == 1
