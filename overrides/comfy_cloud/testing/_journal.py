"""What arrived at the emulator, request by request, for tests to assert on.

An entry is written before the caller can see the end of its answer. Entries hold no header, no query and no body:
a key in any of them cannot be read back from here.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from blake3 import blake3
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ._operations import operation_id

MAX_ENTRIES = 100_000
# What an app sends to start its answer, to take a socket and to refuse one.
_ANSWERS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


@dataclass(frozen=True)
class JournalEntry:
    """One request: `operation` is the contract's operationId or None, `path` has no query, `body_hash` is the
    blake3 hex digest of the body or None where it was empty, `time` is when it arrived in epoch seconds, `status`
    the HTTP status of the answer (101 for a socket) or None where the connection ended without one."""

    operation: str | None
    method: str
    path: str
    key_present: bool
    body_hash: str | None
    time: float
    status: int | None


class Journal(Sequence[JournalEntry]):
    """The requests so far, oldest first; a sequence that may be read from any thread. Keeps the last 100,000."""

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
        """The entries of one operation, by operationId: `journal.of("executePrompt")`."""
        return [entry for entry in self._snapshot() if entry.operation == operation]

    def clear(self) -> None:
        """Forget the requests so far."""
        with self._changed:
            self._entries.clear()

    def wait_for(self, operation: str, *, count: int = 1, timeout: float = 10.0) -> list[JournalEntry]:
        """Block until `operation` was answered `count` times; raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._count(operation) >= count, timeout):
                raise TimeoutError(
                    f"{operation} was answered {self._count(operation)} times in {timeout} s, not {count}"
                )
        return self.of(operation)

    def add_listener(self, listener: Callable[[JournalEntry], None]) -> None:
        """Call `listener` with every new entry, in the thread of the server: it must not block."""
        self._listeners.append(listener)

    def append(self, entry: JournalEntry) -> None:
        """Called by the server: add what arrived, and tell those who wait or listen."""
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
    """ASGI middleware that writes each HTTP request, a socket's handshake among them, into a journal, just before
    its answer starts."""

    def __init__(self, app: ASGIApp, journal: Journal, key_present: Callable[[Scope], bool]) -> None:
        self._app = app
        self._journal = journal
        self._key_present = key_present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        record = _Record(scope, self._key_present(scope), receive)

        async def record_then_send(message: Message) -> None:
            if message["type"] in _ANSWERS:
                await record.finish_reading()
                self._journal.append(record.entry(message.get("status", 101)))
            await send(message)

        try:
            await self._app(scope, record.receive, record_then_send)
        finally:
            if not record.written:
                self._journal.append(record.entry(None))


class _Record:
    """One request while it is being read: passes the body on and hashes what goes by."""

    def __init__(self, scope: Scope, key_present: bool, receive: Receive) -> None:
        self.written = False
        self._time = time.time()
        self._method: str = scope.get("method", "GET")  # a socket's handshake is one
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
        # An answer may come without the body being looked at; the hash must still be that of the whole body.
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
