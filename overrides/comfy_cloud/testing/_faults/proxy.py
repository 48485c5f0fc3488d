"""Accept connections on the public ports and forward them to the server, so that faults can be injected on the way.

No server can produce most of these faults itself. The proxy is always in place, because a connection that was open
before the first fault was added must fail like any other.
"""

import asyncio
import contextlib
import functools
import socket
import struct
from http import HTTPStatus

from .._journal import Journal
from .._routes.backend import Backend
from .._servers.operations import find_route
from .._servers.responses import flat_error
from .._threaded_server import BACKLOG, bound_socket
from .connection import ClientConnection, Context
from .faults import CONNECTION, STORAGE
from .framing import RequestHead
from .rules import FaultOrder, Faults
from .streams import CHUNK, Stream


class Listener:
    """One public port. While it refuses connections, the port stays reserved for the emulator."""

    def __init__(self, server_socket: socket.socket, context: Context) -> None:
        self.operation = STORAGE if context.is_storage else CONNECTION
        self._socket = server_socket
        self._address: tuple[str, int] = server_socket.getsockname()[:2]
        self._context = context
        self._connections: dict[asyncio.Task[None], socket.socket] = {}

    def open(self) -> None:
        """Accept connections."""
        self._socket.setblocking(False)
        self._socket.listen(BACKLOG)
        # Do not use asyncio's server: when it closes, it loses connections that it has just accepted (Python 3.11).
        asyncio.get_running_loop().add_reader(self._socket, self._accept)

    def refuse(self) -> None:
        """Refuse new connections and reset the open ones. The port stays reserved."""
        self._stop_listening()
        self.reset_connections()
        # A socket that is bound but does not listen refuses connections, and no other process can take the port.
        self._socket = bound_socket(*self._address)

    def reset_connections(self) -> None:
        """Reset the open connections."""
        for task, connection in self._connections.items():
            _make_resetting(connection)
            task.cancel()

    async def close(self) -> None:
        """End all connections and free the port."""
        self._stop_listening()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _stop_listening(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except (BlockingIOError, ConnectionError):
            return  # the client has gone already
        connection.setblocking(False)
        if self._context.faults.claim_connection(self.operation) is not None:
            _make_resetting(connection)
            connection.close()
            return
        task = asyncio.create_task(self._serve(connection))
        self._connections[task] = connection
        task.add_done_callback(self._forget)

    async def _serve(self, connection: socket.socket) -> None:
        stream = Stream(*await asyncio.open_connection(sock=connection, limit=CHUNK))
        await ClientConnection(stream, self._context).run()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._connections.pop(task).close()  # the task may have been cancelled before it started


def _make_resetting(connection: socket.socket) -> None:
    """Let the connection end with an error on the client's side: with SO_LINGER 0, closing sends RST instead of FIN."""
    with contextlib.suppress(OSError):  # the connection is closed already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class FaultProxy:
    """All listeners of an emulator. It lives in the event loop of the server, and must be called there."""

    def __init__(self, listeners: list[Listener], faults: Faults) -> None:
        self._listeners = listeners
        self._faults = faults
        self._closed_by: dict[Listener, FaultOrder] = {}
        self._timers: list[asyncio.TimerHandle] = []
        self._reopening: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        for listener in self._listeners:
            listener.open()

    async def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        for listener in self._listeners:
            await listener.close()

    def affects_ports(self, new: FaultOrder | None) -> bool:
        """Return whether a change of the rules may open or close a port. May be called in any thread."""
        return bool(self._closed_by) or (new is not None and new.fault.kind == "refuse")

    async def apply_rules(self, new: FaultOrder | None = None) -> None:
        """Open and close ports as the rules say. `new` is the rule that was just added."""
        for listener in self._listeners:
            rule, closed_by = self._faults.shutting(listener.operation), self._closed_by.get(listener)
            # The rule has ended or was cleared, so the port opens again.
            if rule is None:
                if self._closed_by.pop(listener, None) is not None:
                    listener.open()
            elif rule is not closed_by:
                if closed_by is None:
                    listener.refuse()
                self._closed_by[listener] = rule
                self._begin(rule)
            if new is not None and new.fault.kind == "refuse" and new.operation == listener.operation:
                listener.reset_connections()

    def _begin(self, rule: FaultOrder) -> None:
        rule.count_applied(1)
        seconds = rule.fault.options["seconds"]
        if seconds is not None:
            self._timers.append(asyncio.get_running_loop().call_later(seconds, self._end, rule))

    def _end(self, rule: FaultOrder) -> None:
        rule.over = True
        # asyncio keeps only weak references to tasks, so hold one until the task is done.
        reopening = asyncio.get_running_loop().create_task(self.apply_rules())
        self._reopening.add(reopening)
        reopening.add_done_callback(self._reopening.discard)


def fault_proxy_for(
    backend: Backend, journal: Journal, faults: Faults, sockets: list[socket.socket], inner_ports: list[int]
) -> FaultProxy:
    """Return the proxy of one emulated server. Its first socket is for the API, its second for the storage."""

    def error_body(status: int) -> bytes:
        code = HTTPStatus(status).name if status in set(HTTPStatus) else "ERROR"
        response = backend.dialect.error(status, code, "Ordered by a test")
        # ComfyUI sends errors without a body, but `Fault.status` promises JSON.
        return bytes(response.body) or bytes(flat_error(status, code, "Ordered by a test").body)

    def forget_job(request: RequestHead) -> None:
        match = find_route(request.method, request.path)
        assert match is not None
        backend.engine.lose(match.parameters.get("job_id") or match.parameters["prompt_id"])

    def expire_address(request: RequestHead) -> None:
        del request
        backend.signer.expire()

    effects = {"forget_job": forget_job, "expire_address": expire_address}
    listeners = [
        Listener(
            server_socket,
            Context(faults, journal, is_storage, functools.partial(_connect, port), error_body, effects),
        )
        for server_socket, port, is_storage in zip(sockets, inner_ports, (False, True), strict=True)
    ]
    return FaultProxy(listeners, faults)


async def _connect(port: int) -> Stream:
    return Stream(*await asyncio.open_connection("127.0.0.1", port, limit=CHUNK))
