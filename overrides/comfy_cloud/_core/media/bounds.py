"""Read parts of bytes with bounds: whatever reaches beyond the end raises EOFError."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

MAX_TEXT_BYTES: Final = 64 * 1024 * 1024
"""The limit of all texts of a file: a few kilobytes can claim to unpack to terabytes."""

Texts: TypeAlias = Iterator[tuple[str, str]]


def part(data: bytes | memoryview, start: int, size: int) -> memoryview:
    """Return `size` bytes from `start`, without copying them."""
    if start < 0 or size < 0 or start + size > len(data):
        raise EOFError
    return memoryview(data)[start : start + size]


def number(data: bytes | memoryview, start: int, size: int, order: str = "big") -> int:
    """Return an unsigned number of `size` bytes."""
    return int.from_bytes(part(data, start, size), "little" if order == "little" else "big")


def as_text(data: bytes | memoryview) -> str:
    """Return bytes as a string: UTF-8, and Latin-1 where they are not, which hardly ever is valid UTF-8."""
    try:
        return bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return bytes(data).decode("latin-1")
