"""Test gateways in front of the server, another service on its port, and a base URL that ends in `/api`."""

import base64
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from comfy_cloud.testing import Gateway

from .conftest import Server, node, serve
from .live import Live, websocket_url

BASIC = "Basic " + base64.b64encode(b"ann:se:cret").decode()
GATEWAYS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("basic", {"user": "ann", "password": "se:cret"}, {"Authorization": BASIC}),
    ("bearer", {"token": "t0ken"}, {"Authorization": "bearer t0ken"}),
    ("cookie", {"name": "session", "value": "abc"}, {"Cookie": "a=b; session=abc"}),
    ("header", {"name": "X-Proxy-Token", "value": "t0ken"}, {"x-proxy-token": "t0ken"}),
]
WRONG = {"Authorization": "Basic Og==", "Cookie": "session=abd", "X-Proxy-Token": "no"}


def handshake(server: Server, path: str = "/ws", **headers: str) -> httpx.Response:
    """Return the response to a WebSocket handshake that is refused."""
    url = websocket_url(server, path=path)
    with pytest.raises(InvalidStatus) as caught, connect(url, proxy=None, additional_headers=headers):
        pass
    found = caught.value.response
    return httpx.Response(found.status_code, headers=list(found.headers.raw_items()), content=bytes(found.body))


@pytest.mark.parametrize("dialect", ["comfyui", "comfyui-old", "cloud", "cloud-next"])
@pytest.mark.parametrize(("kind", "arguments", "login"), GATEWAYS, ids=[kind for kind, _, _ in GATEWAYS])
def test_a_gateway_wants_the_same_of_requests_and_of_handshakes(
    dialect: str, kind: str, arguments: dict[str, Any], login: dict[str, str]
):
    for server in serve(dialect=dialect, gateway=getattr(Gateway, kind)(**arguments)):
        for headers in ({}, WRONG):
            for refused in (server.http.get("/api/queue", headers=headers), handshake(server, **headers)):
                assert (refused.status_code, refused.headers["content-type"]) == (401, "text/html; charset=utf-8")
                assert refused.headers["www-authenticate"] == f'{kind.capitalize()} realm="gateway"'
        assert server.http.get("/api/queue", headers=login).status_code == 200
        url = websocket_url(server)
        with connect(url, proxy=None, additional_headers=login) as connection:
            Live(connection).until("status")
        assert {entry.status for entry in server.emulator.journal} == {401, 200, 101}


def test_a_gateway_can_lead_to_a_login_page():
    for server in serve(dialect="comfyui", gateway=Gateway.cookie("session", "abc", refusal="redirect")):
        refused = server.post("/api/prompt", {})
        assert (refused.status_code, refused.headers["location"]) == (302, "/login?next=%2Fapi%2Fprompt")
        # The WebSocket client follows the redirect, and finds a page.
        assert "<form" in handshake(server).text
        assert [entry.status for entry in server.emulator.journal] == [302, 302, 200]
        followed = server.http.get("/api/queue", follow_redirects=True)
        assert (followed.status_code, "<form" in followed.text) == (200, True)


def test_a_gateway_can_answer_with_a_login_page_at_once():
    """A client that looks only at the status takes the page for a success."""
    for server in serve(dialect="comfyui", gateway=Gateway.bearer("t0ken", refusal="page")):
        for refused in (server.get("/api/queue"), server.post("/api/prompt", {}), handshake(server)):
            assert (refused.status_code, refused.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("status", [200, 404])
def test_another_service_answers_everything_with_a_page(status: Any):
    for server in serve(gateway=Gateway.other_service(status)):
        for response in (server.get("/api/queue"), server.post("/api/prompt", {}), server.get("/"), handshake(server)):
            assert (response.status_code, response.text.startswith("<!doctype html>")) == (status, True)


def test_the_storage_is_not_behind_the_gateway():
    login = {"X-Proxy-Token": "t0ken"}
    for server in serve(gateway=Gateway.header("X-Proxy-Token", "t0ken")):
        server.http.headers.update(login)
        workflow = {"1": node("EmulatorFiles", kind="files", filename="a.bin", content="x")}
        (entry,) = server.outputs(server.run(workflow))["1"]["files"]
        assert server.fetch(entry) == b"x"


def test_no_secret_of_a_gateway_is_in_its_repr():
    for kind, arguments, login in GATEWAYS:
        shown = repr(getattr(Gateway, kind)(**arguments))
        assert not any(value.partition(" ")[2] and value in shown for value in login.values())
        assert "t0ken" not in shown
        assert "cret" not in shown


def test_bad_arguments_of_a_gateway_are_named():
    with pytest.raises(ValueError, match="refusal must be one of challenge, redirect, page, not 'no'"):
        Gateway.bearer("x", refusal="no")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="status must be 200 or 404, not 500"):
        Gateway.other_service(500)  # type: ignore[arg-type]


def test_a_base_url_that_ends_in_api_leads_nowhere(account: Server, comfyui: Server):
    for path in ("/api/api/queue", "/api/api/prompt", "/api/api/system_stats"):
        assert account.get(path).status_code == comfyui.get(path).status_code == 404
    assert account.post("/api/api/prompt", {}).status_code == 404
    response = comfyui.post("/api/api/prompt", {})
    assert (response.status_code, response.text) == (405, "405: Method Not Allowed")
    for server in (account, comfyui):
        assert handshake(server, path="/api/api/ws").status_code == 404
