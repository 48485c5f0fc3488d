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
MAX_LIMIT = 1000

_SORT_KEYS: dict[str, Callable[[Job], tuple[int, int]]] = {
    "create_time": lambda job: (job.created, job.sequence),
    "execution_time": lambda job: ((job.ended or 0) - (job.started or job.ended or 0), job.sequence),
}


async def list_jobs(request: Request, backend: Backend) -> Response:
    query = request.query_params
    jobs = _filtered(_every_job(backend), query.get("status"), query.get("workflow_id"), query.get("output_type"))
    sort_key = _SORT_KEYS[_word(query.get("sort_by"), "sort_by", tuple(_SORT_KEYS), "create_time")]
    order = _word(query.get("sort_order"), "sort_order", ("asc", "desc"), "desc")
    jobs.sort(key=sort_key, reverse=order == "desc")
    offset = whole_number(query.get("offset"), "offset", default=0, low=0)
    limit = whole_number(query.get("limit"), "limit", default=100, low=1, high=MAX_LIMIT)
    page = jobs[offset : offset + limit]
    return json_answer(
        {
            "jobs": [_shapes.cloud_job_entry(job) for job in page],
            "pagination": {
                "offset": offset,
                "limit": limit,
                "total": len(jobs),
                "has_more": offset + len(page) < len(jobs),
            },
        }
    )


def whole_number(text: str | None, name: str, *, default: int, low: int, high: int | None = None) -> int:
    """A query parameter as an integer; 400 where it is none or out of range."""
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise Refusal(400, "INVALID_PARAMETER", f"{name} must be an integer") from None
    if number < low or (high is not None and number > high):
        span = f"at least {low}" if high is None else f"between {low} and {high}"
        raise Refusal(400, "INVALID_PARAMETER", f"{name} must be {span}")
    return number


def _every_job(backend: Backend) -> list[Job]:
    engine = backend.engine
    return [*engine.finished(), *engine.running(), *engine.pending()]


def _filtered(jobs: list[Job], status: str | None, workflow_id: str | None, output_type: str | None) -> list[Job]:
    if status is not None:
        states = [word.strip() for word in status.split(",")]
        unknown = [word for word in states if word not in STATES]
        if unknown:
            raise Refusal(400, "INVALID_PARAMETER", f"Unknown status {', '.join(unknown)}; known: {', '.join(STATES)}")
        jobs = [job for job in jobs if job.state in states]
    if workflow_id is not None:
        jobs = [job for job in jobs if job.workflow_id == workflow_id]
    if output_type is not None:
        wanted = _word(output_type, "output_type", OUTPUT_TYPES, "image")
        jobs = [
            job
            for job in jobs
            if job.state == "completed" and any(_shapes.media_type(entry) == wanted for _, _, entry in job.files())
        ]
    return jobs


def _word(value: str | None, name: str, known: tuple[str, ...], default: str) -> str:
    if value is None:
        return default
    if value not in known:
        raise Refusal(400, "INVALID_PARAMETER", f"{name} must be one of {', '.join(known)}")
    return value


def _job(request: Request, backend: Backend) -> Job:
    job = backend.engine.find(request.path_params["job_id"])
    if job is None:
        raise Refusal(404, "NOT_FOUND", "Job not found")
    return job


async def job_detail(request: Request, backend: Backend) -> Response:
    return json_answer(_shapes.cloud_job_detail(_job(request, backend)))


async def job_status(request: Request, backend: Backend) -> Response:
    job = _job(request, backend)
    state: str = job.state
    if state == "pending" and backend.engine.full():
        state = "pending_limited"
    elif state == "in_progress" and job.interrupted.is_set():
        state = "cancelling"
    return json_answer(_shapes.job_status(job, backend.dialect.status_words[state]))


async def history_v2(request: Request, backend: Backend) -> Response:
    offset = whole_number(request.query_params.get("offset"), "offset", default=0, low=0)
    most = whole_number(request.query_params.get("max_items"), "max_items", default=MAX_LIMIT, low=0)
    jobs = backend.engine.finished()[::-1][offset : offset + most]
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
