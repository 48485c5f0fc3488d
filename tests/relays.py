"""Servers between a client and the emulator, on real sockets: one that speaks TLS, and a proxy that opens tunnels."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Relay:
    """Listens on loopback and carries bytes both ways between who connects and `target` (host, port)."""

    def __init__(self, target: tuple[str, int] | None = None) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._closed = False

    def __enter__(self) -> Self:
        self._start(self._serve)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closed = True
        for opened in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while not self._closed:
            with contextlib.suppress(OSError):
                accepted, _ = self._listener.accept()
                self._start(self._connect, accepted)

    def _connect(self, accepted: socket.socket) -> None:
        with contextlib.suppress(OSError):
            near, target = self.open(accepted)
            self._sockets.append(near)
            if target is not None:
                far = socket.create_connection(target)
                self._sockets.append(far)
                self._start(self._carry, far, near)
                self._carry(near, far)

    def open(self, accepted: socket.socket) -> tuple[socket.socket, tuple[str, int] | None]:
        """What to read from and where to carry it; None to hang up."""
        return accepted, self._target

    @staticmethod
    def _carry(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class TLSRelay(Relay):
    """Takes TLS connections, and carries what is in them to a server without TLS."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        parts = urlsplit(url)
        super().__init__((str(parts.hostname), parts.port or 80))
        self._context = context
        self.url = f"https://localhost:{self.port}"

    def open(self, accepted: socket.socket) -> tuple[socket.socket, tuple[str, int] | None]:
        return self._context.wrap_socket(accepted, server_side=True), self._target


class ConnectProxy(Relay):
    """A proxy that opens tunnels. `seen` has the heads of the requests for one."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def open(self, accepted: socket.socket) -> tuple[socket.socket, tuple[str, int] | None]:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += accepted.recv(1)
        self.seen.append(head.decode())
        host, _, port = head.split()[1].decode().rpartition(":")
        accepted.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return accepted, (host, int(port))
