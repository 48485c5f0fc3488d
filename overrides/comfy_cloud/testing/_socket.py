"""The sockets at `/ws`: who is connected, who gets which message, and what a client's own messages change.

Publishing never waits for a socket. What a socket has not sent yet is held up to a limit; beyond it that socket is
dropped, so that a client that reads nothing costs neither time nor memory. Frames are made in `_frames`.
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

from ._dialect import Delivery
from ._events import EventBus, Message
from ._frames import encode, is_for

MAX_WAITING = 16 * 1024 * 1024  # bytes that wait for one socket
PATHS = frozenset({"/ws", "/api/ws"})


class Connection(Protocol):
    """What the server has to be able to do with the connection below a socket. Called in the server's loop."""

    def abort(self) -> None:
        """End the connection at once, without a closing handshake."""

    def silence(self) -> None:
        """Answer no ping and no closing handshake any more."""

    def unsent(self) -> int:
        """Bytes that were handed over and are not on their way yet."""
        ...


class Socket:
    """One open socket and the frames that wait for it. `push`, `drop` and `silence` are safe in any thread."""

    def __init__(self, sid: str, connection: Connection) -> None:
        self.sid = sid
        self.previews_with_metadata = False
        self.heard_first_message = False
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting: deque[str | bytes] = deque()
        self._size = 0
        self._arrived = asyncio.Event()
        self._silent = False

    def push(self, frame: str | bytes) -> None:
        with self._lock:
            if self._silent:
                return
            self._waiting.append(frame)
            self._size += len(frame)
            overflows = self._silent = self._size > MAX_WAITING
        if overflows:
            self.drop()
        else:
            self._in_loop(self._arrived.set)

    async def next_frame(self) -> str | bytes:
        """The frame that waits longest; blocks until there is one."""
        while True:
            self._arrived.clear()
            with self._lock:
                if self._waiting:
                    frame = self._waiting.popleft()
                    self._size -= len(frame)
                    return frame
            await self._arrived.wait()

    def drop_if_stuck(self) -> None:
        """End the connection where the server holds too much for it: not every server waits before it takes more."""
        if self._connection.unsent() > MAX_WAITING:
            self._connection.abort()

    def drop(self) -> None:
        """End the connection as a server does that dies: no closing handshake."""
        self._in_loop(self._connection.abort)

    def silence(self) -> None:
        """Stay connected and send nothing from now on, not even answers to pings and to a closing handshake."""
        with self._lock:
            self._silent = True
            self._waiting.clear()
        self._in_loop(self._connection.silence)

    def _in_loop(self, action: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the server has stopped, and the socket with it
            self._loop.call_soon_threadsafe(action)


class Hub:
    """All open sockets of one server. Safe to use from any thread.

    `features` are what the server says of itself to a client that says something of itself.
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
        """How many sockets are open, whether messages reach them or not."""
        with self._changed:
            return len(self._open)

    def wait_for(self, count: int, timeout: float) -> None:
        """Block until exactly `count` sockets are open; raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._open) == count, timeout):
                raise TimeoutError(f"{len(self._open)} sockets are open after {timeout} s, not {count}")

    def drop(self) -> None:
        """End every open connection without a closing handshake."""
        for socket in self._sockets():
            socket.drop()

    def silence(self) -> None:
        """Leave every open socket open and send it nothing any more, not even answers to pings and to a closing
        handshake."""
        for socket in self._sockets():
            socket.silence()

    def send_raw(self, frame: str | bytes) -> None:
        """Send any text or bytes as one frame to every open socket."""
        for socket in self._sockets():
            socket.push(frame)

    def open(self, sid: str, connection: Connection) -> Socket:
        """Take in a socket; what it has to hear first waits for it. Call in the server's loop."""
        socket = Socket(sid, connection)
        with self._changed:
            self._open.append(socket)
            self._listening[self._key(socket)] = socket
            socket.push(encode(Message("status", {"status": self._status, "sid": sid})))
            if self._delivery.resumes:
                for client_id, node in self._executing.values():
                    if client_id == sid:
                        socket.push(encode(Message("executing", {"node": node})))
            self._changed.notify_all()
        return socket

    def close(self, socket: Socket) -> None:
        """Forget a socket that has ended.

        Where messages go by client id, the id goes with it, whoever holds it by then: a newer socket of the same id
        stays open and hears nothing any more, which is what ComfyUI does.
        """
        with self._changed:
            self._open.remove(socket)
            self._listening.pop(self._key(socket), None)
            self._changed.notify_all()

    def heard(self, socket: Socket, text: str) -> None:
        """A client said something. Only the features it names in its first message count; all else is ignored."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict) or socket.heard_first_message:
            return
        socket.heard_first_message = True
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
                if self._status["exec_info"]["queue_remaining"] == 0:
                    self._executing.clear()
            elif ends_job:
                self._executing.pop(message.job_id, None)
            elif message.type == "executing":
                self._executing[message.job_id] = (message.client_id, message.data["display_node"])
            if ends_job and not self._delivery.end_mark:
                return
            sockets = [
                socket
                for socket in self._recipients(message)
                if is_for(message, previews_with_metadata=socket.previews_with_metadata)
            ]
            if sockets:
                frame = encode(self._delivery.shape(message))
                for socket in sockets:
                    socket.push(frame)

    def _recipients(self, message: Message) -> list[Socket]:
        if not self._delivery.by_client or message.job_id is None:
            return list(self._listening.values())
        if message.client_id is None:
            return list(self._listening.values()) if message.type in ("progress", "progress_state") else []
        socket = self._listening.get(message.client_id)
        return [] if socket is None else [socket]


async def serve(websocket: WebSocket, hub: Hub) -> None:
    """Talk to one client until one of the two ends it."""
    sid = websocket.query_params.get("clientId") or uuid.uuid4().hex
    socket = hub.open(sid, websocket.state.connection)
    try:
        await websocket.accept()
        sender = asyncio.create_task(_send(websocket, socket))
        try:
            await _listen(websocket, socket, hub)
        finally:
            sender.cancel()
            await asyncio.wait([sender])
    finally:
        hub.close(socket)


async def _listen(websocket: WebSocket, socket: Socket, hub: Hub) -> None:
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        if message.get("text") is not None:
            hub.heard(socket, message["text"])


async def _send(websocket: WebSocket, socket: Socket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            frame = await socket.next_frame()
            if isinstance(frame, str):
                await websocket.send_text(frame)
            else:
                await websocket.send_bytes(frame)
            socket.drop_if_stuck()
