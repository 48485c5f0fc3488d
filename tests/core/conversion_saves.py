"""Small saves of ComfyUI's editor, and the definitions of the classes in them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def definition(required: Json, optional: Json | None = None, output: tuple[str, ...] = (), **more: Any) -> Json:
    return {"input": {"required": required, "optional": optional or {}}, "output": list(output), **more}


SIZES = [
    {"key": "by size", "inputs": {"required": {"width": ["INT", {"default": 64}], "height": ["INT", {"default": 48}]}}},
    {"key": "by factor", "inputs": {"required": {"factor": ["FLOAT", {"default": 2.0}]}}},
]
GROWING = {"input": {"required": {"image": ["IMAGE"]}}, "prefix": "image"}
NODES: Json = {
    "Load": definition(
        {"file": [["a.png", "b.png"], {"image_upload": True}]}, output=("IMAGE", "MASK"), display_name="Load a picture"
    ),
    "Noise": definition(
        {
            "seed": ["INT", {"default": 0, "control_after_generate": True}],
            "steps": ["INT", {"default": 20}],
            "mode": [["fast", "slow"]],
            "image": ["IMAGE"],
            "strength": ["FLOAT", {"default": 1.0}],
        },
        output=("IMAGE",),
    ),
    "Blend": definition({"a": ["IMAGE"], "b": ["IMAGE"], "factor": ["FLOAT", {"default": 0.5}]}, output=("IMAGE",)),
    "Resize": definition(
        {"image": ["IMAGE"], "by": ["COMFY_DYNAMICCOMBO_V3", {"options": SIZES}], "sharp": ["BOOLEAN", {}]},
        output=("IMAGE",),
    ),
    "Join": definition({"images": ["COMFY_AUTOGROW_V3", {"template": GROWING}]}, output=("IMAGE",)),
    "Number": definition({"value": ["INT", {"default": 1}]}, output=("INT",)),
    "Save": definition(
        {"images": ["IMAGE"], "prefix": ["STRING", {"default": "out"}]}, {"quality": ["INT", {"default": 90}]}
    ),
    "Plain": definition({"words": ["STRING", {"forceInput": True}], "curve": ["CURVE", {"socketless": True}]}),
    "CustomCombo": definition({"choice": ["COMBO", {"options": []}]}, output=("STRING",)),
}


def node(node_id: Any, class_type: str, values: Any = None, inputs: Json | None = None, **more: Any) -> Json:
    """A node as saved; `inputs` have their link, or a pair of link and widget, by name."""
    slots = []
    for name, link in (inputs or {}).items():
        slot: Json = {"name": name, "type": TYPES.get(name, "IMAGE"), "link": link}
        if name in WIDGETS:
            slot["widget"] = {"name": name}
        slots.append(slot)
    outputs = [{"name": kind, "type": kind} for kind in NODES.get(class_type, {}).get("output", more.pop("gives", []))]
    more.pop("gives", None)
    return {"id": node_id, "type": class_type, "inputs": slots, "outputs": outputs, "widgets_values": values, **more}


TYPES = {"seed": "INT", "steps": "INT", "value": "INT", "width": "INT", "": "*", "prefix": "STRING", "mask": "MASK"}
WIDGETS = {"seed", "steps", "value", "mode", "width", "factor", "prefix", "strength", "file", "quality"}


def save(*nodes: Json, links: list[Any] | None = None, **more: Any) -> Json:
    """A save with `links` as `(id, from, slot, to, slot)`."""
    last = max((each["id"] for each in nodes if isinstance(each["id"], int)), default=0)
    return {"nodes": list(nodes), "links": [[*link, "*"] for link in links or []], "last_node_id": last, **more}


def subgraph(name: str, nodes: list[Json], links: list[Any], inputs: Json, outputs: Json | None = None) -> Json:
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    return {
        "id": name,
        "nodes": nodes,
        "links": [dict(zip(keys, link, strict=True)) for link in links],
        "inputs": [{"name": each, "type": kind} for each, kind in inputs.items()],
        "outputs": [{"name": each, "type": kind} for each, kind in (outputs or {}).items()],
    }


LOAD = node(1, "Load", ["a.png", "image"])
NOISE = [7, "fixed", 30, "slow", 0.25]
