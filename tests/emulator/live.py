"""Provide a WebSocket client for tests that reads what a server sends, frame by frame."""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import ClientConnection, connect

from .conftest import Server

Heard = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Binary:
    """A parsed binary frame: an image type and an image, a node id and a text, or metadata and an image."""

    type: int
    head: Any
    rest: bytes


class Live:
    """One WebSocket. `heard` holds all messages so far. A binary frame is ("1", {...}), with the number of its type."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard: list[Heard] = []

    @property
    def kinds(self) -> list[str]:
        """Return the types of the messages so far, without `progress_state`."""
        return [kind for kind, _ in self.heard if kind != "progress_state"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [data for found, data in self.heard if found == kind]

    def next(self, timeout: float = 10) -> Heard:
        frame = self.connection.recv(timeout)
        if isinstance(frame, bytes):
            parts = binary(frame)
            heard: Heard = (str(parts.type), {"head": parts.head, "rest": parts.rest})
        else:
            message = json.loads(frame)
            heard = (message["type"], message["data"])
        self.heard.append(heard)
        return heard

    def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Read up to a message of that type with those fields, and return its data."""
        while True:
            found, data = self.next()
            if found == kind and fields.items() <= data.items():
                return data

    def until_idle(self) -> None:
        """Read until the queue is empty."""
        self.until("status", status={"exec_info": {"queue_remaining": 0}})

    def until_end(self) -> "Live":
        """Read up to ComfyUI's end mark."""
        self.until("executing", node=None)
        return self

    def is_silent(self) -> bool:
        """Return whether no message is waiting. Call it only when an expected message would have arrived."""
        try:
            self.next(timeout=0.05)
        except TimeoutError:
            return True
        return False

    def say(self, message: Any) -> None:
        self.connection.send(json.dumps(message))


@contextmanager
def live(server: Server, client_id: str | None = "tests", **query: str) -> Iterator[Live]:
    """Open a WebSocket and read its first status."""
    with connect(websocket_url(server, client_id, **query), proxy=None) as connection:
        socket = Live(connection)
        socket.until("status")
        yield socket


def websocket_url(server: Server, client_id: str | None = "tests", *, path: str = "/ws", **query: str) -> str:
    found = {"token": server.emulator.api_key, **query}
    if client_id is not None:
        found["clientId"] = client_id
    text = "&".join(f"{name}={value}" for name, value in found.items())
    return f"{server.emulator.url.replace('http', 'ws', 1)}{path}?{text}"


def binary(frame: bytes) -> Binary:
    kind, number = struct.unpack(">II", frame[:8])
    if kind == 1:
        return Binary(kind, number, frame[8:])
    head, rest = frame[8 : 8 + number].decode(), frame[8 + number :]
    return Binary(kind, json.loads(head) if kind == 4 else head, rest)
