"""How messages look on the wire of a socket: JSON as text frames, previews and texts as ComfyUI's binary frames.

All numbers are big-endian. Which socket gets which message is `_socket`'s business.
"""

import json
import struct

from ._events import Message

PREVIEW = "binary: preview"
PREVIEW_WITH_METADATA = "binary: preview with metadata"
TEXT = "binary: text"

_TYPES = {PREVIEW: 1, TEXT: 3, PREVIEW_WITH_METADATA: 4}
_IMAGE_TYPES = {"JPEG": 1, "PNG": 2}


def encode(message: Message) -> str | bytes:
    """A message as one frame.

    A preview's data are its `format` (JPEG or PNG), its `image` bytes and the `node` that it comes from; a text's are
    its `node_id` and `text`.
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
    """Whether a socket gets this message: each preview is published in both its forms, a socket takes one of them."""
    if message.type in (PREVIEW, PREVIEW_WITH_METADATA):
        return previews_with_metadata == (message.type == PREVIEW_WITH_METADATA)
    return True


def _prefixed(message_type: str, text: str) -> bytes:
    head = text.encode()
    return struct.pack(">II", _TYPES[message_type], len(head)) + head
