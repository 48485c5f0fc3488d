"""Define the faults that a test can add to an emulator: what goes wrong, and in which operations that is possible.

How a fault looks on the wire is in `steps`, which fault happens to a request in `rules`. This module makes nothing
fail.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from .._servers.operations import OPERATIONS

STORAGE = "storage"  # requests to signed URLs
SOCKET = "socket"  # the WebSocket at /ws
CONNECTION = "connection"  # new connections to the API
ANY = "*"  # every request, or every node
NODE_FAULTS = frozenset({"exception"})

_NAMES = {operation.id for operation in OPERATIONS}
_WITH_JOB_ID = {operation.id for operation in OPERATIONS if "job_id" in operation.path or "prompt_id" in operation.path}
_REQUESTS = frozenset({*_NAMES, STORAGE, SOCKET, ANY})
_BODIES = _REQUESTS - {SOCKET}
_POSSIBLE: dict[str, frozenset[str]] = {
    "truncate": _BODIES,
    "lengthen": _BODIES,
    "break_gzip": _BODIES,
    "expire_address": frozenset({STORAGE}),
    "forget_job": frozenset(_WITH_JOB_ID),
    "drop": frozenset({SOCKET}),
    "silence": frozenset({SOCKET}),
    "junk": frozenset({SOCKET}),
    "bad_frame": frozenset({SOCKET}),
    "refuse": frozenset({CONNECTION, STORAGE}),
}
MESSAGE_FAULTS = frozenset({"drop", "silence", "junk", "bad_frame"})

Where = Literal["before", "middle", "after"]

# One message of each kind that a client must survive: an unknown type, a string that is not JSON, JSON that is not a
# message, and binary frames that are empty, cut short, or of an unknown type.
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
    """Something that goes wrong between a client and the emulator. Add it with `emulator.fail(operation, fault)`.

    Use the class methods to create one. Seconds may be fractions. Raises ValueError for impossible arguments.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def close(cls, where: Where = "before") -> "Fault":
        """Close the connection.

        With "before", close it before the request reaches the server; with "middle", in the middle of the response;
        with "after", after the response, which did not announce it.
        """
        _one_of("where", where, ("before", "middle", "after"))
        return cls("close", {"where": where})

    @classmethod
    def lose_answer(cls) -> "Fault":
        """Let the server process the request, then close the connection without a byte of the response."""
        return cls("lose_answer")

    @classmethod
    def stall(cls, seconds: float | None = None, where: Literal["before", "middle"] = "before") -> "Fault":
        """Let the server process the request, then send nothing for `seconds`, or until the client leaves.

        The pause comes "before" or in the "middle" of the response.
        """
        _one_of("where", where, ("before", "middle"))
        return cls("stall", {"seconds": None if seconds is None else _seconds("seconds", seconds), "where": where})

    @classmethod
    def drip(cls, interval: float = 1.0) -> "Fault":
        """Send the response, head and body, one byte every `interval` seconds."""
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
        """Send another response, 400 to 599, instead of forwarding the request. The server never sees the request.

        `body` is "json" (the server's own error shape), "html" (as gateways send), "none", or an object of yours.
        `retry_after` adds the header, in seconds. With `as_date`, it is the time that many seconds from then.
        """
        if not is_int(status) or not 400 <= status <= 599:
            raise ValueError(f"status must be from 400 to 599, not {status!r}")
        if not isinstance(body, Mapping):
            _one_of("body", body, ("json", "html", "none"))
        if retry_after is not None:
            _seconds("retry_after", retry_after)
        return cls("status", {"status": status, "body": body, "retry_after": retry_after, "as_date": as_date})

    @classmethod
    def truncate(cls, by: int = 1, *, relabel: bool = False) -> "Fault":
        """Omit the last `by` bytes of the body.

        The announced length stays, unless `relabel` is set; then only the content shows that bytes are missing.
        """
        return cls("truncate", {"by": _bytes("by", by), "relabel": relabel})

    @classmethod
    def lengthen(cls, by: int = 1, *, relabel: bool = False) -> "Fault":
        """Add `by` null bytes to the body. The announced length stays, unless `relabel` is set."""
        return cls("lengthen", {"by": _bytes("by", by), "relabel": relabel})

    @classmethod
    def break_gzip(cls) -> "Fault":
        """Send the body with `Content-Encoding: gzip`, and break its compressed data half-way."""
        return cls("break_gzip")

    @classmethod
    def expire_address(cls) -> "Fault":
        """For "storage": let the signed URL expire as it is requested, with all that were returned before."""
        return cls("expire_address")

    @classmethod
    def forget_job(cls) -> "Fault":
        """For operations with a job's id in the path: let the server forget the job before it responds.

        The job may be in any state, and it leaves no trace.
        """
        return cls("forget_job")

    @classmethod
    def drop(cls) -> "Fault":
        """For "socket": cut the connection instead of sending the next message."""
        return cls("drop")

    @classmethod
    def silence(cls) -> "Fault":
        """For "socket": from the next message on, send nothing, not even a pong. The connection stays open."""
        return cls("silence")

    @classmethod
    def junk(cls, messages: Iterable[str | bytes] = JUNK) -> "Fault":
        """For "socket": send these messages before the next message, strings as text and bytes as binary messages.

        By default they are unknown types, strings that are not messages, and binary frames of unknown kinds.
        """
        found = (messages,) if isinstance(messages, str | bytes) else tuple(messages)
        if not all(isinstance(message, str | bytes) for message in found):
            raise ValueError(f"messages must be strings or bytes, not {messages!r}")
        return cls("junk", {"messages": found})

    @classmethod
    def bad_frame(cls) -> "Fault":
        """For "socket": send a frame that the WebSocket protocol forbids before the next message."""
        return cls("bad_frame")

    @classmethod
    def refuse(cls, seconds: float | None = None) -> "Fault":
        """For "connection" and "storage": refuse connections.

        With `seconds`, or with `count=None` in `fail`, cut the open connections and refuse new ones for that time, or
        until the faults are cleared. With a number as `count`, reset each of that many connections before a byte is
        read. The kernel opens a connection before the server hears of it, so these cannot be refused outright.
        """
        return cls("refuse", {"seconds": None if seconds is None else _seconds("seconds", seconds)})

    @classmethod
    def exception(cls, exception_type: str = "RuntimeError", message: str = "This node fails on purpose") -> "Fault":
        """For a node, by id, title or class: let it raise this exception, so that its job fails.

        `emulator.fail(node, exception_type, message)` is short for this.
        """
        words: dict[str, object] = {"exception_type": exception_type, "message": message}
        for name, value in words.items():
            if not isinstance(value, str) or not value:
                raise ValueError(f"{name} must be a string that is not empty, not {value!r}")
        return cls("exception", {"exception_type": exception_type, "message": message})

    def check_operation(self, operation: str) -> None:
        """Raise ValueError if this fault cannot happen to that operation, or if a node has the name of one."""
        possible = _POSSIBLE.get(self.kind, _REQUESTS)
        if not isinstance(operation, str):
            raise ValueError(f"operation must be a string, not {operation!r}")
        if not operation:
            raise ValueError("operation must not be empty: name an operation, or a node by id, title or class")
        if self.kind in NODE_FAULTS:
            if operation in {*_REQUESTS, CONNECTION} - {ANY}:
                raise ValueError(f"{operation!r} is an operation and not a node: pass a Fault, such as Fault.close()")
            return
        # A misspelt operation would never fail, and the test would prove nothing.
        if operation not in {*_REQUESTS, CONNECTION}:
            near = get_close_matches(operation, [*_REQUESTS, CONNECTION], 1)
            raise ValueError(f"unknown operation {operation!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        if operation in possible:
            return
        # A long list of operations would hide the message.
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
    if not is_int(value) or value < 1:
        raise ValueError(f"{name} must be a number of bytes, at least 1, not {value!r}")
    return value


def is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    return is_int(value) or isinstance(value, float)
