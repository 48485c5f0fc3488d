"""The only module of ours that imports httpx: its errors in our terms, its log records without secrets.

A move to another HTTP library with the same shape is a change here.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import quote

import h11
import httpcore as httpcore
import httpx as httpx

from ._core.secrets import redact_addresses, redact_value
from ._logging import logger
from ._settings import origin_of
from .errors import APIConnectionError, APITimeoutError, ConfigurationError

# No byte of the request can have reached the server.
_UNSENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)

# What sending and reading raises. httpcore lets h11's own error through where a body is longer or shorter than was
# announced, such as a file that somebody writes to.
HTTP_ERRORS: Final = (httpx.HTTPError, h11.LocalProtocolError)

_TIMEOUTS: Final[dict[type[Exception], str]] = {
    httpx.ConnectTimeout: "no connection in time",
    httpx.ReadTimeout: "the server stopped sending",
    httpx.WriteTimeout: "the server stopped taking the request",
    httpx.PoolTimeout: "no connection was free in time",
}


def connection_error(error: Exception, operation: str | None, method: str, path: str) -> APIConnectionError:
    """Our exception for httpx's. Nothing of the original is kept: it holds the request, whose address may be signed."""
    cls: type[APIConnectionError] = APIConnectionError
    if isinstance(error, httpx.TimeoutException):
        cls, why = APITimeoutError, _TIMEOUTS.get(type(error), "timed out")
    elif isinstance(error, (httpx.LocalProtocolError, h11.LocalProtocolError)):
        why = "the request cannot be sent as it is"  # httpx's text can quote a header
    elif isinstance(error, httpx.DecodingError):
        why = "the answer's compression is broken"
    else:
        why = redact_addresses(str(error)) or type(error).__name__
    return cls(f"{operation or method} {path}: {why}", operation=operation, sent=not isinstance(error, _UNSENT))


def origin_of_url(url: httpx.URL | str) -> tuple[str, str, int]:
    """Scheme, host and port of an address, as httpx understands it. Raises ConfigurationError for what is none."""
    try:
        url = httpx.URL(url)
    except httpx.InvalidURL:
        raise ConfigurationError("base_url is not an address that can be asked") from None
    return origin_of(url.scheme, url.host, url.port)


def socket_route(client: httpx.Client | httpx.AsyncClient, url: str) -> dict[str, Any] | None:
    """How `client` reaches `url`: its proxy and TLS as websockets takes them. None where that cannot be told.

    The client's own answer for an address, with mounts and the environment in it, is in private attributes: where they
    are not found, or the user's transport is no network's, there is no socket rather than one that goes around it.
    """
    transport_for = getattr(client, "_transport_for_url", lambda _: None)
    pool: Any = getattr(transport_for(httpx.URL(url)), "_pool", None)
    if not isinstance(pool, httpcore.ConnectionPool | httpcore.AsyncConnectionPool):
        return None
    if getattr(pool, "_uds", None) is not None or getattr(pool, "_http2", False):  # no room for a socket there
        return None
    route = {"proxy": _proxy_address(pool), "proxy_ssl": getattr(pool, "_proxy_ssl_context", None)}
    if url.startswith("https:"):
        route["ssl"] = getattr(pool, "_ssl_context", None)
    return {name: value for name, value in route.items() if value is not None or name == "proxy"}


def _proxy_address(pool: Any) -> str | None:
    """The address of a pool's proxy, credentials included.

    Up to 16, websockets takes quoted characters in them for themselves: with such a password there is no socket then.
    """
    url: httpcore.URL | None = getattr(pool, "_proxy_url", None)
    if url is None:
        return None
    user = b":".join(quote(part).encode() for part in getattr(pool, "_proxy_auth", None) or ())
    for name, value in getattr(pool, "_proxy_headers", ()):
        if name.lower() == b"proxy-authorization" and value.startswith(b"Basic "):
            user = b":".join(quote(part).encode() for part in b64decode(value[6:]).split(b":", 1))
    host = b"[%b]" % url.host if b":" in url.host else url.host
    port = b":%d" % url.port if url.port else b""
    return (url.scheme + b"://" + (user and user + b"@") + host + port).decode("ascii")


# Set while one client sends through another: both would log the same request.
_PASSING_ON: Final[ContextVar[bool]] = ContextVar("passing_on", default=False)


@contextmanager
def passing_on() -> Iterator[None]:
    """Around the sending by the inner client, whose log line the outer one writes anyway."""
    token = _PASSING_ON.set(True)
    try:
        yield
    finally:
        _PASSING_ON.reset(token)


class _RedactingFilter(logging.Filter):
    """Cuts queries out of the addresses in a record, and drops what is said twice."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "httpx" and _PASSING_ON.get():
            return False
        record.msg = redact_value(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(redact_value(argument) for argument in record.args)
        elif record.args:
            record.args = {name: redact_value(argument) for name, argument in record.args.items()}
        return True


_FILTER: Final = _RedactingFilter()
# One on the parent would not do: filters see only records that are logged there.
_LOGGERS: Final = ("httpx", "httpcore.http11", "httpcore.http2", "httpcore.connection", "httpcore.proxy")


def quiet_loggers() -> None:
    """Put the filter on the loggers that show addresses. Once per process, whatever the number of clients."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)  # adding the same filter again does nothing


def quiet_logger(name: str) -> logging.Logger:
    """A child of our logger, for a library that is handed one: what it logs goes through the same filter."""
    child = logger.getChild(name)
    child.addFilter(_FILTER)
    return child
