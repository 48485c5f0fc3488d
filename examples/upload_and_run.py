"""Upload a picture, run a workflow on it, and save the results.

python examples/upload_and_run.py [PICTURE]
"""

import sys
from pathlib import Path

from comfy_cloud import ComfyCloud, Workflow

HERE = Path(__file__).parent
picture = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "picture.png"

workflow = Workflow.load(HERE / "workflows" / "blend_api.json")
workflow["Picture"]["image"] = picture  # uploaded when the workflow is submitted

with ComfyCloud() as cloud:
    job = cloud.run(workflow, timeout=600)
    for path in job.outputs.save("out/"):
        print(path)
