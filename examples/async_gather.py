"""Run several jobs at once with asyncio: one picture, three blend modes, a folder for each.

python examples/async_gather.py [PICTURE]
"""

import asyncio
import sys
from pathlib import Path

from comfy_cloud import AsyncComfyCloud, Workflow

HERE = Path(__file__).parent
PICTURE = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "picture.png"
MODES = ("normal", "multiply", "screen")


async def blend(cloud: AsyncComfyCloud, mode: str) -> list[Path]:
    workflow = Workflow.load(HERE / "workflows" / "blend_api.json")
    workflow["Picture"]["image"] = PICTURE
    workflow["Blend"]["blend_mode"] = mode
    job = await cloud.run(workflow, timeout=600)
    return await job.outputs.save(f"out/{mode}/")


async def main() -> None:
    async with AsyncComfyCloud() as cloud:
        for paths in await asyncio.gather(*(blend(cloud, mode) for mode in MODES)):
            print(*paths)


asyncio.run(main())
