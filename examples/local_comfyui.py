"""Run a workflow on a ComfyUI of yours, without a key. Problems of the workflow are printed before it is submitted.

python examples/local_comfyui.py [URL]    (http://127.0.0.1:8188 unless given)
"""

import sys
from pathlib import Path

from comfy_cloud import ComfyCloud, Workflow

HERE = Path(__file__).parent
url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8188"

workflow = Workflow.load(HERE / "workflows" / "blend_api.json")
workflow["Picture"]["image"] = HERE / "picture.png"

with ComfyCloud(base_url=url) as cloud:
    print("ComfyUI", cloud.system.stats().system.comfyui_version)
    for problem in workflow.check(cloud.nodes.info()):
        print(problem)
    for path in cloud.run(workflow, timeout=600).outputs.save("out/"):
        print(path)
