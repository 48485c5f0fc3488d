"""Turn a fault into steps for one exchange: bytes to send, pauses, and closing the connection.

This module only decides. Others cut the heads and bodies, and others send the result. Nothing here waits.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from math import ceil
from typing import Any

from .faults import Fault
from .framing import HEAD_END, ResponseHead

BAD_FRAME = b"\x83\x00"  # opcode 3 is reserved, so a client must fail the connection


@dataclass(frozen=True)
class Pause:
    """Send nothing for `seconds`. If `seconds` is None, wait until the client leaves."""

    seconds: float | None


@dataclass(frozen=True)
class HangUp:
    """Close the connection. Nothing follows."""


Step = bytes | Pause | HangUp
HANG_UP = HangUp()


class ResponseSteps:
    """The steps by which the server's response is sent. This class changes nothing; each subclass is one fault.

    `head` is called once, then `body` with every piece (its bytes as they came, and its content without framing), then
    `end`. `had_no_effect` becomes True if the response has nothing that the fault could change.
    """

    had_no_effect = False

    def head(self, response: ResponseHead) -> Iterable[Step]:
        yield response.raw

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del content
        yield raw

    def end(self) -> Iterable[Step]:
        return ()


UNCHANGED = ResponseSteps()


class _CloseAfter(ResponseSteps):
    def end(self) -> Iterable[Step]:
        yield HANG_UP


class _LoseAnswer(_CloseAfter):
    def head(self, response: ResponseHead) -> Iterable[Step]:
        del response
        return ()

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del raw, content
        return ()


class _StallBefore(ResponseSteps):
    def __init__(self, pause: Pause) -> None:
        self._pause = pause

    def head(self, response: ResponseHead) -> Iterable[Step]:
        yield self._pause
        yield response.raw


class _AtMiddle(ResponseSteps):
    """Takes a step in the middle of the body.

    If there is no body, the step is in the middle of the head. If the length is not known, it is in the middle of the
    first piece.
    """

    def __init__(self, step: Step) -> None:
        self._step = step
        self._left: int | None = None
        self._done = False

    def head(self, response: ResponseHead) -> Iterable[Step]:
        if response.body_length == 0:
            self._done = True
            return self._split(response.raw, len(response.raw) // 2)
        self._left = None if response.body_length is None else response.body_length // 2
        return (response.raw,)

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del content
        if self._done:
            return (raw,)
        half = len(raw) // 2 if self._left is None else self._left
        if half > len(raw):
            self._left = half - len(raw)
            return (raw,)
        self._done = True
        return self._split(raw, half)

    def _split(self, data: bytes, at: int) -> Iterable[Step]:
        return (data[:at], self._step, data[at:])


class _Drip(ResponseSteps):
    def __init__(self, interval: float) -> None:
        self._pause = Pause(interval)

    def head(self, response: ResponseHead) -> Iterable[Step]:
        return self._drops(response.raw)

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del content
        return self._drops(raw)

    def _drops(self, data: bytes) -> Iterator[Step]:
        for at in range(len(data)):
            yield data[at : at + 1]
            yield self._pause


class _Resize(ResponseSteps):
    """Omits bytes at the end of a body, or adds some.

    A chunked body does not announce its length. There, a missing last chunk is what shows a wrong end.
    """

    def __init__(self, change: int, *, relabel: bool) -> None:
        self._change = change
        self._relabel = relabel
        self._held = b""  # bytes that may be the end of the body
        self._chunked = False

    def head(self, response: ResponseHead) -> Iterable[Step]:
        self.had_no_effect = response.body_length == 0
        self._chunked = response.chunked
        if self._relabel and response.body_length:
            yield response.with_fields(content_length=str(max(0, response.body_length + self._change)))
        else:
            yield response.raw

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del raw
        held = self._held + content
        keep = max(0, -self._change)
        # Hold back as many bytes as may have to be omitted, because the end of the body is not known in advance.
        self._held = held[max(0, len(held) - keep) :]
        yield self._framed(held[: len(held) - len(self._held)])

    def end(self) -> Iterable[Step]:
        if self.had_no_effect:
            return
        yield self._framed(bytes(max(0, self._change)))
        if self._chunked and (self._relabel or self._change > 0):
            yield b"0\r\n\r\n"
        if not self._relabel:
            yield HANG_UP

    def _framed(self, content: bytes) -> bytes:
        return _chunk(content) if self._chunked else content


class _BreakGzip(ResponseSteps):
    """Compresses the first half of the first piece, then sends bytes that no decoder accepts."""

    def __init__(self) -> None:
        self._broken = False

    def head(self, response: ResponseHead) -> Iterable[Step]:
        self.had_no_effect = response.body_length == 0
        if self.had_no_effect:
            return (response.raw,)
        return (response.with_fields(content_encoding="gzip", content_length=None, transfer_encoding="chunked"),)

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del raw
        if self._broken or not content:
            return
        self._broken = True
        gzip = zlib.compressobj(wbits=31)
        # Flush, so that the client decodes the first half before it meets the broken bytes.
        good = gzip.compress(content[: len(content) // 2]) + gzip.flush(zlib.Z_SYNC_FLUSH)
        yield _chunk(good + b"\xff" * 16)  # a block of type 3, which does not exist

    def end(self) -> Iterable[Step]:
        if not self.had_no_effect:
            yield b"0\r\n\r\n"


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content) if content else b""


def _close(where: str) -> ResponseSteps:
    return _CloseAfter() if where == "after" else _AtMiddle(HANG_UP)


def _stall(seconds: float | None, where: str) -> ResponseSteps:
    return _StallBefore(Pause(seconds)) if where == "before" else _AtMiddle(Pause(seconds))


_STEPS: dict[str, Callable[..., ResponseSteps]] = {
    "close": _close,
    "lose_answer": _LoseAnswer,
    "stall": _stall,
    "drip": _Drip,
    "truncate": lambda by, relabel: _Resize(-by, relabel=relabel),
    "lengthen": lambda by, relabel: _Resize(by, relabel=relabel),
    "break_gzip": _BreakGzip,
}


def steps_for(fault: Fault) -> ResponseSteps:
    """Return how the response is sent under this fault. A fault that does not change bytes leaves it unchanged."""
    make = _STEPS.get(fault.kind)
    return UNCHANGED if make is None else make(**fault.options)


def replaces_server(fault: Fault) -> bool:
    """Return whether the server never sees the request."""
    return fault.kind == "status" or (fault.kind == "close" and fault.options["where"] == "before")


def error_response(
    options: Mapping[str, Any], method: str, error_body: Callable[[int], bytes], now: float, *, last: bool
) -> bytes:
    """Return the complete response of `Fault.status`.

    `error_body` returns the server's own JSON for a status. `now` is in epoch seconds. `last` announces that the
    connection ends.
    """
    status = options["status"]
    name = _reason(status)
    body, media_type = _error_body(options["body"], status, name, error_body)
    lines = [f"HTTP/1.1 {status} {name}".rstrip(), f"content-length: {len(body)}"]
    if media_type:
        lines.append(f"content-type: {media_type}")
    wait = options["retry_after"]
    if wait is not None:
        # Round up to whole seconds: a client that retries at that time must not be too early.
        value = formatdate(ceil(now + wait), usegmt=True) if options["as_date"] else str(ceil(wait))
        lines.append(f"retry-after: {value}")
    if last:
        lines.append("connection: close")
    return "\r\n".join(lines).encode() + HEAD_END + (b"" if method == "HEAD" else body)


def _error_body(wanted: object, status: int, name: str, error_body: Callable[[int], bytes]) -> tuple[bytes, str]:
    if isinstance(wanted, Mapping):
        return json.dumps(wanted).encode(), "application/json"
    if wanted == "json":
        return error_body(status), "application/json"
    if wanted == "html":
        title = f"{status} {name}"
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        return page.encode(), "text/html"
    return b"", ""


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
