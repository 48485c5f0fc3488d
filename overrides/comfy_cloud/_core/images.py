"""Recognise a file's type by its first bytes, and check an image against the cloud's published limits.

No file is opened and no image is decoded. A file of an unknown type is not checked.
"""

from __future__ import annotations

import struct

from .._constants import IMAGE_MAX_BYTES, IMAGE_MAX_EDGE, IMAGE_MAX_PIXELS

_MAGIC: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, ".png"),
    (b"\xff\xd8\xff", 0, ".jpg"),
    (b"GIF8", 0, ".gif"),
    (b"WEBP", 8, ".webp"),
    (b"ftyp", 4, ".mp4"),
    (b"\x1aE\xdf\xa3", 0, ".webm"),
    (b"WAVE", 8, ".wav"),
    (b"fLaC", 0, ".flac"),
    (b"ID3", 0, ".mp3"),
    (b"glTF", 0, ".glb"),
)
_IMAGES = {".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}
# The "start of frame" markers, which have the size of the image. The three that are left out start tables.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # These markers have no length field.


def extension_of(head: bytes) -> str:
    """Return the extension, with its dot, for a file that begins with `head`; `.bin` if the type is unknown."""
    return next((extension for magic, at, extension in _MAGIC if head[at : at + len(magic)] == magic), ".bin")


def image_type(head: bytes) -> str | None:
    """Return the media type of a PNG, JPEG, GIF or WebP that begins with `head`, or None for other files."""
    return _IMAGES.get(extension_of(head))


def image_fault(head: bytes, size: int) -> str | None:
    """Return why the cloud would refuse an image of `size` bytes that begins with `head`, or None if it would not."""
    if image_type(head) is None:
        return None
    if size > IMAGE_MAX_BYTES:
        return f"the image has {size:,} bytes, more than the {IMAGE_MAX_BYTES:,} that the cloud accepts"
    width, height = image_size(head) or (0, 0)
    if max(width, height) > IMAGE_MAX_EDGE:
        return f"the image has {width} x {height} px, more than the {IMAGE_MAX_EDGE} px an edge that the cloud accepts"
    if width * height > IMAGE_MAX_PIXELS:
        limit = f"{IMAGE_MAX_PIXELS // 10**6} megapixels"
        return f"the image has {width} x {height} px ({width * height:,}), more than the {limit} that the cloud accepts"
    return None


def image_size(head: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels from the header of a PNG, JPEG, GIF or WebP, or None if not in `head`."""
    try:
        match image_type(head), head[12:16]:
            case "image/png", b"IHDR":
                width, height = struct.unpack_from(">II", head, 16)
            case "image/gif", _:
                width, height = struct.unpack_from("<HH", head, 6)
            case "image/webp", b"VP8X":
                low, high = struct.unpack_from("<IH", head, 24)
                width, height = (low & 0xFFFFFF) + 1, (low >> 24 | high << 8) + 1
            case "image/webp", b"VP8L":
                (bits,) = struct.unpack_from("<I", head, 21)
                width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
            case "image/webp", b"VP8 ":
                width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", head, 26))
            case "image/jpeg", _:
                height, width = struct.unpack_from(">HH", head, _jpeg_frame(head) + 5)
            case _:
                return None
    except (struct.error, IndexError):
        return None
    return width, height


def _jpeg_frame(head: bytes) -> int:
    """Return the position of the "start of frame" marker. Raises struct.error or IndexError if it is not in `head`."""
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker in _JPEG_FRAMES:
            return at
        if marker == 0xFF:  # Any number of padding bytes may stand before a marker.
            at += 1
        else:
            at += 2 if marker in _JPEG_BARE else 2 + int(struct.unpack_from(">H", head, at + 2)[0])
    raise IndexError("not a marker")
