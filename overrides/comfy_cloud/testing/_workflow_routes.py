"""Operations around the queue: submit, look, cancel, interrupt."""

import json
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from . import _shapes
from ._answers import (
    Crash,
    Refusal,
    check_fields,
    empty_answer,
    json_answer,
    prompt_error,
    read_json_object,
    string_list,
)
from ._backend import Backend
from ._engine import now_ms
from ._validation import MalformedGraphError, Verdict, check_workflow

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
    verdict = _judge(body, backend)
    if verdict.error is not None:
        return json_answer({"error": verdict.error, "node_errors": verdict.node_errors}, 400)
    extra_data = _extra_data(body, backend)
    same = [job for job in backend.engine.pending() if (job.id, job.number) == (job_id, number)]
    backend.engine.submit(job_id, number, body["prompt"], extra_data, verdict.outputs)
    if same and backend.dialect.submitting.same_number_crash:
        raise Crash  # ComfyUI's queue compares the two workflows to order them, after it has taken the job in
    return json_answer({"prompt_id": job_id, "number": number, "node_errors": verdict.node_errors})


def _refused_account(request: Request, backend: Backend) -> Response | None:
    key = request.headers.get("x-api-key") if backend.dialect.needs_key else None
    if key == backend.keys.no_credits:
        return prompt_error(402, "PAYMENT_REQUIRED", "Payment required: not enough credits to run this workflow")
    if key == backend.keys.inactive:
        # The contract's second meaning of 429: not "too fast", but "has not paid". No retry will help.
        return prompt_error(429, "SUBSCRIPTION_INACTIVE", "Payment required: the subscription is inactive")
    return None


async def _read_submit(request: Request, backend: Backend) -> dict[str, Any]:
    strict = backend.dialect.strict_bodies
    body = await read_json_object(request, strict=strict)
    if strict:
        body = {name: value for name, value in body.items() if not (name == "prompt_id" and value is None)}
        check_fields(body, _FIELDS)
        string_list(body, "partial_execution_targets")
    return body


def _number(body: dict[str, Any], backend: Backend) -> float:
    if not backend.dialect.submitting.chosen_numbers:
        return backend.next_number()
    if "number" in body:
        try:
            return float(body["number"])
        except (TypeError, ValueError) as error:
            raise Crash from error
    number = backend.next_number()
    return -number if body.get("front") else number


def _job_id(body: dict[str, Any], backend: Backend) -> str | None:
    """The id of the new job; None where the caller chose one that this server does not take."""
    if "prompt_id" not in body or not backend.options.keeps_submission_ids:
        return str(uuid.uuid4())
    chosen = str(body["prompt_id"])
    if not backend.dialect.submitting.canonical_ids:
        return chosen
    if body["prompt_id"] is None:
        return str(uuid.uuid4())
    try:
        return chosen if str(uuid.UUID(chosen)) == chosen else None
    except ValueError:
        return None


def _judge(body: dict[str, Any], backend: Backend) -> Verdict:
    submitting = backend.dialect.submitting
    prompt = body["prompt"]
    targets = body.get("partial_execution_targets")
    if not isinstance(prompt, dict) or (targets is not None and not isinstance(targets, list)):
        raise Crash
    if submitting.underscore_crash and any(name.startswith("_") for name in prompt):
        raise Crash
    try:
        return check_workflow(prompt, targets=targets, files=backend.files, rules=submitting.rules)
    except MalformedGraphError as error:
        if backend.dialect.strict_bodies:
            return Verdict({"type": "invalid_prompt", "message": str(error), "details": "", "extra_info": {}})
        raise Crash from error


def _extra_data(body: dict[str, Any], backend: Backend) -> dict[str, Any] | None:
    extra = body.get("extra_data", {})
    if extra is None and backend.dialect.submitting.null_extra_data and "client_id" not in body:
        return None
    if not isinstance(extra, dict):
        raise Crash
    if not backend.options.keeps_submission_ids:
        extra = {name: value for name, value in extra.items() if name in ("extra_pnginfo", "api_key_comfy_org")}
    if "client_id" in body:
        extra = {**extra, "client_id": body["client_id"]}
    if backend.dialect.submitting.stamps_extra_data:
        extra = {**_shapes.stripped(extra), "create_time": now_ms()}
    return extra


async def prompt_info(_request: Request, backend: Backend) -> Response:
    return json_answer({"exec_info": {"queue_remaining": backend.engine.remaining()}})


async def queue_info(_request: Request, backend: Backend) -> Response:
    item = backend.dialect.queue.item
    running = backend.engine.running()
    pending = backend.engine.pending()
    return json_answer(
        {
            "queue_running": [item(job, position) for position, job in enumerate(running, 1)],
            "queue_pending": [item(job, position) for position, job in enumerate(pending, len(running) + 1)],
        }
    )


async def manage_queue(request: Request, backend: Backend) -> Response:
    strict = backend.dialect.strict_bodies
    body = await read_json_object(request, strict=strict)
    if strict:
        check_fields(body, {"delete": list, "clear": bool}, closed=True)
    cleared = bool(body.get("clear"))
    deleted = backend.engine.cancel_pending() if cleared else []
    if body.get("delete"):
        cancel = backend.engine.cancel if backend.dialect.queue.delete_interrupts else backend.engine.cancel_pending
        deleted += cancel(string_list(body, "delete"))
    if backend.dialect.queue.empty_answers:
        return empty_answer()
    return json_answer({"deleted": deleted, "cleared": cleared})


async def interrupt(request: Request, backend: Backend) -> Response:
    named = await _named_job(request, backend)
    if named is not None:
        backend.engine.interrupt([named])
    elif backend.dialect.queue.interrupts_oldest:
        backend.engine.interrupt_oldest()
    else:
        backend.engine.interrupt()
    return empty_answer()


async def _named_job(request: Request, backend: Backend) -> str | None:
    """The job that an interrupt names. A body that is no JSON names none, as on ComfyUI."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return None
    if not isinstance(body, dict):
        raise (
            Refusal(400, "INVALID_BODY", "The body must be a JSON object") if backend.dialect.strict_bodies else Crash
        )
    return str(body["prompt_id"]) if body.get("prompt_id") else None
