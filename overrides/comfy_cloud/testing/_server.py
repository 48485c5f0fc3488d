"""Runs an ASGI app on uvicorn in a thread of its own, on loopback sockets bound beforehand.

It serves any number of sockets with one app, which tells them apart by `scope["server"]`. It installs no signal
handler and configures no logging.
"""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Coroutine
from typing import Any, Protocol

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

BACKLOG = 512  # connections that wait to be accepted
START_TIMEOUT = 10.0  # s, until the sockets must accept
DRAIN_TIMEOUT = 2.0  # s, for requests under way when the server is told to stop
POLL_INTERVAL = 0.005  # s, between looks at connections that are closing


def reserve(host: str, port: int) -> socket.socket:
    """A TCP socket that has its port (0 takes a free one) and refuses connections until it listens. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named so, asyncio turns Nagle's algorithm off; otherwise every second answer is 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket on `host`; port 0 takes a free one. Raises OSError where the port is taken."""
    listener = reserve(host, port)
    try:
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


# uvicorn and websockets log the addresses of sockets, and those hold keys.
_NO_LOG = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001 - in no tree, so nobody can turn it on


class _SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's socket, which the app can also cut off or make deaf: it finds it as `connection` in its state."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.app_state = {**self.app_state, "connection": self}
        self.logger = self.conn.logger = _NO_LOG
        self.conn.debug = False
        self._silent = False

    def abort(self) -> None:
        self.transport.abort()

    def silence(self) -> None:
        self._silent = True

    def unsent(self) -> int:
        return self.transport.get_write_buffer_size()

    def handle_ping(self) -> None:
        if self._silent:
            self.conn.data_to_send()  # the pong, which nobody gets
        else:
            super().handle_ping()

    def handle_close(self, event: Frame) -> None:
        if self._silent:
            self.conn.data_to_send()
        else:
            super().handle_close(event)


class Front(Protocol):
    """What clients really connect to, in the server's loop: opened after the server, closed before it."""

    async def open(self) -> None: ...
    async def close(self) -> None: ...


class ThreadedServer:
    """One uvicorn server in one thread, with a front before it. `start` returns when both accept, `stop` when thread
    and sockets are gone."""

    def __init__(self, app: ASGIApp, sockets: list[socket.socket], front: Front) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws=_SocketProtocol,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=3600,  # the front ends connections that are not used
        )
        self._sockets = sockets
        self._server = _Server(config, front)
        self._thread = threading.Thread(target=self._run, name="comfy-emulator", daemon=True)

    def start(self) -> None:
        self._thread.start()
        if not self._server.accepting.wait(START_TIMEOUT):
            raise RuntimeError("the emulator's server did not start: see the log for the reason")

    def stop(self) -> None:
        self._server.stop()
        self._thread.join()

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the server's loop, and wait for it; not to be called from there. Nothing is done where the
        server has stopped."""
        self._server.do(work)

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=self._sockets))


class _Server(uvicorn.Server):
    """uvicorn's server without its 0.1 s ticks: tests start and stop hundreds of emulators."""

    def __init__(self, config: uvicorn.Config, front: Front) -> None:
        super().__init__(config)
        self.accepting = threading.Event()
        self._front = front
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def stop(self) -> None:
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        await super().startup(sockets)
        await self._front.open()
        self.accepting.set()

    async def main_loop(self) -> None:
        assert self._stopping is not None
        await self._stopping.wait()

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the server's loop, and wait for it. Nothing is done where the server has stopped."""
        try:
            assert self._loop is not None
            done = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
        else:
            done.result()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._front.close()
        for listener in self.servers:
            listener.close()
        for bound in sockets or []:
            bound.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        deadline = asyncio.get_running_loop().time() + DRAIN_TIMEOUT
        while self.server_state.connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(POLL_INTERVAL)
        for task in list(self.server_state.tasks):
            task.cancel()
