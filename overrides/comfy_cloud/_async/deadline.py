"""A network backend that ends a call on time, also one that drips bytes: each read may be quick, and all of them long.

httpx counts seconds between bytes only. `until` sets a deadline for the calls made inside it, and for their reads and
writes. Without the attributes of httpx and httpcore that `keep_deadlines` looks for, timeouts hold between bytes, as
before.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from .._httpx import httpcore, httpx

_DEADLINE: Final[ContextVar[float | None]] = ContextVar("deadline", default=None)


def earliest(deadline: float | None) -> float | None:
    """`deadline` (as time.monotonic counts; None: no limit), or that of the `until` around it, if that is earlier."""
    around = _DEADLINE.get()
    return around if deadline is None else deadline if around is None else min(deadline, around)


@contextmanager
def until(deadline: float | None) -> Iterator[None]:
    """Calls made inside, and what they read and write, end at `deadline`, or earlier by an `until` around this one."""
    token = _DEADLINE.set(earliest(deadline))
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    deadline = _DEADLINE.get()
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("the time for the whole call is over")
    return left if timeout is None else min(timeout, left)


class AsyncDeadlineStream(httpcore.AsyncNetworkStream):
    """A connection whose reads and writes end at the deadline of whoever makes them."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        timeout = _left(timeout, httpcore.ConnectTimeout)
        return AsyncDeadlineStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class AsyncDeadlineBackend(httpcore.AsyncNetworkBackend):
    """Opens connections that keep deadlines."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        timeout = _left(timeout, httpcore.ConnectTimeout)
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return AsyncDeadlineStream(stream)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        timeout = _left(timeout, httpcore.ConnectTimeout)
        return AsyncDeadlineStream(await self._inner.connect_unix_socket(path, timeout, socket_options))

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def keep_deadlines(client: httpx.AsyncClient) -> None:
    """Make a client's connections keep the deadlines of `until`, its proxies' too; outside of it nothing changes."""
    transports = [getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()]
    for pool in filter(None, (getattr(transport, "_pool", None) for transport in transports)):
        inner = getattr(pool, "_network_backend", None)
        if inner is not None and not isinstance(inner, AsyncDeadlineBackend):
            pool._network_backend = AsyncDeadlineBackend(inner)
