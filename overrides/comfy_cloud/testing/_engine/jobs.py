"""Describe jobs: an accepted workflow, its state and its results.

Only the engine changes a job, under the engine's lock. How a job looks in a response is in `job_bodies`.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["pending", "in_progress", "completed", "failed", "cancelled"]
FINISHED: frozenset[State] = frozenset({"completed", "failed", "cancelled"})
_MODEL_EXTENSIONS = (".obj", ".fbx", ".gltf", ".glb", ".usdz")


@dataclass(eq=False)
class Job:
    """One job. Times are epoch milliseconds.

    `extra_data` is None if the submit sent null. `parents` maps a node that was created by expansion to the node that
    expanded.
    """

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
    lost: bool = False  # the server has forgotten the job while it was running
    killed_worker: bool = False

    @property
    def client_id(self) -> str | None:
        """Return the client that gets the job's messages."""
        found = (self.extra_data or {}).get("client_id")
        return found if isinstance(found, str) else None

    @property
    def workflow_id(self) -> str | None:
        """Return the id that the web page gave its workflow, or None."""
        workflow = _nested(self.extra_data, "extra_pnginfo", "workflow")
        found = workflow.get("id") if isinstance(workflow, dict) else None
        return found if isinstance(found, str) else None

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    def real_node(self, node_id: str) -> str:
        """Return the node of the submitted workflow that a node belongs to: itself, unless another node expanded into
        it.
        """
        while node_id in self.parents:
            node_id = self.parents[node_id]
        return node_id

    def listed_outputs(self) -> dict[str, dict[str, list[Any]]]:
        """Return the outputs of all nodes as job details have them."""
        return {node_id: listed(kinds) for node_id, kinds in self.outputs.items()}

    def files(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the files among the outputs, each as node id, kind and entry."""
        return [
            (node_id, kind, entry)
            for node_id, kinds in self.listed_outputs().items()
            for kind, entries in kinds.items()
            for entry in entries
            if isinstance(entry, dict) and "filename" in entry
        ]


def listed(kinds: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the outputs of a node as job details have them.

    Null entries are left out. The path of a 3D model becomes an object, but its folders stay in the name. A path with
    a folder type behind it (`chair.glb [temp]`) is not recognized, as on ComfyUI.
    """
    return {kind: [_entry(item) for item in items if item is not None] for kind, items in kinds.items()}


def _entry(item: Any) -> Any:
    if isinstance(item, str) and item.lower().endswith(_MODEL_EXTENSIONS):
        return {"filename": item, "type": "output", "subfolder": "", "mediaType": "3d"}
    return item


def _nested(value: Any, *names: str) -> Any:
    for name in names:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
