"""Fetching from other servers, as imports by address do: loopback http only, so that no test reaches the network.

Nothing of the emulator's own goes along, and proxies of the environment are not used. Everything here blocks:
call it in a thread.
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

TIMEOUT = 10.0  # s, for a connection and for each piece of an answer
MAX_REDIRECTS = 5
_FILENAME = re.compile(r'filename="?([^";]+)"?')


class ForbiddenSourceError(ValueError):
    """An address that the emulator does not fetch from: malformed, not http, or not on loopback."""


class SourceError(Exception):
    """A source that cannot be read. `status` is its HTTP status, None where there was no usable answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class SourceInfo:
    """What a source tells of its file; `length` is in bytes, -1 where it is not told."""

    length: int
    content_type: str
    filename: str


class Source:
    """The body of a source, read in pieces; raises SourceError where it breaks off."""

    def __init__(self, answer: http.client.HTTPResponse, info: SourceInfo) -> None:
        self.info = info
        self.received = 0
        self._answer = answer

    def read(self, size: int, /) -> bytes:
        try:
            piece = self._answer.read1(size)  # not `read`, which waits for the whole size
        except (OSError, http.client.HTTPException) as error:
            raise SourceError("The source broke off") from error
        self.received += len(piece)
        if not piece and self.info.length >= 0 and self.received != self.info.length:
            raise SourceError(f"The source broke off after {self.received} of {self.info.length} bytes")
        return piece


class Fetcher:
    """Opens sources; `close` ends those that are open, in whatever thread they are being read."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._open: set[socket.socket] = set()
        self._closed = False
        self._lock = threading.Lock()

    def head(self, url: str) -> SourceInfo:
        """What the source tells of its file. Raises ForbiddenSourceError or SourceError."""
        with self._follow("HEAD", url) as source:
            return source.info

    @contextmanager
    def open(self, url: str) -> Iterator[Source]:
        """The source's content, to be read in pieces. Raises ForbiddenSourceError or SourceError."""
        with self._follow("GET", url) as source:
            yield source

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for connection in self._open:
                with contextlib.suppress(OSError):  # ended by itself
                    connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _follow(self, method: str, url: str) -> Iterator[Source]:
        for _ in range(MAX_REDIRECTS + 1):
            with self._request(method, loopback(url)) as answer:
                location = answer.headers.get("location")
                if answer.status in (301, 302, 303, 307, 308) and location:
                    url = urljoin(url, location)
                    continue
                if answer.status != 200:
                    raise SourceError(f"The source answered {answer.status}", answer.status)
                yield Source(answer, _info(answer, url))
                return
        raise SourceError(f"The source redirects more than {MAX_REDIRECTS} times")

    @contextmanager
    def _request(self, method: str, address: SplitResult) -> Iterator[http.client.HTTPResponse]:
        target = quote(address.path or "/", safe="/%:@!$&'()*+,;=~") + (f"?{address.query}" if address.query else "")
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=self._timeout)
        with contextlib.closing(connection), self._connected(connection):
            try:
                connection.request(method, target, headers={"Accept-Encoding": "identity"})
                answer = connection.getresponse()
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise SourceError("The source gave no usable answer") from error
            with answer:
                yield answer

    @contextmanager
    def _connected(self, connection: http.client.HTTPConnection) -> Iterator[None]:
        """Connect, and let `close` reach the socket as long as it is used."""
        try:
            connection.connect()
        except OSError as error:
            raise SourceError("The source cannot be reached") from error
        opened: socket.socket = connection.sock
        with self._lock:
            if self._closed:
                raise SourceError("The emulator is closing")
            self._open.add(opened)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(opened)


def loopback(url: str) -> SplitResult:
    """The parts of an address; raises ForbiddenSourceError where it is not http on loopback."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local, parts = False, None
    if parts is None or not local or parts.scheme != "http":
        raise ForbiddenSourceError("The emulator fetches from http addresses on loopback only: http://127.0.0.1:...")
    return parts


def _info(answer: http.client.HTTPResponse, url: str) -> SourceInfo:
    length = answer.headers.get("content-length", "")
    named = _FILENAME.search(answer.headers.get("content-disposition", ""))
    path_name = unquote(urlsplit(url).path.rpartition("/")[2])
    return SourceInfo(
        length=int(length) if length.isascii() and length.isdigit() else -1,
        content_type=answer.headers.get_content_type(),
        filename=named.group(1) if named else path_name,
    )
