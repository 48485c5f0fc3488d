"""Answers that more than one operation gives: JSON, refusals in each server's own shape, and request bodies read
as strictly as the dialect reads them.

It knows the shapes of errors and nothing of jobs, files or assets.
"""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import Response

COMFYUI_CRASH = "500 Internal Server Error\n\nServer got itself in trouble"


class Refusal(Exception):
    """A handler refuses the request; the dialect decides what the body looks like."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Crash(Exception):
    """The emulated server's own code raises here; the dialect decides how its 500 looks."""


def json_answer(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


def empty_answer(status: int = 200) -> Response:
    return Response(status_code=status)


def flat_error(status: int, code: str, message: str) -> Response:
    """The contract's ErrorResponse."""
    return json_answer({"code": code, "message": message}, status)


def empty_error(status: int, code: str, message: str) -> Response:
    """ComfyUI says nothing beyond the status on most of its routes."""
    del code, message
    return empty_answer(status)


def flat_crash() -> Response:
    return flat_error(500, "INTERNAL_ERROR", "Internal server error")


def text_crash() -> Response:
    answer = Response(COMFYUI_CRASH, 500, media_type="text/plain")
    answer.headers["connection"] = "close"
    return answer


def flat_no_route(method: str, path: str, allowed: frozenset[str]) -> Response:
    if not allowed:
        return flat_error(404, "NOT_FOUND", f"No route {path}")
    answer = flat_error(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed on {path}")
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


async def read_json_object(request: Request, *, strict: bool) -> dict[str, Any]:
    """The body as a JSON object. `strict` refuses anything else with 400, as the contract says; otherwise the
    server crashes on it, as ComfyUI does."""
    raw = await request.body()
    try:
        body = json.loads(raw, parse_constant=_refuse_constant if strict else None)
    except ValueError as error:
        if strict:
            raise Refusal(400, "INVALID_REQUEST", f"The body is not JSON: {error}") from None
        raise Crash from error
    if isinstance(body, dict):
        return body
    if strict:
        raise Refusal(400, "INVALID_REQUEST", "The body must be a JSON object")
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
                raise Refusal(400, "INVALID_REQUEST", f"Unknown field {name!r}")
            continue
        wanted = fields[name]
        is_bool_for_number = isinstance(value, bool) and bool not in (
            wanted if isinstance(wanted, tuple) else (wanted,)
        )
        if not isinstance(value, wanted) or is_bool_for_number:
            raise Refusal(400, "INVALID_REQUEST", f"Field {name!r} has the wrong type: {type(value).__name__}")


def string_list(body: Mapping[str, Any], name: str) -> list[str]:
    """A field that is a list of strings, empty where it is absent; 400 where it is anything else."""
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal(400, "INVALID_REQUEST", f"Field {name!r} must be a list of strings")
    return value
