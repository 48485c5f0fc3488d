"""Jobs: one accepted workflow each, its state and what became of it.

A job is changed only by the engine, under the engine's lock. How a job looks in an answer is in `_shapes`.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["pending", "in_progress", "completed", "failed", "cancelled"]
FINISHED: frozenset[State] = frozenset({"completed", "failed", "cancelled"})


@dataclass(eq=False)
class Job:
    """Times are epoch milliseconds. `extra_data` is None where the submit said null."""

    id: str
    number: float
    sequence: int
    prompt: dict[str, Any]
    extra_data: dict[str, Any] | None
    outputs_to_execute: list[str]
    created: int
    updated: int
    state: State = "pending"
    started: int | None = None
    ended: int | None = None
    outputs: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    interrupted: threading.Event = field(default_factory=threading.Event)

    @property
    def client_id(self) -> str | None:
        """The client that the job's messages are for."""
        return (self.extra_data or {}).get("client_id")

    @property
    def workflow_id(self) -> str | None:
        workflow = _nested(self.extra_data, "extra_pnginfo", "workflow")
        found = workflow.get("id") if isinstance(workflow, dict) else None
        return found if isinstance(found, str) else None

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    def files(self) -> list[tuple[str, str, dict[str, Any]]]:
        """The files among the outputs: node id, kind, entry."""
        return [
            (node_id, kind, entry)
            for node_id, kinds in self.outputs.items()
            for kind, entries in kinds.items()
            for entry in entries
            if isinstance(entry, dict) and "filename" in entry
        ]


def _nested(value: Any, *names: str) -> Any:
    for name in names:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
