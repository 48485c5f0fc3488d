"""Operations that read jobs, finished and not, and drop finished ones."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from . import _shapes
from ._answers import Crash, Refusal, check_fields, empty_answer, json_answer, read_json_object, string_list
from ._backend import Backend
from ._jobs import Job

STATES = ("pending", "in_progress", "completed", "failed", "cancelled")
OUTPUT_TYPES = ("image", "video", "audio")
MAX_HISTORY = 1000  # entries of a history that names no limit

_SORT_KEYS: dict[str, Callable[[Job], tuple[int, int]]] = {
    "created": lambda job: (job.created, job.sequence),
    "duration": lambda job: ((job.ended or 0) - (job.started or job.ended or 0), job.sequence),
}


async def list_jobs(request: Request, backend: Backend) -> Response:
    query, rules = request.query_params, backend.dialect.jobs
    output_type = query.get("output_type") if rules.filters_outputs else None
    jobs = _filtered(_every_job(backend), query.get("status"), query.get("workflow_id"), output_type)
    sort_word = _word(query.get("sort_by"), "sort_by", tuple(rules.sort_words))
    descending = _word(query.get("sort_order"), "sort_order", ("desc", "asc")) == "desc"
    jobs.sort(key=_SORT_KEYS[rules.sort_words[sort_word]], reverse=descending)
    lowest = None if rules.clamps_offset else 0
    offset = max(0, whole_number(query.get("offset"), "offset", default=0, low=lowest))
    limit = rules.default_limit
    if "limit" in query:
        limit = whole_number(query["limit"], "limit", default=0, low=1, high=rules.max_limit)
    page = jobs[offset:] if limit is None else jobs[offset : offset + limit]
    return json_answer(
        {
            "jobs": [rules.entry(job) for job in page],
            "pagination": {
                "offset": offset,
                "limit": limit,
                "total": len(jobs),
                "has_more": offset + len(page) < len(jobs),
            },
        }
    )


def whole_number(text: str | None, name: str, *, default: int, low: int | None, high: int | None = None) -> int:
    """A query parameter as an integer; 400 where it is none or out of range."""
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise Refusal(400, "INVALID_QUERY", f"{name} must be an integer") from None
    if (low is not None and number < low) or (high is not None and number > high):
        span = f"between {low} and {high}" if high is not None else "a positive integer" if low else f"at least {low}"
        raise Refusal(400, "INVALID_QUERY", f"{name} must be {span}")
    return number


def _count(text: str | None, default: int) -> int:
    """A query parameter as a count. The contract knows no refusal of a history, so what is none counts as left out."""
    return int(text[:9]) if text and text.isascii() and text.isdigit() else default


def _every_job(backend: Backend) -> list[Job]:
    engine = backend.engine
    return [*engine.finished(), *engine.running(), *engine.pending()]


def _filtered(jobs: list[Job], status: str | None, workflow_id: str | None, output_type: str | None) -> list[Job]:
    if status is not None:
        states = [word.strip() for word in status.split(",")]
        unknown = [word for word in states if word not in STATES]
        if unknown:
            message = f"Invalid status value(s): {', '.join(unknown)}. Valid values: {', '.join(STATES)}"
            raise Refusal(400, "INVALID_QUERY", message)
        jobs = [job for job in jobs if job.state in states]
    if workflow_id is not None:
        jobs = [job for job in jobs if job.workflow_id == workflow_id]
    if output_type is not None:
        wanted = _word(output_type, "output_type", OUTPUT_TYPES)
        jobs = [
            job
            for job in jobs
            if job.state == "completed" and any(_shapes.media_type(entry) == wanted for _, _, entry in job.files())
        ]
    return jobs


def _word(value: str | None, name: str, known: tuple[str, ...]) -> str:
    """A query parameter that is one of some words, by default the first."""
    if value is None:
        return known[0]
    if value not in known:
        raise Refusal(400, "INVALID_QUERY", f"{name} must be {' or '.join(repr(word) for word in sorted(known))}")
    return value


def _job(request: Request, backend: Backend) -> Job:
    job = backend.engine.find(request.path_params["job_id"])
    if job is None:
        raise Refusal(404, "NOT_FOUND", "Job not found")
    return job


async def job_detail(request: Request, backend: Backend) -> Response:
    return json_answer(backend.dialect.jobs.detail(_job(request, backend)))


async def job_status(request: Request, backend: Backend) -> Response:
    job = _job(request, backend)
    state: str = job.state
    if state == "pending" and backend.engine.full():
        state = "pending_limited"
    elif state == "in_progress" and job.interrupted.is_set():
        state = "cancelling"
    return json_answer(_shapes.job_status(job, backend.dialect.status_words[state]))


async def history_v2(request: Request, backend: Backend) -> Response:
    offset = _count(request.query_params.get("offset"), 0)
    most = _count(request.query_params.get("max_items"), MAX_HISTORY)
    jobs = sorted(backend.engine.finished(), key=lambda job: job.sequence, reverse=True)[offset : offset + most]
    return json_answer({"history": [_shapes.history_v2_entry(job) for job in jobs]})


async def history_v2_of_prompt(request: Request, backend: Backend) -> Response:
    job_id = request.path_params["prompt_id"]
    job = backend.engine.find(job_id)
    if job is None or not job.finished:
        raise Refusal(404, "NOT_FOUND", "Prompt not found")
    return json_answer({job_id: _shapes.history_v2_detail(job)})


async def comfyui_history(request: Request, backend: Backend) -> Response:
    jobs = backend.engine.finished()
    most = request.query_params.get("max_items")
    if most is not None:
        try:
            jobs = jobs[-int(most) :] if int(most) > 0 else jobs
        except ValueError as error:
            raise Crash from error
    return json_answer({job.id: _shapes.comfyui_history_entry(job) for job in jobs})


async def comfyui_history_of_prompt(request: Request, backend: Backend) -> Response:
    """An unknown or unfinished job is an empty object, not a 404."""
    job = backend.engine.find(request.path_params["prompt_id"])
    found: dict[str, Any] = {}
    if job is not None and job.finished:
        found[job.id] = _shapes.comfyui_history_entry(job)
    return json_answer(found)


async def comfyui_cancel_job(request: Request, backend: Backend) -> Response:
    """Whether something was cancelled; a job that has ended or is unknown is no error."""
    return json_answer({"cancelled": bool(backend.engine.cancel([request.path_params["job_id"]]))})


async def comfyui_cancel_jobs(request: Request, backend: Backend) -> Response:
    body = await read_json_object(request, strict=True)
    return json_answer({"cancelled": bool(backend.engine.cancel(string_list(body, "job_ids")))})


async def manage_history(request: Request, backend: Backend) -> Response:
    strict = backend.dialect.strict_bodies
    body = await read_json_object(request, strict=strict)
    if strict:
        check_fields(body, {"delete": list, "clear": bool}, closed=True)
    if body.get("clear"):
        backend.engine.forget()
    if body.get("delete"):
        backend.engine.forget(string_list(body, "delete"))
    return empty_answer()
