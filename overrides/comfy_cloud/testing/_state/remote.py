"""Fetch files from other servers, as imports by URL do, but only from http URLs on loopback.

No test may reach the network by accident. The emulator sends nothing of its own, and ignores proxies from the
environment. Everything here blocks, so call it in a thread.
"""

import contextlib
import http.client
import ipaddress
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

TIMEOUT = 10.0  # s, for opening a connection and for each piece of a response
MAX_REDIRECTS = 5
_FILENAME = re.compile(r'filename="?([^";]+)"?')


class ForbiddenSourceError(ValueError):
    """A URL that the emulator does not fetch: malformed, not http, or not on loopback."""


class SourceError(Exception):
    """A source that could not be read. `status` is its HTTP status, or None if there was no usable response."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class SourceInfo:
    """The data that a source sends about its file. `length` is in bytes, or -1 if the source does not say."""

    length: int
    content_type: str
    filename: str


class Source:
    """The body of a source, read in pieces. Raises SourceError if the body ends too early."""

    def __init__(self, response: http.client.HTTPResponse, info: SourceInfo) -> None:
        self.info = info
        self.received = 0
        self._response = response

    def read(self, size: int, /) -> bytes:
        try:
            # `read` would wait until the whole size has arrived. A slow source must show its progress piece by piece.
            piece = self._response.read1(size)
        except (OSError, http.client.HTTPException) as error:
            raise SourceError("The source broke off") from error
        self.received += len(piece)
        # http.client's `read1` returns nothing at a premature end and raises no error. Only the length shows it.
        if not piece and self.info.length >= 0 and self.received != self.info.length:
            raise SourceError(f"The source broke off after {self.received} of {self.info.length} bytes")
        return piece


class Fetcher:
    """Opens sources. `close` ends those that are open, whichever thread is reading them."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._open: set[socket.socket] = set()
        self._closed = False
        self._lock = threading.Lock()

    def head(self, url: str) -> SourceInfo:
        """Return what the source says about its file. Raises ForbiddenSourceError or SourceError."""
        with self._follow("HEAD", url) as source:
            return source.info

    @contextmanager
    def open(self, url: str) -> Iterator[Source]:
        """Open a source to read it in pieces. Raises ForbiddenSourceError or SourceError."""
        with self._follow("GET", url) as source:
            yield source

    def close(self) -> None:
        """End every open source, so that no thread waits for a slow one when the emulator stops."""
        with self._lock:
            self._closed = True
            for connection in self._open:
                with contextlib.suppress(OSError):  # the source has ended already
                    connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _follow(self, method: str, url: str) -> Iterator[Source]:
        for _ in range(MAX_REDIRECTS + 1):
            # Every redirect is checked like the first URL: otherwise a local server could send the emulator to the
            # network.
            with self._request(method, loopback(url)) as response:
                location = response.headers.get("location")
                if response.status in (301, 302, 303, 307, 308) and location:
                    url = urljoin(url, location)
                    continue
                if response.status != 200:
                    raise SourceError(f"The source answered {response.status}", response.status)
                yield Source(response, _info(response, url))
                return
        raise SourceError(f"The source redirects more than {MAX_REDIRECTS} times")

    @contextmanager
    def _request(self, method: str, address: SplitResult) -> Iterator[http.client.HTTPResponse]:
        target = quote(address.path or "/", safe="/%:@!$&'()*+,;=~") + (f"?{address.query}" if address.query else "")
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=self._timeout)
        with contextlib.closing(connection), self._connected(connection):
            try:
                # Without this header a source could compress the file, and its length and hash would not be those of
                # the content.
                connection.request(method, target, headers={"Accept-Encoding": "identity"})
                response = connection.getresponse()
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise SourceError("The source gave no usable answer") from error
            with response:
                yield response

    @contextmanager
    def _connected(self, connection: http.client.HTTPConnection) -> Iterator[None]:
        """Connect, and let `close` reach the socket for as long as it is used."""
        try:
            connection.connect()
        except OSError as error:
            raise SourceError("The source cannot be reached") from error
        opened: socket.socket = connection.sock
        with self._lock:
            # A request that starts while the emulator is closing would otherwise be waited for until its timeout.
            if self._closed:
                raise SourceError("The emulator is closing")
            self._open.add(opened)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(opened)


def loopback(url: str) -> SplitResult:
    """Return the parts of a URL. Raise ForbiddenSourceError if it is not http on loopback."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local, parts = False, None
    if parts is None or not local or parts.scheme != "http":
        raise ForbiddenSourceError("The emulator fetches from http addresses on loopback only: http://127.0.0.1:...")
    return parts


def _info(response: http.client.HTTPResponse, url: str) -> SourceInfo:
    length = response.headers.get("content-length", "")
    named = _FILENAME.search(response.headers.get("content-disposition", ""))
    path_name = unquote(urlsplit(url).path.rpartition("/")[2])
    return SourceInfo(
        length=int(length) if length.isascii() and length.isdigit() else -1,
        content_type=response.headers.get_content_type(),
        filename=named.group(1) if named else path_name,
    )
