"""The key, and addresses that open something, are in no repr and no pickle of what the raw client hands out."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import AsyncComfyCloud, ComfyCloud
from comfy_cloud.raw import AuthenticatedClient, Client
from comfy_cloud.raw.api.asset import get_asset_by_id
from comfy_cloud.raw.api.file import view_file
from comfy_cloud.raw.api.system import get_system_stats
from comfy_cloud.raw.errors import UnexpectedStatus
from comfy_cloud.raw.models import Asset, CreateAssetDownloadBody, PromptRequest, UploadAssetJsonBody
from comfy_cloud.raw.types import UNSET, File

from .conftest import KEY, TLS, Raw, arguments

SIGNED = "https://storage.example/a.png?signature=s3cr3t"


CLIENTS: dict[str, Callable[[], Any]] = {
    "raw": lambda: Client(base_url="https://example.com", headers={"X-API-Key": KEY}, cookies={"session": KEY}),
    "raw with arguments": lambda: Client(base_url="https://example.com", httpx_args={"headers": {"X-API-Key": KEY}}),
    "raw with headers": lambda: Client(base_url="https://example.com").with_headers({"X-Key": KEY}),
    "authenticated": lambda: AuthenticatedClient(base_url="https://example.com", token=KEY),
    "bearer": lambda: AuthenticatedClient(base_url="https://example.com", token=KEY, prefix="Bearer"),
    "sync": lambda: ComfyCloud(KEY, ssl_context=TLS, headers={"X-Other": KEY}),
    "sync with callable": lambda: ComfyCloud(lambda: KEY, ssl_context=TLS),
    "async": lambda: AsyncComfyCloud(KEY, ssl_context=TLS, headers={"X-Other": KEY}),
    "raw of sync": lambda: ComfyCloud(KEY, ssl_context=TLS).raw,
    "raw of async": lambda: AsyncComfyCloud(KEY, ssl_context=TLS).raw,
}


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Any:
    """Each kind of client in turn, with a key."""
    return CLIENTS[request.param]()


def test_the_key_is_in_no_repr_of_a_client(client: Any) -> None:
    assert KEY not in repr(client)
    assert KEY not in str(client)
    assert KEY not in f"{client} {vars(client) if hasattr(client, '__dict__') else ''}"


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda function: function.__name__)
def test_a_client_is_neither_pickled_nor_copied_and_says_what_to_do(client: Any, duplicate: Any) -> None:
    with pytest.raises(TypeError, match=r"cannot be pickled: (build|make) "):
        duplicate(client)


def test_the_key_travels_with_an_authenticated_client(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/system_stats").respond_with_json({})
    for prefix, header, sent in [("", "X-API-Key", KEY), ("Bearer", "Authorization", f"Bearer {KEY}")]:
        client = AuthenticatedClient(
            base_url=httpserver.url_for(""), token=KEY, prefix=prefix, auth_header_name=header, verify_ssl=TLS
        )
        with client:
            response = get_system_stats.sync_detailed(client=client)
        assert httpserver.log[-1][0].headers[header] == sent
        assert KEY not in repr(response)


def test_settings_of_a_client_in_use_do_not_change_behind_its_back() -> None:
    client = Client(base_url="https://example.com", verify_ssl=TLS)
    assert client.with_timeout(httpx.Timeout(3)).get_httpx_client().timeout.read == 3
    with client, pytest.raises(RuntimeError, match="before its first request"):
        client.with_headers({"a": "b"})


def test_reprs_of_models_show_no_value_that_could_be_a_secret(httpserver: HTTPServer, raw: Raw) -> None:
    body = {"name": "a.png", "preview_url": SIGNED, "partner_token": KEY, "user_metadata": {"api_key": KEY}}
    httpserver.expect_request("/api/assets/some text").respond_with_json(body)
    response = raw.detailed(httpserver.url_for(""), get_asset_by_id, **arguments(get_asset_by_id))
    assert response.parsed.preview_url == SIGNED
    for shown in (repr(response), repr(response.parsed), str(response.parsed), f"{response.parsed!r}"):
        assert "s3cr3t" not in shown
        assert KEY not in shown
        assert "partner_token" in shown


@pytest.mark.parametrize(
    "model",
    [
        PromptRequest.from_dict({"prompt": {}, "extra_data": {"api_key_comfy_org": KEY}, "more": KEY}),
        UploadAssetJsonBody(url=SIGNED + KEY, tags=[], name="a"),
        CreateAssetDownloadBody(source_url=SIGNED + KEY),
        Asset.from_dict({"preview_url": SIGNED + KEY, "download": SIGNED + KEY}),
    ],
    ids=lambda model: type(model).__name__,
)
def test_reprs_of_bodies_show_no_value_that_could_be_a_secret(model: Any) -> None:
    assert KEY not in repr(model)
    assert "s3cr3t" not in repr(model)


def test_reprs_show_the_size_of_a_content_and_not_the_content(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request("/api/view").respond_with_data(b"private picture", headers={"X-Echo": KEY})
    response = raw.detailed(httpserver.url_for(""), view_file, filename="a.png")
    assert "private" not in repr(response)
    assert KEY not in repr(response)
    assert repr(File(b"private", "a.png")) == "File(payload=<7 bytes>, file_name='a.png', mime_type=None)"


def test_the_error_of_a_bare_client_keeps_the_body_out_of_its_message() -> None:
    error = UnexpectedStatus(500, KEY.encode(), "getQueueInfo")
    assert str(error) == "getQueueInfo was answered with status 500"
    again = pickle.loads(pickle.dumps(error))
    assert (again.status_code, again.content, again.operation) == (500, KEY.encode(), "getQueueInfo")


def test_a_value_that_was_not_given_stays_the_same_value() -> None:
    assert copy.deepcopy(UNSET) is copy.copy(UNSET) is pickle.loads(pickle.dumps(UNSET)) is UNSET
    assert not UNSET
