# Derived from overrides/comfy_cloud/_async/deadline.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Deadlines for whole calls: connections that end a read or write when the time of the call is over.

httpx limits the seconds between two bytes, so a server that sends a byte now and then holds a call for hours. `until`
sets a deadline for the calls made inside it. `AsyncDeadlineBackend` is httpcore's public place for it, so that only
connections of ours keep it: through a user's own client httpx's limits hold, and those alone.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from .._constants import RECEIVE_CHUNK
from .._core.bodies import Pace
from .._httpx import httpcore
from . import backend

_DEADLINE: Final[ContextVar[float | None]] = ContextVar("deadline", default=None)
_PACE: Final[ContextVar[Pace | None]] = ContextVar("pace", default=None)


def earliest(deadline: float | None) -> float | None:
    """Return the earlier of `deadline` (as time.monotonic counts; None: no limit) and that of the `until` around."""
    around = _DEADLINE.get()
    return around if deadline is None else deadline if around is None else min(deadline, around)


@contextmanager
def until(deadline: float | None) -> Iterator[None]:
    """Limit the calls made inside, and what they read and write, to `deadline` or that of an `until` around it."""
    token = _DEADLINE.set(earliest(deadline))
    try:
        yield
    finally:
        _DEADLINE.reset(token)


@contextmanager
def limited(deadline: float | None) -> Iterator[None]:
    """Limit a request made inside as `until` does; without a deadline, to a least number of bytes in a time."""
    tokens = _DEADLINE.set(earliest(deadline)), _PACE.set(Pace() if deadline is None else None)
    try:
        yield
    finally:
        _DEADLINE.reset(tokens[0])
        _PACE.reset(tokens[1])


def note_head(name: str, info: object) -> None:  # noqa: ARG001 - httpcore hands in both
    """Be the `trace` of a transfer, which httpcore calls at each step: tell its pace when it has a head."""
    pace = _PACE.get()
    if pace is not None and name.endswith("receive_response_headers.complete"):
        pace.has_head()


def _count(moved: int, started: float, *, received: int = 0) -> None:
    pace = _PACE.get()
    if pace is None:
        return
    if not pace.moved(moved, time.monotonic() - started):
        raise httpcore.ReadTimeout("the transfer stalls")
    if not pace.received(received):
        raise httpcore.RemoteProtocolError("the heads of the response have no end")


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    # Read at each call: a connection serves many requests, and a deadline belongs to the request of the moment.
    deadline, pace = _DEADLINE.get(), _PACE.get()
    if pace is not None:
        timeout = pace.seconds_left if timeout is None else min(timeout, pace.seconds_left)
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    # Raised here and not left to the stream below: a socket takes 0 as "do not block" and refuses less than 0.
    if left <= 0:
        raise late("the time for the whole call is over")
    return left if timeout is None else min(timeout, left)


def readable_check(connected: socket.socket) -> Callable[[], bool]:
    """Return a function that tells whether a socket can be read: it has bytes, or its other end has closed it."""
    if not hasattr(select, "poll"):
        return lambda: bool(select.select([connected], [], [], 0)[0])
    poll = select.poll()
    poll.register(connected, select.POLLIN)
    return lambda: bool(poll.poll(0))


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose reads and writes end at the deadline of whoever makes them."""

    def __init__(self, stream: httpcore.NetworkStream, opener: DeadlineBackend) -> None:
        self._stream = stream
        self._opener = opener
        self._used = backend.use()
        self._is_long = False
        self._is_readable = readable_check(stream.get_extra_info("socket"))

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        started = time.monotonic()
        # httpcore asks for 64 KiB. What a transfer costs is the number of its chunks, and httpcore takes any size. Only
        # once a response has filled that: the C library asks the system for larger buffers anew at each read, and gives
        # them back, which made a small call an eighth slower.
        size = max(max_bytes, RECEIVE_CHUNK) if self._is_long else max_bytes
        with backend.interruptible(self._stream), self._used:
            received = self._stream.read(size, _left(timeout, httpcore.ReadTimeout))
        self._is_long = self._is_long or len(received) == size
        _count(len(received), started, received=len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._is_long = False
        if not buffer:  # two of the three writes of a GET: httpcore writes its empty body and the end of that
            return
        started = time.monotonic()
        with backend.interruptible(self._stream), self._used:
            self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))
        _count(len(buffer), started)

    def get_extra_info(self, info: str) -> Any:
        # The pool asks that of each connection that waits for a request, some 90 times for a job that is run and saved.
        # anyio looks up the addresses of both ends each time, to find the socket.
        return self._is_readable() if info == "is_readable" else self._stream.get_extra_info(info)

    def close(self) -> None:
        with backend.closing(self._stream, self._used):
            self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout = _left(timeout, httpcore.ConnectTimeout)
        with backend.interruptible(self._stream):
            stream = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return self._opener.opened(stream)


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections that keep deadlines, until it is closed.

    A pool that is closed forgets a connection that is being opened for a request, and leaves it open for good.
    """

    def __init__(self) -> None:
        self._inner: Any = httpcore.SyncBackend()
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[DeadlineStream] = weakref.WeakSet()
        self._closed = False

    def opened(self, stream: httpcore.NetworkStream) -> DeadlineStream:
        """Return the connection with deadlines, or close it if it is too late for it."""
        kept = DeadlineStream(stream, self)
        with self._lock:
            self._open.add(kept)
            closed = self._closed
        if closed:
            kept.close()
            raise httpcore.ConnectError("the client was closed")
        return kept

    def close(self) -> None:
        """Close the connections that are open, and those that are being opened."""
        with self._lock:
            self._closed = True
            left = list(self._open)
        for stream in left:
            stream.close()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        timeout = _left(timeout, httpcore.ConnectTimeout)
        with backend.interruptible():
            stream: httpcore.NetworkStream = self._inner.connect_tcp(host, port, timeout, *args, **kwargs)
        return self.opened(stream)
