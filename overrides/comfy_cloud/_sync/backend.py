"""Code that cannot be derived: pausing, running side by side. The counterpart of the async flavour's; written by hand."""

from __future__ import annotations

import contextlib
import inspect
import math
import queue
import socket
import threading
import time
import weakref
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypeVar

from .._constants import GATHER_END_PATIENCE
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

    from .._httpx import httpcore

P = ParamSpec("P")
T = TypeVar("T")
Stream = Generator[T, None, None]

_SLICE: Final = 0.5  # seconds of a wait after which Ctrl-C is seen in any case
AWAITS = False  # whether functions of the user may be async


class Stopped(BaseException):
    """Ends what runs in a thread whose caller no longer waits for it."""


class Stop:
    """Ends the calls of one `gather`: whatever reads, writes or pauses in one of its threads raises Stopped.

    A thread cannot be interrupted from outside, but a socket can be shut down.
    """

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._running = 0
        self._sockets: list[socket.socket] = []
        self._inner: list[Stop] = []

    def stop(self) -> None:
        """End the calls."""
        with self._lock:
            self._stopped.set()
            for used in self._sockets:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(used, socket.SHUT_RDWR)  # not that of TLS, which would say goodbye first
            for inner in self._inner:
                inner.stop()

    def run(self, call: Callable[[], T]) -> T:
        """Make one of the calls, unless it is over."""
        with self._lock:
            self.pause(0)
            self._running += 1
        try:
            return call()
        finally:
            with self._lock:
                self._running -= 1
                self._idle.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait until no call runs, `timeout` seconds at most; return whether none does."""
        with self._lock:
            return self._idle.wait_for(lambda: not self._running, timeout)

    def pause(self, seconds: float) -> None:
        """Pause unless it is over."""
        # An event takes a lock and a timer to wait for nothing, and this is asked around each use of a socket.
        if self._stopped.wait(seconds) if seconds > 0 else self._stopped.is_set():
            raise Stopped

    @contextlib.contextmanager
    def within(self) -> Iterator[None]:
        """End what runs inside together with these calls."""
        outer = _STOP.get()
        token = _STOP.set(self)
        if outer is not None:
            with outer._lock:
                outer._inner.append(self)
        try:
            yield
        finally:
            _STOP.reset(token)
            if outer is not None:
                with outer._lock:
                    outer._inner.remove(self)

    @contextlib.contextmanager
    def using(self, stream: httpcore.NetworkStream) -> Iterator[None]:
        """End what is done with this connection inside."""
        used = stream.get_extra_info("socket")
        with self._lock:
            self.pause(0)
            self._sockets.append(used)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.remove(used)
            self.pause(0)  # what was read after the end is nobody's


_STOP: Final[ContextVar[Stop | None]] = ContextVar("stop", default=None)
_NOTHING: Final = contextlib.nullcontext()


def sleep(seconds: float) -> None:
    """Pause."""
    stop = _STOP.get()
    if stop is None:
        time.sleep(seconds)
    else:
        stop.pause(seconds)


def interruptible(stream: httpcore.NetworkStream | None = None) -> contextlib.AbstractContextManager[None]:
    """Let another thread end what is done inside, with a connection or before there is one."""
    stop = _STOP.get()
    if stop is None:
        return _NOTHING
    if stream is None:
        stop.pause(0)
        return _NOTHING
    return stop.using(stream)


def use() -> threading.RLock:
    """Return what is held while a connection is read or written."""
    return threading.RLock()


@contextlib.contextmanager
def closing(stream: httpcore.NetworkStream, used: threading.RLock) -> Iterator[None]:
    """End what other threads do with a connection, and close it inside once they have left it.

    A read waits on for its timeout otherwise. If the connection were closed before the woken thread runs, a new one
    could get its number, and the system, which looks that up again, would let the thread wait for the new one.
    """
    with contextlib.suppress(OSError):
        socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)
    left = used.acquire(timeout=_SLICE)
    try:
        yield
    finally:
        if left:
            used.release()


def current_loop() -> object:
    """Return None: connections belong to no loop here, any thread may use them."""
    return None


Closing = tuple[object, Callable[[], None]] | None


def when_dropped(owner: object, how: Callable[[], Closing]) -> None:
    """Close what `how` tells when `owner` is gone: without that, a thread and its connections would stay for ever."""
    weakref.finalize(owner, _close_later, how).atexit = False


def _close_later(how: Callable[[], Closing]) -> None:
    # In a thread of its own: the garbage collector may run in the middle of anything, with the locks of that held.
    closing = how()
    if closing is not None:
        with contextlib.suppress(RuntimeError):  # the interpreter is ending, and all threads with it
            threading.Thread(target=closing[1], name="comfy-cloud-close", daemon=True).start()


def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks; here nothing else waits, so it is run in place."""
    return function(*args, **kwargs)


def to_the_end(function: Callable[[], T]) -> T:
    """Run what blocks and has to be done; here nobody can cancel it."""
    return function()


def result_of(future: Future[T]) -> T:
    """Return what a call on an executor gives."""
    return future.result()


def resolve(value: T) -> T:
    """Return what a callable returned. Raises ConfigurationError if only the async client could await it."""
    if inspect.iscoroutine(value):
        value.close()
        raise ConfigurationError(
            "an async callable was given to the sync client: use the async one, or a plain function"
        )
    return value


def at_once(call: Callable[[], T]) -> T:
    """Return what a call returns. The other flavour cannot wait for it."""
    return call()


def gather(calls: Iterable[Callable[[], T]], limit: int) -> list[T]:
    """Return the results in the order of `calls`, at most `limit` under way; the first error ends the rest.

    A call is taken from `calls` when there is room for it.
    """
    rest = iter(calls)
    first = list(islice(rest, 2))
    if len(first) < 2 or limit <= 1:
        return [call() for call in chain(first, rest)]
    waiting, results = enumerate(chain(first, rest)), dict[int, T]()
    stop, taking = Stop(), threading.Lock()

    def work() -> None:
        while True:
            with taking:
                stop.pause(0)  # whoever waits here when it is over takes no more
                place, call = next(waiting, (-1, None))
            if call is None:
                return
            results[place] = call()

    threads = ThreadPoolExecutor(max_workers=limit)
    with stop.within():
        futures: list[Future[None]] = []
        try:
            # Inside, since Ctrl-C may come here as well. In a copy of the context, which has the deadline of the caller.
            for _ in range(limit):
                futures.append(threads.submit(copy_context().run, stop.run, work))  # noqa: PERF401
            running: Collection[Future[None]] = futures
            while running:
                # With a timeout, since a wait without one cannot be interrupted on Windows.
                done, running = wait(running, GATHER_END_PATIENCE, FIRST_EXCEPTION)
                if failed := next((future for future in futures if future in done and future.exception()), None):
                    failed.result()
            return [results[place] for place in range(len(results))]
        finally:
            # An error, or Ctrl-C in the thread that waits here: the others are ended instead of waited for.
            threads.shutdown(wait=False, cancel_futures=True)
            # Not by the futures: Ctrl-C may come when a thread has begun, and before its future is in the list.
            if not stop.wait(0) or len(futures) < limit:
                stop.stop()
            # One that is being connected, or asks for a name, is left: it ends by itself before it sends a byte.
            threads.shutdown(wait=stop.wait(GATHER_END_PATIENCE))


class Channel(Generic[T]):
    """A queue between a reader and a waiter. `get` returns None when `timeout` (seconds; None for no limit) is over."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[T] = queue.SimpleQueue()

    def put(self, item: T) -> None:
        self._queue.put(item)

    def get(self, timeout: float | None) -> T | None:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            # In slices: Ctrl-C just before a wait begins does not interrupt it, and would be seen after it.
            left = _SLICE if end is None else min(_SLICE, max(0.0, end - time.monotonic()))
            try:
                return self._queue.get(timeout=left)
            except queue.Empty:
                if end is not None and time.monotonic() >= end:
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
        """Return True if the event is set, now or within `timeout` seconds."""
        return self._event.wait(max(0.0, timeout))


class Crew:
    """Runs calls beside its owner, up to `size` at the same time, in the order in which they come."""

    def __init__(self, size: int) -> None:
        self._size, self._stop = size, Stop()
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def put(self, call: Callable[[], None]) -> None:
        """Run a call as soon as there is room. It must handle its own exceptions."""
        self._calls.put(call)
        if len(self._threads) < self._size:
            self._threads.append(threading.Thread(target=self._run, name="comfy-cloud", daemon=True))
            self._threads[-1].start()

    def _run(self) -> None:
        with contextlib.suppress(Stopped), self._stop.within():
            while (call := self._calls.get()) is not None:
                self._stop.run(call)

    def stop(self, *, finish: bool = False) -> None:
        """End what runs, and begin no call more. With `finish`, wait for all calls instead of ending them."""
        if not finish:
            self._stop.stop()
        for _ in self._threads:
            self._calls.put(None)
        # With a limit for one that is being connected. It ends by itself before anything is sent.
        end = math.inf if finish else time.monotonic() + GATHER_END_PATIENCE
        for thread in self._threads:
            # The thread itself may call this, if the garbage collector runs there.
            while thread.is_alive() and thread is not threading.current_thread() and time.monotonic() < end:
                thread.join(min(_SLICE, end - time.monotonic()))


def abort(connection: ClientConnection) -> None:
    """Break off a handshake that another thread makes."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection.socket, socket.SHUT_RDWR)


def receive(connection: ClientConnection, timeout: float) -> str | bytes | None:
    """Return the next frame, or None after `timeout` seconds."""
    try:
        return connection.recv(timeout=timeout)
    except TimeoutError:
        return None
