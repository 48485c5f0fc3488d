# Derived from overrides/comfy_cloud/_async/resources/queue.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""`cloud.queue`: the jobs that run or wait."""

from __future__ import annotations

from collections.abc import Mapping

from ..._core.arguments import Ids, as_str_list
from ..._core.queue import QueueState, read_queue_state
from ...errors import UnexpectedResponseError
from ...raw.api.job import get_queue_info, interrupt_job, manage_queue
from ...raw.api.workflow import get_prompt_info
from ...raw.models import QueueManageRequest
from ..cancelling import delete_from_queue, tell_removed, waiting_jobs
from .base import Resource


class Queue(Resource):
    """`cloud.queue`: jobs that run or wait."""

    def get(self) -> QueueState:
        """Return the running jobs, and the pending ones in the order in which they will run (`GET /api/queue`)."""
        return read_queue_state(self._connection.json(get_queue_info.operation))

    def cancel(self, job_ids: Ids) -> None:
        """Remove pending jobs from the queue (`POST /api/queue`). Newer servers also stop running ones.

        Ids that are not in the queue are ignored. Whoever waits for one of these jobs in this client knows at once that
        it is cancelled. To stop a job that may run, use its own `cancel`.
        """
        if ids := as_str_list("job_ids", job_ids):
            delete_from_queue(self._connection, ids)

    def clear(self) -> None:
        """Remove every pending job from the queue (`POST /api/queue`). Waits in this client know at once."""
        waiting = waiting_jobs(self._connection)
        self._connection.json(manage_queue.operation, body=QueueManageRequest(clear=True))
        tell_removed(self._connection, waiting)

    def remaining(self) -> int:
        """Count the running and pending jobs (`GET /api/prompt`). A ComfyUI counts those of all users."""
        body = self._connection.json(get_prompt_info.operation)
        info = body.get("exec_info") if isinstance(body, Mapping) else None
        count = info.get("queue_remaining") if isinstance(info, Mapping) else None
        if not isinstance(count, int):
            message = "getPromptInfo: the response has no exec_info.queue_remaining"
            raise UnexpectedResponseError(message, operation="getPromptInfo", status=200)
        return count

    def interrupt_all(self) -> None:
        """Interrupt every running job, not only those of this client (`POST /api/interrupt` without a job id).

        By the contract this stops all running jobs of the account; newer servers stop only the oldest one. To stop
        one job, use its own `cancel`.
        """
        self._connection.model(interrupt_job.operation)
