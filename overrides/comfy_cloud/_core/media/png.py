"""Read the texts of a PNG: its `tEXt`, `zTXt` and `iTXt` chunks, and `comf`, which ComfyUI puts into animated ones."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

from . import bounds
from .bounds import Texts, as_text, number, part

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def png_texts(data: bytes) -> Texts:
    """Yield the texts in the order of the chunks, also those behind the picture."""
    start = len(SIGNATURE)
    while bytes(part(data, start + 4, 4)) != b"IEND":
        size, kind = number(data, start, 4), bytes(part(data, start + 4, 4))
        body = part(data, start + 8, size + 4)[:-4]
        if kind in _READERS:
            name, separator, rest = bytes(body).partition(b"\0")
            if separator:
                if zlib.crc32(part(data, start + 4, size + 4)) != number(data, start + 8 + size, 4):
                    raise ValueError(f"whose text {as_text(name)!r} is damaged (checksum)")
                yield name.decode("latin-1"), _READERS[kind](rest)
        start += size + 12


def _compressed(rest: bytes) -> str:
    return as_text(_inflate(rest[1:]))


def _international(rest: bytes) -> str:
    compressed = rest[:1] == b"\1"
    _language, _, translated = rest[2:].partition(b"\0")
    _keyword, _, text = translated.partition(b"\0")
    return (_inflate(text) if compressed else text).decode("utf-8", "replace")


def _inflate(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    most = bounds.MAX_TEXT_BYTES
    try:
        text = stream.decompress(data, most)
    except zlib.error:
        raise ValueError("whose compressed text is damaged") from None
    if not stream.eof:
        limit = "cut off" if len(text) < most else f"larger than {most} bytes"
        raise ValueError(f"whose compressed text is {limit}")
    return text


_READERS: Final[dict[bytes, Callable[[bytes], str]]] = {
    b"tEXt": as_text,
    b"comf": as_text,
    b"zTXt": _compressed,
    b"iTXt": _international,
}
