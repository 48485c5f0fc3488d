"""The gate: takes connections on the public ports and passes them to the server behind, so that faults can be made
on the way which no server can make itself.

It is always in place. A connection that was open before the first fault was ordered must fail like any other.
"""

import asyncio
import contextlib
import functools
import socket
import struct
from http import HTTPStatus

from ._answers import flat_error
from ._backend import Backend
from ._faults import CONNECTION, STORAGE
from ._framing import RequestHead
from ._journal import Journal
from ._operations import find_route
from ._orders import FaultOrder, Faults
from ._relay import Relay, Surroundings
from ._server import BACKLOG, reserve
from ._streams import CHUNK, Stream


class Door:
    """One public port. While it is shut the port stays ours and refuses connections."""

    def __init__(self, listener: socket.socket, around: Surroundings) -> None:
        self.operation = STORAGE if around.is_storage else CONNECTION
        self._listener = listener
        self._address: tuple[str, int] = listener.getsockname()[:2]
        self._around = around
        self._connections: dict[asyncio.Task[None], socket.socket] = {}

    def open(self) -> None:
        self._listener.setblocking(False)
        self._listener.listen(BACKLOG)
        # Not asyncio's server: when that closes it loses connections that it has just accepted.
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def shut(self) -> None:
        """Refuse new connections and cut the open ones. The port stays taken."""
        self._stop_listening()
        self.cut()
        self._listener = reserve(*self._address)

    def cut(self) -> None:
        """Reset the open connections."""
        for task, connection in self._connections.items():
            _make_resetting(connection)
            task.cancel()

    async def close(self) -> None:
        self._stop_listening()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _stop_listening(self) -> None:
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return  # who came is gone already
        connection.setblocking(False)
        if self._around.faults.claim_connection(self.operation) is not None:
            _make_resetting(connection)
            connection.close()
            return
        task = asyncio.create_task(self._serve(connection))
        self._connections[task] = connection
        task.add_done_callback(self._forget)

    async def _serve(self, connection: socket.socket) -> None:
        await Relay(Stream(*await asyncio.open_connection(sock=connection, limit=CHUNK)), self._around).run()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._connections.pop(task).close()  # it may have been cancelled before it began


def _make_resetting(connection: socket.socket) -> None:
    """Let the connection end with an error on the other side."""
    with contextlib.suppress(OSError):  # closed already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Gate:
    """All doors of an emulator. Lives in the event loop of its server, and is to be called there."""

    def __init__(self, doors: list[Door], faults: Faults) -> None:
        self._doors = doors
        self._faults = faults
        self._shut: dict[Door, FaultOrder] = {}
        self._timers: list[asyncio.TimerHandle] = []
        self._reopening: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        for door in self._doors:
            door.open()

    async def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        for door in self._doors:
            await door.close()

    def concerns(self, new: FaultOrder | None) -> bool:
        """Whether a change of the orders may shut or open a door. May be called in any thread."""
        return bool(self._shut) or (new is not None and new.fault.kind == "refuse")

    async def obey(self, new: FaultOrder | None = None) -> None:
        """Shut and open doors as the orders say. `new` was just added."""
        for door in self._doors:
            order, shut_by = self._faults.shutting(door.operation), self._shut.get(door)
            if order is None:
                if self._shut.pop(door, None) is not None:
                    door.open()
            elif order is not shut_by:
                if shut_by is None:
                    door.shut()
                self._shut[door] = order
                self._begin(order)
            if new is not None and new.fault.kind == "refuse" and new.operation == door.operation:
                door.cut()

    def _begin(self, order: FaultOrder) -> None:
        order.count_applied(1)
        seconds = order.fault.options["seconds"]
        if seconds is not None:
            self._timers.append(asyncio.get_running_loop().call_later(seconds, self._end, order))

    def _end(self, order: FaultOrder) -> None:
        order.over = True
        reopening = asyncio.get_running_loop().create_task(self.obey())
        self._reopening.add(reopening)
        reopening.add_done_callback(self._reopening.discard)


def gate_for(
    backend: Backend, journal: Journal, faults: Faults, listeners: list[socket.socket], inner_ports: list[int]
) -> Gate:
    """The gate of one emulated server: its API and its storage, in this order."""

    def error_body(status: int) -> bytes:
        code = HTTPStatus(status).name if status in set(HTTPStatus) else "ERROR"
        answer = backend.dialect.error(status, code, "Ordered by a test")
        return bytes(answer.body) or bytes(flat_error(status, code, "Ordered by a test").body)

    def forget_job(request: RequestHead) -> None:
        match = find_route(request.method, request.path)
        assert match is not None
        backend.engine.lose(match.parameters.get("job_id") or match.parameters["prompt_id"])

    def expire_address(request: RequestHead) -> None:
        del request
        backend.signer.expire()

    effects = {"forget_job": forget_job, "expire_address": expire_address}
    doors = [
        Door(
            listener,
            Surroundings(faults, journal, is_storage, functools.partial(_connect, port), error_body, effects),
        )
        for listener, port, is_storage in zip(listeners, inner_ports, (False, True), strict=True)
    ]
    return Gate(doors, faults)


async def _connect(port: int) -> Stream:
    return Stream(*await asyncio.open_connection("127.0.0.1", port, limit=CHUNK))
