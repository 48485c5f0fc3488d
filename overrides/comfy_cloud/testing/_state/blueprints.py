"""Provide the subgraph blueprints of every emulated server: small graphs of nodes that the emulator can run."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BlueprintRules:
    """The blueprints of one family of servers.

    `listed_data` is the value of `data` in a list, or None if a list has no `data`. `null_for_unknown` says whether an
    unknown id gets 200 with `null`, as on ComfyUI 0.33.0, or 404.
    """

    listed_data: str | None
    null_for_unknown: bool


@dataclass(frozen=True)
class Blueprint:
    """One blueprint. `graph` is the object that `data` holds as a JSON string."""

    name: str
    graph: dict[str, Any]
    source: str = "templates"
    node_pack: str = "comfyui"

    @property
    def id(self) -> str:
        """Return the id: 64 hex digits, the same in every run."""
        return hashlib.sha256(f"{self.source}/{self.name}".encode()).hexdigest()

    def entry(self, data: str | None) -> dict[str, Any]:
        """Return the blueprint as a response has it, with the given `data` or without any."""
        body: dict[str, Any] = {"source": self.source, "name": self.name, "info": {"node_pack": self.node_pack}}
        return body if data is None else body | {"data": data}

    def full(self) -> dict[str, Any]:
        """Return the blueprint with its graph, as the response for a single blueprint has it."""
        return self.entry(json.dumps(self.graph))


def _chain(name: str, *class_types: str) -> Blueprint:
    """Return a blueprint of nodes in a row, each connected to the one before."""
    nodes: list[dict[str, Any]] = [
        {"id": number, "type": class_type, "pos": [240 * number, 0]} for number, class_type in enumerate(class_types, 1)
    ]
    links = [
        {
            "id": number,
            "origin_id": number,
            "origin_slot": 0,
            "target_id": number + 1,
            "target_slot": 0,
            "type": "IMAGE",
        }
        for number in range(1, len(class_types))
    ]
    subgraph = {"id": name.lower().replace(" ", "-"), "name": name, "nodes": nodes, "links": links}
    return Blueprint(name, {"version": 1, "nodes": [], "links": [], "definitions": {"subgraphs": [subgraph]}})


BLUEPRINTS: dict[str, Blueprint] = {
    blueprint.id: blueprint
    for blueprint in (
        _chain("Invert and Enlarge", "ImageInvert", "ImageScaleBy"),
        _chain("Cut Out and Enlarge", "ImageCrop", "ImageScale"),
    )
}

CLOUD_BLUEPRINTS = BlueprintRules(listed_data="", null_for_unknown=False)
COMFYUI_BLUEPRINTS = BlueprintRules(listed_data=None, null_for_unknown=True)
