"""Serve a recorded session again: its responses and the messages of its WebSockets, as `session.Replay` chooses."""

import asyncio
import contextlib
import json
from os import PathLike
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from .session import FILES_PATH, Exchange, Replay, Scrubber, Session, read_session

_NO_BODY = (204, 304)


def load_session(file: str | PathLike[str]) -> Session:
    """Read a recorded session. Raises ValueError for another file, and OSError if it cannot be read."""
    try:
        with Path(file).open(encoding="utf-8") as lines:
            return read_session(lines)
    except ValueError as error:
        raise ValueError(f"could not read a recorded session from {file}: {error}") from None


class ReplayApp:
    """The ASGI application. Any key is accepted, since the recording has none."""

    def __init__(self, session: Session) -> None:
        self._replay = Replay(session)
        self._sockets = 0
        self._changed: asyncio.Condition | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._changed is None:
            self._changed = asyncio.Condition()
        if scope["type"] == "websocket":
            await self._talk(WebSocket(scope, receive, send), self._changed)
        else:
            response = await self._respond(Request(scope, receive), self._changed)
            await response(scope, receive, send)

    async def _respond(self, request: Request, changed: asyncio.Condition) -> Response:
        # Cut from the request what was cut from the recorded one, so that the two are equal.
        scrubber = Scrubber()
        scrubber.learn(dict(request.headers))
        query = scrubber.query(request.url.query)
        body = _json_or_none(await request.body())
        scrubber.learn(body)
        exchange = self._replay.answer(request.method, scrubber.text(request.url.path), query, scrubber.json(body))
        async with changed:
            changed.notify_all()
        if exchange is None:
            message = f"the recording has no {request.method} {request.url.path} with these parameters"
            return JSONResponse({"code": "NOT_RECORDED", "message": message}, 404)
        return self._recorded(exchange, request)

    def _recorded(self, exchange: Exchange, request: Request) -> Response:
        headers, content = dict(exchange.headers), exchange.content
        if headers.get("location", "").startswith(FILES_PATH):
            headers["location"] = str(request.base_url).rstrip("/") + headers["location"]
        body: bytes | None = b""
        if "json" in content:
            body = json.dumps(content["json"]).encode()
        elif "text" in content:
            body = content["text"].encode()
        elif "file" in content:
            body = self._replay.file(content["file"])
        if body is None:
            message = "this file was not recorded: it is too large, or contains a key or a signed URL"
            return JSONResponse({"code": "NOT_RECORDED", "message": message}, 404)
        return Response(None if exchange.status in _NO_BODY else body, exchange.status, headers)

    async def _talk(self, websocket: WebSocket, changed: asyncio.Condition) -> None:
        number, self._sockets = self._sockets, self._sockets + 1
        await websocket.accept()
        sending = asyncio.create_task(self._send(websocket, number, changed))
        try:
            while (await websocket.receive())["type"] != "websocket.disconnect":
                pass
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, websocket: WebSocket, number: int, changed: asyncio.Condition) -> None:
        """Send the messages, each after the submits that came before it in the recording."""
        for submits, frame in self._replay.frames(number):
            async with changed:
                while self._replay.submits < submits:
                    await changed.wait()
            self._replay.sent(frame)
            if isinstance(frame.message, str):
                await websocket.send_text(frame.message)
            else:
                await websocket.send_bytes(frame.message)


def _json_or_none(content: bytes) -> Any:
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(content)
    return None
