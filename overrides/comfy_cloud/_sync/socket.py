# Derived from overrides/comfy_cloud/_async/socket.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The socket: one per client for all its jobs, read beside its callers, reopened when it dies.

It only ever makes waiting quicker. Whatever goes wrong here ends in a reopening or in silence, never in an exception
for the caller, who asks by REST in any case.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import InvalidStatus

from .._constants import (
    SOCKET_BACKLOG,
    SOCKET_BACKLOG_IMAGE,
    SOCKET_CLOSE_TIMEOUT,
    SOCKET_MAX_FRAME,
    SOCKET_OPEN_TIMEOUT,
    SOCKET_REOPEN_FIRST,
    SOCKET_REOPEN_LONGEST,
    SOCKET_SILENCE,
)
from .._core.frames import FrameReader, Reading
from .._httpx import quiet_logger
from .._logging import logger
from ..events import JobEvent, Preview
from . import backend
from .http import HTTPClient

# This server has no socket, or not for us: asking again changes nothing.
_FINAL_STATUSES = frozenset({400, 401, 403, 404, 405, 410, 501})
# The first message decides how previews come: with the job and node they belong to.
_FEATURES = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})


class Feed:
    """What the socket brings about one job. `get` gives an event, or `NUDGE` or `END`: ask the server now."""

    NUDGE = object()
    END = object()

    def __init__(self, job_id: str, leave: Callable[[Feed], None]) -> None:
        self.job_id = job_id
        self.ended = False  # the socket has told all about the job
        self._channel: backend.Channel[Any] = backend.Channel()
        self._leave = leave

    def put(self, item: Any) -> None:
        """Called by the reader."""
        self._channel.put(item)
        self.ended = self.ended or item is self.END

    def get(self, timeout: float) -> JobEvent | object | None:
        """The next event, NUDGE or END; None when `timeout` (seconds) is over."""
        return self._channel.get(timeout)

    def rest(self, timeout: float) -> backend.Stream[JobEvent]:
        """What is left of a job that is over: the socket may be a little behind, `timeout` (seconds) at most."""
        until = time.monotonic() + timeout
        while (item := self.get(0 if self.ended else max(0.0, until - time.monotonic()))) is not None:
            if isinstance(item, JobEvent):
                yield item

    def close(self) -> None:
        """No more, please."""
        self._leave(self)


class Socket:
    """The socket of one client, opened by the first `subscribe` or `start`. `route` says by what proxy and TLS."""

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
        }
        self._silence = silence
        # Nothing waits while it is held, so one for threads serves both flavours.
        self._lock = threading.Lock()
        self._feeds: list[Feed] = []
        # What came for jobs that nobody follows yet: a job can be over before its submit is answered.
        self._early: deque[tuple[str, Any]] = deque(maxlen=SOCKET_BACKLOG)
        self._worker: backend.Worker | None = None
        self._closed = False
        self._connection: Any = None
        self._settled = backend.Flag()  # it is open, or the first try has failed
        self._closing = backend.Flag()

    def start(self) -> None:
        """Open it in the background, if that has not been done."""
        with self._lock:
            if self._worker is None and not self._closed:
                self._worker = backend.Worker(self._run)

    def settle(self, timeout: float) -> None:
        """If it is being opened, wait until it is open or will not be soon, `timeout` seconds at most."""
        if self._worker is not None:
            self._settled.wait(timeout)

    @property
    def is_open(self) -> bool:
        """Whether frames can come now."""
        return self._connection is not None

    def subscribe(self, job_id: str) -> Feed:
        """Follow a job; what came about it before is delivered first."""
        self.start()
        feed = Feed(job_id, self._unsubscribe)
        with self._lock:
            for about, item in self._early:
                if about == job_id:
                    feed.put(item)
            # Told once: whoever asks again for a job that is over hears only that.
            self._early = deque((one for one in self._early if one[0] != job_id), maxlen=SOCKET_BACKLOG)
            self._feeds.append(feed)
        return feed

    def _unsubscribe(self, feed: Feed) -> None:
        with self._lock:
            self._feeds.remove(feed)

    def close(self) -> None:
        """Close it and wait until its reader is gone."""
        self._closing.set()
        with self._lock:
            self._closed = True
            worker, self._worker = self._worker, None
        connection = self._connection
        if connection is not None:
            connection.close()
        if worker is not None:
            worker.stop()

    def _run(self) -> None:
        pause = SOCKET_REOPEN_FIRST
        while not self._closing.wait(0):
            try:
                # Leaving the block closes the old one whole before a new one opens: a ComfyUI would else forget both.
                with backend.open_socket(self._address_with_key(), **self._options) as connection:
                    self._connection = connection
                    pause = SOCKET_REOPEN_FIRST
                    self._read(connection)
            except InvalidStatus as error:
                if error.response.status_code in _FINAL_STATUSES:
                    return
            except Exception as error:  # noqa: BLE001 - polling goes on whatever happens here
                # Its text can hold the address, and with it the key.
                logger.debug("socket: %s, opening it again", type(error).__name__)
            finally:
                self._connection = None
                self._settled.set()
            if self._closing.wait(pause):
                return
            pause = min(pause * 2, SOCKET_REOPEN_LONGEST)

    def _address_with_key(self) -> str:
        key = self._http.key()
        query = {"clientId": self._client_id, **({} if key is None else {"token": key.reveal()})}
        return f"{self._address}?{urlencode(query)}"

    def _read(self, connection: Any) -> None:
        connection.send(_FEATURES)
        self._settled.set()
        reader = FrameReader()
        heard = time.monotonic()
        while not self._closing.wait(0):
            quiet = time.monotonic() - heard
            if quiet >= self._silence and self._feeds:
                return  # open and dumb: a new one may hear more
            frame = backend.receive(connection, self._silence * (2 / 3 if quiet < self._silence / 2 else 1 / 3))
            if frame is None:
                connection.ping()  # raises where the connection is gone
            else:
                heard = time.monotonic()
                self._deliver(reader.read(frame))

    def _deliver(self, reading: Reading) -> None:
        for event in reading.events:
            large = isinstance(event, Preview) and len(event.image) > SOCKET_BACKLOG_IMAGE
            self._hand_out(event.job_id, event, keep=not large)
        for job_id in reading.nudged:
            self._hand_out(job_id, Feed.END if job_id in reading.ended else Feed.NUDGE, keep=True)

    def _hand_out(self, job_id: str, item: Any, *, keep: bool) -> None:
        with self._lock:
            followed = [feed for feed in self._feeds if feed.job_id == job_id]
            for feed in followed:
                feed.put(item)
            if keep and not followed:
                self._early.append((job_id, item))
