"""Submit a workflow twice, cancel the second job, and let the first one finish.

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
    except ConflictError as error:  # the cloud might stop the first job as well; cancel(force=True) accepts that
        print(error)
    for job in (first, second):
        job.wait(timeout=600, check=False)  # without check=False, wait raises JobCancelledError for a cancelled job
        print(job.id, job.status)
