"""Run an ASGI app on uvicorn in a thread of its own, on loopback sockets that are already bound.

One app serves any number of sockets, and tells them apart by `scope["server"]`. The server installs no signal handler
and configures no logging.
"""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Protocol, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

MAX_PORT = 65535
BACKLOG = 512  # connections that may wait to be accepted
START_TIMEOUT = 10.0  # s, until the server must accept connections
DRAIN_TIMEOUT = 2.0  # s, for unfinished requests when the server is told to stop
POLL_INTERVAL = 0.005  # s, between checks of closing connections


def checked_port(port: object) -> int:
    """Return the port if it is a number that TCP has. Raises ValueError."""
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= MAX_PORT:
        raise ValueError(f"port must be a whole number from 0 (a free port) to {MAX_PORT}, not {port!r}")
    return port


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a TCP socket that has its port but refuses connections until it listens. Port 0 takes a free port.

    Raises OSError.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Name the protocol: asyncio disables Nagle's algorithm only if it is IPPROTO_TCP. Otherwise every second response
    # is delayed by 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket on `host`. Port 0 takes a free port. Raises OSError if the port is taken."""
    listener = bound_socket(host, port)
    try:
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


class Running:
    """A server that starts on construction, and stops with `close()` or at the end of its `with` block."""

    _undo: contextlib.ExitStack  # what stops it

    def close(self) -> None:
        """Stop the server and whatever it runs, and free its ports. May be called again."""
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


# uvicorn and websockets log the URLs of WebSockets, and these contain API keys.
NO_LOG = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001 - outside the logger tree, so that nobody can enable it


class _SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, with methods to cut the connection and to silence it.

    The app finds it as `connection` in its state.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.app_state = {**self.app_state, "connection": self}
        self.logger = self.conn.logger = NO_LOG
        self.conn.debug = False
        self._silent = False

    def abort(self) -> None:
        self.transport.abort()

    def silence(self) -> None:
        self._silent = True

    def is_closing(self) -> bool:
        return self.transport.is_closing()

    def unsent(self) -> int:
        return self.transport.get_write_buffer_size()

    def handle_ping(self) -> None:
        if self._silent:
            self.conn.data_to_send()  # discard the pong
        else:
            super().handle_ping()

    def handle_close(self, event: Frame) -> None:
        if self._silent:
            # Discard the close frame that the protocol has queued as its response.
            self.conn.data_to_send()
        else:
            super().handle_close(event)


class ServerProxy(Protocol):
    """The proxy that clients connect to, in the server's event loop. It opens after the server and closes before it."""

    async def open(self) -> None: ...
    async def close(self) -> None: ...


class ThreadedServer:
    """One uvicorn server in one thread, with a proxy in front of it.

    `start` returns when both accept connections, `stop` when the thread and the sockets are gone.
    """

    def __init__(self, app: ASGIApp, sockets: list[socket.socket], proxy: ServerProxy) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws=_SocketProtocol,
            # The servers send no pings. A silent connection must look silent to the client.
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="off",
            # The log belongs to the user's test run. Its settings must stay as they are.
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=3600,  # s; the proxy closes idle connections
        )
        self._sockets = sockets
        self._server = _Server(config, proxy)
        self._thread = threading.Thread(target=self._run, name="comfy-emulator", daemon=True)

    def start(self) -> None:
        self._thread.start()
        if not self._server.accepting.wait(START_TIMEOUT):
            raise RuntimeError(f"could not start the emulator within {START_TIMEOUT} s: see the log for the reason")

    def stop(self) -> None:
        self._server.stop()
        self._thread.join()

    def run_in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the server's event loop, and wait for it. Do nothing if the server has stopped.

        Must not be called from the event loop.
        """
        self._server.run_in_loop(work)

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=self._sockets))


class _Server(uvicorn.Server):
    """uvicorn's server without its 0.1 s ticks, because tests start and stop hundreds of emulators."""

    def __init__(self, config: uvicorn.Config, proxy: ServerProxy) -> None:
        super().__init__(config)
        self.accepting = threading.Event()
        self._proxy = proxy
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def stop(self) -> None:
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the event loop is closed already
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        # Open the proxy last: a client that can connect must find a server behind it.
        await super().startup(sockets)
        await self._proxy.open()
        self.accepting.set()

    async def main_loop(self) -> None:
        assert self._stopping is not None
        await self._stopping.wait()

    def run_in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the server's event loop, and wait for it. Do nothing if the server has stopped."""
        try:
            assert self._loop is not None
            done = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            # Close the coroutine, or Python warns that it was never awaited.
            work.close()
        else:
            done.result()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._proxy.close()
        for listener in self.servers:
            listener.close()
        for bound in sockets or []:
            bound.close()
        # uvicorn waits for open requests without limit. A stalled request must not block the end of a test.
        for connection in list(self.server_state.connections):
            connection.shutdown()
        deadline = asyncio.get_running_loop().time() + DRAIN_TIMEOUT
        while self.server_state.connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(POLL_INTERVAL)
        for task in list(self.server_state.tasks):
            task.cancel()
