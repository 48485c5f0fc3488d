"""What the stub serves and the rows read: jobs, assets and node definitions, the same on each run."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from uuid import UUID

NODE_INFO_BYTES = 746_000  # what GET /api/object_info of a ComfyUI 0.33.0 without custom nodes has


def identity(number: int) -> str:
    return str(UUID(int=(number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128))


@cache
def jobs(number: int) -> list[dict[str, Any]]:
    """Return jobs as `GET /api/jobs` lists them."""
    return [
        {
            "id": identity(n),
            "status": "completed",
            "create_time": 1_764_000_000_000 + n,
            "execution_start_time": 1_764_000_001_000 + n,
            "execution_end_time": 1_764_000_009_000 + n,
            "preview_output": {
                "filename": f"portrait_{n:05}_.png",
                "subfolder": "",
                "type": "output",
                "nodeId": "9",
                "mediaType": "images",
            },
            "outputs_count": 1,
            "workflow_id": identity(n + 7),
        }
        for n in range(number)
    ]


@cache
def assets(number: int) -> list[dict[str, Any]]:
    """Return assets as `GET /api/assets` lists them."""
    return [
        {
            "id": identity(n),
            "name": f"portrait_{n:05}_.png",
            "asset_hash": f"blake3:{n:064x}",
            "size": 1_000_000 + n,
            "mime_type": "image/png",
            "tags": ["output", "portrait"],
            "user_metadata": {"width": 1024, "height": 1024},
            "preview_url": f"/api/view?filename=portrait_{n:05}_.png",
            "preview_id": None,
            "prompt_id": identity(n + 7),
            "created_at": "2026-11-26T12:00:00.123456Z",
            "updated_at": "2026-11-26T12:00:01.123456Z",
            "last_access_time": "2026-11-26T12:00:02.123456Z",
            "is_immutable": False,
        }
        for n in range(number)
    ]


@cache
def node_info() -> bytes:
    """Return node definitions in the size of a real server's."""
    samplers = ["euler", "euler_ancestral", "heun", "dpm_2", "lms", "ddim", "uni_pc", "res_multistep"] * 4
    numbers = {"default": 20, "min": 1, "max": 10_000, "tooltip": "The number of steps used in the denoising process."}
    node = {
        "input": {
            "required": {
                "model": ["MODEL", {"tooltip": "The model used for denoising the input latent."}],
                "steps": ["INT", numbers],
                "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01}],
                "sampler_name": [samplers, {"tooltip": "The algorithm used when sampling."}],
            },
            "hidden": {"unique_id": "UNIQUE_ID"},
        },
        "input_order": {"required": ["model", "steps", "cfg", "sampler_name"], "hidden": ["unique_id"]},
        "output": ["LATENT"],
        "output_is_list": [False],
        "output_name": ["LATENT"],
        "display_name": "KSampler",
        "description": "Uses the provided model, positive and negative conditioning to denoise the latent image.",
        "python_module": "nodes",
        "category": "sampling",
        "output_node": False,
    }
    number = NODE_INFO_BYTES // (len(json.dumps(node)) + 40)
    return json.dumps({f"Sampler{n:04}": {**node, "name": f"Sampler{n:04}"} for n in range(number)}).encode()


def graph(nodes: int) -> dict[str, Any]:
    """Return a workflow of so many nodes, each linked to the one before, whose last node saves."""
    found: dict[str, Any] = {
        str(n): {
            "class_type": "KSampler",
            "inputs": {
                "seed": 42 + n,
                "steps": 20,
                "cfg": 8.0,
                "sampler_name": "euler",
                "denoise": 1.0,
                "text": "a portrait of a cat in the rain, oil on canvas",
                **({"model": [str(n - 1), 0]} if n > 1 else {}),
            },
            "_meta": {"title": f"Sampler {n}"},
        }
        for n in range(1, nodes + 1)
    }
    found["9"] = {"class_type": "SaveImage", "inputs": {"images": [str(min(8, nodes)), 0], "filename_prefix": "a"}}
    return found


def sleeping(seconds: float = 0.0, files: int = 1, frames: int = 0) -> dict[str, Any]:
    """Return the workflow of a job that runs so long, makes so many files and sends so many messages."""
    inputs: dict[str, Any] = {"seconds": seconds, "files": files, "frames": frames}
    return {
        "1": {"class_type": "Sleep", "inputs": inputs},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
    }
