"""The only module of ours that imports httpx and httpcore: their errors in our terms, their log without secrets.

A move to another HTTP library with the same shape is a change here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies, proxy_bypass

import httpx as httpx

from ._core.bodies import BrokenBodyError
from ._core.error_responses import Place
from ._core.secrets import redact_addresses, redact_value
from ._logging import logger
from ._settings import Server, is_loopback
from .errors import APIConnectionError, APITimeoutError, ConfigurationError, UnexpectedResponseError

if TYPE_CHECKING:
    import httpcore as httpcore


def __getattr__(name: str) -> Any:
    # Like httpx, which imports httpcore for the first client: to import it takes a sixth of what httpx takes.
    if name == "httpcore":
        import httpcore

        return httpcore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# No byte of the request can have reached the server.
_UNSENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
    # Raised for hosts and ports that are none. anyio gathers what went wrong with each address in a group.
    httpx.InvalidURL,
    UnicodeError,
    OverflowError,
    ExceptionGroup,
)

_TIMEOUTS: Final[dict[type[Exception], str]] = {
    httpx.ConnectTimeout: "no connection in time",
    httpx.ReadTimeout: "the server stopped sending",
    httpx.WriteTimeout: "the server stopped taking the request",
    httpx.PoolTimeout: "no connection was free in time",
}


class CallersError(Exception):
    """Carries an exception of the caller's own code, such as a callback, through httpx.

    Everything else that comes out of there is translated, whatever its type: not only httpx and httpcore, but anyio,
    idna and the standard library raise below a request, and no list of their exceptions stays complete.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def connection_error(error: Exception, place: Place) -> APIConnectionError:
    """Return our exception for any that sending or reading raised.

    Keeps nothing of it: one of httpx holds the request, whose URL may be signed.
    """
    import h11

    cls: type[APIConnectionError] = APIConnectionError
    if isinstance(error, httpx.TimeoutException):
        cls, why = APITimeoutError, _TIMEOUTS.get(type(error), "timed out")
    elif isinstance(error, (httpx.LocalProtocolError, h11.LocalProtocolError)):
        why = "the request cannot be sent as it is"  # httpx's text can quote a header
    elif isinstance(error, (httpx.DecodingError, BrokenBodyError)):
        why = "the answer's compression is broken"
    else:
        kind = "" if isinstance(error, httpx.HTTPError) and str(error) else type(error).__name__
        why = ": ".join(filter(None, (kind, redact_addresses(str(error)))))
    return cls(f"{place}: {why} ({place.server})", operation=place.operation, sent=not isinstance(error, _UNSENT))


def base_url_of(server: Server) -> httpx.URL:
    """Return the server's URL as httpx reads it. Raises ConfigurationError for a URL that it refuses."""
    try:
        return httpx.URL(server.base_url)
    except httpx.InvalidURL:
        raise ConfigurationError("base_url must be a URL that httpx accepts") from None


class NoCookies(httpx.Cookies):
    """A jar that takes and gives nothing. httpx spends a twentieth of a small call on looking for cookies otherwise."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Take no cookie."""

    def set_cookie_header(self, request: httpx.Request) -> None:
        """Add no cookie."""


def redirect_target(url: httpx.URL, location: str, place: Place) -> httpx.URL:
    """Return where a redirect from `url` leads. Raises UnexpectedResponseError for a target that is not followed."""
    target, host = url, ""
    try:
        # Joined only if it is relative: httpx reads each URL three times for it.
        target = httpx.URL(location) if location.startswith(("https://", "http://")) else url.join(location)
        host = target.host  # read here: some hosts are refused only when they are decoded
    except Exception:  # noqa: BLE001 - InvalidURL, and whatever the decoding of names raises
        host = ""  # it may have been read from a URL that cannot be sent
    if not host:
        raise _not_followed(place, "an address that is not a URL")
    # From https, everybody on the way could read what follows, and a file: or ftp: is no file storage.
    if target.scheme != "https" and target.scheme != url.scheme:
        raise _not_followed(place, f"{target.scheme}://{host}")
    return target


def _not_followed(place: Place, where: str) -> UnexpectedResponseError:
    message = f"{place}: redirected to {redact_addresses(where)}, which is not followed: only https is"
    return UnexpectedResponseError(message, operation=place.operation)


def hide_query(url: httpx.URL, extensions: dict[str, Any]) -> httpx.URL:
    """Return the URL of a request without its query, which goes into its extensions: httpcore joins them again.

    Instrumentation and event hooks show the URL of a request, and the query may be a signature.
    """
    extensions["target"] = url.raw_path
    return url.copy_with(query=None)


def environment_proxy(scheme: str, host: str) -> str | None:
    """Return the proxy URL that the environment has for a host, credentials included, or None.

    `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` (or the system's settings) are read as the standard library
    does, which websockets follows as well: a WebSocket must not take another way than the requests. Plain http to
    this machine goes there directly, whatever the environment says: a proxy would read the key in it.
    """
    if scheme == "http" and is_loopback(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


# Set while one client sends through another: both would log the same request.
_PASSING_ON: Final[ContextVar[bool]] = ContextVar("passing_on", default=False)


@contextmanager
def passing_on() -> Iterator[None]:
    """Drop the log lines of an inner client, since the outer one logs the same request."""
    token = _PASSING_ON.set(True)
    try:
        yield
    finally:
        _PASSING_ON.reset(token)


# How websockets logs the headers of a handshake, among which are a user's own credentials.
_HEADER_LINES: Final = ("> %s: %s", "< %s: %s")


class _RedactingFilter(logging.Filter):
    """Cuts queries out of the URLs in a record, and drops headers and what is said twice."""

    def filter(self, record: logging.LogRecord) -> bool:
        if (record.name == "httpx" and _PASSING_ON.get()) or record.msg in _HEADER_LINES:
            return False
        if record.name.startswith("hpack"):
            return False  # at DEBUG it shows every header, the key and the path of each request among them
        record.msg = redact_value(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(redact_value(argument) for argument in record.args)
        elif record.args:
            record.args = {name: redact_value(argument) for name, argument in record.args.items()}
        return True


_FILTER: Final = _RedactingFilter()
# One on the parent would not do: filters see only records that are logged there.
_LOGGERS: Final = (
    "httpx",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.connection",
    "httpcore.proxy",
    "httpcore.socks",
    "hpack.hpack",
    "hpack.table",
    "hpack.huffman",
)


def quiet_loggers() -> None:
    """Put the filter on the loggers that show addresses. Once per process, whatever the number of clients."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)  # adding the same filter again does nothing


def quiet_logger(name: str) -> logging.Logger:
    """Return a child of our logger for a library to log to, with the same filter on it."""
    child = logger.getChild(name)
    child.addFilter(_FILTER)
    return child
