"""Serve the WebSockets at `/ws`: which ones are open, which message each gets, and what a client's own messages change.

Publishing never waits for a WebSocket. Unsent frames are held up to a limit. Beyond it the WebSocket is dropped, so
that a client that does not read costs neither time nor memory. The frames are built in `websocket_frames`.
"""

import asyncio
import contextlib
import json
import threading
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from .._engine.events import PREVIEW, EventBus, Message
from .._servers.dialect import Delivery
from .websocket_frames import encode, is_for

MAX_WAITING = 16 * 1024 * 1024  # bytes of unsent frames for one WebSocket
PATHS = frozenset({"/ws", "/api/ws"})
# If a submit has no client_id, ComfyUI sends these messages to everybody and all others to nobody. Previews have no
# metadata then, since there is no client that could have said that it supports them.
_SENT_WITHOUT_CLIENT = frozenset({"progress", "progress_state", "execution_interrupted", PREVIEW})


class Connection(Protocol):
    """The connection below a WebSocket, as the server provides it. Must be called in the server's event loop."""

    def abort(self) -> None:
        """End the connection at once, without a closing handshake."""

    def silence(self) -> None:
        """Stop responding to pings and to a closing handshake."""

    def is_closing(self) -> bool:
        """Return whether nothing can be sent any more."""
        ...

    def unsent(self) -> int:
        """Return the number of bytes that were handed over but not sent yet."""
        ...


class Socket:
    """One open WebSocket and its unsent frames. `push`, `drop` and `silence` are safe in any thread."""

    def __init__(self, sid: str, connection: Connection) -> None:
        self.sid = sid
        self.previews_with_metadata = False
        self.received_first_message = False
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting: deque[str | bytes] = deque()
        self._size = 0
        self._arrived = asyncio.Event()
        self._silent = False

    def push(self, frame: str | bytes) -> None:
        """Queue a frame. Drop the WebSocket if too many bytes are waiting."""
        with self._lock:
            if self._silent:
                return
            self._waiting.append(frame)
            self._size += len(frame)
            # Silence the WebSocket at once, so that it is dropped only once and takes no more memory.
            overflows = self._silent = self._size > MAX_WAITING
        if overflows:
            self.drop()
        else:
            self._in_loop(self._arrived.set)

    async def next_frame(self) -> str | bytes:
        """Return the oldest unsent frame. Wait until there is one."""
        while True:
            # Clear before looking: a frame that arrives in between sets the event again and is not missed.
            self._arrived.clear()
            with self._lock:
                if self._waiting:
                    frame = self._waiting.popleft()
                    self._size -= len(frame)
                    return frame
            await self._arrived.wait()

    @property
    def ended(self) -> bool:
        """Return whether the connection is broken. Must be called in the server's event loop."""
        return self._connection.is_closing()

    def drop_if_stuck(self) -> None:
        """End the connection if the server holds too many bytes for it.

        Not every server waits before it accepts more.
        """
        if self._connection.unsent() > MAX_WAITING:
            self._connection.abort()

    def drop(self) -> None:
        """End the connection without a closing handshake, as a crashing server does."""
        self._in_loop(self._connection.abort)

    def silence(self) -> None:
        """Stay connected but send nothing from now on, not even responses to pings and to a closing handshake."""
        with self._lock:
            self._silent = True
            self._waiting.clear()
        self._in_loop(self._connection.silence)

    def _in_loop(self, action: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the server has stopped, and so has the WebSocket
            self._loop.call_soon_threadsafe(action)


class Hub:
    """All open WebSockets of one server. Safe to use from any thread.

    `features` returns what the server reports about itself to a client that sends its own feature flags.
    """

    def __init__(self, delivery: Delivery, bus: EventBus, features: Callable[[], dict[str, Any]]) -> None:
        self._delivery = delivery
        self._features = features
        self._changed = threading.Condition()
        self._open: list[Socket] = []
        self._listening: dict[str | Socket, Socket] = {}
        self._status: dict[str, Any] = {"exec_info": {"queue_remaining": 0}}
        self._executing: dict[str | None, tuple[str | None, str]] = {}
        bus.subscribe(self._deliver)

    def __len__(self) -> int:
        """Return how many WebSockets are open, whether messages reach them or not."""
        with self._changed:
            return len(self._open)

    def wait_for(self, count: int, timeout: float) -> None:
        """Block until exactly `count` WebSockets are open. Raise TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._open) == count, timeout):
                raise TimeoutError(f"timed out after {timeout} s: {len(self._open)} WebSockets are open, not {count}")

    def drop(self) -> None:
        """End every open connection without a closing handshake."""
        for socket in self._sockets():
            socket.drop()

    def silence(self) -> None:
        """Keep every WebSocket open but send nothing, not even responses to pings and to a closing handshake."""
        for socket in self._sockets():
            socket.silence()

    def send_raw(self, frame: str | bytes) -> None:
        """Send a string or bytes as one frame to every open WebSocket."""
        for socket in self._sockets():
            socket.push(frame)

    def open(self, sid: str, connection: Connection) -> Socket:
        """Register a WebSocket, and queue the first messages for it. Must be called in the server's event loop."""
        socket = Socket(sid, connection)
        with self._changed:
            self._open.append(socket)
            self._listening[self._key(socket)] = socket
            socket.push(encode(Message("status", {"status": self._status, "sid": sid})))
            if self._delivery.resumes:
                for client_id, node in self._executing.values():
                    # ComfyUI sends this message without `prompt_id`, and only about the node that is running now.
                    if client_id == sid:
                        socket.push(encode(Message("executing", {"node": node})))
            self._changed.notify_all()
        return socket

    def close(self, socket: Socket) -> None:
        """Forget a WebSocket that has ended.

        If messages are sent by client id, ComfyUI (0.3.64 and 0.33.0) also removes the id, even if a newer WebSocket
        uses it. The newer WebSocket then stays open but gets nothing. Clients must survive this, so the emulator does
        the same.
        """
        with self._changed:
            self._open.remove(socket)
            self._listening.pop(self._key(socket), None)
            self._changed.notify_all()

    def receive(self, socket: Socket, text: str) -> None:
        """Handle a message from a client. Only the feature flags in its first message have an effect."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict) or socket.received_first_message:
            return
        socket.received_first_message = True
        if message.get("type") == "feature_flags":
            flags = message.get("data")
            if isinstance(flags, dict):
                socket.previews_with_metadata = bool(flags.get("supports_preview_metadata"))
            socket.push(encode(Message("feature_flags", self._features())))

    def _sockets(self) -> list[Socket]:
        with self._changed:
            return list(self._open)

    def _key(self, socket: Socket) -> str | Socket:
        return socket.sid if self._delivery.by_client else socket

    def _deliver(self, message: Message) -> None:
        with self._changed:
            ends_job = message.type == "executing" and message.data["node"] is None
            if message.type == "status":
                self._status = message.data["status"]
                # A job that was lost sends no end mark. When the queue is empty, no job can be running.
                if self._status["exec_info"]["queue_remaining"] == 0:
                    self._executing.clear()
            elif ends_job:
                self._executing.pop(message.job_id, None)
            elif message.type == "executing":
                self._executing[message.job_id] = (message.client_id, message.data["display_node"])
            if ends_job and not self._delivery.end_mark:
                return
            sockets = self._recipients(message)
            if sockets:
                # Encode once for all WebSockets: previews are large.
                frame = encode(self._delivery.shape(message))
                for socket in sockets:
                    socket.push(frame)

    def _recipients(self, message: Message) -> list[Socket]:
        """Return the WebSockets that get a message."""
        everybody = list(self._listening.values())
        if self._delivery.by_client and message.job_id is not None:
            if message.client_id is None:
                return everybody if message.type in _SENT_WITHOUT_CLIENT else []
            everybody = [socket for socket in everybody if socket is self._listening.get(message.client_id)]
        return [socket for socket in everybody if is_for(message, previews_with_metadata=socket.previews_with_metadata)]


async def serve(websocket: WebSocket, hub: Hub) -> None:
    """Serve one client until either side ends the connection."""
    sid = websocket.query_params.get("clientId") or uuid.uuid4().hex
    socket = hub.open(sid, websocket.state.connection)
    try:
        await websocket.accept()
        sender = asyncio.create_task(_send(websocket, socket))
        try:
            await _listen(websocket, socket, hub)
        finally:
            sender.cancel()
            # Wait for the sender, so that it does not write to a WebSocket that is already forgotten.
            await asyncio.wait([sender])
    finally:
        hub.close(socket)


async def _listen(websocket: WebSocket, socket: Socket, hub: Hub) -> None:
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        if message.get("text") is not None:
            hub.receive(socket, message["text"])


async def _send(websocket: WebSocket, socket: Socket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            frame = await socket.next_frame()
            # Frames that are waiting are sent without a pause, in which the server could tell that the client is gone.
            # asyncio would log "socket.send() raised exception" for each of them, thousands for a job with many steps.
            if socket.ended:
                return
            if isinstance(frame, str):
                await websocket.send_text(frame)
            else:
                await websocket.send_bytes(frame)
            socket.drop_if_stuck()
