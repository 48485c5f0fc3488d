"""One client's connection at the gate: passes requests to the server and answers back, and does what faults say.

Which fault hits is decided in `_orders`, what it does to the bytes in `_plans`; where a request ends, in `_framing`.
Anything malformed goes to the server as it is.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from blake3 import blake3

from ._faults import SOCKET, STORAGE
from ._framing import (
    AnswerHead,
    Body,
    FrameReader,
    FramingError,
    RequestHead,
    answer_head,
    message_frame,
    request_head,
)
from ._journal import Journal, JournalEntry
from ._operations import find_route, operation_id
from ._orders import FaultOrder, Faults
from ._plans import BAD_FRAME, HANG_UP, UNDISTURBED, HangUp, Pause, Plan, Step, error_answer, plan, replaces_server
from ._streams import HeadTooLongError, Stream

KEEP_ALIVE = 75.0  # s, for the next request on a connection
_SOCKET_PATHS = ("/ws", "/api/ws")


@dataclass(frozen=True)
class Surroundings:
    """What connections share. `connect` opens a connection to the server behind the gate; `error_body` is the
    server's own JSON for a status; `effects` are the faults that are no bytes, by kind: they get the request."""

    faults: Faults
    journal: Journal
    is_storage: bool
    connect: Callable[[], Awaitable[Stream]]
    error_body: Callable[[int], bytes]
    effects: Mapping[str, Callable[[RequestHead], None]]


class _HungUp(Exception):
    """A fault ends the connection, or the client left while one held it up."""


class Relay:
    """Serves one connection of a client from its first request to its end."""

    def __init__(self, client: Stream, around: Surroundings) -> None:
        self._client = client
        self._around = around
        self._server: Stream | None = None

    async def run(self) -> None:
        try:
            while await self._next_exchange():
                pass
        except (_HungUp, ConnectionError, TimeoutError, FramingError):
            pass  # the connection ends, whatever the reason
        except asyncio.CancelledError:
            self._client.abort()
            raise
        finally:
            if self._server is not None:
                self._server.abort()
            await self._client.close()

    async def _next_exchange(self) -> bool:
        """One request and its answer; returns whether another may follow."""
        try:
            async with asyncio.timeout(KEEP_ALIVE):
                raw = await self._client.read_head()
        except HeadTooLongError:
            await self._tunnel(await self._connected(), messages=False)
            return False
        if raw is None:
            return False
        request = request_head(raw)
        if request is None:
            server = await self._connected()
            await server.write(raw)
            await self._tunnel(server, messages=False)
            return False
        order = self._around.faults.claim(self._operation(request))
        if order is not None and replaces_server(order.fault):
            return await self._answer_here(request, order)
        return await self._pass_on(request, order)

    def _operation(self, request: RequestHead) -> str | None:
        if self._around.is_storage:
            return STORAGE
        if request.path in _SOCKET_PATHS:
            return SOCKET
        match = find_route(request.method, request.path)
        return None if match is None else match.operation.id

    async def _answer_here(self, request: RequestHead, order: FaultOrder) -> bool:
        body = request.body()
        # Who waits to be told to send a body is not told, and the connection cannot be used again.
        unsent = request.expects_continue and not body.complete and not self._client.has_data
        digest = None if unsent else await self._digest(body)
        last = unsent or not request.keeps_alive
        status = None if order.fault.kind == "close" else int(order.fault.options["status"])
        if not self._around.is_storage:
            self._around.journal.append(_entry(request, digest, status))
        if status is None:
            return False
        options = order.fault.options
        await self._client.write(error_answer(options, request.method, self._around.error_body, time.time(), last=last))
        return not last

    async def _digest(self, body: Body) -> str | None:
        """Read a request's body to its end; the hash of its content, None for an empty one."""
        content_hash, empty = blake3(), True
        while not body.complete:
            _, content, rest = body.feed(await self._client_data())
            self._client.unread(rest)
            content_hash.update(content)
            empty = empty and not content
        return None if empty else content_hash.hexdigest()

    async def _client_data(self) -> bytes:
        data = await self._client.read()
        if not data:
            raise ConnectionResetError
        return data

    async def _pass_on(self, request: RequestHead, order: FaultOrder | None) -> bool:
        effect = None if order is None else self._around.effects.get(order.fault.kind)
        if effect is not None:
            effect(request)
        server = await self._connected()
        body = request.body()
        early = b""
        if not body.complete and self._client.has_data:
            early, _, rest = body.feed(await self._client.read())
            self._client.unread(rest)
        await server.write(request.raw + early)
        sending = None if body.complete else asyncio.create_task(self._send_body(body, server))
        try:
            again = await self._relay_answer(request, server, order, sending)
            if sending is not None and again:
                await sending
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        return again and request.keeps_alive

    async def _connected(self) -> Stream:
        if self._server is None or self._server.ended:
            if self._server is not None:
                self._server.abort()
            self._server = await self._around.connect()
        return self._server

    async def _send_body(self, body: Body, server: Stream) -> None:
        try:
            while not body.complete:
                raw, _, rest = body.feed(await self._client_data())
                self._client.unread(rest)
                await server.write(raw)
        except (ConnectionError, FramingError):
            server.abort()  # which also ends the waiting for its answer
            raise

    async def _relay_answer(
        self, request: RequestHead, server: Stream, order: FaultOrder | None, sending: asyncio.Task[None] | None
    ) -> bool:
        while True:
            raw = await server.read_head()
            if raw is None:
                raise ConnectionResetError
            answer = answer_head(raw, request.method)
            if answer.status == 101 or answer.status >= 200:
                break
            await self._client.write(raw)
        if order is not None and sending is not None:
            await sending  # a pause reads what the client sends, and so does this
        how = UNDISTURBED if order is None else plan(order.fault)
        head = list(how.head(answer))
        if order is not None and how.spared:
            order.count_applied(-1)
        await self._perform(head)
        await self._relay_body(answer, server, how)
        if answer.status == 101:
            await self._tunnel(server, messages=True)
            return False
        return answer.keeps_alive

    async def _relay_body(self, answer: AnswerHead, server: Stream, how: Plan) -> None:
        body = answer.body()
        while not body.complete:
            data = await server.read()
            if not data:
                if answer.keeps_alive:
                    raise ConnectionResetError
                break
            piece, content, rest = body.feed(data)
            server.unread(rest)
            await self._perform(how.body(piece, content))
        await self._perform(how.end())

    async def _perform(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if isinstance(step, Pause):
                await self._pause(step.seconds)
            elif isinstance(step, HangUp):
                raise _HungUp
            else:
                await self._client.write(step)

    async def _pause(self, seconds: float | None) -> None:
        left = asyncio.create_task(self._client.until_left())
        try:
            done, _ = await asyncio.wait({left}, timeout=seconds)
        finally:
            left.cancel()
            await asyncio.gather(left, return_exceptions=True)
        if done:
            raise _HungUp

    async def _tunnel(self, server: Stream, *, messages: bool) -> None:
        """Pass bytes both ways until the server closes; with `messages`, as the faults of a socket have it."""
        upwards = asyncio.create_task(self._pump_to(server))
        try:
            if messages:
                silent = await self._pump_messages(server)
            else:
                silent = await self._pump_from(server)
            if silent:
                await upwards
        finally:
            upwards.cancel()
            await asyncio.gather(upwards, return_exceptions=True)

    async def _pump_to(self, server: Stream) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await self._client.read():
                if not server.ended:
                    # A silenced socket outlives the server's end of it, which may show only now.
                    with contextlib.suppress(ConnectionError):
                        await server.write(data)
        server.write_eof()

    async def _pump_from(self, server: Stream) -> bool:
        while data := await server.read():
            await self._client.write(data)
        return False

    async def _pump_messages(self, server: Stream) -> bool:
        """Returns whether a fault has silenced the socket, which then outlives the server's end of it."""
        frames = FrameReader()
        while data := await server.read():
            for piece in frames.feed(data):
                order = self._around.faults.claim_message() if piece.begins else None
                if order is not None and order.fault.kind == "silence":
                    with contextlib.suppress(ConnectionError):  # it ends closed or cut
                        while await server.read():
                            pass
                    return True
                if order is not None:
                    await self._perform(_message_steps(order))
                await self._client.write(piece.data)
        return False


def _message_steps(order: FaultOrder) -> Iterable[Step]:
    if order.fault.kind == "drop":
        yield HANG_UP
    elif order.fault.kind == "bad_frame":
        yield BAD_FRAME
    else:
        yield b"".join(message_frame(message) for message in order.fault.options["messages"])


def _entry(request: RequestHead, digest: str | None, status: int | None) -> JournalEntry:
    names = {name for name, _ in request.fields}
    has_token = any(parameter.startswith("token=") for parameter in request.query.split("&"))
    return JournalEntry(
        operation=operation_id(request.method, request.path),
        method=request.method,
        path=request.path,
        key_present="x-api-key" in names or has_token,
        body_hash=digest,
        time=time.time(),
        status=status,
    )
