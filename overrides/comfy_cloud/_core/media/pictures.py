"""Read the texts of WebP, JPEG and GIF: EXIF tags, comments and extensions."""

from __future__ import annotations

from typing import Final

from .bounds import Texts, as_text, number, part

_ASCII: Final = 2
_EXIF_IFD: Final = 0x8769
_USER_COMMENT: Final = 0x9286
_ENCODINGS: Final = {b"ASCII\0\0\0": "utf-8", b"UNICODE\0": "utf-16-be", b"\0\0\0\0\0\0\0\0": "utf-8"}


def exif_texts(tiff: memoryview) -> Texts:
    """Yield the texts of EXIF data, with its TIFF header in front.

    ComfyUI writes `workflow:{...}` and `prompt:{...}` into Make and Model; others use other tags, so all are read.
    """
    order = {b"II": "little", b"MM": "big"}.get(bytes(tiff[:2]))
    if order is None:
        raise ValueError("with damaged EXIF data")
    waiting, total = [number(tiff, 4, 4, order)], 0
    for folder in waiting:
        for entry in range(folder + 2, folder + 2 + 12 * number(tiff, folder, 2, order), 12):
            tag, kind, size = (number(tiff, entry + at, count, order) for at, count in ((0, 2), (2, 2), (4, 4)))
            if tag == _EXIF_IFD and len(waiting) == 1:
                waiting.append(number(tiff, entry + 8, 4, order))
            elif kind == _ASCII or tag == _USER_COMMENT:
                text = part(tiff, entry + 8 if size <= 4 else number(tiff, entry + 8, 4, order), size)
                total += size
                if total > len(tiff):  # thousands of tags may claim the same megabytes
                    raise ValueError("whose EXIF texts overlap")
                encoding = _ENCODINGS.get(bytes(text[:8])) if tag == _USER_COMMENT else None
                if encoding == "utf-16-be" and order == "little":
                    encoding = "utf-16-le"
                yield "", bytes(text[8:]).decode(encoding, "replace") if encoding else as_text(text).rstrip("\0")


def webp_texts(data: bytes) -> Texts:
    """Yield the texts of the EXIF chunk of a WebP."""
    start, end = 12, 8 + number(data, 4, 4, "little")
    while start + 8 <= end:
        size = number(data, start + 4, 4, "little")
        if bytes(part(data, start, 4)) == b"EXIF":
            yield from exif_texts(_without_prefix(part(data, start + 8, size)))
        part(data, start + 8, size)
        start += 8 + size + size % 2


def jpeg_texts(data: bytes) -> Texts:
    """Yield the texts of the EXIF segment and the comments of a JPEG, up to the picture."""
    start = 2
    while (marker := number(data, start, 2)) not in (0xFFD9, 0xFFDA):
        if marker < 0xFFC0:
            raise ValueError("that is damaged")
        size = number(data, start + 2, 2)
        body = part(data, start + 4, size - 2)
        if marker == 0xFFE1 and bytes(body[:6]) == b"Exif\0\0":
            yield from exif_texts(body[6:])
        elif marker == 0xFFFE:
            yield "comment", as_text(body)
        start += 2 + size


def gif_texts(data: bytes) -> Texts:
    """Yield the comments and application extensions of a GIF."""
    start = 13 + _colours(number(data, 10, 1))
    while (block := number(data, start, 1)) != 0x3B:
        if block == 0x2C:
            start, _ = _gif_blocks(data, start + 11 + _colours(number(data, start + 9, 1)), keep=False)
        elif block == 0x21:
            label = number(data, start + 1, 1)
            start, body = _gif_blocks(data, start + 2, keep=label in (0xFE, 0xFF))
            if label in (0xFE, 0xFF):
                yield "comment", as_text(body if label == 0xFE else body[11:])
        else:
            raise ValueError("that is damaged")


def _gif_blocks(data: bytes, start: int, *, keep: bool) -> tuple[int, bytes]:
    """Return where a chain of blocks ends, and what is in them."""
    blocks = []
    while size := number(data, start, 1):
        if keep:
            blocks.append(bytes(part(data, start + 1, size)))
        start += 1 + size
    return start + 1, b"".join(blocks)


def _colours(flags: int) -> int:
    """Return the size in bytes of the colour table that a GIF's flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _without_prefix(exif: memoryview) -> memoryview:
    return exif[6:] if bytes(exif[:6]) == b"Exif\0\0" else exif
