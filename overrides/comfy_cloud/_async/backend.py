"""What cannot be derived: pausing, running side by side, leaving the event loop. The other flavour has its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from typing import Any, Generic, ParamSpec, TypeVar

from websockets.asyncio.client import ClientConnection, connect

P = ParamSpec("P")
T = TypeVar("T")
Stream = AsyncGenerator[T, None]

open_socket = connect
sleep = asyncio.sleep


def home() -> object:
    """What connections belong to: they cannot be used from another event loop."""
    return asyncio.get_running_loop()


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks (files, hashing) without holding up the event loop."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def resolve(value: T | Awaitable[T]) -> T:
    """What a callable gave, awaited where it is to be awaited."""
    if isinstance(value, Awaitable):
        return await value
    return value


def at_once(call: Callable[[], Awaitable[T]]) -> T | None:  # noqa: ARG001 - the other flavour can wait for it
    """What a call gives, where it can be waited for outside of the event loop: here it cannot."""
    return None


async def gather(calls: Iterable[Callable[[], Awaitable[T]]], limit: int) -> list[T]:
    """Results in the order of `calls`, at most `limit` under way; the first error ends the rest."""
    free = asyncio.Semaphore(limit)

    async def one(call: Callable[[], Awaitable[T]]) -> T:
        async with free:
            return await call()

    tasks = [asyncio.ensure_future(one(call)) for call in calls]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Channel(Generic[T]):
    """A queue between a reader and a waiter. `get` gives None when `timeout` (seconds) is over."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[T] = asyncio.Queue()

    def put(self, item: T) -> None:
        self._queue.put_nowait(item)

    async def get(self, timeout: float) -> T | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                return await self._queue.get()
        return None


class Flag:
    """Something that is so from some time on, and can be waited for."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    async def wait(self, timeout: float) -> bool:
        """Whether it is so, by now or within `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()
        return self._event.is_set()


class Worker:
    """Something that runs beside its caller until it is stopped."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._task = asyncio.ensure_future(work())

    async def stop(self) -> None:
        """End it and wait until it is gone."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def receive(connection: ClientConnection, timeout: float) -> str | bytes | None:
    """The next frame, or None when `timeout` (seconds) is over."""
    try:
        async with asyncio.timeout(timeout):
            return await connection.recv()
    except TimeoutError:
        return None
