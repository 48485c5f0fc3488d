"""Parse the frames of a WebSocket, text and binary, into events. No I/O; a broken frame gives no event and no error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar

from .._constants import SOCKET_REPEATS
from ..events import JobEvent, NodeFinished, NodeProgress, NodesCached, NodeStarted, NodeText, Preview, UnknownEvent
from .bodies import holds_too_much

_IMAGE_TYPES = {1: "image/jpeg", 2: "image/png"}
_ENDS = frozenset({"execution_success", "execution_error", "execution_interrupted"})
# These messages are about the server, not about a job.
_OTHERS = frozenset({"status", "feature_flags", "logs", "notification"})

K = TypeVar("K")
V = TypeVar("V")
_STEPS_MAX = 2**53  # the largest number of steps that is exact as an int and as a float


class Signal(Enum):
    """Messages that are not events. The state of a job comes from REST, and a signal only says that polling is due."""

    STARTED = auto()
    ENDED = auto()
    DROPPED = auto()  # The WebSocket was closed. No message can arrive until the reconnect.
    CANCELLING = auto()  # Not from the server: this client has cancelled the job.


@dataclass(frozen=True, slots=True)
class NodeStates:
    """The progress of the nodes that the server has visited so far, from 0 to 1 by their ids.

    Nodes that another node expanded into are left out, because their number is not known in advance.
    """

    job_id: str
    fractions: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class ParsedFrame:
    """The content of a frame: events of jobs, and the id of a job that started or ended, if any."""

    events: list[JobEvent] = field(default_factory=list)
    states: NodeStates | None = None
    started: str | None = None
    ended: str | None = None


class FrameReader:
    """Parses the frames of one WebSocket.

    It remembers the running job, because some frames, such as binary previews, name no job. It drops repetitions.
    """

    def __init__(self) -> None:
        self._running: str | None = None
        self._steps: dict[str, dict[str, tuple[float, float]]] = {}
        self._node: dict[str, tuple[str, str | None]] = {}

    def read(self, frame: str | bytes) -> ParsedFrame:
        """Parse a frame. Junk and frames of an unknown kind give an empty result."""
        parsed = ParsedFrame()
        if isinstance(frame, bytes):
            parsed.events.extend(self._binary(frame))
            return parsed
        if holds_too_much(frame):
            return parsed
        try:
            message = json.loads(frame)
        except (ValueError, RecursionError):
            return parsed
        if isinstance(message, Mapping) and isinstance(message.get("type"), str):
            self._text(message["type"], message.get("data"), parsed)
        return parsed

    def _text(self, kind: str, data: Any, parsed: ParsedFrame) -> None:
        fields: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        job_id = _text_of(fields.get("prompt_id")) or (self._running if kind == "executing" else None)
        if job_id is None or kind in _OTHERS:
            return
        if kind == "execution_start":
            self._running = parsed.started = job_id
        elif kind in _ENDS or (kind == "executing" and fields.get("node") is None):
            # `executing` without a node is ComfyUI's last message about a job, 3 ms after `execution_success`. Only
            # after it is the job always in the history. The cloud's contract has only the three messages of _ENDS.
            self._forget(job_id)
            parsed.ended = job_id
        else:
            parsed.events.extend(self._job_message(kind, job_id, fields))
            if kind == "progress_state":
                parsed.states = _node_states(job_id, fields.get("nodes"))

    def _job_message(self, kind: str, job_id: str, fields: Mapping[str, Any]) -> Iterator[JobEvent]:
        node_id = _text_of(fields.get("display_node")) or _text_of(fields.get("node"))
        if kind == "executing":
            if node_id is not None:
                self._running = job_id
                yield from self._started(job_id, node_id, _text_of(fields.get("node")))
        elif kind == "progress":
            self._running = job_id
            yield from self._progress(job_id, node_id, fields.get("value"), fields.get("max"))
        elif kind == "progress_state":
            yield from self._states(job_id, fields.get("nodes"))
        elif kind == "executed" and node_id is not None:
            output = fields.get("output")
            yield NodeFinished(job_id, node_id, output if isinstance(output, Mapping) else {})
        elif kind == "execution_cached":
            nodes = fields.get("nodes")
            ids = tuple(str(node) for node in nodes) if isinstance(nodes, list) else ()
            if ids:
                yield NodesCached(job_id, ids)
        else:
            yield UnknownEvent(job_id, kind, fields)

    def _states(self, job_id: str, nodes: Any) -> Iterator[JobEvent]:
        for node_id, state in nodes.items() if isinstance(nodes, Mapping) else ():
            if isinstance(state, Mapping) and state.get("state", "running") == "running":
                shown = _text_of(state.get("display_node_id")) or str(node_id)
                self._running = job_id
                # ComfyUI reports 0 of 1 and 1 of 1 for nodes without steps. That would be noise, not progress.
                if state.get("max") not in (None, 1, 1.0):
                    yield from self._progress(job_id, shown, state.get("value"), state.get("max"))

    def _started(self, job_id: str, node_id: str, inner: str | None) -> Iterator[JobEvent]:
        node = (node_id, inner if inner != node_id else None)
        if self._node.get(job_id) != node:
            _bounded(self._node)[job_id] = node
            yield NodeStarted(job_id, *node)

    def _progress(self, job_id: str, node_id: str | None, value: Any, maximum: Any) -> Iterator[JobEvent]:
        if node_id is None or not _is_number(value) or not _is_number(maximum):
            return
        # ComfyUI sends each step twice: in `progress` with ints, and in `progress_state` with floats.
        steps = _bounded(self._steps).setdefault(job_id, {})
        if steps.get(node_id) != (value, maximum):
            _bounded(steps)[node_id] = (value, maximum)
            yield NodeProgress(job_id, node_id, value, maximum)

    def _forget(self, job_id: str) -> None:
        self._node.pop(job_id, None)
        self._steps.pop(job_id, None)
        if self._running == job_id:
            self._running = None

    def _binary(self, frame: bytes) -> Iterator[JobEvent]:
        kind, rest = int.from_bytes(frame[:4], "big"), frame[4:]
        if kind == 1 and len(rest) > 4 and self._running:
            mime_type = _IMAGE_TYPES.get(int.from_bytes(rest[:4], "big"), "application/octet-stream")
            yield Preview(self._running, None, rest[4:], mime_type)
            return
        if kind not in (3, 4) or len(rest) < 4:
            return
        length = int.from_bytes(rest[:4], "big")
        head, body = rest[4 : 4 + length], rest[4 + length :]
        if len(head) < length:
            return
        if kind == 3 and self._running:
            yield NodeText(self._running, head.decode("utf-8", "replace"), body.decode("utf-8", "replace"))
        elif kind == 4:
            yield from self._described_preview(head, body)

    def _described_preview(self, head: bytes, image: bytes) -> Iterator[JobEvent]:
        try:
            about = json.loads(head)
        except (ValueError, RecursionError):
            return
        job_id = _text_of(about.get("prompt_id")) if isinstance(about, Mapping) else None
        if job_id is not None:
            node_id = _text_of(about.get("display_node_id")) or _text_of(about.get("node_id"))
            yield Preview(job_id, node_id, image, _text_of(about.get("image_type")) or "application/octet-stream")


def _bounded(known: dict[K, V]) -> dict[K, V]:
    """Return what is known, emptied if it is too much: a server may name ever new jobs, and end none of them."""
    if len(known) >= SOCKET_REPEATS:
        known.clear()
    return known


def _node_states(job_id: str, nodes: Any) -> NodeStates | None:
    fractions = tuple(
        (node_id, _fraction(state))
        for node_id, state in (nodes.items() if isinstance(nodes, Mapping) else ())
        if isinstance(state, Mapping) and state.get("display_node_id", node_id) in (node_id, None)
    )
    return NodeStates(job_id, fractions) if fractions else None


def _fraction(state: Mapping[str, Any]) -> float:
    if state.get("state") == "finished":
        return 1.0
    try:
        # A node can be at its last step and still run: only the server's word makes it finished.
        return min(0.99, max(0.0, float(state["value"] / state["max"])))
    except (ArithmeticError, LookupError, TypeError):
        return 0.0


def _text_of(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _is_number(value: Any) -> bool:
    # JSON writes integers of thousands of digits, which no division of floats takes, and Python reads NaN and Infinity.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _STEPS_MAX
