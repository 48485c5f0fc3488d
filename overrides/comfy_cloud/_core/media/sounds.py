"""Read the texts of FLAC, Ogg (Opus, Vorbis) and MP3: Vorbis comments and ID3 frames."""

from __future__ import annotations

from typing import Final

from .bounds import MAX_TEXT_BYTES, Texts, as_text, number, part

_ID3_ENCODINGS: Final = ("latin-1", "utf-16", "utf-16-be", "utf-8")


def vorbis_texts(block: bytes | memoryview) -> Texts:
    """Yield the comments of a Vorbis comment block, `NAME=text` each."""
    start = 4 + number(block, 0, 4, "little")
    count = number(block, start, 4, "little")
    start += 4
    for _ in range(count):
        size = number(block, start, 4, "little")
        name, _, text = as_text(part(block, start + 4, size)).partition("=")
        yield name, text
        start += 4 + size


def flac_texts(data: bytes) -> Texts:
    """Yield the comments of a FLAC."""
    start, last = 4, 0
    while not last:
        last, kind = number(data, start, 1) & 0x80, number(data, start, 1) & 0x7F
        size = number(data, start + 1, 3)
        body = part(data, start + 4, size)
        if kind == 4:
            yield from vorbis_texts(body)
        start += 4 + size


def ogg_texts(data: bytes) -> Texts:
    """Yield the comments of the first stream of an Ogg: its second packet, which may go over many pages."""
    packets, packet, start, stream = 0, bytearray(), 0, number(data, 14, 4)
    while packets < 2:
        if bytes(part(data, start, 4)) != b"OggS":
            raise ValueError("that is damaged")
        page, lacing = start, bytes(part(data, start + 27, number(data, start + 26, 1)))
        at = page + 27 + len(lacing)
        start = at + sum(lacing)
        if number(data, page + 14, 4) != stream:
            continue
        for size in lacing:
            if packets == 1:
                packet += part(data, at, size)
            at += size
            packets += size < 255
            if packets == 2:
                break
        if len(packet) > MAX_TEXT_BYTES:
            raise ValueError(f"with comments larger than {MAX_TEXT_BYTES} bytes")
    for mark in (b"OpusTags", b"\x03vorbis"):
        if packet.startswith(mark):
            yield from vorbis_texts(memoryview(packet)[len(mark) :])


def mp3_texts(data: bytes) -> Texts:
    """Yield the user-defined texts and comments of an ID3 tag, of versions 2.2 to 2.4."""
    if data[:3] != b"ID3":
        return
    version, flags = number(data, 3, 1), number(data, 5, 1)
    tag = bytes(part(data, 10, _synchsafe(number(data, 6, 4))))
    if flags & 0x80 and version < 4:
        tag = tag.replace(b"\xff\0", b"\xff")
    start = 0
    if flags & 0x40:
        start = _synchsafe(number(tag, 0, 4)) if version == 4 else 4 + number(tag, 0, 4)
    width = 3 if version == 2 else 4
    head = 6 if version == 2 else 10
    while start + head <= len(tag) and tag[start]:
        name, size = tag[start : start + width], number(tag, start + width, width)
        size = _synchsafe(size) if version == 4 else size
        body = bytes(part(tag, start + head, size))
        if version == 4 and tag[start + 9] & 2:
            body = body.replace(b"\xff\0", b"\xff")
        if name in (b"TXXX", b"TXX") and body:
            yield from _described(body[0], body[1:])
        elif name in (b"COMM", b"COM") and body:
            yield from (("comment", text) for _, text in _described(body[0], body[4:]))
        start += head + size


def _described(encoding: int, body: bytes) -> Texts:
    """Yield the text of an ID3 frame, which follows its description."""
    if encoding >= len(_ID3_ENCODINGS):
        return
    end = b"\0\0" if encoding in (1, 2) else b"\0"
    at = body.find(end)
    while at > 0 and at % len(end):  # the zero bytes of two characters, not one of two
        at = body.find(end, at + 1)
    if at >= 0:
        name, text = (each.decode(_ID3_ENCODINGS[encoding], "replace") for each in (body[:at], body[at + len(end) :]))
        yield name, text.rstrip("\0")


def _synchsafe(number_: int) -> int:
    return sum((number_ >> 8 * place & 0x7F) << 7 * place for place in range(4))
