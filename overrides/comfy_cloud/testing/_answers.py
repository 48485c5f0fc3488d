"""Answers that more than one operation gives: JSON, refusals in each server's own shape, and request bodies read
as strictly as the dialect reads them.

It knows the shapes of errors and nothing of jobs, files or assets.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

FORM_OVERHEAD = 64 * 1024  # bytes that a form may have beside its file
COMFYUI_CRASH = "500 Internal Server Error\n\nServer got itself in trouble"


class Refusal(Exception):
    """A handler refuses the request; the dialect decides what the body looks like."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class NoRoute(Exception):
    """A handler finds that its path names nothing that this server routes; the dialect decides how that looks."""


class Crash(Exception):
    """The emulated server's own code raises here; the dialect decides how its 500 looks."""


def json_answer(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


def empty_answer(status: int = 200) -> Response:
    return Response(status_code=status)


def flat_error(status: int, code: str, message: str) -> Response:
    """The contract's ErrorResponse."""
    return json_answer({"code": code, "message": message}, status)


def wrapped_error(status: int, code: str, message: str) -> Response:
    """How the newer cloud refuses."""
    return json_answer({"error": {"code": code, "message": message}}, status)


def named_error(status: int, code: str, message: str) -> Response:
    """How ComfyUI refuses around jobs."""
    del code
    return json_answer({"error": message}, status)


def nested_error(status: int, code: str, message: str) -> Response:
    """How ComfyUI refuses around assets."""
    return json_answer({"error": {"code": code, "message": message, "details": {}}}, status)


def text_error(status: int, code: str, message: str) -> Response:
    """The message as plain text, as around user data."""
    del code
    return Response(message, status, media_type="text/plain")


def text_of_size(status: int, code: str, message: str) -> Response:
    """ComfyUI's framework tells that a body is too large; nothing is said of other bad uploads."""
    return text_error(status, code, message) if status == 413 else empty_answer(status)


def text_of_conflict(status: int, code: str, message: str) -> Response:
    """ComfyUI's refusal to overwrite user data is a text; it has nothing to say to other bad writes."""
    return text_error(status, code, message) if status == 409 else empty_answer(status)


def empty_error(status: int, code: str, message: str) -> Response:
    """ComfyUI says nothing beyond the status on most of its routes."""
    del code, message
    return empty_answer(status)


def flat_crash() -> Response:
    return flat_error(500, "INTERNAL_ERROR", "Internal server error")


def wrapped_crash() -> Response:
    return wrapped_error(500, "INTERNAL_ERROR", "Internal server error")


def text_crash() -> Response:
    answer = Response(COMFYUI_CRASH, 500, media_type="text/plain")
    answer.headers["connection"] = "close"
    return answer


def flat_no_route(method: str, path: str, allowed: frozenset[str]) -> Response:
    return _no_route(flat_error, method, path, allowed)


def wrapped_no_route(method: str, path: str, allowed: frozenset[str]) -> Response:
    return _no_route(wrapped_error, method, path, allowed)


def _no_route(error: Callable[[int, str, str], Response], method: str, path: str, allowed: frozenset[str]) -> Response:
    if not allowed:
        return error(404, "NOT_FOUND", f"No route {path}")
    answer = error(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed on {path}")
    answer.headers["allow"] = ",".join(sorted(allowed))
    return answer


def comfyui_no_route(method: str, path: str, allowed: frozenset[str]) -> Response:
    """ComfyUI serves its web page below `/`, so that GET on a missing route is a missing file and others are 405."""
    del path
    if method in ("GET", "HEAD"):
        return Response(status_code=404, media_type="application/octet-stream")
    methods = allowed | {"GET", "HEAD"}
    answer = Response("405: Method Not Allowed", 405, media_type="text/plain")
    answer.headers["allow"] = ",".join(sorted(methods))
    return answer


def prompt_error(status: int, error_type: str, message: str, details: str = "") -> Response:
    """The body of a refused workflow, as POST /api/prompt has it on every server."""
    error = {"type": error_type, "message": message, "details": details, "extra_info": {}}
    return json_answer({"error": error, "node_errors": {}}, status)


@asynccontextmanager
async def read_form(request: Request, *, strict: bool, limit: int | None = None) -> AsyncIterator[FormData]:
    """The body as a form. A malformed one is refused with 400 where `strict`, otherwise the server crashes on it;
    one that announces more than `limit` bytes of content is 413."""
    length = request.headers.get("content-length", "")
    if limit is not None and length.isdigit() and int(length) > limit + FORM_OVERHEAD:
        raise Refusal(413, "TOO_LARGE", f"The body is larger than {limit} bytes")
    try:
        form = await request.form()
    except MultiPartException as error:
        raise (Refusal(400, "INVALID_BODY", error.message) if strict else Crash) from None
    try:
        yield form
    finally:
        await form.close()


def form_text(form: FormData, name: str) -> str:
    """A text field of a form, empty where it is absent or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


async def read_json_object(request: Request, *, strict: bool) -> dict[str, Any]:
    """The body as a JSON object. `strict` refuses anything else with 400, as the contract says; otherwise the
    server crashes on it, as ComfyUI does."""
    raw = await request.body()
    try:
        body = json.loads(raw, parse_constant=_refuse_constant if strict else None)
    except (ValueError, RecursionError) as error:
        if strict:
            raise Refusal(400, "INVALID_JSON", f"The body is not JSON: {error}") from None
        raise Crash from error
    if isinstance(body, dict):
        return body
    if strict:
        raise Refusal(400, "INVALID_BODY", "The body must be a JSON object")
    raise Crash


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def check_fields(
    body: Mapping[str, Any], fields: Mapping[str, type | tuple[type, ...]], *, closed: bool = False
) -> None:
    """Refuse a body whose named fields have another type; `closed` refuses other fields, too."""
    for name, value in body.items():
        if name not in fields:
            if closed:
                raise Refusal(400, "INVALID_BODY", f"Unknown field {name!r}")
            continue
        wanted = fields[name]
        is_bool_for_number = isinstance(value, bool) and bool not in (
            wanted if isinstance(wanted, tuple) else (wanted,)
        )
        if not isinstance(value, wanted) or is_bool_for_number:
            raise Refusal(400, "INVALID_BODY", f"Field {name!r} has the wrong type: {type(value).__name__}")


def string_list(body: Mapping[str, Any], name: str) -> list[str]:
    """A field that is a list of strings, empty where it is absent; 400 where it is anything else."""
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal(400, "INVALID_BODY", f"Field {name!r} must be a list of strings")
    return value
