"""Code that cannot be derived: pausing, running side by side, leaving the event loop. The other flavour has its own."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import Future
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

P = ParamSpec("P")
T = TypeVar("T")
Stream = AsyncGenerator[T, None]

AWAITS = True  # whether functions of the user may be async
sleep = asyncio.sleep


def interruptible(stream: object = None) -> contextlib.AbstractContextManager[None]:  # noqa: ARG001
    """Let others end what is done inside. Here a task can be cancelled; the other flavour has to shut down a socket."""
    return _NOTHING


def use() -> contextlib.AbstractContextManager[None]:
    """Return what is held while a connection is read or written. Here a connection is used by one task alone."""
    return _NOTHING


def closing(stream: object, used: object) -> contextlib.AbstractContextManager[None]:  # noqa: ARG001
    """End what others do with a connection that is closed inside. Here it ends by that."""
    return _NOTHING


_NOTHING = contextlib.nullcontext()


def current_loop() -> object:
    """Return the running event loop. Connections are bound to the loop that opened them."""
    return asyncio.get_running_loop()


Closing = tuple[object, Callable[[], Coroutine[Any, Any, None]]] | None
_CLOSING: set[asyncio.Task[None]] = set()


def when_dropped(owner: object, how: Callable[[], Closing]) -> None:
    """Close what `how` tells when `owner` is gone: without that, a task and its connections would stay for ever."""
    weakref.finalize(owner, _close_later, how).atexit = False


def _close_later(how: Callable[[], Closing]) -> None:
    # By the event loop: the garbage collector may run anywhere, in another thread, too.
    closing = how()
    if closing is None:
        return
    loop, close = closing

    def start() -> None:
        task = asyncio.ensure_future(close())
        _CLOSING.add(task)  # the loop itself holds no task
        task.add_done_callback(_CLOSING.discard)

    if isinstance(loop, asyncio.AbstractEventLoop):
        with contextlib.suppress(RuntimeError):  # it is closed
            loop.call_soon_threadsafe(start)


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks (files, hashing) without holding up the event loop."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def to_the_end(function: Callable[[], T]) -> T:
    """Run what blocks and has to be done, such as removing a part file, also where the caller is cancelled meanwhile.

    A cancelled `in_thread` is not even begun if all threads are busy.
    """
    future = asyncio.get_running_loop().run_in_executor(None, function)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return future.result()


async def result_of(future: Future[T]) -> T:
    """Return what a call on an executor gives."""
    return await asyncio.wrap_future(future)


async def resolve(value: T | Awaitable[T]) -> T:
    """Return what a callable returned, awaited if it is awaitable."""
    if isinstance(value, Awaitable):
        return await value
    return value


def at_once(call: Callable[[], Awaitable[T]]) -> T | None:  # noqa: ARG001 - the other flavour can wait for it
    """Return None: outside of the event loop a coroutine cannot be waited for."""
    return None


async def gather(calls: Iterable[Callable[[], Awaitable[T]]], limit: int) -> list[T]:
    """Results in the order of `calls`, at most `limit` under way; the first error ends the rest.

    A call is taken from `calls` when there is room for it, so that thousands of them make no thousands of tasks.
    """
    rest = iter(calls)
    first = list(islice(rest, 2))
    if len(first) < 2 or limit <= 1:
        return [await call() for call in chain(first, rest)]
    waiting, results = enumerate(chain(first, rest)), dict[int, T]()

    async def work() -> None:
        for place, call in waiting:
            results[place] = await call()

    tasks = [asyncio.ensure_future(work()) for _ in range(limit)]
    try:
        await asyncio.gather(*tasks)
        return [results[place] for place in range(len(results))]
    finally:
        # asyncio.gather leaves the others running when one fails.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Channel(Generic[T]):
    """A queue between a reader and a waiter. `get` returns None when `timeout` (seconds; None for no limit) is over."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[T] = asyncio.Queue()

    def put(self, item: T) -> None:
        self._queue.put_nowait(item)

    async def get(self, timeout: float | None) -> T | None:
        # asyncio's timer costs more than the queue: what is there already needs none.
        if not self._queue.empty():
            return self._queue.get_nowait()
        if timeout is not None and timeout <= 0:
            return None
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
        """Return True if the event is set, now or within `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()
        return self._event.is_set()


class Crew:
    """Runs calls beside its owner, up to `size` at the same time, in the order in which they come."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._calls: asyncio.Queue[Callable[[], Coroutine[Any, Any, None]] | None] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def put(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a call as soon as there is room. It must handle its own exceptions."""
        self._calls.put_nowait(call)
        if len(self._tasks) < self._size:
            self._tasks.append(asyncio.ensure_future(self._run()))

    async def _run(self) -> None:
        while (call := await self._calls.get()) is not None:
            await call()

    async def stop(self, *, finish: bool = False) -> None:
        """End what runs, and begin no call more. With `finish`, wait for all calls instead of ending them."""
        for task in self._tasks:
            if finish:
                self._calls.put_nowait(None)
            else:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def abort(connection: ClientConnection) -> None:
    """Break off a handshake. Here the task that makes it is cancelled."""


async def receive(connection: ClientConnection, timeout: float) -> str | bytes | None:
    """Return the next frame, or None after `timeout` seconds."""
    try:
        async with asyncio.timeout(timeout):
            return await connection.recv()
    except TimeoutError:
        return None
