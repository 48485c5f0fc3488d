"""Record a session: a proxy on loopback in front of a real server, for clients that are pointed to it.

The client's own key goes on to the server and into no line of the file. Downloads from signed URLs are fetched by the
proxy: the client gets an address at the proxy in place of a signed one.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from blake3 import blake3
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from ..._httpx import environment_proxy, httpx, quiet_loggers
from ..._settings import KEY_HEADER, resolve_server
from .._threaded_server import NO_LOG, Running, ThreadedServer, checked_port, listening_socket
from .session import FILES_PATH, MAX_BODY, Exchange, Frame, Scrubber, SessionWriter, digest

_TIMEOUT = 300.0  # s, without a byte from the server
_LOOPBACK = "127.0.0.1"
# What belongs to one connection, and what would let the server leave out a part of the response.
_NOT_FORWARDED = frozenset(
    {
        "host",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "accept-encoding",
        "range",
        "if-range",
        "if-none-match",
        "if-modified-since",
    }
)
_CREDENTIALS = frozenset({KEY_HEADER.lower(), "authorization", "cookie"})
_KEPT_HEADERS = ("content-type", "content-disposition", "retry-after")


class Recorder(Running):
    """A recording proxy. It starts on construction, and stops with `close()` or at the end of the `with` block.

    Raises ConfigurationError for a bad `base_url`, ValueError for a bad port, and OSError for a port that is taken or a
    file that cannot be written. An existing file is not replaced.
    """

    def __init__(self, file: Path | str, *, base_url: str | None = None, port: int = 0) -> None:
        server = resolve_server(base_url)
        port = checked_port(port)
        with contextlib.ExitStack() as undo:
            lines = undo.enter_context(Path(file).open("x", encoding="utf-8"))
            listener = undo.enter_context(contextlib.closing(listening_socket(_LOOPBACK, port)))
            self.port: int = listener.getsockname()[1]
            self.url = f"http://{_LOOPBACK}:{self.port}"
            app = _Proxy(server.base_url, self.url, SessionWriter(lines, server.base_url), private=server.is_private())
            threaded = ThreadedServer(app, [listener], app)
            threaded.start()
            undo.callback(threaded.stop)
            self._undo = undo.pop_all()


class _Proxy:
    """The ASGI application that forwards and records. `private` says whether nobody on the way can read a key."""

    def __init__(self, server: str, own_url: str, writer: SessionWriter, *, private: bool) -> None:
        self._server = server
        self._own_url = own_url
        self._writer = writer
        self._private = private
        self._scrubber = Scrubber()
        self._signed: dict[str, str] = {}
        self._sockets = 0
        self._began = time.monotonic()
        self._client: httpx.AsyncClient | None = None

    async def open(self) -> None:
        quiet_loggers()
        self._client = httpx.AsyncClient(timeout=_TIMEOUT)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._tunnel(WebSocket(scope, receive, send))
            return
        response: Response
        try:
            response = await self._forward(Request(scope, receive))
        except httpx.HTTPError as error:
            # The exception holds the request with its key, so its words are not repeated.
            message = f"could not reach the server: {type(error).__name__}"
            response = JSONResponse({"code": "BAD_GATEWAY", "message": message}, 502)
        # If the server breaks off in the middle, the response stays incomplete, and the client's connection is closed.
        with contextlib.suppress(httpx.HTTPError):
            await response(scope, receive, send)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        self._scrubber.learn(dict(given))
        hidden = _NOT_FORWARDED if self._private else _NOT_FORWARDED | {KEY_HEADER.lower()}
        return {name: value for name, value in given.items() if name not in hidden}

    async def _forward(self, request: Request) -> Response:
        assert self._client is not None
        began = self._elapsed()
        path = request.url.path
        if path.startswith(FILES_PATH):
            signed = self._signed.get(path.removeprefix(FILES_PATH))
            if signed is None:
                return Response(status_code=404)
            # No header goes to the storage: the key is for the server only.
            sent = self._client.build_request(request.method, signed)
        else:
            query = f"?{request.url.query}" if request.url.query else ""
            target = self._server + request.scope["raw_path"].decode("latin-1") + query
            content = await request.body() if _may_be_json(request) else request.stream()
            sent = self._client.build_request(
                request.method, target, headers=self._headers(request.headers), content=content
            )
        received = await self._client.send(sent, stream=True)
        body = _parsed(sent.content, sent.headers)[1] if _may_be_json(request) else None
        return self._response(request, body, received, began)

    def _response(self, request: Request, body: Any, received: httpx.Response, began: float) -> Response:
        headers = {name: received.headers[name] for name in _KEPT_HEADERS if name in received.headers}
        if "location" in received.headers:
            headers["location"] = self._own_address(str(received.url), received.headers["location"])
        query = self._scrubber.query(request.url.query)
        self._scrubber.learn(body)
        path = self._scrubber.text(request.url.path)

        async def content() -> AsyncIterator[bytes]:
            found, hashed, size = bytearray(), blake3(), 0
            try:
                async for chunk in received.aiter_bytes():
                    size += len(chunk)
                    hashed.update(chunk)
                    if size <= MAX_BODY:
                        found += chunk
                    yield chunk
            finally:
                await received.aclose()
            recorded = self._content(bytes(found), size, hashed.hexdigest(), headers)
            kept = {name: value.replace(self._own_url, "") for name, value in headers.items()}
            kept = {name: self._scrubber.text(value) for name, value in kept.items()}
            self._writer.exchange(
                Exchange(
                    began, request.method, path, query, self._scrubber.json(body), received.status_code, kept, recorded
                )
            )

        whole = received.headers.get("content-length") if "content-encoding" not in received.headers else None
        shown = headers if whole is None else {**headers, "content-length": whole}
        return StreamingResponse(content(), received.status_code, shown)

    def _own_address(self, asked: str, location: str) -> str:
        """Return an address at this proxy for the target of a redirect, which may be signed."""
        target = urljoin(asked, location)
        name = digest(target.partition("?")[0].encode())[:32]
        self._signed[name] = target
        return f"{self._own_url}{FILES_PATH}{name}"

    def _content(self, content: bytes, size: int, name: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """Return the recorded content of a response: scrubbed JSON or text, or the hash of a file, which is written."""
        if size == 0:
            return {}
        if size <= MAX_BODY and "content-disposition" not in headers:
            is_json, parsed = _parsed(content, headers)
            if is_json:
                self._scrubber.learn(parsed)
                return {"json": self._scrubber.json(parsed)}
            if headers.get("content-type", "").startswith("text/"):
                return {"text": self._scrubber.text(content.decode("utf-8", "replace"))}
        left_out = size > MAX_BODY or self._scrubber.holds_secret(content)
        self._writer.file(name, None if left_out else content, size)
        return {"file": name}

    async def _tunnel(self, websocket: WebSocket) -> None:
        """Pass messages both ways until either side ends, and record those of the server."""
        number, self._sockets = self._sockets, self._sockets + 1
        given = {name: value for name, value in self._headers(websocket.headers).items() if name in _CREDENTIALS}
        self._scrubber.query(websocket.url.query)
        parameters = [part for part in websocket.url.query.split("&") if self._private or not part.startswith("token=")]
        target = f"ws{self._server[4:]}{websocket.url.path}?{'&'.join(parameters)}"
        url = httpx.URL(self._server)
        try:
            server = await connect(
                target,
                additional_headers=given,
                proxy=environment_proxy(url.scheme, url.host),
                max_size=None,
                ping_interval=None,
                logger=NO_LOG,
            )
        except InvalidStatus as refused:
            await websocket.send_denial_response(Response(status_code=refused.response.status_code))
            return
        except (OSError, InvalidHandshake):
            await websocket.send_denial_response(Response(status_code=502))
            return
        try:
            await websocket.accept()
            await self._pass_both_ways(websocket, server, number)
        finally:
            # Do not wait for a closing handshake: the proxy may be stopping, and its event loop ends soon.
            server.transport.abort()

    async def _pass_both_ways(self, websocket: WebSocket, server: ClientConnection, number: int) -> None:
        async def upwards() -> None:
            while (message := await websocket.receive())["type"] != "websocket.disconnect":
                await server.send(message["text"] if message.get("text") is not None else message["bytes"])

        sending = asyncio.create_task(upwards())
        receiving = asyncio.create_task(self._record_frames(websocket, server, number))
        try:
            await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, receiving):
                task.cancel()
            await asyncio.gather(sending, receiving, return_exceptions=True)

    async def _record_frames(self, websocket: WebSocket, server: ClientConnection, number: int) -> None:
        with contextlib.suppress(ConnectionClosed, WebSocketDisconnect):
            async for message in server:
                self._writer.frame(Frame(self._elapsed(), number, self._scrubber.frame(message)))
                if isinstance(message, str):
                    await websocket.send_text(message)
                else:
                    await websocket.send_bytes(message)
            await websocket.close()


def _may_be_json(request: Request) -> bool:
    """Return whether the body of a request is recorded. Uploads are only passed on, since they can be large."""
    return request.method in ("GET", "HEAD") or "json" in request.headers.get("content-type", "")


def _parsed(content: bytes, headers: Mapping[str, str]) -> tuple[bool, Any]:
    """Return whether a body is JSON, and what it holds. Some servers send JSON under another type."""
    if "json" in headers.get("content-type", "") or content.lstrip()[:1] in (b"{", b"["):
        with contextlib.suppress(ValueError, RecursionError):
            return True, json.loads(content)
    return False, None
