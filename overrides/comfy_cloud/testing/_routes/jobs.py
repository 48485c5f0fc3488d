"""Handle the operations that read jobs in any state and delete finished ones."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from .._engine.jobs import Job
from .._servers import job_bodies
from .._servers.responses import (
    Crash,
    Refusal,
    check_fields,
    empty_response,
    json_response,
    read_json_object,
    string_list,
)
from .backend import Backend
from .query import choice_parameter, count_parameter, int_parameter

STATES = ("pending", "in_progress", "completed", "failed", "cancelled")
OUTPUT_TYPES = ("image", "video", "audio")
MAX_HISTORY = 1000  # entries in a history if the request has no limit

_SORT_KEYS: dict[str, Callable[[Job], tuple[int, int]]] = {
    "created": lambda job: (job.created, job.sequence),
    "duration": lambda job: ((job.ended or 0) - (job.started or job.ended or 0), job.sequence),
}


async def list_jobs(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/jobs`."""
    query, rules = request.query_params, backend.dialect.jobs
    output_type = query.get("output_type") if rules.filters_outputs else None
    jobs = _filtered(_every_job(backend), query.get("status"), query.get("workflow_id"), output_type)
    sort_word = choice_parameter(query.get("sort_by"), "sort_by", tuple(rules.sort_words))
    descending = choice_parameter(query.get("sort_order"), "sort_order", ("desc", "asc")) == "desc"
    jobs.sort(key=_SORT_KEYS[rules.sort_words[sort_word]], reverse=descending)
    lowest = None if rules.clamps_offset else 0
    offset = max(0, int_parameter(query.get("offset"), "offset", default=0, low=lowest))
    limit = rules.default_limit
    if "limit" in query:
        limit = int_parameter(query["limit"], "limit", default=0, low=1, high=rules.max_limit)
    page = jobs[offset:] if limit is None else jobs[offset : offset + limit]
    return json_response(
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
        wanted = choice_parameter(output_type, "output_type", OUTPUT_TYPES)
        jobs = [
            job
            for job in jobs
            if job.state == "completed" and any(job_bodies.media_type(entry) == wanted for _, _, entry in job.files())
        ]
    return jobs


def _job(request: Request, backend: Backend) -> Job:
    job = backend.engine.find(request.path_params["job_id"])
    if job is None:
        raise Refusal(404, "NOT_FOUND", "Job not found")
    return job


async def job_detail(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/jobs/{job_id}`."""
    rules = backend.dialect.jobs
    # ComfyUI looks into its history first. If an id was used again, it shows the first job until the second one ends.
    old = backend.engine.find_finished(request.path_params["job_id"]) if rules.history_first else None
    job = old or _job(request, backend)
    cost = backend.options.job_credits
    told = {"credits": cost} if cost is not None and job.finished and job.started is not None else {}
    return json_response({**rules.detail(job), **told})


async def job_status(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/job/{job_id}/status`, whose words tell more than the state of the job."""
    job = _job(request, backend)
    state: str = job.state
    # The cloud has different words for a job that waits for a limit and for a job that waits for its turn.
    if state == "pending" and backend.engine.full():
        state = "pending_limited"
    elif state == "in_progress" and job.interrupted.is_set():
        state = "cancelling"
    elif job.killed_worker:
        state = "killed_worker"
    return json_response(job_bodies.job_status(job, backend.dialect.status_words[state]))


async def history_v2(request: Request, backend: Backend) -> Response:
    offset = count_parameter(request.query_params.get("offset"), 0)
    most = count_parameter(request.query_params.get("max_items"), MAX_HISTORY)
    jobs = sorted(backend.engine.finished(), key=lambda job: job.sequence, reverse=True)[offset : offset + most]
    return json_response({"history": [job_bodies.history_v2_entry(job) for job in jobs]})


async def history_v2_of_prompt(request: Request, backend: Backend) -> Response:
    job_id = request.path_params["prompt_id"]
    job = backend.engine.find(job_id)
    if job is None or not job.finished:
        raise Refusal(404, "NOT_FOUND", "Prompt not found")
    return json_response({job_id: job_bodies.history_v2_detail(job)})


async def comfyui_history(request: Request, backend: Backend) -> Response:
    """Handle ComfyUI's `GET /api/history`."""
    jobs = backend.engine.finished()
    most = request.query_params.get("max_items")
    if most is not None:
        try:
            # ComfyUI returns the newest entries, and all of them for 0.
            jobs = jobs[-int(most) :] if int(most) > 0 else jobs
        except ValueError as error:
            raise Crash from error
    return json_response({job.id: job_bodies.comfyui_history_entry(job) for job in jobs})


async def comfyui_history_of_prompt(request: Request, backend: Backend) -> Response:
    """Handle ComfyUI's `GET /api/history/{prompt_id}`. An unknown or unfinished job is an empty object, not a 404."""
    job = backend.engine.find_finished(request.path_params["prompt_id"])
    return json_response({} if job is None else {job.id: job_bodies.comfyui_history_entry(job)})


async def comfyui_cancel_job(request: Request, backend: Backend) -> Response:
    """Cancel a job and return whether there was one to cancel. A finished or unknown job is not an error."""
    return json_response({"cancelled": bool(backend.engine.cancel([request.path_params["job_id"]]))})


async def comfyui_cancel_jobs(request: Request, backend: Backend) -> Response:
    body = await read_json_object(request, strict=True)
    return json_response({"cancelled": bool(backend.engine.cancel(string_list(body, "job_ids")))})


async def manage_history(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/history`."""
    strict = backend.dialect.strict_bodies
    body = await read_json_object(request, strict=strict)
    if strict:
        check_fields(body, {"delete": list, "clear": bool}, closed=True)
    if body.get("clear"):
        backend.engine.forget()
    if body.get("delete"):
        backend.engine.forget(string_list(body, "delete"))
    return empty_response()
