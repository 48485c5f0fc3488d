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
    """Times are epoch milliseconds. `extra_data` is None where the submit said null. `parents` has the nodes that
    other nodes expanded into, and which did."""

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
    parents: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    interrupted: threading.Event = field(default_factory=threading.Event)
    lost: bool = False  # the server forgot it while it ran

    @property
    def client_id(self) -> str | None:
        """The client that the job's messages are for."""
        found = (self.extra_data or {}).get("client_id")
        return found if isinstance(found, str) else None

    @property
    def workflow_id(self) -> str | None:
        workflow = _nested(self.extra_data, "extra_pnginfo", "workflow")
        found = workflow.get("id") if isinstance(workflow, dict) else None
        return found if isinstance(found, str) else None

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    def real_node(self, node_id: str) -> str:
        """The node of the submitted workflow that a node belongs to: itself, unless others expanded into it."""
        while node_id in self.parents:
            node_id = self.parents[node_id]
        return node_id

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
