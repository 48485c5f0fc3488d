"""What a file is by its first bytes, and whether it keeps to the limits that are published for images.

Opens and decodes nothing. What it does not know it does not judge.
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
# Start of frame; the three left out of the range are tables.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length


def extension_of(head: bytes) -> str:
    """The extension, with its dot, of what begins so; `.bin` for what is not known."""
    return next((extension for magic, at, extension in _MAGIC if head[at : at + len(magic)] == magic), ".bin")


def image_type(head: bytes) -> str | None:
    """The media type of a PNG, JPEG, GIF or WebP; None for all else."""
    return _IMAGES.get(extension_of(head))


def image_fault(head: bytes, size: int) -> str | None:
    """Why the cloud would refuse an image of `size` bytes that begins so; None where it is none, or fits."""
    if image_type(head) is None:
        return None
    if size > IMAGE_MAX_BYTES:
        return f"the image has {size:,} bytes, more than the {IMAGE_MAX_BYTES:,} that the cloud takes"
    width, height = image_size(head) or (0, 0)
    if max(width, height) > IMAGE_MAX_EDGE:
        return f"the image has {width} x {height} px, more than the {IMAGE_MAX_EDGE} px an edge that the cloud takes"
    if width * height > IMAGE_MAX_PIXELS:
        limit = f"{IMAGE_MAX_PIXELS // 10**6} megapixels"
        return f"the image has {width} x {height} px ({width * height:,}), more than the {limit} that the cloud takes"
    return None


def image_size(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels by the header of a PNG, JPEG, GIF or WebP; None where it is not in `head`."""
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
    """Where the marker of the frame stands. Raises struct.error or IndexError where it is not in `head`."""
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker in _JPEG_FRAMES:
            return at
        if marker == 0xFF:  # padding
            at += 1
        else:
            at += 2 if marker in _JPEG_BARE else 2 + int(struct.unpack_from(">H", head, at + 2)[0])
    raise IndexError("not a marker")
