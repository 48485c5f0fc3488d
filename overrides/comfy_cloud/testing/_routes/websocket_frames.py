"""Encode messages as WebSocket frames: JSON as text frames, previews and texts as ComfyUI's binary frames.

All numbers are big-endian. `websocket` decides which client gets which message.
"""

import json
import struct

from .._engine.events import PREVIEW, PREVIEW_WITH_METADATA, TEXT, Message

_TYPES = {PREVIEW: 1, TEXT: 3, PREVIEW_WITH_METADATA: 4}
_IMAGE_TYPES = {"JPEG": 1, "PNG": 2}


def encode(message: Message) -> str | bytes:
    """Return a message as one frame.

    The data of a preview are its `format` (JPEG or PNG), its `image` bytes and the `node` that it comes from. The data
    of a text are its `node_id` and `text`.
    """
    data = message.data
    if message.type == PREVIEW:
        return struct.pack(">II", _TYPES[PREVIEW], _IMAGE_TYPES[data["format"]]) + bytes(data["image"])
    if message.type == PREVIEW_WITH_METADATA:
        metadata = {**data["node"], "image_type": f"image/{data['format'].lower()}"}
        return _prefixed(message.type, json.dumps(metadata)) + bytes(data["image"])
    if message.type == TEXT:
        return _prefixed(message.type, data["node_id"]) + str(data["text"]).encode()
    return json.dumps({"type": message.type, "data": data})


def is_for(message: Message, *, previews_with_metadata: bool) -> bool:
    """Return whether a WebSocket gets this message.

    Each preview is published in two forms, and a WebSocket gets one of them.
    """
    if message.type in (PREVIEW, PREVIEW_WITH_METADATA):
        return previews_with_metadata == (message.type == PREVIEW_WITH_METADATA)
    return True


def _prefixed(message_type: str, text: str) -> bytes:
    head = text.encode()
    return struct.pack(">II", _TYPES[message_type], len(head)) + head
