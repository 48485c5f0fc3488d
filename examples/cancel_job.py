"""Submit a workflow twice and cancel the second job; the first one is left alone.

python examples/cancel_job.py [WORKFLOW]
"""

import sys
from pathlib import Path

from comfy_cloud import ComfyCloud, ConflictError, Workflow

HERE = Path(__file__).parent
workflow = Workflow.load(sys.argv[1] if len(sys.argv) > 1 else HERE / "workflows" / "colour_api.json")

with ComfyCloud() as cloud:
    first, second = cloud.submit(workflow), cloud.submit(workflow)
    try:
        second.cancel()
    except ConflictError as error:  # the cloud might stop the first job, too; cancel(force=True) accepts that
        print(error)
    for job in (first, second):
        job.wait(timeout=600, check=False)  # without check=False a cancelled job raises JobCancelledError
        print(job.id, job.status)
