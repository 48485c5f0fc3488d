"""Runs an ASGI app on uvicorn in a thread of its own, on loopback sockets bound beforehand.

It serves any number of sockets with one app, which tells them apart by `scope["server"]`. It installs no signal
handler and configures no logging.
"""

import asyncio
import contextlib
import socket
import threading

import uvicorn
from starlette.types import ASGIApp

START_TIMEOUT = 10.0  # s, until the sockets must accept
DRAIN_TIMEOUT = 2.0  # s, for requests under way when the server is told to stop
POLL_INTERVAL = 0.005  # s, between looks at connections that are closing


def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket on `host`; port 0 takes a free one. Raises OSError where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named so, asyncio turns Nagle's algorithm off; otherwise every second answer is 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except BaseException:
        listener.close()
        raise
    return listener


class ThreadedServer:
    """One uvicorn server in one thread. `start` returns when it accepts, `stop` when thread and sockets are gone."""

    def __init__(self, app: ASGIApp, sockets: list[socket.socket]) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=60,
        )
        self._sockets = sockets
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="comfy-emulator", daemon=True)

    def start(self) -> None:
        self._thread.start()
        if not self._server.accepting.wait(START_TIMEOUT):
            raise RuntimeError("the emulator's server did not start: see the log for the reason")

    def stop(self) -> None:
        self._server.stop()
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=self._sockets))


class _Server(uvicorn.Server):
    """uvicorn's server without its 0.1 s ticks: tests start and stop hundreds of emulators."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = threading.Event()
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
        self.accepting.set()

    async def main_loop(self) -> None:
        assert self._stopping is not None
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
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
