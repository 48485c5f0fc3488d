"""What a fault does to the bytes of one exchange, as steps: bytes to send, pauses to make, and hanging up.

Decides only: it gets heads and bodies that others cut, and others send what it gives. Nothing here waits.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from math import ceil
from typing import Any

from ._faults import Fault
from ._framing import HEAD_END, AnswerHead

BAD_FRAME = b"\x83\x00"  # opcode 3 is reserved


@dataclass(frozen=True)
class Pause:
    """Send nothing for `seconds`, or, with None, until the client leaves."""

    seconds: float | None


@dataclass(frozen=True)
class HangUp:
    """Close the connection; nothing follows."""


Step = bytes | Pause | HangUp
HANG_UP = HangUp()


class Plan:
    """How the server's answer goes out. This one changes nothing; subclasses each are one fault.

    `head` is called once, then `body` with every piece (its bytes as they came, and its content without framing),
    then `end`. `spared` is True where the answer had nothing that the fault could happen to.
    """

    spared = False

    def head(self, answer: AnswerHead) -> Iterable[Step]:
        yield answer.raw

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del content
        yield raw

    def end(self) -> Iterable[Step]:
        return ()


UNDISTURBED = Plan()


class _CloseAfter(Plan):
    def end(self) -> Iterable[Step]:
        yield HANG_UP


class _LoseAnswer(_CloseAfter):
    def head(self, answer: AnswerHead) -> Iterable[Step]:
        del answer
        return ()

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del raw, content
        return ()


class _StallBefore(Plan):
    def __init__(self, pause: Pause) -> None:
        self._pause = pause

    def head(self, answer: AnswerHead) -> Iterable[Step]:
        yield self._pause
        yield answer.raw


class _AtMiddle(Plan):
    """Takes a step in the middle of the body; where there is none, of the head; where its length is not known, of
    its first piece."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._left: int | None = None
        self._done = False

    def head(self, answer: AnswerHead) -> Iterable[Step]:
        if answer.body_length == 0:
            self._done = True
            return self._split(answer.raw, len(answer.raw) // 2)
        self._left = None if answer.body_length is None else answer.body_length // 2
        return (answer.raw,)

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


class _Drip(Plan):
    def __init__(self, interval: float) -> None:
        self._pause = Pause(interval)

    def head(self, answer: AnswerHead) -> Iterable[Step]:
        return self._drops(answer.raw)

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del content
        return self._drops(raw)

    def _drops(self, data: bytes) -> Iterator[Step]:
        for at in range(len(data)):
            yield data[at : at + 1]
            yield self._pause


class _Resize(Plan):
    """Leaves bytes out at the end of a body, or adds some. In chunks it says nothing about the length in advance, so
    that what tells a wrong end there is whether the last chunk comes."""

    def __init__(self, change: int, *, relabel: bool) -> None:
        self._change = change
        self._relabel = relabel
        self._held = b""  # what may turn out to be the end
        self._chunked = False

    def head(self, answer: AnswerHead) -> Iterable[Step]:
        self.spared = answer.body_length == 0
        self._chunked = answer.chunked
        if self._relabel and answer.body_length:
            yield answer.with_fields(content_length=str(max(0, answer.body_length + self._change)))
        else:
            yield answer.raw

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del raw
        held = self._held + content
        keep = max(0, -self._change)
        self._held = held[max(0, len(held) - keep) :]
        yield self._framed(held[: len(held) - len(self._held)])

    def end(self) -> Iterable[Step]:
        if self.spared:
            return
        yield self._framed(bytes(max(0, self._change)))
        if self._chunked and (self._relabel or self._change > 0):
            yield b"0\r\n\r\n"
        if not self._relabel:
            yield HANG_UP

    def _framed(self, content: bytes) -> bytes:
        return _chunk(content) if self._chunked else content


class _BreakGzip(Plan):
    """Compresses the first half of the first piece; then come bytes that no decoder takes."""

    def __init__(self) -> None:
        self._broken = False

    def head(self, answer: AnswerHead) -> Iterable[Step]:
        self.spared = answer.body_length == 0
        if self.spared:
            return (answer.raw,)
        return (answer.with_fields(content_encoding="gzip", content_length=None, transfer_encoding="chunked"),)

    def body(self, raw: bytes, content: bytes) -> Iterable[Step]:
        del raw
        if self._broken or not content:
            return
        self._broken = True
        gzip = zlib.compressobj(wbits=31)
        good = gzip.compress(content[: len(content) // 2]) + gzip.flush(zlib.Z_SYNC_FLUSH)
        yield _chunk(good + b"\xff" * 16)  # a block of type 3, which does not exist

    def end(self) -> Iterable[Step]:
        if not self.spared:
            yield b"0\r\n\r\n"


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content) if content else b""


def _close(where: str) -> Plan:
    return _CloseAfter() if where == "after" else _AtMiddle(HANG_UP)


def _stall(seconds: float | None, where: str) -> Plan:
    return _StallBefore(Pause(seconds)) if where == "before" else _AtMiddle(Pause(seconds))


_PLANS: dict[str, Callable[..., Plan]] = {
    "close": _close,
    "lose_answer": _LoseAnswer,
    "stall": _stall,
    "drip": _Drip,
    "truncate": lambda by, relabel: _Resize(-by, relabel=relabel),
    "lengthen": lambda by, relabel: _Resize(by, relabel=relabel),
    "break_gzip": _BreakGzip,
}


def plan(fault: Fault) -> Plan:
    """How the answer goes out under this fault; faults that are not in its bytes leave it undisturbed."""
    make = _PLANS.get(fault.kind)
    return UNDISTURBED if make is None else make(**fault.options)


def replaces_server(fault: Fault) -> bool:
    """Whether the server never sees the request."""
    return fault.kind == "status" or (fault.kind == "close" and fault.options["where"] == "before")


def error_answer(
    options: Mapping[str, Any], method: str, error_body: Callable[[int], bytes], now: float, *, last: bool
) -> bytes:
    """The answer of `Fault.status`, whole. `error_body` gives the server's own JSON for a status, `now` is in epoch
    seconds, `last` announces that the connection ends."""
    status = options["status"]
    name = _reason(status)
    body, media_type = _error_body(options["body"], status, name, error_body)
    lines = [f"HTTP/1.1 {status} {name}".rstrip(), f"content-length: {len(body)}"]
    if media_type:
        lines.append(f"content-type: {media_type}")
    wait = options["retry_after"]
    if wait is not None:
        # In whole seconds, up: what is tried again then must not be too early.
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
