# Derived from tests/_async/test_gateways.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Gateways before a server: what they want reaches the WebSocket as it reaches REST, and their pages are no answers."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from comfy_cloud import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    ComfyCloud,
    ConfigurationError,
    DownloadError,
    JobTimeoutError,
    NodeProgress,
    NotFoundError,
    NotSupportedError,
)
from comfy_cloud._core.watch import Timing
from comfy_cloud._sync import websocket
from comfy_cloud.testing import Emulator, Gateway

from .conftest import KEY, TLS, connect

pytestmark = pytest.mark.anyio

QUICK = Timing(poll_first=0.005, poll_longest=0.02, unknown_grace=0.05, outputs_grace=0.05)
STEPS = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 0.05, "steps": 3}}}
BASIC = "Basic " + base64.b64encode(b"ann:se:cret").decode()
BEARER = {"Authorization": "Bearer t0ken"}
GATEWAYS: dict[str, tuple[Gateway, dict[str, str], dict[str, Any]]] = {
    "basic": (Gateway.basic("ann", "se:cret"), {"Authorization": BASIC}, {"auth": ("ann", "se:cret")}),
    "bearer": (Gateway.bearer("t0ken"), BEARER, {"headers": BEARER}),
    "cookie": (Gateway.cookie("session", "abc"), {"Cookie": "session=abc"}, {"cookies": {"session": "abc"}}),
    "header": (Gateway.header("X-Gate", "g"), {"X-Gate": "g"}, {"headers": {"X-Gate": "g"}}),
}
DIALECTS = ["cloud", "cloud-next", "comfyui", "comfyui-old"]


def handshakes(emulator: Emulator) -> list[int | None]:
    return [entry.status for entry in emulator.journal if entry.path.endswith("/ws")]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", GATEWAYS)
@pytest.mark.parametrize("way", ["headers", "http_client"])
def test_live_events_come_through_a_gateway(dialect: Any, kind: str, way: str) -> None:
    """Whoever is let in by REST sees progress as well."""
    gateway, headers, settings = GATEWAYS[kind]
    with Emulator(dialect=dialect, gateway=gateway) as emulator:
        with httpx.Client(verify=TLS, **settings) as own:
            given = {"headers": headers} if way == "headers" else {"http_client": own}
            with ComfyCloud(emulator.api_key, base_url=emulator.url, **given) as cloud:  # type: ignore[arg-type]
                seen: list[Any] = []
                cloud.run(STEPS, timeout=30, on_event=seen.append)
        assert [event.value for event in seen if isinstance(event, NodeProgress)] == [1, 2, 3]
        assert set(handshakes(emulator)) == {101}


def test_the_handshake_carries_what_a_request_carries_and_no_cookie_of_a_server(httpserver: HTTPServer) -> None:
    """Only a user's own client keeps cookies: in a jar of ours, one that no header can carry would end everything."""
    httpserver.expect_request("/api/queue").respond_with_json({}, headers={"Set-Cookie": "balancer=7; Path=/"})
    httpserver.expect_request("/ws").respond_with_data("", status=404)
    httpserver.expect_request("/api/jobs/j").respond_with_json({"status": "completed", "outputs": {}})
    with connect(httpserver.url_for(""), user_agent="app/1") as cloud:
        cloud.queue.get()
        cloud.job("j").wait(30)
        assert cloud._connection.socket is not None
        cloud._connection.socket.settle(10)
    (handshake,) = [request for request, _ in httpserver.log if request.path == "/ws"]
    assert "Cookie" not in handshake.headers
    assert handshake.headers["X-API-Key"] == KEY
    assert handshake.headers["User-Agent"].startswith("app/1 comfy-cloud/")


# Nobody is let in, or another service is there.


STRANGERS = {
    "redirect": Gateway.cookie("session", "abc", refusal="redirect"),
    "page": Gateway.cookie("session", "abc", refusal="page"),
    "another service": Gateway.other_service(200),
    "another service, 404": Gateway.other_service(404),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("gateway", STRANGERS.values(), ids=STRANGERS)
def test_a_page_in_answer_to_a_submit_is_an_error_at_once(dialect: Any, gateway: Gateway) -> None:
    """It did not run: nothing is looked for, and nobody is told that it may be paid for."""
    with Emulator(dialect=dialect, gateway=gateway) as emulator:
        with ComfyCloud(emulator.api_key, base_url=emulator.url) as cloud:
            for _ in range(2):
                with pytest.raises(ConfigurationError, match="base_url right") as caught:
                    cloud.submit(STEPS)
                assert emulator.url in str(caught.value)
                assert "headers={...}" in str(caught.value)
        assert [(entry.method, entry.path) for entry in emulator.journal] == [("POST", "/api/prompt")] * 2


@pytest.mark.parametrize("gateway", STRANGERS.values(), ids=STRANGERS)
def test_a_page_is_no_answer_to_any_method(gateway: Gateway) -> None:
    """No file is saved that is a login page, and no job is waited for that nobody can see."""
    with Emulator(gateway=gateway) as emulator:
        calls: list[Any] = [
            lambda cloud: cloud.queue.get(),
            lambda cloud: cloud.account(),
            lambda cloud: cloud.jobs.get("0f3c8a52-5d6e-4b7f-9a80-1b2c3d4e5f60"),
            lambda cloud: cloud.job("j").wait(30),
            lambda cloud: cloud.files.upload_image(b"x"),
            lambda cloud: cloud.models.preview("loras", "a"),
            lambda cloud: cloud.userdata.read("a"),
            lambda cloud: cloud.queue.interrupt_all(),
        ]
        for call in calls:
            with ComfyCloud(emulator.api_key, base_url=emulator.url, live=False) as cloud:
                with pytest.raises(ConfigurationError, match=emulator.url):
                    call(cloud)
        with pytest.raises(DownloadError, match=emulator.url):
            with ComfyCloud(emulator.api_key, base_url=emulator.url, live=False) as cloud:
                cloud.files.download("a.png").read()
        # One request each, a second one where a redirect is followed or a 404 could mean that only a file is missing.
        assert len(emulator.journal) <= 2 * (len(calls) + 1)


@pytest.mark.parametrize("refusal", ["redirect", "page"])
def test_what_a_login_page_answers_to_a_head_is_no_yes(refusal: Any) -> None:
    with Emulator(gateway=Gateway.bearer("t", refusal=refusal)) as emulator:
        with ComfyCloud(emulator.api_key, base_url=emulator.url, live=False) as cloud:
            with pytest.raises(ConfigurationError, match=emulator.url):
                cloud.assets.exists("0" * 64)


def test_a_refusal_of_a_gateway_says_how_to_get_past_it() -> None:
    """Its 401 is not about the API key."""
    with Emulator(dialect="comfyui", gateway=Gateway.basic("ann", "secret")) as emulator:
        with ComfyCloud(base_url=emulator.url) as cloud:
            with pytest.raises(AuthenticationError, match="auth of an http_client") as caught:
                cloud.submit(STEPS)
    assert emulator.url in str(caught.value)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_service_without_the_route_did_not_run_it(httpserver: HTTPServer, status: int) -> None:
    """Plain files served on the port, or another program's API."""
    for body, kind in (("404 page not found", "text/plain"), ('{"detail": "Not Found"}', "application/json")):
        httpserver.clear()
        httpserver.expect_request("/api/prompt").respond_with_data(body, status=status, content_type=kind)
        with connect(httpserver.url_for(""), live=False) as cloud:
            if status == 501 and kind == "application/json":
                continue
            with pytest.raises(ConfigurationError, match=f"was answered with {status}"):
                cloud.submit(STEPS)
        assert len(httpserver.log) == 1


def test_pages_of_a_gateway_for_what_is_missing_do_not_hide_the_server(httpserver: HTTPServer) -> None:
    """nginx can replace each 404 of a ComfyUI by a page of its own: a missing file is a missing file."""
    page = "<html><title>404 Not Found</title></html>"
    httpserver.expect_request("/api/queue").respond_with_json({"queue_running": [], "queue_pending": []})
    httpserver.expect_request("/api/prompt").respond_with_json({"prompt_id": "j"})
    for path in ("/api/userdata/a", "/api/user"):
        httpserver.expect_request(path).respond_with_data(page, status=404, content_type="text/html")
    for call, error in (
        (lambda cloud: cloud.userdata.read("a"), NotFoundError),
        (lambda cloud: cloud.account(), NotSupportedError),
    ):
        with connect(httpserver.url_for(""), live=False) as cloud:
            with pytest.raises(error):
                call(cloud)


def test_a_page_of_a_server_that_answered_before_ends_no_wait(httpserver: HTTPServer) -> None:
    """A gateway's bad minute may have any status; a paid job is not lost for it."""
    body = {"status": "in_progress"}
    httpserver.expect_ordered_request("/api/jobs/j").respond_with_json(body)
    httpserver.expect_ordered_request("/api/jobs/j").respond_with_data("<html>", content_type="text/html")
    httpserver.expect_ordered_request("/api/jobs/j").respond_with_json({"status": "completed", "outputs": {}})
    with connect(httpserver.url_for(""), live=False) as cloud:
        cloud._connection.timing = QUICK
        cloud.job("j").wait(30)


def test_a_file_that_is_a_page_is_still_a_file(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/view").respond_with_data("<html>", content_type="text/html; charset=utf-8")
    with connect(httpserver.url_for("")) as cloud:
        assert cloud.files.download("report.html").read() == b"<html>"


def test_connection_errors_name_the_server_or_the_storage(httpserver: HTTPServer, refused: str) -> None:
    """A program that talks to three servers says which one is down, and shows nothing of a signed URL."""
    httpserver.expect_request("/api/view").respond_with_data(
        status=302, headers={"Location": f"{refused}/a?sig=s3cr3t"}
    )
    with connect(f"{refused}/comfy", live=False) as cloud:
        with pytest.raises(APIConnectionError, match=rf"\({refused}/comfy\)"):
            cloud.queue.get()
        with pytest.raises(APIConnectionError, match=rf"\({refused}/comfy\)"):
            cloud.submit(STEPS)
        with pytest.raises(APITimeoutError, match=rf"total_timeout is over \({refused}/comfy\)"):
            cloud.with_options(total_timeout=0).queue.get()
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(DownloadError, match=r"\(the file storage\)") as caught:
            cloud.files.download("a.png").read()
    assert "s3cr3t" not in str(caught.value)


# A handshake that is refused.


class Doorman(Gateway):
    """A gateway that lets every request through, and answers a handshake without the cookie `new` with `status`."""

    def __init__(self, status: int, location: str = "/login") -> None:
        super().__init__("Other", status=status)
        self.location = location
        self.cookies: list[str | None] = []

    def response(self, request: HTTPConnection) -> Response | None:
        if not request.url.path.endswith("/ws"):
            return None
        self.cookies.append(request.cookies.get("session"))
        return None if "new" in self.cookies else HTMLResponse("<html>", self.status, {"location": self.location})


@contextmanager
def guarded(doorman: Doorman, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Yield a client of the user's own, and a function that waits for a job behind that doorman for a while."""
    monkeypatch.setattr(websocket, "SOCKET_REOPEN_FIRST", 0.01)
    own = httpx.Client(verify=TLS, cookies={"session": "old"})
    with Emulator(gateway=doorman) as emulator:
        emulator.pause()
        with own, ComfyCloud(emulator.api_key, base_url=emulator.url, http_client=own) as cloud:
            cloud._connection.timing = QUICK
            job = cloud.submit(STEPS)

            def follow() -> None:
                with pytest.raises(JobTimeoutError):
                    job.wait(0.3)

            yield own, follow


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "handshake" in record.getMessage()]


@pytest.mark.parametrize("status", [401, 403, 302, 200])
def test_a_refused_handshake_is_tried_again_with_other_credentials(
    status: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The same again would be refused again, and a log with a line for each try would be of no use."""
    doorman = Doorman(status)
    with guarded(doorman, monkeypatch) as (own, follow):
        with caplog.at_level(logging.INFO, "comfy_cloud"):
            follow()
            assert doorman.cookies == ["old"]
            own.cookies.set("session", "new")
            follow()
    assert doorman.cookies == ["old", "new"]
    assert told(caplog) == [
        f"socket: the server answered the WebSocket handshake with {status}; jobs are followed by polling"
    ]


def test_a_refused_handshake_is_tried_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a gateway lets through can change as well."""
    monkeypatch.setattr(websocket, "SOCKET_REFUSED_PAUSE", 0.05)
    doorman = Doorman(403)
    with guarded(doorman, monkeypatch) as (_, follow):
        for _ in range(20):  # the first does, but on a busy machine
            follow()
            if len(doorman.cookies) > 1:
                break
    assert len(doorman.cookies) > 1


def test_a_gateway_in_trouble_is_asked_again_and_told_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    doorman = Doorman(502)
    with guarded(doorman, monkeypatch) as (_, follow):
        with caplog.at_level(logging.DEBUG, "comfy_cloud"):
            for _ in range(20):  # the first does, but on a busy machine
                follow()
                if len(doorman.cookies) > 2:
                    break
    assert len(doorman.cookies) > 2
    assert len(told(caplog)) == 1


def test_a_server_without_a_socket_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    doorman = Doorman(404)
    with guarded(doorman, monkeypatch) as (own, follow):
        follow()
        own.cookies.set("session", "new")
        follow()
    assert doorman.cookies == ["old"]


def test_a_handshake_follows_no_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key and the user's credentials are for the server, and for no host that it names."""
    with Emulator() as elsewhere:
        with guarded(Doorman(307, f"{elsewhere.url}/ws"), monkeypatch) as (_, follow):
            follow()
        assert list(elsewhere.journal) == []
