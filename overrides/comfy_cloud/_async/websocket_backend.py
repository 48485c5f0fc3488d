"""The WebSocket library of this flavour. The module is imported when the first WebSocket is opened."""

from websockets.asyncio.client import ClientConnection as ClientConnection
from websockets.asyncio.client import connect as connect
from websockets.exceptions import InvalidStatus as InvalidStatus
