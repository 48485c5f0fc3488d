"""Watch a job as it goes: which node runs, how far it is, and previews.

python examples/watch_progress.py [WORKFLOW]

A sampler tells every step and shows previews; the workflow here has none and is done at once.
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
