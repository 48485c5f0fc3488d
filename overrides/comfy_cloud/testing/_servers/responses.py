"""Build the responses that several operations share, and read request bodies as strictly as the dialect does.

There are JSON responses and errors in each server's own shape. This module knows nothing of jobs, files or assets.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

FORM_OVERHEAD = 64 * 1024  # bytes that a form may contain in addition to its file
COMFYUI_CRASH = "500 Internal Server Error\n\nServer got itself in trouble"


class Refusal(Exception):
    """A handler refuses the request. The dialect decides the body of the response."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class NoRoute(Exception):
    """A handler finds that this server has no route for its path. The dialect decides the response."""


class Crash(Exception):
    """The code of the emulated server fails here. The dialect decides what its 500 looks like."""


def json_response(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


def empty_response(status: int = 200) -> Response:
    return Response(status_code=status)


def flat_error(status: int, code: str, message: str) -> Response:
    """Return the contract's ErrorResponse."""
    return json_response({"code": code, "message": message}, status)


def wrapped_error(status: int, code: str, message: str) -> Response:
    """Return an error of the newer cloud."""
    return json_response({"error": {"code": code, "message": message}}, status)


def named_error(status: int, code: str, message: str) -> Response:
    """Return an error of ComfyUI's job operations."""
    del code
    return json_response({"error": message}, status)


def nested_error(status: int, code: str, message: str) -> Response:
    """Return an error of ComfyUI's asset operations."""
    return json_response({"error": {"code": code, "message": message, "details": {}}}, status)


def text_error(status: int, code: str, message: str) -> Response:
    """Return the message as plain text, as the user data operations do."""
    del code
    return Response(message, status, media_type="text/plain")


def text_error_if_too_large(status: int, code: str, message: str) -> Response:
    """Return a message only if the body is too large. ComfyUI's framework sends it; its own upload errors are empty."""
    return text_error(status, code, message) if status == 413 else empty_response(status)


def text_error_if_conflict(status: int, code: str, message: str) -> Response:
    """Return a message only if existing user data would be overwritten. ComfyUI says nothing about other bad writes."""
    return text_error(status, code, message) if status == 409 else empty_response(status)


def empty_error(status: int, code: str, message: str) -> Response:
    """Return a status without a body, as most of ComfyUI's routes do."""
    del code, message
    return empty_response(status)


def flat_crash() -> Response:
    return flat_error(500, "INTERNAL_ERROR", "Internal server error")


def wrapped_crash() -> Response:
    return wrapped_error(500, "INTERNAL_ERROR", "Internal server error")


def text_crash() -> Response:
    response = Response(COMFYUI_CRASH, 500, media_type="text/plain")
    # aiohttp closes the connection after an unhandled exception.
    response.headers["connection"] = "close"
    return response


def flat_no_route(method: str, path: str, allowed: frozenset[str]) -> Response:
    return _no_route(flat_error, method, path, allowed)


def wrapped_no_route(method: str, path: str, allowed: frozenset[str]) -> Response:
    return _no_route(wrapped_error, method, path, allowed)


def _no_route(error: Callable[[int, str, str], Response], method: str, path: str, allowed: frozenset[str]) -> Response:
    if not allowed:
        return error(404, "NOT_FOUND", f"No route {path}")
    response = error(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed on {path}")
    response.headers["allow"] = ",".join(sorted(allowed))
    return response


def comfyui_no_route(method: str, path: str, allowed: frozenset[str]) -> Response:
    """Return 404 for GET and 405 for other methods: ComfyUI serves its web page below `/`, where a missing route is a
    file.
    """
    del path
    if method in ("GET", "HEAD"):
        return Response(status_code=404, media_type="application/octet-stream")
    methods = allowed | {"GET", "HEAD"}
    response = Response("405: Method Not Allowed", 405, media_type="text/plain")
    response.headers["allow"] = ",".join(sorted(methods))
    return response


def prompt_error(status: int, error_type: str, message: str, details: str = "") -> Response:
    """Return the body of a refused workflow, which is the same on every server."""
    error = {"type": error_type, "message": message, "details": details, "extra_info": {}}
    return json_response({"error": error, "node_errors": {}}, status)


@asynccontextmanager
async def read_form(request: Request, *, strict: bool, limit: int | None = None) -> AsyncIterator[FormData]:
    """Read the body as a form.

    A malformed form gets 400 if `strict` is set; otherwise the server crashes. A form gets 413 if its Content-Length
    announces more than `limit` bytes of content.
    """
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
    """Return a text field of a form, or an empty string if it is missing or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


MAX_BODY = 100 * 1024 * 1024  # bytes of a body that is read whole, which is ComfyUI's default


async def read_body(request: Request) -> bytes:
    """Return a body that is no form. Refuse a larger one than MAX_BODY with 413, before it fills the memory."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise Refusal(413, "TOO_LARGE", f"The body is larger than {MAX_BODY} bytes")
        parts.append(part)
    return b"".join(parts)


async def read_json_object(request: Request, *, strict: bool) -> dict[str, Any]:
    """Read the body as a JSON object. If it is anything else, a `strict` server sends 400, and ComfyUI crashes."""
    raw = await read_body(request)
    try:
        # Python's parser accepts NaN and Infinity, which are not JSON.
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
    """Refuse a body whose named fields have another type. With `closed`, other fields are also refused."""
    for name, value in body.items():
        if name not in fields:
            if closed:
                raise Refusal(400, "INVALID_BODY", f"Unknown field {name!r}")
            continue
        wanted = fields[name]
        # In Python, True is an int. In JSON, a boolean is not a number.
        is_bool_for_number = isinstance(value, bool) and bool not in (
            wanted if isinstance(wanted, tuple) else (wanted,)
        )
        if not isinstance(value, wanted) or is_bool_for_number:
            raise Refusal(400, "INVALID_BODY", f"Field {name!r} has the wrong type: {type(value).__name__}")


def string_list(body: Mapping[str, Any], name: str) -> list[str]:
    """Return a field that is a list of strings, or an empty list if it is missing. Refuse any other value with 400."""
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal(400, "INVALID_BODY", f"Field {name!r} must be a list of strings")
    return value
