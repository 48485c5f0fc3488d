"""The body of a submit, and the search for its job if the response is lost. No I/O."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from numbers import Real
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid4, uuid5

from .._constants import JOB_ID_MAX_CHARS
from ..errors import WorkflowError
from .arguments import ARGUMENTS, unsendable
from .secrets import Secret, SecretText
from .times import parse_time

MARKER: Final = "comfy_cloud_submission"
PARTNER_KEY: Final = "api_key_comfy_org"


def submission_id_of(key: str | None, origin: str) -> str | None:
    """Return the id of the job with this key on the server at `origin`, or None without a key. Checks the key."""
    if key is None:
        return None
    ARGUMENTS.text("key", key)
    # Every process, and every version of this package, must compute the same id: else a job is paid for twice.
    try:
        return str(uuid5(uuid5(NAMESPACE_URL, origin), key))
    except UnicodeEncodeError as error:
        raise unsendable("key", error) from None


def order_fields(front: bool, number: Any) -> dict[str, Any]:
    """Return the fields of a submit that order the queue. Checks them: ComfyUI answers 500 to a wrong number."""
    ARGUMENTS.flags(front=front)
    if number is None:
        return {"front": True} if front else {}
    if isinstance(number, bool) or not isinstance(number, Real):  # numpy's numbers are Real as well
        raise TypeError(f"number must be a number, not {type(number).__name__}")
    try:
        place = float(number)
    except OverflowError:
        place = math.inf
    if front or not math.isfinite(place):
        raise ValueError("number must be finite, and must not be combined with front=True")
    return {"number": place}


def extra_fields(extra_data: Mapping[str, Any] | None, partner_key: Secret | None) -> dict[str, Any]:
    """Return the user's `extra_data`, with the key for partner nodes. Raises WorkflowError if JSON cannot hold it."""
    if extra_data is not None and not isinstance(extra_data, Mapping):
        raise WorkflowError(f"extra_data must be a mapping or None, not {type(extra_data).__name__}")
    fields = dict(extra_data or {})
    try:
        json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise WorkflowError(f"could not write extra_data as JSON: {error}") from None
    if partner_key is not None:
        fields[PARTNER_KEY] = SecretText(partner_key.reveal())
    return fields


@dataclass(slots=True)
class Order:
    """A submit as its caller orders it, beside the workflow.

    `submission_id` is the id that the caller's key stands for, if it is `keyed`. Once the job is `sent`, it may exist.
    """

    submission_id: str
    keyed: bool
    fields: Mapping[str, Any]
    extra: Mapping[str, Any]
    queue_timeout: float | None
    sent: bool = False


def order_of(
    origin: str,
    *,
    key: str | None,
    front: bool,
    number: Any,
    queue_timeout: float | None,
    partner_key: Secret | None,
    extra_data: Mapping[str, Any] | None,
) -> Order:
    """Check what a caller says beside the workflow, before anything costs."""
    ARGUMENTS.number("queue_timeout", queue_timeout)
    submission_id, fields = submission_id_of(key, origin), order_fields(front, number)
    extra = extra_fields(extra_data, partner_key)
    return Order(submission_id or str(uuid4()), key is not None, fields, extra, queue_timeout)


class Body(bytes):
    """The JSON of a request. Its repr does not show it, since it may contain a key."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"

    __str__ = __repr__


def request_body(
    graph: bytes, *, submission_id: str, client_id: str, extra_data: Mapping[str, Any], **fields: Any
) -> Body:
    """Return the body of a submit with the JSON of a graph and additional `fields`. No field is null."""
    # ComfyUI 0.3.64 accepts a null `extra_data`, and then its worker dies: the queue hangs until a restart. It makes
    # the string "None" of a null `prompt_id`. The client id is always sent, because ComfyUI until mid-2026 returns no
    # outputs for a cached run without a client id.
    # The submission id is sent twice. Some servers use `prompt_id` as the id of the job. On servers that choose their
    # own id, the job is recognised by the marker in its details.
    fields |= {
        "prompt_id": submission_id,
        "client_id": client_id,
        "extra_data": {**extra_data, MARKER: submission_id},
    }
    # The graph is encoded already, and is by far the largest part.
    return Body(b'{"prompt":%b,%b' % (graph, json.dumps(fields).encode()[1:]))


def usable_id(job_id: object) -> str | None:
    """Return the id of a job as a server gives it, or None for one that no request or line of a log could carry."""
    if not isinstance(job_id, str) or job_id in {"", ".", ".."}:
        return None
    return job_id if len(job_id) <= JOB_ID_MAX_CHARS and job_id.isprintable() else None


def carries(detail: Any, submission_id: str) -> bool:
    """Return True if a job's details contain the marker of this submit."""
    workflow = detail.get("workflow") if isinstance(detail, Mapping) else None
    extra = workflow.get("extra_data") if isinstance(workflow, Mapping) else None
    return isinstance(extra, Mapping) and extra.get(MARKER) == submission_id


def newer_jobs(body: Any, since: datetime) -> list[str]:
    """Return the ids of jobs in a `GET /api/jobs` response that were created after `since`, or at an unknown time."""
    jobs = body.get("jobs") if isinstance(body, Mapping) else None
    ids = []
    for job in jobs if isinstance(jobs, list) else []:
        if isinstance(job, Mapping) and (job_id := usable_id(job.get("id"))):
            created = parse_time(job.get("create_time"))
            if created is None or created >= since:
                ids.append(job_id)
    return ids
