"""The WebSocket library of this flavour. The module is imported when the first WebSocket is opened."""

from websockets.sync.client import ClientConnection as ClientConnection
from websockets.sync.client import connect as connect
from websockets.exceptions import InvalidStatus as InvalidStatus
