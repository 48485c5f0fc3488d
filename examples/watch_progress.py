"""Watch a job while it runs: print the running node, its progress, and previews.

python examples/watch_progress.py [WORKFLOW]

A sampler sends its steps and previews. The workflow of this example has no sampler and ends at once.
"""

import sys
from pathlib import Path

from comfy_cloud import ComfyCloud, Workflow
from comfy_cloud.events import JobCompleted, JobEvent, JobStarted, NodeProgress, NodeStarted, Preview

HERE = Path(__file__).parent
workflow = Workflow.load(sys.argv[1] if len(sys.argv) > 1 else HERE / "workflows" / "colour_api.json")


def show(event: JobEvent) -> None:
    match event:
        case JobStarted():
            print("running")
        case NodeStarted(node_id=node_id):
            print("node", workflow[node_id].title)
        case NodeProgress():
            print(f"  {event.fraction:.0%}")
        case Preview():
            print(f"  preview: {len(event.image)} bytes of {event.mime_type}")
        case JobCompleted():
            print("done")


with ComfyCloud() as cloud:
    cloud.run(workflow, timeout=600, on_event=show)
