"""Rows about the start of a program: what an import costs, and what comes before the first answer."""

from __future__ import annotations

from harness import Row

OURS = """
from comfy_cloud import ComfyCloud, Workflow
with ComfyCloud("key", base_url=URL) as cloud:
    cloud.system.stats()
"""
HTTPX = """
import httpx
with httpx.Client(base_url=URL, headers={"X-API-Key": "key"}) as client:
    client.get("/api/system_stats").raise_for_status().json()
"""
SDK = """
import os
os.environ["COMFY_BASE_URL"] = URL
from comfy_sdk import Comfy
with Comfy(api_key="key") as client:
    client.jobs.get("9f8a1c0d-2b3e-4f56-8a7b-1c2d3e4f5a6b")
"""
SIMPLIFIED = """
from comfy_api_simplified import ComfyApiWrapper, ComfyWorkflowWrapper
ComfyApiWrapper(URL).get_system_stats()
"""

ROWS = [
    Row(
        "import",
        "`from comfy_cloud import ComfyCloud, Workflow` over `import httpx`",
        {
            "ours": "from comfy_cloud import ComfyCloud, Workflow",
            "httpx": "import httpx",
            "sdk": "from comfy_sdk import Comfy, Workflow",
            "simplified": "from comfy_api_simplified import ComfyApiWrapper, ComfyWorkflowWrapper",
        },
        goal=1.25,
        before="2.16",
        rounds=11,
    ),
    Row(
        "first",
        "import, client, first answer, over the same in bare httpx",
        {"ours": OURS, "httpx": HTTPX, "sdk": SDK, "simplified": SIMPLIFIED},
        goal=1.3,
        before="1.78",
        rounds=11,
    ),
]
