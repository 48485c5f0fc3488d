"""Record the requests that reach the emulator, for tests to assert on.

An entry is added before the caller can see the end of the response. An entry contains no headers, no query and no body,
so that an API key in any of them cannot be read back.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from blake3 import blake3
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ._servers.operations import operation_id

MAX_ENTRIES = 100_000
# The messages by which an ASGI app starts a response, accepts a WebSocket and refuses one.
_RESPONSE_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


@dataclass(frozen=True)
class JournalEntry:
    """One request.

    `operation` is the contract's operationId or None. `path` has no query. `body_hash` is the blake3 hex digest of the
    body, or None if the body was empty. `time` is the time of arrival in epoch seconds. `status` is the HTTP status of
    the response (101 for a WebSocket), or None if the connection ended without a response.
    """

    operation: str | None
    method: str
    path: str
    key_present: bool
    body_hash: str | None
    time: float
    status: int | None


class Journal(Sequence[JournalEntry]):
    """The requests so far, oldest first.

    The sequence may be read from any thread. It keeps the last 100,000 requests.
    """

    def __init__(self) -> None:
        self._entries: deque[JournalEntry] = deque(maxlen=MAX_ENTRIES)
        self._changed = threading.Condition()
        self._listeners: list[Callable[[JournalEntry], None]] = []

    @overload
    def __getitem__(self, index: int) -> JournalEntry: ...
    @overload
    def __getitem__(self, index: slice) -> list[JournalEntry]: ...
    def __getitem__(self, index: int | slice) -> JournalEntry | list[JournalEntry]:
        return self._snapshot()[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(self._snapshot())

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} requests>"

    def of(self, operation: str) -> list[JournalEntry]:
        """Return the entries of one operation, by operationId: `journal.of("executePrompt")`."""
        return [entry for entry in self._snapshot() if entry.operation == operation]

    def clear(self) -> None:
        """Delete all entries."""
        with self._changed:
            self._entries.clear()

    def wait_for(self, operation: str, *, count: int = 1, timeout: float = 10.0) -> list[JournalEntry]:
        """Block until `operation` was requested `count` times. Raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._count(operation) >= count, timeout):
                raise TimeoutError(
                    f"timed out after {timeout} s: {operation} was requested {self._count(operation)} times, "
                    f"not {count}"
                )
        return self.of(operation)

    def add_listener(self, listener: Callable[[JournalEntry], None]) -> None:
        """Call `listener` with every new entry, in the thread of the server. It must not block."""
        self._listeners.append(listener)

    def append(self, entry: JournalEntry) -> None:
        """Add an entry, and notify everybody who waits or listens. Called by the server."""
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()
        for listener in self._listeners:
            listener(entry)

    def _snapshot(self) -> list[JournalEntry]:
        with self._changed:
            return list(self._entries)

    def _count(self, operation: str) -> int:
        return sum(1 for entry in self._entries if entry.operation == operation)


class JournalMiddleware:
    """ASGI middleware that adds each HTTP request and each WebSocket handshake to a journal, just before the response
    starts.
    """

    def __init__(self, app: ASGIApp, journal: Journal, key_present: Callable[[Scope], bool]) -> None:
        self._app = app
        self._journal = journal
        self._key_present = key_present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        record = _Record(scope, self._key_present(scope), receive)

        async def record_then_send(message: Message) -> None:
            if message["type"] in _RESPONSE_STARTS:
                # Add the entry before the response is sent. A test that has the response must find the request in the
                # journal.
                await record.finish_reading()
                self._journal.append(record.entry(message.get("status", 101)))
            await send(message)

        try:
            await self._app(scope, record.receive, record_then_send)
        finally:
            # The handler failed or the client left, so that no response was sent. The request must still be recorded.
            if not record.written:
                self._journal.append(record.entry(None))


class _Record:
    """One request while it is being read. Passes the body on and hashes it."""

    def __init__(self, scope: Scope, key_present: bool, receive: Receive) -> None:
        self.written = False
        self._time = time.time()
        self._method: str = scope.get("method", "GET")  # a WebSocket handshake is a GET
        self._path: str = scope["raw_path"].decode("latin-1")
        self._key_present = key_present
        self._receive = receive
        self._hash = blake3()
        self._empty = True
        self._more = scope["type"] == "http"

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            body = message.get("body", b"")
            self._hash.update(body)
            self._empty = self._empty and not body
            self._more = message.get("more_body", False)
        else:
            self._more = False
        return message

    async def finish_reading(self) -> None:
        # A handler may respond without reading the body. The hash must still be that of the whole body.
        while self._more:
            await self.receive()

    def entry(self, status: int | None) -> JournalEntry:
        self.written = True
        return JournalEntry(
            operation=operation_id(self._method, self._path),
            method=self._method,
            path=self._path,
            key_present=self._key_present,
            body_hash=None if self._empty else self._hash.hexdigest(),
            time=self._time,
            status=status,
        )
