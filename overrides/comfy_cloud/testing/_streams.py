"""One TCP connection as the gate uses it: reads heads, gives back what was read too far, and sees the other side
leave. It interprets nothing."""

import asyncio
import contextlib

from ._framing import HEAD_END

CHUNK = 256 * 1024  # bytes read at a time
MAX_HEAD = 64 * 1024  # bytes
CLOSE_TIMEOUT = 5.0  # s, for the other side to take what was sent before the connection closes


class HeadTooLongError(Exception):
    """No head ends within MAX_HEAD bytes. They can still be read."""


class Stream:
    """A connection, from the reader and writer that asyncio gives for it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._buffer = b""

    @property
    def has_data(self) -> bool:
        """Whether something that was read waits to be taken."""
        return self._buffer != b""

    @property
    def ended(self) -> bool:
        """Whether the other side is known to have closed."""
        return not self._buffer and (self._reader.at_eof() or self._writer.is_closing())

    async def read(self) -> bytes:
        """What there is, waiting for at least a byte; nothing at the end."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        return await self._reader.read(CHUNK)

    def unread(self, data: bytes) -> None:
        """Give back what was read too far."""
        self._buffer = data + self._buffer

    async def read_head(self) -> bytes | None:
        """All up to the next empty line; None where the stream ends before. Raises HeadTooLongError."""
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
            # Empty lines before a request are to be ignored.
            self._buffer = self._buffer + data if self._buffer else data.lstrip(b"\r\n")

    async def write(self, data: bytes) -> None:
        """Send; waits while the other side takes no more."""
        if data:
            self._writer.write(data)
            await self._writer.drain()

    def write_eof(self) -> None:
        with contextlib.suppress(OSError):
            self._writer.write_eof()

    async def until_left(self) -> None:
        """Return when the other side has closed. Keeps what it sends meanwhile, to be read later."""
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(CHUNK):
                self._buffer += data
                if len(self._buffer) > CHUNK:
                    await asyncio.get_running_loop().create_future()  # it sends on: let it wait

    def abort(self) -> None:
        """Cut the connection; what was not sent yet is lost."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection after what was written."""
        try:
            self._writer.close()
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._writer.wait_closed()
        except OSError:  # also the timeout: the other side takes nothing, or is gone already
            self.abort()
        except asyncio.CancelledError:
            self.abort()
            raise
