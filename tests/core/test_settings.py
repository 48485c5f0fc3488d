"""Settings that cannot work are refused at once, without showing the key, and the key goes nowhere it could be read."""

from __future__ import annotations

import traceback
import warnings
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ConfigurationError
from comfy_cloud._core.secrets import Secret
from comfy_cloud._settings import Credential, check_key, origin_of, resolve_key, resolve_server

KEY = "comfyui-0123456789-the-key"
CLOUD = "https://cloud.comfy.org"
LOCAL = "http://127.0.0.1:8188"


def credential(api_key: Any, url: str, **environ: str) -> Any:
    return resolve_key(api_key, resolve_server(url, {}), environ).source


# Which server.


def test_an_argument_comes_before_the_environment_and_that_before_the_default() -> None:
    environ = {"COMFY_CLOUD_BASE_URL": " http://localhost:8188/ "}
    assert resolve_server("https://a.example", environ).base_url == "https://a.example"
    assert resolve_server(None, environ).base_url == "http://localhost:8188"
    assert resolve_server(None, {}).base_url == CLOUD
    assert resolve_server(None, {"COMFY_CLOUD_BASE_URL": " "}).base_url == CLOUD


def test_a_path_prefix_is_kept_and_a_final_slash_is_not() -> None:
    assert resolve_server("https://a.example/behind/proxy/").base_url == "https://a.example/behind/proxy"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8188",
        "cloud.comfy.org",
        "ws://a.example",
        "https://",
        "https:///path",
        "http://h:port",
        "http://h:99999",
        "http://[::1",
        " https://a.example",
        "https://a.example ",
        "https://cloud.comfy.org\n",
        "http://a b",
        "http://h/a\nb",
        "https://user:password@a.example",
        "https://a.example/?x=1",
        "https://a.example?",
        "https://a.example#",
        "https://cloud.comfy.org/api",
        "http://127.0.0.1:8188/api",
        "https://a.example/comfy/API/",
        b"https://a.example",
        5,
    ],
)
def test_what_is_no_address_of_a_server_is_refused(url: Any) -> None:
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        resolve_server(url)
    assert "password" not in str(caught.value)


def test_a_refused_address_says_which_one_is_right() -> None:
    with pytest.raises(ConfigurationError, match=r"must not end in /api: .* pass 'https://a\.example/comfy'"):
        resolve_server("https://a.example/comfy/api/")
    with pytest.raises(ConfigurationError, match=r"as headers=\{\.\.\.\} or as auth of an http_client") as caught:
        resolve_server("https://ann:secret@a.example")
    assert "secret" not in str(caught.value)


def test_the_variable_is_named_where_it_is_at_fault() -> None:
    with pytest.raises(ConfigurationError, match="COMFY_CLOUD_BASE_URL must have http"):
        resolve_server(None, {"COMFY_CLOUD_BASE_URL": "cloud"})


@pytest.mark.parametrize(
    ("url", "cloud", "private"),
    [
        (CLOUD, True, True),
        ("HTTPS://Cloud.Comfy.Org.", True, True),
        ("https://testcloud.comfy.org:8443", True, True),
        ("http://cloud.comfy.org", True, False),
        ("https://evilcomfy.org", False, True),
        ("https://comfy.org.evil.example", False, True),
        (LOCAL, False, True),
        ("http://127.5.6.7", False, True),
        ("http://localhost", False, True),
        ("http://gpu.localhost:8188", False, True),
        ("http://[::1]:8188", False, True),
        ("http://192.168.1.5:8188", False, False),
        ("http://localhost.evil.example", False, False),
        ("http://0.0.0.0:8188", False, False),
    ],
)
def test_the_cloud_is_known_by_its_name_and_private_ways_by_scheme_or_host(
    url: str, cloud: bool, private: bool
) -> None:
    server = resolve_server(url)
    assert (server.is_cloud, server.is_private()) == (cloud, private)


@pytest.mark.parametrize(
    ("url", "proxy", "private"),
    [
        ("http://127.0.0.1:8188", "http://proxy.example:3128", False),
        ("http://127.0.0.1:8188", "socks5://10.0.0.1:1080", False),
        ("http://127.0.0.1:8188", "http://user:secret@127.0.0.1:3128", True),
        ("http://localhost:8188", "socks5h://[::1]:1080", True),
        ("https://127.0.0.1:8188", "http://proxy.example:3128", True),
        ("https://a.example", "http://proxy.example:3128", True),
        ("http://127.0.0.1:8188", "http://[broken", True),  # refused where it is used
    ],
)
def test_the_route_decides_whether_a_key_could_be_read(url: str, proxy: str, private: bool) -> None:
    server = resolve_server(url)
    assert server.is_private(proxy) is private
    if private:
        assert resolve_key(Secret(KEY), server, {}, proxy=proxy).source is not None
        return
    with pytest.raises(ConfigurationError, match="in clear text"):
        resolve_key(Secret(KEY), server, {}, proxy=proxy)
    with pytest.warns(UserWarning, match="is not sent to"):
        assert resolve_key(None, server, {"COMFY_CLOUD_API_KEY": KEY}, proxy=proxy).source is None


def test_origins_compare_whatever_way_they_are_written() -> None:
    assert origin_of("HTTPS", "A.example.", None) == origin_of("https", "a.example", 443)
    assert origin_of("http", "a.example", None) == ("http", "a.example", 80)
    assert origin_of("http", "a.example", 80) != origin_of("https", "a.example", 443)
    assert origin_of("https", "a.example", 443) != origin_of("https", "a.example", 8443)


# Which key.


def test_a_traceback_with_local_variables_does_not_show_the_environment() -> None:
    environ = {"COMFY_CLOUD_API_KEY": KEY + " "}
    for call in (
        lambda: resolve_server("nothing", environ),
        lambda: resolve_key(None, resolve_server(CLOUD, {}), {"COMFY_CLOUD_API_KEY": f"{KEY} x"}),
        lambda: resolve_key(Secret("x"), resolve_server("http://192.168.1.5", {}), environ),
    ):
        with pytest.raises(ConfigurationError) as caught:
            call()
        frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
        assert not [frame for frame in frames if frame.filename.endswith("/_settings.py") and KEY in str(frame.locals)]


def test_an_argument_comes_before_the_environment() -> None:
    assert credential(Secret(KEY), CLOUD, COMFY_CLOUD_API_KEY="other").reveal() == KEY
    assert credential(None, CLOUD, COMFY_CLOUD_API_KEY=f" {KEY}\n").reveal() == KEY


def test_only_the_cloud_needs_a_key() -> None:
    assert credential(None, LOCAL) is None
    assert credential(None, "https://comfyui.example") is None
    for environ in ({}, {"COMFY_CLOUD_API_KEY": "  "}):
        with pytest.raises(ConfigurationError, match="pass api_key or set COMFY_CLOUD_API_KEY"):
            credential(None, CLOUD, **environ)


def test_a_callable_is_kept_and_not_asked_yet() -> None:
    def source() -> str:
        raise AssertionError("asked too early")

    assert credential(source, CLOUD) is source


@pytest.mark.parametrize("source", [Secret(KEY), lambda: KEY], ids=["text", "callable"])
@pytest.mark.parametrize("url", ["http://192.168.1.5:8188", "http://cloud.comfy.org"])
def test_a_key_that_others_could_read_on_the_way_is_refused(url: str, source: Any) -> None:
    with pytest.raises(ConfigurationError, match="clear text"):
        credential(source, url)


def test_a_key_from_the_environment_is_left_out_with_one_warning_at_the_callers_line() -> None:
    environ = {"COMFY_CLOUD_API_KEY": KEY}
    with pytest.warns(UserWarning, match=r"COMFY_CLOUD_API_KEY is not sent to 192\.168\.1\.5") as caught:
        assert credential(None, "http://192.168.1.5:8188", **environ) is None
    assert len(caught) == 1
    assert KEY not in str(caught[0].message)


@pytest.mark.parametrize("client", [ComfyCloud, AsyncComfyCloud])
def test_the_warning_points_at_the_line_that_made_the_client(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", KEY)
    with pytest.warns(UserWarning, match="not sent") as caught:
        client(base_url="http://192.168.1.5:8188")
    assert [warning.filename for warning in caught] == [__file__]


def test_a_key_from_the_environment_goes_to_private_servers_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert credential(None, LOCAL, COMFY_CLOUD_API_KEY=KEY).reveal() == KEY


@pytest.mark.parametrize(
    "key", ["", " ", f"{KEY}\n", f" {KEY}", f"{KEY} x", f"{KEY}é", f"{KEY}\x7f", f"{KEY}\x00"], ids=range(8)
)
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ConfigurationError, match="api_key must not be empty") as caught:
        ComfyCloud(key)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert KEY not in str(caught.value)
    assert KEY not in shown.replace(repr(key), "")  # this test's own variable


@pytest.mark.parametrize("key", [b"bytes", 5, ["key"]])
@pytest.mark.parametrize("client", [ComfyCloud, AsyncComfyCloud])
def test_a_key_of_the_wrong_type_is_refused_at_once(client: Any, key: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"api_key must be a string or a callable, not {type(key).__name__}"):
        client(key)


def test_what_a_callable_gives_is_checked_like_a_key() -> None:
    assert check_key(KEY, "api_key").reveal() == KEY
    with pytest.raises(ConfigurationError, match="api_key must return a string, not NoneType"):
        check_key(None, "api_key")


def test_the_credential_shows_neither_key_nor_source() -> None:
    assert repr(Credential(Secret(KEY))) == "Credential()"


# What else a client takes.


@pytest.mark.parametrize("client", [ComfyCloud, AsyncComfyCloud])
def test_a_client_of_the_wrong_kind_is_refused(client: Any) -> None:
    with pytest.raises(ConfigurationError, match="http_client is a str, not an httpx"):
        client(KEY, http_client="x")


@pytest.mark.parametrize("url", ["https://exa%mple\u2603..example", "https://" + "a" * 70_000])
@pytest.mark.parametrize("client", [ComfyCloud, AsyncComfyCloud])
def test_an_address_that_cannot_be_asked_is_our_error(client: Any, url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        client(KEY, base_url=url)
