# Derived from overrides/comfy_cloud/_async/websocket.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The WebSocket: one per client for all its jobs, read beside its callers, reconnected when it dies.

It only ever makes waiting quicker. Whatever goes wrong here ends in a reconnect or in silence, never in an exception
for the caller, who asks by REST in any case.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .._constants import (
    SOCKET_BACKLOG_FRAME,
    SOCKET_CLOSE_TIMEOUT,
    SOCKET_MAX_FRAME,
    SOCKET_OPEN_TIMEOUT,
    SOCKET_REFUSED_PAUSE,
    SOCKET_REOPEN_FIRST,
    SOCKET_REOPEN_LONGEST,
    SOCKET_SILENCE,
)
from .._core.backlog import Backlog, Item
from .._core.frames import FrameReader, ParsedFrame, Signal
from .._httpx import quiet_logger
from .._logging import logger
from .._settings import KEY_HEADER
from ..events import Preview
from . import backend
from .http import HTTPClient

if TYPE_CHECKING:
    from .handshake import Handshake

# This server has no WebSocket: asking again changes nothing.
_ABSENT = frozenset({400, 404, 405, 410, 501})
# A gateway or server in trouble: the same handshake can succeed any time.
_PASSING = frozenset({408, 425, 429})
# The first message decides how previews come: with the job and node they belong to.
_FEATURES = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})


class HandshakeRefusedError(Exception):
    """The server answered the handshake with another status than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WebSocket:
    """The WebSocket of one client, opened by the first `subscribe` or `start`.

    `route` has the proxy and TLS settings, `silence` is the time in seconds without a message after which the
    connection counts as dead.
    """

    def __init__(
        self,
        http: HTTPClient,
        address: str,
        client_id: str,
        route: Mapping[str, Any],
        silence: float = SOCKET_SILENCE,
    ) -> None:
        self._http = http
        self._address = address
        self._client_id = client_id
        self._options: dict[str, Any] = {
            **route,
            "open_timeout": SOCKET_OPEN_TIMEOUT,
            "ping_interval": None,  # done here: the library's own thread for it outlives a close
            "close_timeout": SOCKET_CLOSE_TIMEOUT,
            "max_size": SOCKET_MAX_FRAME,
            "logger": quiet_logger("socket"),
            "create_connection": self._made,
        }
        self._silence = silence
        # Never held across an await, so a lock for threads serves both flavours.
        self._lock = threading.Lock()
        self._subscribers: dict[str, list[backend.Channel[Any]]] = {}
        self._early = Backlog()
        self._worker: backend.Crew | None = None
        self._closed = False
        self._connection: Any = None
        self._opening: Any = None
        self._settled = backend.Flag()  # it is open, or the first try has failed
        self._closing = backend.Flag()
        self._hurried = backend.Flag()
        self._told: set[str] = set()  # why it could not be opened, since it was open last

    def start(self) -> None:
        """Open the connection in the background, if that has not been done."""
        self._http.transport.check()  # before the lock, which a process that was forked off may have got locked
        with self._lock:
            if self._worker is None and not self._closed:
                self._worker = backend.Crew(1)
                self._worker.put(self._run)

    def settle(self, timeout: float) -> None:
        """If the connection is being opened, wait until that is done or has failed, `timeout` seconds at most."""
        # A ComfyUI repeats nothing: who submits before the connection is open misses the start of a short job.
        if self._worker is not None:
            self._settled.wait(timeout)

    @property
    def is_open(self) -> bool:
        """True if messages can arrive now."""
        return self._connection is not None

    def subscribe(self, job_ids: Iterable[str], channel: backend.Channel[Any]) -> None:
        """Put what comes about these jobs into `channel`, as (job id, item); opens the connection.

        An item is a JobEvent, a Signal or NodeStates.
        """
        self.start()
        wanted = set(job_ids)
        with self._lock:
            # Each buffered event is delivered once: whoever asks again for a job that is over hears only that.
            for item in self._early.take(wanted):
                channel.put(item)
            for job_id in wanted:
                self._subscribers.setdefault(job_id, []).append(channel)
        self.hurry()

    def unsubscribe(self, job_ids: Iterable[str], channel: backend.Channel[Any]) -> None:
        """Put nothing more about these jobs into `channel`."""
        with self._lock:
            for job_id in job_ids:
                channels = self._subscribers.get(job_id, [])
                if channel in channels:
                    channels.remove(channel)
                if not channels:
                    self._subscribers.pop(job_id, None)

    def hurry(self) -> None:
        """End the pause before the next reconnect: the server answers, or somebody new wants to hear."""
        self._hurried.set()

    def close(self) -> None:
        """Close the connection and wait until its reader is gone."""
        self._closing.set()
        self._hurried.set()
        with self._lock:
            self._closed = True
            worker, self._worker = self._worker, None
        connection = self._connection
        if connection is not None:
            connection.close()
        elif self._opening is not None:
            backend.abort(self._opening)  # else its reader would wait for the handshake of a server that may never come
        if worker is not None:
            worker.stop()

    def _made(self, *args: Any, **kwargs: Any) -> Handshake:
        from .handshake import Handshake

        if self._closed:
            raise ConnectionAbortedError
        connection = self._opening = Handshake(*args, **kwargs)
        return connection

    def _run(self) -> None:
        pause = SOCKET_REOPEN_FIRST
        asked: tuple[str, list[tuple[str, str]]] | None = None
        # A handshake that was refused for what it carried (401, 403, a login page) is refused again until it carries
        # something else. Once in a while it is tried all the same: what a gateway lets through can change as well.
        refused, again_at = None, 0.0
        while not self._closing.wait(0):
            try:
                asked = self._handshake()
                if asked != refused or time.monotonic() >= again_at:
                    self._listen(*asked)
            except HandshakeRefusedError as error:
                self._tell(logging.INFO, f"the server answered the WebSocket handshake with {error.status}")
                if error.status in _ABSENT:
                    return
                if error.status < 500 and error.status not in _PASSING:
                    refused, again_at = asked, time.monotonic() + SOCKET_REFUSED_PAUSE
            except Exception as error:  # noqa: BLE001 - polling goes on whatever happens here
                # Its text can hold the address, and with it the key.
                self._tell(logging.DEBUG, type(error).__name__)
            finally:
                if self._connection is not None:
                    pause, refused = SOCKET_REOPEN_FIRST, None
                    self._tell_all(Signal.DROPPED)
                self._connection = None
                self._settled.set()
            self._hurried.clear()
            # The first part of the pause cannot be cut short: each answer of a poll would mean a try.
            if self._closing.wait(SOCKET_REOPEN_FIRST):
                return
            self._hurried.wait(pause - SOCKET_REOPEN_FIRST)
            pause = min(pause * 2, SOCKET_REOPEN_LONGEST)

    def _listen(self, url: str, headers: list[tuple[str, str]]) -> None:
        """Open the connection and read it until it ends."""
        # Leaving the block closes the old connection completely before a new one opens. If two connections use one
        # client id and the older one closes, ComfyUI (0.3.64 and 0.33.0) sends nothing to either.
        from .websocket_backend import connect

        with connect(url, additional_headers=headers, **self._options) as connection:
            self._connection = connection
            self._told.clear()
            self._read(connection)

    def _handshake(self) -> tuple[str, list[tuple[str, str]]]:
        """Return the URL and the headers of a handshake: those of a request, so that gateways let it through."""
        key = self._http.transport.key()
        headers = self._http.handshake_headers()
        if key is None:
            return f"{self._address}?{urlencode({'clientId': self._client_id})}", headers
        # The cloud wants the key in the query; a gateway before a ComfyUI looks where it is in each request.
        query = {"clientId": self._client_id, "token": key.reveal()}
        return f"{self._address}?{urlencode(query)}", [*headers, (KEY_HEADER, key.reveal())]

    def _tell(self, level: int, why: str) -> None:
        """Log why there is no WebSocket: each cause once, until it is open again."""
        if why not in self._told:
            self._told.add(why)
            logger.log(level, "socket: %s; jobs are followed by polling", why)

    def _read(self, connection: Any) -> None:
        connection.send(_FEATURES)
        self._settled.set()
        reader = FrameReader()
        heard = time.monotonic()
        while not self._closing.wait(0):
            # A connection can stay open and go silent for good: behind a proxy that lost it, or after ComfyUI forgot
            # the client id. A ping finds the first kind, only the time without a message finds the second.
            quiet = time.monotonic() - heard
            if quiet >= self._silence and self._subscribers:
                return  # connected but silent for too long: reconnect
            frame = backend.receive(connection, self._silence * (2 / 3 if quiet < self._silence / 2 else 1 / 3))
            if frame is None:
                connection.ping()  # raises where the connection is gone
            else:
                heard = time.monotonic()
                self._deliver(reader.read(frame), keep=len(frame) <= SOCKET_BACKLOG_FRAME)

    def _deliver(self, frame: ParsedFrame, *, keep: bool) -> None:
        if frame.started is not None:
            self._hand_out(frame.started, Signal.STARTED)
        for event in frame.events:
            self._hand_out(event.job_id, event, keep=keep or isinstance(event, Preview))
        if frame.states is not None:
            self._hand_out(frame.states.job_id, frame.states, keep=keep)
        if frame.ended is not None:
            self._hand_out(frame.ended, Signal.ENDED)

    def _hand_out(self, job_id: str, item: Item, *, keep: bool = True) -> None:
        with self._lock:
            channels = self._subscribers.get(job_id, ())
            for channel in channels:
                channel.put((job_id, item))
            if keep and not channels:
                self._early.add(job_id, item)

    def _tell_all(self, signal: Signal) -> None:
        with self._lock:
            for job_id, channels in self._subscribers.items():
                for channel in channels:
                    channel.put((job_id, signal))
