"""Serve one client connection of the fault proxy: forward requests and responses, and apply faults to them.

`rules` decides which fault happens, `steps` what it does to the bytes, and `framing` where a request ends. Anything
malformed is forwarded to the server unchanged.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from blake3 import blake3

from .._journal import Journal, JournalEntry
from .._servers.operations import find_route, operation_id
from .faults import SOCKET, STORAGE
from .framing import (
    Body,
    FrameReader,
    FramingError,
    RequestHead,
    ResponseHead,
    message_frame,
    request_head,
    response_head,
)
from .rules import FaultOrder, Faults
from .steps import (
    BAD_FRAME,
    HANG_UP,
    UNCHANGED,
    HangUp,
    Pause,
    ResponseSteps,
    Step,
    error_response,
    replaces_server,
    steps_for,
)
from .streams import HeadTooLongError, Stream

KEEP_ALIVE = 75.0  # s, to wait for the next request on a connection
_SOCKET_PATHS = ("/ws", "/api/ws")


@dataclass(frozen=True)
class Context:
    """State shared by all connections of one port.

    `connect` opens a connection to the server behind the proxy. `error_body` returns the server's own JSON body for a
    status. `effects` are the faults that do not change bytes, by kind; they get the request.
    """

    faults: Faults
    journal: Journal
    is_storage: bool
    connect: Callable[[], Awaitable[Stream]]
    error_body: Callable[[int], bytes]
    effects: Mapping[str, Callable[[RequestHead], None]]


class _ConnectionEnded(Exception):
    """A fault ends the connection, or the client left while a fault delayed it."""


class ClientConnection:
    """One connection of a client, from its first request to its end."""

    def __init__(self, client: Stream, context: Context) -> None:
        self._client = client
        self._context = context
        self._server: Stream | None = None

    async def run(self) -> None:
        """Serve the connection until it ends."""
        try:
            while await self._next_exchange():
                pass
        except (_ConnectionEnded, ConnectionError, TimeoutError, FramingError):
            pass  # the connection ends for any of these reasons
        except asyncio.CancelledError:
            self._client.abort()
            raise
        finally:
            if self._server is not None:
                self._server.abort()
            await self._client.close()

    async def _next_exchange(self) -> bool:
        """Forward one request and its response. Return whether another request may follow."""
        try:
            async with asyncio.timeout(KEEP_ALIVE):
                raw = await self._client.read_head()
        except HeadTooLongError:
            # The server has its own response to such a head. Forward the bytes to get it.
            await self._tunnel(await self._connected(), messages=False)
            return False
        if raw is None:
            return False
        request = request_head(raw)
        # This is not HTTP, or its body has no clear end. Only the server can say what it makes of it.
        if request is None:
            server = await self._connected()
            await server.write(raw)
            await self._tunnel(server, messages=False)
            return False
        rule = self._context.faults.claim(self._operation(request))
        if rule is not None and replaces_server(rule.fault):
            return await self._respond_here(request, rule)
        return await self._pass_on(request, rule)

    def _operation(self, request: RequestHead) -> str | None:
        if self._context.is_storage:
            return STORAGE
        if request.path in _SOCKET_PATHS:
            return SOCKET
        match = find_route(request.method, request.path)
        return None if match is None else match.operation.id

    async def _respond_here(self, request: RequestHead, rule: FaultOrder) -> bool:
        """Send a response, or close the connection, in place of the server.

        Return whether another request may follow.
        """
        body = request.body()
        # A client that waits for "100 Continue" never gets it and does not send its body. The connection cannot be
        # used again.
        unsent = request.expects_continue and not body.complete and not self._client.has_data
        digest = None if unsent else await self._digest(body)
        last = unsent or not request.keeps_alive
        status = None if rule.fault.kind == "close" else int(rule.fault.options["status"])
        # The server never sees this request, so its journal entry must be written here.
        if not self._context.is_storage:
            self._context.journal.append(_entry(request, digest, status))
        if status is None:
            return False
        options = rule.fault.options
        await self._client.write(
            error_response(options, request.method, self._context.error_body, time.time(), last=last)
        )
        return not last

    async def _digest(self, body: Body) -> str | None:
        """Read a request's body to its end. Return the hash of its content, or None if it is empty."""
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

    async def _pass_on(self, request: RequestHead, rule: FaultOrder | None) -> bool:
        """Forward a request and its response. Return whether another request may follow."""
        effect = None if rule is None else self._context.effects.get(rule.fault.kind)
        if effect is not None:
            effect(request)
        server = await self._connected()
        body = request.body()
        early = b""
        # Send the head and the start of the body together if both are here, as the client did.
        if not body.complete and self._client.has_data:
            early, _, rest = body.feed(await self._client.read())
            self._client.unread(rest)
        await server.write(request.raw + early)
        # Send the body in parallel: the server may respond, or refuse, before the body is complete.
        sending = None if body.complete else asyncio.create_task(self._send_body(body, server))
        try:
            again = await self._relay_response(request, server, rule, sending)
            if sending is not None and again:
                await sending
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        return again and request.keeps_alive

    async def _connected(self) -> Stream:
        """Return the connection to the server, and open one if there is none."""
        if self._server is None or self._server.ended:
            if self._server is not None:
                self._server.abort()
            self._server = await self._context.connect()
        return self._server

    async def _send_body(self, body: Body, server: Stream) -> None:
        try:
            while not body.complete:
                raw, _, rest = body.feed(await self._client_data())
                self._client.unread(rest)
                await server.write(raw)
        except (ConnectionError, FramingError):
            server.abort()  # this also stops waiting for its response
            raise

    async def _relay_response(
        self, request: RequestHead, server: Stream, rule: FaultOrder | None, sending: asyncio.Task[None] | None
    ) -> bool:
        """Forward the response with the fault applied. Return whether the server keeps its connection open."""
        while True:
            raw = await server.read_head()
            if raw is None:
                raise ConnectionResetError
            response = response_head(raw, request.method)
            if response.status == 101 or response.status >= 200:
                break
            await self._client.write(raw)
        if rule is not None and sending is not None:
            await sending  # a pause also reads from the client, so the body must be complete before
        how = UNCHANGED if rule is None else steps_for(rule.fault)
        head = list(how.head(response))
        if rule is not None and how.had_no_effect:
            # The rule was claimed by the request, but the response has nothing to change. Do not count it as a fault.
            rule.count_applied(-1)
        await self._perform(head)
        await self._relay_body(response, server, how)
        if response.status == 101:
            await self._tunnel(server, messages=True)
            return False
        return response.keeps_alive

    async def _relay_body(self, response: ResponseHead, server: Stream, how: ResponseSteps) -> None:
        body = response.body()
        while not body.complete:
            data = await server.read()
            if not data:
                # The server promised more bytes than it sent. The client must also see a broken connection.
                if response.keeps_alive:
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
                raise _ConnectionEnded
            else:
                await self._client.write(step)

    async def _pause(self, seconds: float | None) -> None:
        """Wait, but stop as soon as the client leaves.

        A test that closes its client must not wait for the fault to end.
        """
        left = asyncio.create_task(self._client.wait_until_left())
        try:
            done, _ = await asyncio.wait({left}, timeout=seconds)
        finally:
            left.cancel()
            await asyncio.gather(left, return_exceptions=True)
        if done:
            raise _ConnectionEnded

    async def _tunnel(self, server: Stream, *, messages: bool) -> None:
        """Forward bytes both ways until the server closes.

        With `messages`, apply WebSocket faults to the server's messages.
        """
        upwards = asyncio.create_task(self._pump_to(server))
        try:
            if messages:
                silent = await self._pump_messages(server)
            else:
                silent = await self._pump_from(server)
            # The client must find the connection open but silent. It ends when the client closes it.
            if silent:
                await upwards
        finally:
            upwards.cancel()
            await asyncio.gather(upwards, return_exceptions=True)

    async def _pump_to(self, server: Stream) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await self._client.read():
                if not server.ended:
                    # A silenced WebSocket stays open after the server has closed its side. Perhaps this shows only now.
                    with contextlib.suppress(ConnectionError):
                        await server.write(data)
        server.write_eof()

    async def _pump_from(self, server: Stream) -> bool:
        while data := await server.read():
            await self._client.write(data)
        return False

    async def _pump_messages(self, server: Stream) -> bool:
        """Forward the server's messages. Return True if a fault silenced the WebSocket, which must then stay open."""
        frames = FrameReader()
        while data := await server.read():
            for piece in frames.feed(data):
                rule = self._context.faults.claim_message() if piece.begins else None
                if rule is not None and rule.fault.kind == "silence":
                    with contextlib.suppress(ConnectionError):  # the server closes or cuts the connection
                        while await server.read():
                            pass
                    return True
                if rule is not None:
                    await self._perform(_message_steps(rule))
                await self._client.write(piece.data)
        return False


def _message_steps(rule: FaultOrder) -> Iterable[Step]:
    if rule.fault.kind == "drop":
        yield HANG_UP
    elif rule.fault.kind == "bad_frame":
        yield BAD_FRAME
    else:
        yield b"".join(message_frame(message) for message in rule.fault.options["messages"])


def _entry(request: RequestHead, digest: str | None, status: int | None) -> JournalEntry:
    names = {name for name, _ in request.fields}
    # A WebSocket may carry its key in the query. The entry records only that there is one.
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
