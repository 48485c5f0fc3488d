"""What a submit carries, and how its job is recognised afterwards. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ..errors import WorkflowError
from .secrets import Secret, SecretText
from .times import parse_time

MARKER: Final = "comfy_cloud_submission"
PARTNER_KEY: Final = "api_key_comfy_org"


def extra_fields(extra_data: Mapping[str, Any] | None, partner_key: Secret | None) -> dict[str, Any]:
    """The user's `extra_data` with the key for partner nodes in it. Raises WorkflowError for what is no JSON object."""
    if extra_data is not None and not isinstance(extra_data, Mapping):
        raise WorkflowError(f"extra_data is a {type(extra_data).__name__}; wanted is a mapping, or nothing")
    fields = dict(extra_data or {})
    try:
        json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise WorkflowError(f"extra_data cannot be sent as JSON: {error}") from None
    if partner_key is not None:
        fields[PARTNER_KEY] = SecretText(partner_key.reveal())
    return fields


def request_body(
    graph: Mapping[str, Any], *, submission_id: str, client_id: str, extra_data: Mapping[str, Any]
) -> dict[str, Any]:
    """The body of a submit. Nothing in it is null: a null `extra_data` hangs a real server."""
    return {
        "prompt": dict(graph),
        "prompt_id": submission_id,
        "client_id": client_id,
        "extra_data": {**extra_data, MARKER: submission_id},
    }


def carries(detail: Any, submission_id: str) -> bool:
    """Whether a job's details hold the marker of this submit."""
    workflow = detail.get("workflow") if isinstance(detail, Mapping) else None
    extra = workflow.get("extra_data") if isinstance(workflow, Mapping) else None
    return isinstance(extra, Mapping) and extra.get(MARKER) == submission_id


def newer_jobs(body: Any, since: datetime) -> list[str]:
    """Ids in an answer of listJobs that were made after `since`, or whose time nobody can read."""
    jobs = body.get("jobs") if isinstance(body, Mapping) else None
    ids = []
    for job in jobs if isinstance(jobs, list) else []:
        if isinstance(job, Mapping) and isinstance(job.get("id"), str):
            created = parse_time(job.get("create_time"))
            if created is None or created >= since:
                ids.append(job["id"])
    return ids
