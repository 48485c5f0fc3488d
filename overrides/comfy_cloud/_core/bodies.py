"""Bodies of responses: decompressed within a limit, and slow ones told from stalled ones. No I/O and no clock."""

from __future__ import annotations

import math
import zlib
from typing import Final

from .._constants import HEADS_MAX_BYTES, JSON_VALUES_MAX, TRANSFER_BYTES_MIN, TRANSFER_BYTES_TIME

ENCODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})
# A request names these, so that a server cannot choose one whose bytes expand without a bound.
ACCEPTED: Final = "gzip, deflate"
WHOLE: Final = frozenset({"", "identity"})


class TooLargeError(Exception):
    """A body holds more than its limit."""


class BrokenBodyError(Exception):
    """A body is not compressed as its headers say."""


class Decompressor:
    """Decompresses a body to at most `limit` bytes. Half a megabyte of gzip can hold a gigabyte of zeros.

    `encoding` is the value of `Content-Encoding`. Raises BrokenBodyError, and TooLargeError at the limit.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in WHOLE | ENCODINGS:
            raise BrokenBodyError(f"compressed ({encoding}), unasked")
        # 47 is 32 + 15: detect gzip or zlib by the header, with the largest window.
        self._decoder = zlib.decompressobj(wbits=47) if encoding in ENCODINGS else None
        self._limit = self._left = limit
        self._started = False

    def take(self, raw: bytes) -> bytes:
        """Return the content of bytes that came."""
        content = raw if self._decoder is None else self._decompress(raw)
        self._left -= len(content)
        if self._left < 0:
            raise TooLargeError(f"larger than {self._limit:,} bytes")
        return content

    def finish(self) -> None:
        """Check that the body was whole when it ended."""
        if self._started and self._decoder is not None and not self._decoder.eof:
            raise BrokenBodyError("its compression is broken")

    @property
    def is_whole(self) -> bool:
        """Return True if compressed content has ended, and nothing came after it."""
        return self._decoder is None or (self._decoder.eof and not self._decoder.unused_data)

    def _decompress(self, raw: bytes) -> bytes:
        assert self._decoder is not None
        try:
            try:
                return self._decoder.decompress(raw, self._left + 1)
            except zlib.error:
                if self._started:
                    raise
                # Some servers send deflate without the frame that the standard asks for.
                self._decoder = zlib.decompressobj(wbits=-15)
                return self._decoder.decompress(raw, self._left + 1)
        except zlib.error:
            raise BrokenBodyError("its compression is broken") from None
        finally:
            self._started = self._started or bool(raw)


def holds_too_much(content: str | bytes) -> bool:
    """Return whether JSON holds more values than may be made of it.

    200 MB of `[[],[],...` are a fifth of the limit of a body, and become 5 GB of lists. Each value but the first of its
    list or object has a comma before it.
    """
    if len(content) <= JSON_VALUES_MAX:
        return False
    if isinstance(content, str):
        return content.count("[") + content.count("{") + content.count(",") > JSON_VALUES_MAX
    return content.count(b"[") + content.count(b"{") + content.count(b",") > JSON_VALUES_MAX


class Pace:
    """Tells a slow transfer from one that a server keeps alive with a byte now and then.

    A transfer has no time limit, since its bytes need the time that the network gives them. It has to move
    TRANSFER_BYTES_MIN bytes in each TRANSFER_BYTES_TIME seconds of waiting for the network.

    The heads of responses are limited as well: a server can send them without end, each an announcement (1xx) of the
    next one.
    """

    def __init__(self) -> None:
        self._heads: float = 0
        self._bytes = 0
        self._seconds = 0.0

    def moved(self, count: int, seconds: float) -> bool:
        """Count bytes and the seconds that they took. Return False if the transfer stalls."""
        self._bytes += count
        self._seconds += seconds
        if self._bytes >= TRANSFER_BYTES_MIN:
            self._bytes, self._seconds = 0, 0.0
        return self._seconds < TRANSFER_BYTES_TIME

    def received(self, count: int) -> bool:
        """Count bytes that came. Return False if they are more than the heads of a response may have."""
        self._heads += count
        return self._heads <= HEADS_MAX_BYTES

    def has_head(self) -> None:
        """Take note that the last head is complete: a body follows, which has a limit of its own."""
        self._heads = -math.inf

    @property
    def seconds_left(self) -> float:
        """Return how long the next bytes may take."""
        return TRANSFER_BYTES_TIME - self._seconds
