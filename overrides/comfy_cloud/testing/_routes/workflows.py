"""Handle the operations on the queue: submit, read, cancel, interrupt."""

import json
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .._engine.queue import now_ms
from .._engine.validation import MalformedGraphError, Verdict, check_workflow
from .._servers import job_bodies
from .._servers.responses import (
    Crash,
    Refusal,
    check_fields,
    empty_response,
    json_response,
    prompt_error,
    read_body,
    read_json_object,
    string_list,
)
from .backend import Backend

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "prompt": dict,
    "prompt_id": str,
    "client_id": str,
    "extra_data": dict,
    "number": (int, float),
    "front": bool,
    "partial_execution_targets": list,
}


async def execute_prompt(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/prompt`."""
    refused = _refused_account(request, backend)
    if refused is not None:
        return refused
    body = await _read_submit(request, backend)
    number = _number(body, backend)
    if "prompt" not in body:
        return prompt_error(400, "no_prompt", "No prompt provided", "No prompt provided")
    job_id = _job_id(body, backend)
    if job_id is None:
        details = "prompt_id must be a UUID string in canonical lowercase hyphenated form, or be left out"
        return prompt_error(400, "invalid_prompt_id", "prompt_id must be a valid UUID", details)
    verdict = _check(body, backend)
    if verdict.error is not None:
        return json_response({"error": verdict.error, "node_errors": verdict.node_errors}, 400)
    extra_data = _extra_data(body, backend)
    most = backend.options.max_queued_jobs
    if most is not None and backend.engine.remaining() >= most:
        # The cloud names no time to wait: a place is free again when any job of the account ends.
        return prompt_error(429, "QUEUE_LIMIT", f"Queue limit reached: {most} jobs are queued or running")
    same = [job for job in backend.engine.pending() if (job.id, job.number) == (job_id, number)]
    backend.engine.submit(job_id, number, body["prompt"], extra_data, verdict.outputs)
    if same and backend.dialect.submitting.same_number_crash:
        # The heap of ComfyUI 0.33.0 compares the two workflows to order them and fails, but the job is queued already.
        raise Crash
    return json_response({"prompt_id": job_id, "number": number, "node_errors": verdict.node_errors})


def _refused_account(request: Request, backend: Backend) -> Response | None:
    """Return the refusal of a submit whose account cannot run workflows, or None."""
    key = request.headers.get("x-api-key") if backend.dialect.needs_key else None
    if key == backend.keys.no_credits:
        return prompt_error(402, "PAYMENT_REQUIRED", "Payment required: not enough credits to run this workflow")
    if key == backend.keys.inactive:
        # In the contract this is the other meaning of 429: not "too fast" but "has not paid", so a retry cannot help.
        return prompt_error(429, "SUBSCRIPTION_INACTIVE", "Payment required: the subscription is inactive")
    return None


async def _read_submit(request: Request, backend: Backend) -> dict[str, Any]:
    strict = backend.dialect.strict_bodies
    body = await read_json_object(request, strict=strict)
    if strict:
        # Null means "no id", as on ComfyUI 0.33.0.
        body = {name: value for name, value in body.items() if not (name == "prompt_id" and value is None)}
        check_fields(body, _FIELDS)
        string_list(body, "partial_execution_targets")
    return body


def _number(body: dict[str, Any], backend: Backend) -> float:
    """Return the number that orders the job in the queue. On ComfyUI the caller may choose it."""
    if not backend.dialect.submitting.chosen_numbers:
        return backend.next_number()
    if "number" in body:
        try:
            return float(body["number"])
        except (TypeError, ValueError) as error:
            raise Crash from error
    number = backend.next_number()
    # ComfyUI puts a job in front by a negative number.
    return -number if body.get("front") else number


def _job_id(body: dict[str, Any], backend: Backend) -> str | None:
    """Return the id of the new job, or None if the caller chose an id that this server refuses."""
    if "prompt_id" not in body or not backend.options.keeps_submission_ids:
        return str(uuid.uuid4())
    chosen = str(body["prompt_id"])
    if not backend.dialect.submitting.canonical_ids:
        return chosen
    # ComfyUI 0.33.0 creates an id for null. 0.3.64 makes the string "None" of it, as above.
    if body["prompt_id"] is None:
        return str(uuid.uuid4())
    try:
        return chosen if str(uuid.UUID(chosen)) == chosen else None
    except ValueError:
        return None


def _check(body: dict[str, Any], backend: Backend) -> Verdict:
    submitting = backend.dialect.submitting
    prompt = body["prompt"]
    targets = body.get("partial_execution_targets")
    if not isinstance(prompt, dict) or (targets is not None and not isinstance(targets, list)):
        raise Crash
    if submitting.underscore_crash and any(name.startswith("_") for name in prompt):
        raise Crash
    try:
        return check_workflow(prompt, targets=targets, files=backend.files, rules=submitting.rules, known=backend.known)
    except MalformedGraphError as error:
        if backend.dialect.strict_bodies:
            return Verdict({"type": "invalid_prompt", "message": str(error), "details": "", "extra_info": {}})
        raise Crash from error


def _extra_data(body: dict[str, Any], backend: Backend) -> dict[str, Any] | None:
    """Return the extra data of the new job, or None if the submit sent null and the server accepts it."""
    extra = body.get("extra_data", {})
    if extra is None and backend.dialect.submitting.null_extra_data and "client_id" not in body:
        return None
    if not isinstance(extra, dict):
        raise Crash
    # The cloud may drop whatever a client adds. With this option a client's marker does not survive.
    if not backend.options.keeps_submission_ids:
        extra = {name: value for name, value in extra.items() if name in ("extra_pnginfo", "api_key_comfy_org")}
    if "client_id" in body:
        extra = {**extra, "client_id": body["client_id"]}
    if backend.dialect.submitting.stamps_extra_data:
        extra = {**job_bodies.stripped(extra), "create_time": now_ms()}
    return extra


async def prompt_info(_request: Request, backend: Backend) -> Response:
    return json_response({"exec_info": {"queue_remaining": backend.engine.remaining()}})


async def queue_info(_request: Request, backend: Backend) -> Response:
    item = backend.dialect.queue.item
    running = backend.engine.running()
    pending = backend.engine.pending()
    return json_response(
        {
            "queue_running": [item(job, position) for position, job in enumerate(running, 1)],
            "queue_pending": [item(job, position) for position, job in enumerate(pending, len(running) + 1)],
        }
    )


async def manage_queue(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/queue`."""
    strict = backend.dialect.strict_bodies
    body = await read_json_object(request, strict=strict)
    if strict:
        check_fields(body, {"delete": list, "clear": bool}, closed=True)
    cleared = bool(body.get("clear"))
    deleted = backend.engine.cancel_pending() if cleared else []
    if body.get("delete"):
        cancel = backend.engine.cancel if backend.dialect.queue.delete_interrupts else backend.engine.cancel_pending
        deleted += cancel(string_list(body, "delete"))
    if backend.dialect.queue.empty_responses:
        return empty_response()
    return json_response({"deleted": deleted, "cleared": cleared})


async def interrupt(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/interrupt`."""
    named = await _named_job(request, backend)
    if named is not None:
        backend.engine.interrupt([named])
    elif backend.dialect.queue.interrupts_oldest:
        backend.engine.interrupt_oldest()
    else:
        backend.engine.interrupt()
    return empty_response()


async def _named_job(request: Request, backend: Backend) -> str | None:
    """Return the job that an interrupt names. As on ComfyUI, a body that is not JSON names no job."""
    try:
        body = json.loads(await read_body(request))
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        raise (
            Refusal(400, "INVALID_BODY", "The body must be a JSON object") if backend.dialect.strict_bodies else Crash
        )
    return str(body["prompt_id"]) if body.get("prompt_id") else None
