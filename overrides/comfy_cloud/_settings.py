"""Settings of a client: argument, then environment, then default; checked before anything is sent."""

from __future__ import annotations

import ipaddress
import os
import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

from ._core.secrets import Secret
from .errors import ConfigurationError

DEFAULT_BASE_URL: Final = "https://cloud.comfy.org"
KEY_VARIABLE: Final = "COMFY_CLOUD_API_KEY"
URL_VARIABLE: Final = "COMFY_CLOUD_BASE_URL"
KEY_HEADER: Final = "X-API-Key"

KeySource = Callable[[], str] | Callable[[], Awaitable[str]]


class Keep(Enum):
    """The type of `KEEP`: a setting that was not given, where None means something."""

    KEEP = "keep"

    def __repr__(self) -> str:
        return "KEEP"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Server:
    """Where requests go: `origin` (scheme, host, port) is who may see the key, `base_url` has the path prefix too."""

    base_url: str
    origin: tuple[str, str, int]

    @property
    def socket_url(self) -> str:
        """The address of the socket, without its query."""
        return f"ws{self.base_url[4:]}/ws"

    @property
    def is_cloud(self) -> bool:
        """Whether this is known, by its name, to be the cloud and not some ComfyUI."""
        return self.origin[1] == "comfy.org" or self.origin[1].endswith(".comfy.org")

    @property
    def is_private(self) -> bool:
        """Whether what is sent there cannot be read on the way: https, or this machine."""
        return self.origin[0] == "https" or _is_loopback(self.origin[1])


@dataclass(frozen=True, slots=True)
class Credential:
    """The key, or how to get it. Shows neither."""

    source: Secret | KeySource | None = field(repr=False)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(scheme: str, host: str, port: int | None) -> tuple[str, str, int]:
    """Scheme, host and port in the form in which they compare."""
    return scheme.lower(), host.lower().rstrip("."), port or (443 if scheme.lower() in {"https", "wss"} else 80)


def resolve_server(base_url: str | None, environ: Mapping[str, str] = os.environ) -> Server:
    """The server from an argument, the environment or the default. Raises ConfigurationError for what is no address."""
    given = base_url if base_url is not None else environ.get(URL_VARIABLE, "").strip() or DEFAULT_BASE_URL
    del environ  # it holds the key, and tracebacks can show what a frame holds
    name = "base_url" if base_url is not None else URL_VARIABLE
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except (ValueError, AttributeError, TypeError):
        raise ConfigurationError(f"{name} is not an address; wanted is one like {DEFAULT_BASE_URL}") from None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise ConfigurationError(f"{name} wants http:// or https:// and a host, like {DEFAULT_BASE_URL}")
    if not given.isprintable() or " " in given:
        raise ConfigurationError(f"{name} holds a space or a line end")
    if parts.username is not None or parts.password is not None or "?" in given or "#" in given:
        raise ConfigurationError(f"{name} takes no credentials, query or fragment; the key goes into api_key")
    server = Server(given.rstrip("/"), origin_of(parts.scheme, host, port))
    if server.is_cloud and parts.path.strip("/"):
        raise ConfigurationError(f"{name}: leave out the path {parts.path!r}, the operations bring their own")
    return server


def resolve_key(
    api_key: Secret | KeySource | None, server: Server, environ: Mapping[str, str] = os.environ
) -> Credential:
    """The credential for a server. A key from the environment never goes where others could read it."""
    from_environment = Secret(environ.get(KEY_VARIABLE, "").strip())
    del environ  # it shows the key, and tracebacks can show what a frame holds
    if api_key is not None:
        if not isinstance(api_key, Secret) and not callable(api_key):
            raise ConfigurationError(f"api_key is a {type(api_key).__name__}, where a text or a callable is wanted")
        if not server.is_private:
            raise ConfigurationError(
                f"the key would cross the network in clear text to {server.origin[1]}: use https, or no api_key"
            )
        return Credential(check_key(api_key.reveal(), "api_key") if isinstance(api_key, Secret) else api_key)
    if not from_environment:
        if server.is_cloud:
            raise ConfigurationError(f"no API key: pass api_key or set {KEY_VARIABLE}")
        return Credential(None)
    if not server.is_private:
        warnings.warn(f"{KEY_VARIABLE} is not sent to {server.origin[1]} over plain http", UserWarning, stacklevel=3)
        return Credential(None)
    return Credential(check_key(from_environment.reveal(), KEY_VARIABLE))


def check_key(key: object, name: str) -> Secret:
    """The key, if a header can carry it. The error never shows it."""
    if not isinstance(key, str):
        raise ConfigurationError(f"{name} gave a {type(key).__name__}, where a text is wanted")
    secret, fits = Secret(key), bool(key) and key.isascii() and all(33 <= ord(character) <= 126 for character in key)
    del key
    if not fits:
        raise ConfigurationError(f"{name} is empty, or holds a space, a line end or a character outside ASCII")
    return secret
