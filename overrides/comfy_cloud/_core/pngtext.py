"""Texts that a PNG carries beside its picture: its `tEXt`, `zTXt` and `iTXt` chunks.

Reads whole bytes; decodes no picture, writes nothing. Raises `ValueError` with a sentence that follows a file's name.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection

SIGNATURE = b"\x89PNG\r\n\x1a\n"

MAX_TEXT_BYTES = 64 * 1024 * 1024
"""What a compressed text may unpack to: a few kilobytes can claim to be terabytes."""


def png_texts(data: bytes, keywords: Collection[str]) -> dict[str, str]:
    """The texts under `keywords`, as far as the PNG has them; of doubles the last, as ComfyUI's editor reads them.

    A PNG that was cut after its texts still gives them: writers put them before the picture.
    """
    texts: dict[str, str] = {}
    start = len(SIGNATURE)
    while data[start + 4 : start + 8] != b"IEND":
        end = start + 8 + int.from_bytes(data[start : start + 4], "big")
        if end + 4 > len(data):
            if texts:
                break
            raise ValueError("is a PNG that was cut off")
        kind, body = data[start + 4 : start + 8], memoryview(data)[start + 8 : end]
        if kind in _READERS:
            name, separator, rest = bytes(body).partition(b"\0")
            keyword = name.decode("latin-1")
            if separator and keyword in keywords:
                if zlib.crc32(data[start + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
                    raise ValueError(f"is a PNG whose text {keyword!r} is damaged (checksum)")
                texts[keyword] = _READERS[kind](rest)
        start = end + 4
    return texts


def _plain(rest: bytes) -> str:
    # Latin-1 by the standard, yet several writers put UTF-8 there; Latin-1 text is hardly ever valid UTF-8.
    try:
        return rest.decode("utf-8")
    except UnicodeDecodeError:
        return rest.decode("latin-1")


def _compressed(rest: bytes) -> str:
    return _plain(_inflate(rest[1:]))


def _international(rest: bytes) -> str:
    compressed = rest[:1] == b"\1"
    _language, _, translated = rest[2:].partition(b"\0")
    _keyword, _, text = translated.partition(b"\0")
    return (_inflate(text) if compressed else text).decode("utf-8", "replace")


def _inflate(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(data, MAX_TEXT_BYTES)
    except zlib.error:
        raise ValueError("is a PNG whose compressed text is damaged") from None
    if not stream.eof:
        limit = "cut off" if len(text) < MAX_TEXT_BYTES else f"larger than {MAX_TEXT_BYTES} bytes"
        raise ValueError(f"is a PNG whose compressed text is {limit}")
    return text


_READERS = {b"tEXt": _plain, b"zTXt": _compressed, b"iTXt": _international}
