"""Frames of the socket: text and binary, read into events. Keeps what a frame leaves out; never raises, does no I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..events import (
    JobEvent,
    NodeFinished,
    NodeProgress,
    NodesCached,
    NodeStarted,
    NodeText,
    Preview,
    UnknownEvent,
)

_IMAGE_TYPES = {1: "image/jpeg", 2: "image/png"}
# That a job begins or is over is told by REST; here it only means that asking now is worth it.
_NUDGES = frozenset({"execution_start", "execution_success", "execution_error", "execution_interrupted"})
# About the server, not about a job.
_OTHERS = frozenset({"status", "feature_flags", "logs", "notification"})


@dataclass(slots=True)
class Reading:
    """What a frame says: events by job, jobs whose state is worth asking for now, and those of them that ended."""

    events: list[JobEvent] = field(default_factory=list)
    nudged: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)


class FrameReader:
    """Reads the frames of one socket. Remembers which job runs, for frames that name none, and drops repetitions."""

    def __init__(self) -> None:
        self._running: str | None = None
        self._steps: dict[tuple[str, str], tuple[float, float]] = {}
        self._node: dict[str, str] = {}

    def read(self, frame: str | bytes) -> Reading:
        """The meaning of a frame; nothing for junk, and for frames of a kind that is not known."""
        reading = Reading()
        if isinstance(frame, bytes):
            reading.events.extend(self._binary(frame))
            return reading
        try:
            message = json.loads(frame)
        except (ValueError, RecursionError):
            return reading
        if not isinstance(message, Mapping) or not isinstance(message.get("type"), str):
            return reading
        self._text(message["type"], message.get("data"), reading)
        return reading

    def _text(self, kind: str, data: Any, reading: Reading) -> None:
        fields: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        job_id = _text_of(fields.get("prompt_id")) or (self._running if kind == "executing" else None)
        if job_id is None or kind in _OTHERS:
            return
        if kind in _NUDGES or (kind == "executing" and fields.get("node") is None):
            reading.nudged.add(job_id)
        if kind == "execution_start":
            self._running = job_id
        elif kind in _NUDGES:
            self._forget(job_id)
            reading.ended.add(job_id)
        else:
            reading.events.extend(self._job_message(kind, job_id, fields))

    def _job_message(self, kind: str, job_id: str, fields: Mapping[str, Any]) -> Iterator[JobEvent]:
        node_id = _text_of(fields.get("display_node")) or _text_of(fields.get("node"))
        if kind == "executing":
            if node_id is None:
                self._forget(job_id)
            else:
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
                # A node that reports no steps counts from 0 to 1, which is no progress.
                if state.get("max") not in (None, 1, 1.0):
                    yield from self._progress(job_id, shown, state.get("value"), state.get("max"))

    def _started(self, job_id: str, node_id: str, inner: str | None) -> Iterator[JobEvent]:
        event = NodeStarted(job_id, node_id, inner if inner != node_id else None)
        if self._node.get(job_id) != repr(event):
            self._node[job_id] = repr(event)
            yield event

    def _progress(self, job_id: str, node_id: str | None, value: Any, maximum: Any) -> Iterator[JobEvent]:
        if node_id is None or not _is_number(value) or not _is_number(maximum):
            return
        # `progress` and `progress_state` tell the same step, as ints and as floats.
        if self._steps.get((job_id, node_id)) != (value, maximum):
            self._steps[job_id, node_id] = (value, maximum)
            yield NodeProgress(job_id, node_id, value, maximum)

    def _forget(self, job_id: str) -> None:
        self._node.pop(job_id, None)
        self._steps = {key: step for key, step in self._steps.items() if key[0] != job_id}
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


def _text_of(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
