"""Read the texts of MP4, MOV, AVIF and WebM: boxes of ISO files and elements of EBML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .bounds import Texts, as_text, number, part
from .pictures import exif_texts

_SEGMENT: Final = 0x18538067
_TAGS: Final = 0x1254C367
_TAG: Final = 0x7373
_SIMPLE_TAG: Final = 0x67C8
_TAG_NAME: Final = 0x45A3
_TAG_STRING: Final = 0x4487


def boxes(data: bytes | memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the boxes in a file or in another box, by type."""
    start = 0
    while start + 8 <= len(data):
        size, head = number(data, start, 4), 8
        if size == 1:
            size, head = number(data, start + 8, 8), 16
        size = size or len(data) - start  # zero: up to the end
        if size < head:
            raise ValueError("that is damaged")
        yield bytes(part(data, start + 4, 4)), part(data, start + head, size - head)
        start += size


def mp4_texts(data: bytes) -> Texts:
    """Yield the tags of an MP4 or MOV: by key, as ffmpeg writes them for ComfyUI, or as iTunes does."""
    for kind, movie in boxes(data):
        if kind != b"moov":
            continue
        for inner, content in boxes(movie):
            if inner == b"meta":
                yield from _meta_texts(content)
            elif inner == b"udta":
                for user, each in boxes(content):
                    if user == b"meta":
                        yield from _meta_texts(each)


def _meta_texts(meta: memoryview) -> Texts:
    # In an ISO file a version stands before the boxes, in a QuickTime file it does not.
    content = dict(boxes(meta if bytes(meta[4:8]) == b"hdlr" else meta[4:]))
    keys = list(_keys(content.get(b"keys", memoryview(b""))))
    for kind, item in boxes(content.get(b"ilst", memoryview(b""))):
        parts = dict(boxes(item))
        index = int.from_bytes(kind, "big")
        if 0 < index <= len(keys):
            name = keys[index - 1]
        else:
            name = as_text(parts.get(b"name", memoryview(b""))[4:]) if kind == b"----" else _ITUNES.get(kind, "-")
        if b"data" in parts:
            yield name, as_text(parts[b"data"][8:])


_ITUNES: Final = {b"\xa9cmt": "comment", b"desc": "description"}


def _keys(box: memoryview) -> Iterator[str]:
    start = 8
    while start + 8 <= len(box):
        size = number(box, start, 4)
        yield as_text(part(box, start + 8, size - 8))
        start += size


def avif_texts(data: bytes) -> Texts:
    """Yield the EXIF texts of an AVIF: an item of type `Exif`, found by its id and its place in the file."""
    for kind, meta in boxes(data):
        if kind == b"meta":
            content = dict(boxes(meta[4:]))
            exif = {item for item, name in _items(content.get(b"iinf", memoryview(b""))) if name == b"Exif"}
            places = _places(content.get(b"iloc", memoryview(b"")))
            for start, size in [(start, size) for item, start, size in places if item in exif][:1]:
                body = part(data, start, size)
                yield from exif_texts(body[4 + number(body, 0, 4) :])


def _items(box: memoryview) -> Iterator[tuple[int, bytes]]:
    """Yield the ids and types of the items that `iinf` lists."""
    for kind, entry in boxes(box[6 if number(box, 0, 1) == 0 else 8 :] if box else box):
        if kind == b"infe" and (version := number(entry, 0, 1)) >= 2:
            width = 2 if version == 2 else 4
            yield number(entry, 4, width), bytes(part(entry, 6 + width, 4))


def _places(box: memoryview) -> Iterator[tuple[int, int, int]]:
    """Yield the ids, offsets and sizes of the items that `iloc` places in the file, in one piece each."""
    if not box:
        return
    version, sizes = number(box, 0, 1), number(box, 4, 2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    width = 4 if version == 2 else 2
    start = 6 + width
    for _ in range(number(box, 6, width)):
        item = number(box, start, width)
        start += width
        method = number(box, start, 2) & 15 if version else 0
        start += (2 if version else 0) + 2
        base = number(box, start, base_size)
        extents = number(box, start + base_size, 2)
        start += base_size + 2
        if method == 0 and extents == 1:
            at = start + index_size
            yield item, base + number(box, at, offset_size), number(box, at + offset_size, length_size)
        start += extents * (index_size + offset_size + length_size)


def webm_texts(data: bytes) -> Texts:
    """Yield the tags of a WebM or Matroska file."""
    for segment in _inside(memoryview(data), _SEGMENT):
        for tags in _inside(segment, _TAGS):
            for tag in _inside(tags, _TAG):
                for simple in _inside(tag, _SIMPLE_TAG):
                    texts = dict(_elements(simple))
                    if _TAG_NAME in texts and _TAG_STRING in texts:
                        yield as_text(texts[_TAG_NAME]).rstrip("\0"), as_text(texts[_TAG_STRING]).rstrip("\0")


def _inside(data: memoryview, wanted: int) -> Iterator[memoryview]:
    return (content for kind, content in _elements(data) if kind == wanted)


def _elements(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    start = 0
    while start < len(data):
        width = _width(number(data, start, 1))
        kind = number(data, start, width)
        start += width
        width = _width(number(data, start, 1))
        size = number(data, start, width) & (1 << 7 * width) - 1
        start += width
        if size == (1 << 7 * width) - 1:  # unknown, as in a stream: up to the end
            size = len(data) - start
        yield kind, part(data, start, size)
        start += size


def _width(first: int) -> int:
    """Return how many bytes a number takes, by the zero bits in front of its first byte."""
    if not first:
        raise ValueError("that is damaged")
    return 9 - first.bit_length()
