"""The handshake of a WebSocket. Imported when the first one is opened: websockets takes as long as all of ours."""

from __future__ import annotations

from typing import Any

from .websocket import HandshakeRefusedError
from .websocket_backend import ClientConnection, InvalidStatus


class AsyncHandshake(ClientConnection):
    """A connection that follows no redirect. websockets would send our headers, and the key in them, to its target."""

    async def handshake(self, *args: Any, **kwargs: Any) -> None:
        try:
            await super().handshake(*args, **kwargs)
            return
        except InvalidStatus as error:
            refused = HandshakeRefusedError(error.response.status_code)
        raise refused
