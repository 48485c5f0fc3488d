"""Settings of a client: argument, then environment, then default; checked before anything is sent."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

from ._core.secrets import Secret
from .errors import ComfyCloudError, ConfigurationError

DEFAULT_BASE_URL: Final = "https://cloud.comfy.org"
KEY_VARIABLE: Final = "COMFY_CLOUD_API_KEY"
URL_VARIABLE: Final = "COMFY_CLOUD_BASE_URL"
KEY_HEADER: Final = "X-API-Key"

KeySource = Callable[[], str] | Callable[[], Awaitable[str]]


class NotGiven(Enum):
    """The type of `NOT_GIVEN`: an argument that was left out, where None means something."""

    NOT_GIVEN = "not given"

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven.NOT_GIVEN


@dataclass(frozen=True, slots=True)
class Server:
    """The server to use: `origin` (scheme, host, port) is what may see the key, `base_url` has the path prefix too."""

    base_url: str
    origin: tuple[str, str, int]

    @property
    def socket_url(self) -> str:
        """The URL of the WebSocket, without its query."""
        return f"ws{self.base_url[4:]}/ws"

    @property
    def is_cloud(self) -> bool:
        """True if the host name is one of Comfy Cloud. Any other server may be either kind."""
        return self.origin[1] == "comfy.org" or self.origin[1].endswith(".comfy.org")

    def is_private(self, proxy: str | None = None) -> bool:
        """Return True if nobody on the way can read what is sent: https, or this machine and no other.

        `proxy` is the proxy that the caller chose. Through a proxy on another machine, http to this machine leaves it.
        """
        if self.origin[0] == "https":
            return True
        return self.is_loopback and (proxy is None or is_loopback(_host_of(proxy) or "localhost"))

    @property
    def is_loopback(self) -> bool:
        """True if the host is this machine."""
        return is_loopback(self.origin[1])


@dataclass(frozen=True, slots=True)
class Credential:
    """The key, or the callable that returns it. The repr shows neither."""

    source: Secret | KeySource | None = field(repr=False)


def is_loopback(host: str) -> bool:
    """Return True if the host name or address is this machine."""
    host = host.lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _host_of(proxy: str) -> str | None:
    """Return the host of a proxy; None for what is not the URL of a proxy, which is refused where it is used."""
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        parts = urlsplit(proxy)
        if parts.scheme in {"http", "https", "socks5", "socks5h"}:
            return parts.hostname
    return None


def origin_of(scheme: str, host: str, port: int | None) -> tuple[str, str, int]:
    """Return scheme, host and port in the form in which they compare."""
    return scheme.lower(), host.lower().rstrip("."), port or (443 if scheme.lower() in {"https", "wss"} else 80)


def resolve_server(base_url: str | None, environ: Mapping[str, str] = os.environ) -> Server:
    """Return the server of the argument, the environment or the default. Raises ConfigurationError for a bad URL."""
    given = base_url if base_url is not None else environ.get(URL_VARIABLE, "").strip() or DEFAULT_BASE_URL
    del environ  # it holds the key, and tracebacks can show what a frame holds
    name = "base_url" if base_url is not None else URL_VARIABLE
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except (ValueError, AttributeError, TypeError):
        raise ConfigurationError(f"{name} must be a URL, such as {DEFAULT_BASE_URL}") from None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise ConfigurationError(f"{name} must have http:// or https:// and a host, such as {DEFAULT_BASE_URL}")
    if not given.isprintable() or " " in given:
        raise ConfigurationError(f"{name} must not contain spaces or line ends")
    if parts.username is not None or parts.password is not None or "?" in given or "#" in given:
        raise ConfigurationError(
            f"{name} must not contain credentials, a query or a fragment: pass the key as api_key, and what a gateway"
            " before the server wants as headers={...} or as auth of an http_client"
        )
    server = Server(given.rstrip("/"), origin_of(parts.scheme, host, port))
    path = parts.path.rstrip("/")
    if path.lower().endswith("/api"):
        shown = f"{parts.scheme}://{parts.netloc}{path[:-4]}"
        raise ConfigurationError(f"{name} must not end in /api: the operations add it themselves; pass {shown!r}")
    if server.is_cloud and path:
        raise ConfigurationError(f"{name} must not have the path {parts.path!r}: the operations add their own")
    return server


def resolve_key(
    api_key: Secret | KeySource | None,
    server: Server,
    environ: Mapping[str, str] = os.environ,
    *,
    proxy: str | None = None,
) -> Credential:
    """Return the credential for a server behind `proxy`.

    A key of the environment is not sent where others could read it. The route decides, not the server's name alone.
    """
    from_environment = Secret(environ.get(KEY_VARIABLE, "").strip())
    del environ  # it shows the key, and tracebacks can show what a frame holds
    private = server.is_private(proxy)
    where = f"the proxy {_host_of(proxy)}" if proxy is not None and server.is_loopback else server.origin[1]
    if api_key is not None:
        if not isinstance(api_key, Secret) and not callable(api_key):
            raise ConfigurationError(f"api_key must be a string or a callable, not {type(api_key).__name__}")
        if not private:
            raise ConfigurationError(
                f"the key would cross the network in clear text to {where}: use https, or no api_key"
            )
        return Credential(check_key(api_key.reveal(), "api_key") if isinstance(api_key, Secret) else api_key)
    if not from_environment:
        if server.is_cloud:
            raise ConfigurationError(f"no API key: pass api_key or set {KEY_VARIABLE}")
        return Credential(None)
    if not private:
        warnings.warn(f"{KEY_VARIABLE} is not sent to {where} over plain http", UserWarning, stacklevel=3)
        return Credential(None)
    return Credential(check_key(from_environment.reveal(), KEY_VARIABLE))


def check_key(key: object, name: str) -> Secret:
    """Return the key if a header can carry it. The error never shows it."""
    if not isinstance(key, str):
        raise ConfigurationError(f"{name} must return a string, not {type(key).__name__}")
    secret, fits = Secret(key), bool(key) and key.isascii() and all(33 <= ord(character) <= 126 for character in key)
    del key
    if not fits:
        raise ConfigurationError(f"{name} must not be empty or contain spaces, line ends or characters outside ASCII")
    return secret


def expanded(where: str | os.PathLike[str], error: type[ComfyCloudError]) -> str:
    """Return a path with `~` expanded. Raises the error for a path that can be none, TypeError for another type."""
    if not isinstance(where, str | os.PathLike):
        raise TypeError(f"a path must be a string or a Path, not {type(where).__name__}")
    text = os.path.expanduser(os.fspath(where))
    try:
        usable = text and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:  # half of a surrogate pair
        usable = False
    if not usable:
        raise error(f"{text!r} is no path" + ("" if text else "; '.' is the folder in which the program runs"))
    if text.startswith("~"):  # left as it was: a folder of this name would be made beside the script
        user = text.partition("/")[0]
        raise error(f"{text!r}: no home folder of {user!r} is known; give ./{user} for a folder of that name")
    return text
