"""Wrap one TCP connection for the fault proxy: read heads, take back surplus bytes, and notice when the peer leaves.

This module interprets no bytes.
"""

import asyncio
import contextlib

from .framing import HEAD_END

CHUNK = 256 * 1024  # bytes read at a time
MAX_HEAD = 64 * 1024  # bytes
CLOSE_TIMEOUT = 5.0  # s, for the peer to read what was sent before the connection closes


class HeadTooLongError(Exception):
    """No head ends within MAX_HEAD bytes. The bytes can still be read."""


class Stream:
    """A connection, made of the reader and writer that asyncio returns for it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._buffer = b""

    @property
    def has_data(self) -> bool:
        """Return whether bytes that were received are waiting to be read."""
        return self._buffer != b""

    @property
    def ended(self) -> bool:
        """Return whether the peer is known to have closed."""
        return not self._buffer and (self._reader.at_eof() or self._writer.is_closing())

    async def read(self) -> bytes:
        """Return the received bytes, and wait for at least one. Return nothing at the end."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        return await self._reader.read(CHUNK)

    def unread(self, data: bytes) -> None:
        """Take back bytes that were read too far."""
        self._buffer = data + self._buffer

    async def read_head(self) -> bytes | None:
        """Return everything up to the next empty line, or None if the stream ends before. Raises HeadTooLongError."""
        while True:
            end = self._buffer.find(HEAD_END)
            if end >= 0:
                head, self._buffer = self._buffer[: end + len(HEAD_END)], self._buffer[end + len(HEAD_END) :]
                return head
            if len(self._buffer) > MAX_HEAD:
                raise HeadTooLongError
            data = await self._reader.read(CHUNK)
            if not data:
                return None
            # RFC 9112 says that a server should ignore empty lines before a request.
            self._buffer = self._buffer + data if self._buffer else data.lstrip(b"\r\n")

    async def write(self, data: bytes) -> None:
        """Send bytes. Wait while the peer does not read."""
        if data:
            self._writer.write(data)
            await self._writer.drain()

    def write_eof(self) -> None:
        with contextlib.suppress(OSError):
            self._writer.write_eof()

    async def wait_until_left(self) -> None:
        """Return when the peer has closed. Keep what it sends meanwhile, to be read later."""
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(CHUNK):
                self._buffer += data
                if len(self._buffer) > CHUNK:
                    # Stop reading: a peer that sends without end must not fill the memory.
                    await asyncio.get_running_loop().create_future()

    def abort(self) -> None:
        """Cut the connection. Bytes that were not sent yet are lost."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection after everything was written."""
        try:
            self._writer.close()
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._writer.wait_closed()
        except OSError:  # also TimeoutError: the peer does not read, or has gone already
            self.abort()
        except asyncio.CancelledError:
            self.abort()
            raise
