# Derived from tests/_async/test_redirects.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Files behind a redirect: fetched from their storage, which sees neither the key nor anything else that is ours."""

from __future__ import annotations

import pickle
import re
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import (
    APIConnectionError,
    APIStatusError,
    ComfyCloudError,
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    UnexpectedResponseError,
)
from comfy_cloud.raw.api.asset import check_asset_by_hash
from comfy_cloud.raw.api.file import upload_image, view_file
from comfy_cloud.raw.api.workflow import execute_prompt
from comfy_cloud.raw.models import PromptRequest, UploadImageBody
from comfy_cloud.raw.types import File

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import KEY, TLS, connect

pytestmark = pytest.mark.anyio

ANYTHING = re.compile(".*")
SIGNATURE = "X-Signature=s3cr3t"
PICTURE = b"\x89PNG picture"


def redirect(server: HTTPServer, *targets: str, status: int = 302) -> None:
    """The server's answers to `/api/view`: each time the next address; the last one stays."""
    left = list(targets)

    def handler(request: Request) -> Response:
        target = left.pop(0) if len(left) > 1 else left[0]
        return Response(status=status, headers={"Location": target, "Set-Cookie": "session=ours"})

    server.expect_request("/api/view").respond_with_handler(handler)


def signed(server: HTTPServer, path: str = "/bucket/a.png") -> str:
    return server.url_for(f"{path}?{SIGNATURE}")


def keys(server: HTTPServer) -> list[str | None]:
    return [request.headers.get("X-API-Key") for request, _ in server.log]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_file_comes_from_another_origin_without_the_key(
    httpserver: HTTPServer, storage: HTTPServer, status: int
) -> None:
    redirect(httpserver, signed(storage), status=status)
    storage.expect_request("/bucket/a.png", query_string=SIGNATURE).respond_with_data(PICTURE)
    with connect(httpserver.url_for("")) as cloud:
        response = view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert response.parsed is not None
    assert response.parsed.read() == PICTURE
    assert keys(httpserver) == [KEY]
    assert keys(storage) == [None]


def test_the_same_host_on_another_port_is_another_origin(httpserver: HTTPServer, storage: HTTPServer) -> None:
    redirect(httpserver, f"http://localhost:{storage.port}/bucket/a.png")
    storage.expect_request("/bucket/a.png").respond_with_data(PICTURE)
    with connect(httpserver.url_for("")) as cloud:
        response = view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert response.content == PICTURE
    assert keys(storage) == [None]


def test_headers_cookies_and_passwords_of_the_user_stay_with_our_server(
    httpserver: HTTPServer, storage: HTTPServer
) -> None:
    redirect(httpserver, f"http://localhost:{storage.port}/bucket/a.png")
    storage.expect_request("/bucket/a.png").respond_with_data(PICTURE)
    own = httpx.Client(verify=TLS, auth=("me", "password"))
    headers = {"X-Team-Token": "t", "Cookie": "a=b", "Authorization": "Bearer b"}
    with own, connect(httpserver.url_for(""), http_client=own, headers=headers) as cloud:
        view_file.sync_detailed(client=cloud.raw, filename="a.png")
        view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert httpserver.log[0][0].headers["X-Team-Token"] == "t"
    assert httpserver.log[0][0].headers["Authorization"].startswith("Basic ")
    for request, _ in storage.log:
        shown = set(request.headers.keys()) - {"Host", "Accept", "Accept-Encoding", "Connection", "User-Agent"}
        assert shown == set()
        assert request.headers["User-Agent"].startswith("comfy-cloud/")


def test_a_redirect_within_our_server_keeps_the_key(httpserver: HTTPServer) -> None:
    redirect(httpserver, "/files/a.png?x=1")
    httpserver.expect_request("/files/a.png").respond_with_data(PICTURE)
    with connect(httpserver.url_for("")) as cloud:
        response = view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert response.content == PICTURE
    assert keys(httpserver) == [KEY, KEY]


def test_each_hop_decides_for_itself(httpserver: HTTPServer, storage: HTTPServer) -> None:
    redirect(httpserver, signed(storage, "/one"))
    storage.expect_request("/one").respond_with_data(status=302, headers={"Location": "/two"})
    storage.expect_request("/two").respond_with_data(status=302, headers={"Location": httpserver.url_for("/back")})
    httpserver.expect_request("/back").respond_with_data(PICTURE)
    with connect(httpserver.url_for("")) as cloud:
        response = view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert response.content == PICTURE
    assert keys(httpserver) == [KEY, KEY]
    assert keys(storage) == [None, None]


def test_nothing_on_the_answer_tells_the_signed_address(httpserver: HTTPServer, storage: HTTPServer) -> None:
    redirect(httpserver, signed(storage))
    storage.expect_request("/bucket/a.png").respond_with_data(PICTURE)
    with connect(httpserver.url_for("")) as cloud:
        http = cloud.raw.get_httpx_client()
        response = http.get("/api/view", params={"filename": "a.png"})
    assert response.content == PICTURE
    assert str(response.url) == httpserver.url_for("/api/view?filename=a.png")
    assert response.history == []
    assert response.next_request is None
    assert "s3cr3t" not in f"{vars(response)}"


# Addresses expire.


@pytest.mark.parametrize("status", [400, 401, 403, 410, 500, 503])
def test_an_expired_address_is_asked_for_anew(httpserver: HTTPServer, storage: HTTPServer, status: int) -> None:
    redirect(httpserver, signed(storage, "/old"), signed(storage, "/new"))
    storage.expect_request("/old").respond_with_data("<Error>Expired</Error>", status=status)
    storage.expect_request("/new").respond_with_data(PICTURE)
    with connect(httpserver.url_for("")) as cloud:
        response = view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert response.content == PICTURE
    assert [request.path for request, _ in storage.log] == ["/old", "/new"]
    assert keys(httpserver) == [KEY, KEY]


def test_a_403_of_our_own_server_is_no_expired_address(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/view").respond_with_json({"error": "not yours"}, status=403)
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(PermissionDeniedError, match="not yours"):
            view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("status", "error", "tries"), [(403, PermissionDeniedError, 3), (404, NotFoundError, 1), (500, ServerError, 3)]
)
def test_an_error_of_the_storage_does_not_tell_the_address_or_its_words(
    httpserver: HTTPServer, storage: HTTPServer, status: int, error: type[APIStatusError], tries: int
) -> None:
    redirect(httpserver, signed(storage))
    storage.expect_request("/bucket/a.png").respond_with_data(f"denied: {signed(storage)} {SIGNATURE}", status=status)
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(error, match=r"viewFile /api/view \(file storage\)") as caught:
            view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert len(storage.log) == len(httpserver.log) == tries
    assert caught.value.body is None
    shown = f"{caught.value!r} {caught.value} {vars(caught.value)}".encode() + pickle.dumps(caught.value)
    assert b"s3cr3t" not in shown
    assert b"bucket" not in shown


def test_a_storage_that_cannot_be_reached_is_our_error(httpserver: HTTPServer, refused: str) -> None:
    redirect(httpserver, f"{refused}/bucket/a.png?{SIGNATURE}")
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(APIConnectionError, match="viewFile /api/view") as caught:
            view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert len(httpserver.log) == 3
    assert "s3cr3t" not in f"{caught.value} {vars(caught.value)}"


def test_a_file_cut_by_the_storage_is_fetched_again(httpserver: HTTPServer, wire: WireServer) -> None:
    redirect(httpserver, f"{wire.url}/a.png?{SIGNATURE}")
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(PICTURE), PICTURE)
    wire.answers = [whole[:-3], whole]
    with connect(httpserver.url_for("")) as cloud:
        response = view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert response.content == PICTURE
    assert len(httpserver.log) == 2


# Redirects that lead nowhere.


def test_a_redirect_in_a_circle_ends(httpserver: HTTPServer) -> None:
    redirect(httpserver, "/api/view")
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(UnexpectedResponseError, match=r"redirected \(302\)"):
            view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert len(httpserver.log) == 6


@pytest.mark.parametrize(
    "target", ["http://[broken", "ftp://storage.example/a", "http://", "https://h:99999/", "\u2603:"]
)
def test_a_redirect_to_no_address_is_our_error(httpserver: HTTPServer, target: str) -> None:
    redirect(httpserver, target + "?s3cr3t")
    with connect(httpserver.url_for("")) as cloud:
        with pytest.raises(ComfyCloudError) as caught:
            view_file.sync_detailed(client=cloud.raw, filename="a.png")
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_changes_something_is_not_redirected(httpserver: HTTPServer, storage: HTTPServer, status: int) -> None:
    httpserver.expect_request(ANYTHING).respond_with_data(status=status, headers={"Location": signed(storage)})
    calls: list[tuple[Any, Any]] = [
        (execute_prompt, PromptRequest.from_dict({"prompt": {}})),
        (upload_image, UploadImageBody(File(b"private", "a.png"))),
    ]
    with connect(httpserver.url_for("")) as cloud:
        for operation, body in calls:
            with pytest.raises(ConfigurationError, match="Is base_url right") as caught:
                operation.sync_detailed(client=cloud.raw, body=body)
            assert "s3cr3t" not in str(caught.value)
    assert storage.log == []
    assert len(httpserver.log) == 2


def test_asking_for_a_head_follows_too(httpserver: HTTPServer, storage: HTTPServer) -> None:
    httpserver.expect_request(ANYTHING).respond_with_data(status=302, headers={"Location": signed(storage)})
    storage.expect_request("/bucket/a.png", method="HEAD").respond_with_data(b"")
    with connect(httpserver.url_for("")) as cloud:
        response = check_asset_by_hash.sync_detailed("blake3:00", client=cloud.raw)
    assert response.status_code == 200
