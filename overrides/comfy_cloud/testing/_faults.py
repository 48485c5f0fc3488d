"""Faults that can be ordered from an emulator, as data: what goes wrong, and with which operations that is possible.

How a fault looks on the wire is in `_plans`, which one hits a request in `_orders`. Nothing is made to fail here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from ._operations import OPERATIONS

STORAGE = "storage"  # requests to signed addresses
SOCKET = "socket"  # the WebSocket at /ws
CONNECTION = "connection"  # new connections to the API
ANY = "*"  # every request

_NAMES = {operation.id for operation in OPERATIONS}
_OF_A_JOB = {operation.id for operation in OPERATIONS if "job_id" in operation.path or "prompt_id" in operation.path}
_REQUESTS = frozenset({*_NAMES, STORAGE, SOCKET, ANY})
_BODIES = _REQUESTS - {SOCKET}
_POSSIBLE: dict[str, frozenset[str]] = {
    "truncate": _BODIES,
    "lengthen": _BODIES,
    "break_gzip": _BODIES,
    "expire_address": frozenset({STORAGE}),
    "forget_job": frozenset(_OF_A_JOB),
    "drop": frozenset({SOCKET}),
    "silence": frozenset({SOCKET}),
    "junk": frozenset({SOCKET}),
    "bad_frame": frozenset({SOCKET}),
    "refuse": frozenset({CONNECTION, STORAGE}),
}
OF_MESSAGES = frozenset({"drop", "silence", "junk", "bad_frame"})

Where = Literal["before", "middle", "after"]

# One of each kind that a client must survive: an unknown type, no JSON, JSON that is no message, and binary frames
# that are empty, cut short, or of a type that nobody knows.
JUNK: tuple[str | bytes, ...] = (
    '{"type": "emulator_unknown", "data": {"prompt_id": "?"}}',
    '{"type": "progress", "data": null}',
    "this is not JSON",
    "[1, 2]",
    "null",
    b"",
    b"\x00\x00",
    b"\x00\x00\x00\x63junk",
)


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong between a client and the emulator. Order it with `emulator.fail(operation, fault)`.

    Made by its class methods only. Seconds may be fractions. Raises ValueError for what cannot be.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def close(cls, where: Where = "before") -> "Fault":
        """The connection is closed: "before" the request reaches the server, in the "middle" of its answer, or
        "after" the answer without having said so."""
        _one_of("where", where, ("before", "middle", "after"))
        return cls("close", {"where": where})

    @classmethod
    def lose_answer(cls) -> "Fault":
        """The server does what was asked; then the connection is closed without a byte of its answer."""
        return cls("lose_answer")

    @classmethod
    def stall(cls, seconds: float | None = None, where: Literal["before", "middle"] = "before") -> "Fault":
        """The server does what was asked, then nothing comes "before" or in the "middle" of its answer: for
        `seconds`, or until the client leaves."""
        _one_of("where", where, ("before", "middle"))
        return cls("stall", {"seconds": None if seconds is None else _seconds("seconds", seconds), "where": where})

    @classmethod
    def drip(cls, interval: float = 1.0) -> "Fault":
        """The answer, head and body, comes a byte every `interval` seconds."""
        return cls("drip", {"interval": _seconds("interval", interval)})

    @classmethod
    def status(
        cls,
        status: int,
        *,
        body: Literal["json", "html", "none"] | Mapping[str, Any] = "json",
        retry_after: float | None = None,
        as_date: bool = False,
    ) -> "Fault":
        """Another answer comes instead, 400 to 599; the server never sees the request. `body` is "json" (the
        server's own error shape), "html" (as gateways answer), "none", or an object of yours. `retry_after` adds the
        header, in seconds or, `as_date`, as the time that many seconds from then."""
        if not is_whole(status) or not 400 <= status <= 599:
            raise ValueError(f"status must be from 400 to 599, not {status!r}")
        if not isinstance(body, Mapping):
            _one_of("body", body, ("json", "html", "none"))
        if retry_after is not None:
            _seconds("retry_after", retry_after)
        return cls("status", {"status": status, "body": body, "retry_after": retry_after, "as_date": as_date})

    @classmethod
    def truncate(cls, by: int = 1, *, relabel: bool = False) -> "Fault":
        """The last `by` bytes of the body are missing. The announced length stays, unless `relabel`: then only the
        content shows it."""
        return cls("truncate", {"by": _bytes("by", by), "relabel": relabel})

    @classmethod
    def lengthen(cls, by: int = 1, *, relabel: bool = False) -> "Fault":
        """`by` null bytes follow the body. The announced length stays, unless `relabel`."""
        return cls("lengthen", {"by": _bytes("by", by), "relabel": relabel})

    @classmethod
    def break_gzip(cls) -> "Fault":
        """The body comes with `Content-Encoding: gzip`, and its compressed data is broken half-way."""
        return cls("break_gzip")

    @classmethod
    def expire_address(cls) -> "Fault":
        """For "storage": the signed address expires as it is asked, with all that were handed out before."""
        return cls("expire_address")

    @classmethod
    def forget_job(cls) -> "Fault":
        """For operations with a job's id in the path: the server loses the job before it answers, in whatever state
        it is, without a trace."""
        return cls("forget_job")

    @classmethod
    def drop(cls) -> "Fault":
        """For "socket": the connection is cut instead of the next message."""
        return cls("drop")

    @classmethod
    def silence(cls) -> "Fault":
        """For "socket": from the next message on nothing comes any more, not even a pong; the connection stays."""
        return cls("silence")

    @classmethod
    def junk(cls, messages: Iterable[str | bytes] = JUNK) -> "Fault":
        """For "socket": before the next message these come, texts as text and bytes as binary messages; by default
        unknown types, texts that are no messages, and binary frames of no known kind."""
        found = (messages,) if isinstance(messages, str | bytes) else tuple(messages)
        if not all(isinstance(message, str | bytes) for message in found):
            raise ValueError("messages must be texts or bytes")
        return cls("junk", {"messages": found})

    @classmethod
    def bad_frame(cls) -> "Fault":
        """For "socket": before the next message comes a frame that the WebSocket protocol forbids."""
        return cls("bad_frame")

    @classmethod
    def refuse(cls, seconds: float | None = None) -> "Fault":
        """For "connection" and "storage": what is open is cut, and the port refuses connections for `seconds`, or,
        ordered with `count=None`, until the faults are cleared. Ordered for a number of connections, each of them is
        reset before a byte is read: a kernel makes a connection before its server hears of it, so that these cannot
        be refused outright."""
        return cls("refuse", {"seconds": None if seconds is None else _seconds("seconds", seconds)})

    def check_operation(self, operation: str) -> None:
        """Raise ValueError where this fault cannot happen to that operation."""
        possible = _POSSIBLE.get(self.kind, _REQUESTS)
        if not isinstance(operation, str):
            raise ValueError(f"operation must be a text, not {operation!r}")
        if operation not in {*_REQUESTS, CONNECTION}:
            near = get_close_matches(operation, [*_REQUESTS, CONNECTION], 1)
            raise ValueError(f"unknown operation {operation!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        if operation in possible:
            return
        hint = f": it is for {', '.join(sorted(possible))}" if len(possible) < 10 else ""
        raise ValueError(f"Fault.{self.kind} cannot happen to {operation!r}{hint}")

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"Fault.{self.kind}({options})"


KINDS = tuple(name for name, value in vars(Fault).items() if isinstance(value, classmethod))


def _one_of(name: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")


def _seconds(name: str, value: float) -> float:
    if not is_number(value) or not 0 <= value < float("inf"):
        raise ValueError(f"{name} must be a number of seconds, 0 or more, not {value!r}")
    return value


def _bytes(name: str, value: int) -> int:
    if not is_whole(value) or value < 1:
        raise ValueError(f"{name} must be a number of bytes, at least 1, not {value!r}")
    return value


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    return is_whole(value) or isinstance(value, float)
