"""Find where heads, bodies and messages begin and end on the wire: HTTP/1.1 and WebSocket frames.

This module cuts bytes, and reads the few header fields that say how to cut them. It does no I/O, checks no request, and
leaves anything malformed to the server behind the proxy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

HEAD_END = b"\r\n\r\n"
MAX_LINE = 16 * 1024  # bytes, for the size line of a chunk

TEXT, BINARY = 1, 2  # opcodes that begin a message


class FramingError(ValueError):
    """The bytes do not have the announced format."""


class Body(Protocol):
    """Follows one body to its end. `complete` becomes True at the end."""

    complete: bool

    def feed(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        """Return the bytes of `data` that belong to the body, their content without framing, and the rest of `data`."""
        ...


class LengthBody:
    """A body of a known number of bytes."""

    def __init__(self, length: int) -> None:
        self._left = length
        self.complete = length == 0

    def feed(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        own, rest = data[: self._left], data[self._left :]
        self._left -= len(own)
        self.complete = self._left == 0
        return own, own, rest


class EndlessBody:
    """A body that ends with its connection."""

    complete = False

    def feed(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        return data, data, b""


class ChunkedBody:
    """A body in chunks, with or without trailers. Raises FramingError if the size of a chunk is not a number."""

    def __init__(self) -> None:
        self.complete = False
        self._left = 0  # bytes that the current chunk still lacks
        self._line = b""  # the start of an incomplete line
        self._expects = "size"

    def feed(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        content = []
        at = 0
        while at < len(data) and not self.complete:
            if self._left:
                piece = data[at : at + self._left]
                content.append(piece)
                self._left -= len(piece)
                at += len(piece)
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._line += data[at:]
                at = len(data)
            else:
                line, self._line = self._line + data[at:end], b""
                at = end + 1
                self._take_line(line.strip())
            if len(self._line) > MAX_LINE:
                raise FramingError(f"the size line of a chunk must have at most {MAX_LINE} bytes")
        return data[:at], b"".join(content), data[at:]

    def _take_line(self, line: bytes) -> None:
        if self._expects == "trailer":
            self.complete = not line
        elif self._expects == "gap":
            self._expects = "size"
        else:
            digits = line.partition(b";")[0].strip()
            if not digits or digits.strip(b"0123456789abcdefABCDEF"):
                raise FramingError(f"the size of a chunk must be a hexadecimal number, not {digits!r}")
            self._left = int(digits, 16)
            self._expects = "gap" if self._left else "trailer"


@dataclass(frozen=True)
class Head:
    """A head as it came, with the three parts of its first line, and its header fields by lowercase name."""

    raw: bytes
    line: tuple[str, str, str]
    fields: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """Return the values of a field, joined by commas, or an empty string if it is missing."""
        return ", ".join(value for key, value in self.fields if key == name)

    def lists(self, name: str, token: str) -> bool:
        """Return whether a field that is a list contains the token."""
        return token in (item.strip().lower() for item in self.get(name).split(","))

    @property
    def chunked(self) -> bool:
        return self.lists("transfer-encoding", "chunked")

    @property
    def length(self) -> int | None:
        text = self.get("content-length")
        return int(text) if text.isascii() and text.isdigit() else None


@dataclass(frozen=True)
class RequestHead(Head):
    """The head of a request."""

    @property
    def method(self) -> str:
        return self.line[0]

    @property
    def path(self) -> str:
        """Return the path without the query, still percent-encoded."""
        target = self.line[1].partition("?")[0]
        if "://" in target:  # the absolute form, which clients send to proxies
            target = "/" + target.partition("://")[2].partition("/")[2]
        return target

    @property
    def query(self) -> str:
        return self.line[1].partition("?")[2]

    @property
    def expects_continue(self) -> bool:
        return self.lists("expect", "100-continue")

    @property
    def keeps_alive(self) -> bool:
        return self.line[2] == "HTTP/1.1" and not self.lists("connection", "close")

    def body(self) -> Body:
        return ChunkedBody() if self.chunked else LengthBody(self.length or 0)


@dataclass(frozen=True)
class ResponseHead(Head):
    """The head of a response. `to_head` is set if it responds to a HEAD request, so that no body follows."""

    to_head: bool = False

    @property
    def status(self) -> int:
        return int(self.line[1])

    @property
    def keeps_alive(self) -> bool:
        has_end = self.chunked or self.body_length is not None
        return has_end and self.line[0] == "HTTP/1.1" and not self.lists("connection", "close")

    @property
    def body_length(self) -> int | None:
        """Return the number of bytes of the body, or None if only its end shows it."""
        # RFC 9112, section 6.3: these responses have no body, whatever their headers say.
        if self.to_head or self.status < 200 or self.status in (204, 304):
            return 0
        return None if self.chunked else self.length

    def body(self) -> Body:
        if self.body_length is not None:
            return LengthBody(self.body_length)
        return ChunkedBody() if self.chunked else EndlessBody()

    def with_fields(self, **changes: str | None) -> bytes:
        """Return the head with fields replaced, or removed if the value is None. `_` in a name stands for `-`."""
        names = {name.replace("_", "-"): value for name, value in changes.items()}
        kept = [(name, value) for name, value in self.fields if name not in names]
        kept += [(name, value) for name, value in names.items() if value is not None]
        lines = [" ".join(self.line).rstrip(), *(f"{name}: {value}" for name, value in kept)]
        return "\r\n".join(lines).encode("latin-1") + HEAD_END


def request_head(raw: bytes) -> RequestHead | None:
    """Parse the head of a request.

    Return None if it is not HTTP/1, or if two readers could frame its body differently.
    """
    parsed = _parse(raw)
    if parsed is None or not parsed[0][2].startswith("HTTP/1."):
        return None
    head = RequestHead(raw, *parsed)
    # A request with both lengths, or an unknown transfer coding, can be read in two ways. Request smuggling relies on
    # this, so let the server decide.
    length_is_bad = head.get("content-length") != "" and (head.length is None or head.chunked)
    coding_is_bad = head.get("transfer-encoding") != "" and not head.chunked
    return None if length_is_bad or coding_is_bad else head


def response_head(raw: bytes, method: str) -> ResponseHead:
    """Parse the head of a response to a request of that method. Raise FramingError if it is not HTTP."""
    parsed = _parse(raw)
    if parsed is None or not parsed[0][1].isdigit():
        raise FramingError("could not parse the server's response as HTTP")
    return ResponseHead(raw, *parsed, to_head=method == "HEAD")


def _parse(raw: bytes) -> tuple[tuple[str, str, str], tuple[tuple[str, str], ...]] | None:
    first, *lines = raw.removesuffix(HEAD_END).decode("latin-1").split("\r\n")
    line = first.split(" ", 2)
    fields = [(name.lower(), value.strip()) for name, colon, value in (text.partition(":") for text in lines) if colon]
    if len(line) == 2:  # a response may omit the reason
        line.append("")
    if len(line) != 3 or len(fields) != len(lines):
        return None
    return (line[0], line[1], line[2]), tuple(fields)


@dataclass(frozen=True)
class FramePiece:
    """Some bytes of a stream of frames. `begins` is set on the first bytes of a text or binary message."""

    data: bytes
    begins: bool


class FrameReader:
    """Cuts the stream of a WebSocket server where messages begin."""

    def __init__(self) -> None:
        self._header = b""
        self._left = 0  # bytes that the current payload still lacks

    def feed(self, data: bytes) -> Iterator[FramePiece]:
        """Yield the pieces of `data`."""
        while data:
            if self._left:
                piece, data = data[: self._left], data[self._left :]
                self._left -= len(piece)
                yield FramePiece(piece, begins=False)
                continue
            wanted = self._missing()
            self._header, data = self._header + data[:wanted], data[wanted:]
            if not self._missing():
                header, self._header = self._header, b""
                self._left = _payload_length(header)
                yield FramePiece(header, begins=header[0] & 0x0F in (TEXT, BINARY))

    def _missing(self) -> int:
        """Return how many bytes the header still lacks, as far as is known."""
        if len(self._header) < 2:
            return 2 - len(self._header)
        extra = {126: 2, 127: 8}.get(self._header[1] & 0x7F, 0)
        return 2 + extra - len(self._header)


def _payload_length(header: bytes) -> int:
    short = header[1] & 0x7F
    return short if short < 126 else int.from_bytes(header[2:], "big")


def message_frame(message: str | bytes) -> bytes:
    """Return a complete message as a server frames it."""
    opcode, payload = (TEXT, message.encode()) if isinstance(message, str) else (BINARY, message)
    size = len(payload)
    if size < 126:
        header = bytes([0x80 | opcode, size])
    elif size < 1 << 16:
        header = bytes([0x80 | opcode, 126]) + size.to_bytes(2, "big")
    else:
        header = bytes([0x80 | opcode, 127]) + size.to_bytes(8, "big")
    return header + payload
