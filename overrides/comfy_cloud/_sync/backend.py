"""What cannot be derived: pausing, running side by side. The counterpart of the async flavour's; written by hand."""

from __future__ import annotations

import inspect
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, ParamSpec, TypeVar

from websockets.sync.client import ClientConnection, connect

from ..errors import ConfigurationError

P = ParamSpec("P")
T = TypeVar("T")
Stream = Generator[T, None, None]

open_socket = connect
sleep = time.sleep


def home() -> object:
    """What connections belong to: here to nobody, any thread may use them."""
    return None


def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks; here nothing else waits, so it is run in place."""
    return function(*args, **kwargs)


def resolve(value: T) -> T:
    """What a callable gave. Raises ConfigurationError for what only the async client can await."""
    if inspect.iscoroutine(value):
        value.close()
        raise ConfigurationError(
            "an async callable was given to the sync client: use the async one, or a plain function"
        )
    return value


def at_once(call: Callable[[], T]) -> T:
    """What a call gives. The other flavour cannot wait for it."""
    return call()


def gather(calls: Iterable[Callable[[], T]], limit: int) -> list[T]:
    """Results in the order of `calls`, at most `limit` under way; the first error ends the rest."""
    waiting = list(calls)
    if len(waiting) <= 1 or limit <= 1:
        return [call() for call in waiting]
    with ThreadPoolExecutor(max_workers=min(limit, len(waiting))) as threads:
        futures = [threads.submit(call) for call in waiting]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()


class Channel(Generic[T]):
    """A queue between a reader and a waiter. `get` gives None when `timeout` (seconds) is over."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[T] = queue.SimpleQueue()

    def put(self, item: T) -> None:
        self._queue.put(item)

    def get(self, timeout: float) -> T | None:
        try:
            return self._queue.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None


class Flag:
    """Something that is so from some time on, and can be waited for."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    def wait(self, timeout: float) -> bool:
        """Whether it is so, by now or within `timeout` seconds."""
        return self._event.wait(max(0.0, timeout))


class Worker:
    """Something that runs beside its caller. It must end by itself once what it waits for is closed."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work, name="comfy-cloud-socket", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Wait until it is gone."""
        if self._thread is not threading.current_thread():
            self._thread.join()


def receive(connection: ClientConnection, timeout: float) -> str | bytes | None:
    """The next frame, or None when `timeout` (seconds) is over."""
    try:
        return connection.recv(timeout=timeout)
    except TimeoutError:
        return None
