"""Error answers: one parser for every shape that the servers send. Reads bytes, does no I/O.

Shapes: `{error: {type, message, details, extra_info}, node_errors}`, `{error: {code, message, details}}`,
`{error: "text"}`, `{code, message}`, plain text, HTML from a gateway, and nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .._constants import ERROR_BODY_MAX_CHARS, ERROR_MESSAGE_MAX_CHARS
from ..errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InvalidWorkflowError,
    NotFoundError,
    NotSupportedError,
    PayloadTooLargeError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    SubscriptionInactiveError,
    UnprocessableEntityError,
    UnsupportedMediaTypeError,
)
from .operations import operation_of

_CLASSES: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: PayloadTooLargeError,
    415: UnsupportedMediaTypeError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}

# What a 429 says when waiting helps, whatever its text.
_BACK_PRESSURE = frozenset({"QUEUE_LIMIT", "BILLING_UNAVAILABLE", "FREE_TIER_UNAVAILABLE", "PLATFORM_REFUSED"})
_SUBSCRIPTION = re.compile(r"subscri", re.IGNORECASE)
_PAYMENT = re.compile(r"payment|not[ _]paid|insufficient|credits?\b|FREE_TIER_EXHAUSTED|\bbalance\b", re.IGNORECASE)

_ADVICE: dict[type[APIStatusError], str] = {
    AuthenticationError: "check the API key (api_key= or COMFY_CLOUD_API_KEY)",
    SubscriptionInactiveError: "the account needs an active subscription",
    NotSupportedError: "this server does not have the operation",
}


def decode_body(content: bytes) -> Any:
    """The JSON in `content`, else its text (cut at a bound), else None where there is nothing."""
    if not content.strip():
        return None
    text = content.decode("utf-8", errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text[:ERROR_BODY_MAX_CHARS]


def describe(body: Any) -> tuple[str | None, str]:
    """The server's code (or None) and message (or "") in an error body of any shape."""
    if isinstance(body, str):
        if body.lstrip()[:1] == "<":
            title = re.search(r"<title[^>]*>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
            return None, " ".join(title[1].split()) if title else "an HTML page"
        return None, _short(body)
    if not isinstance(body, Mapping):
        return None, ""
    error = body.get("error")
    source = error if isinstance(error, Mapping) else body
    code = next((source[key] for key in ("code", "type") if isinstance(source.get(key), str)), None)
    if isinstance(error, str):
        return code, _short(error)
    parts = [source.get(key) for key in ("message", "details")]
    texts = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    return code, _short(": ".join(dict.fromkeys(texts)))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= ERROR_MESSAGE_MAX_CHARS else line[: ERROR_MESSAGE_MAX_CHARS - 1] + "…"


def error_class(status: int, body: Any, operation: str | None, method: str) -> tuple[type[APIStatusError], bool]:
    """The exception for an error answer, and whether the same request may succeed later.

    The body decides before the status: a refusal over money is one, whatever status it came with.
    """
    code, message = describe(body)
    if status == 405 or (status == 503 and code == "SERVICE_DISABLED"):
        return NotSupportedError, False
    if status == 404:
        absent = operation_of(operation, method).optional and not isinstance(body, (dict, list))
        return (NotSupportedError if absent else NotFoundError), False
    if status in {402, 429} and code not in _BACK_PRESSURE:
        said = f"{code or ''} {message}"
        if _SUBSCRIPTION.search(said):
            return SubscriptionInactiveError, False
        if status == 402 or _PAYMENT.search(said):
            return PaymentRequiredError, False
    if status >= 500:
        return ServerError, True
    if status == 400 and operation == "executePrompt" and isinstance(body, Mapping):
        return InvalidWorkflowError, False
    return _CLASSES.get(status, APIStatusError), status in {408, 429}


def status_error(
    *,
    status: int,
    body: Any,
    operation: str | None,
    method: str,
    path: str,
    request_id: str | None = None,
    retry_after: float | None = None,
) -> APIStatusError:
    """The exception for an error answer. `path` and `body` (decoded) are shown, so they come without secrets."""
    code, said = describe(body)
    cls, retryable = error_class(status, body, operation, method)
    node_errors = body.get("node_errors") if isinstance(body, Mapping) else None
    if issubclass(cls, InvalidWorkflowError):
        said = "; ".join(filter(None, [said, summarize_node_errors(node_errors)]))
    words = [f"{operation or method} {path}: {status}", code if code not in said.split() else None, said]
    message = " ".join(filter(None, words))
    if advice := _ADVICE.get(cls):
        message += f"; {advice}"
    details: dict[str, Any] = {
        "status": status,
        "code": code,
        "request_id": request_id,
        "body": body,
        "operation": operation,
        "retryable": retryable,
    }
    if issubclass(cls, RateLimitError):
        details["retry_after"] = retry_after
    if issubclass(cls, InvalidWorkflowError) and isinstance(node_errors, Mapping):
        details["node_errors"] = node_errors
    return cls(message, **details)


def summarize_node_errors(node_errors: Any) -> str:
    """Node errors in one line: `node 2 (SaveImage): Required input is missing: images`."""
    if not isinstance(node_errors, Mapping):
        return ""
    lines = []
    for node_id, entry in node_errors.items():
        entry = entry if isinstance(entry, Mapping) else {}
        errors = entry.get("errors")
        said = [describe(error)[1] for error in errors] if isinstance(errors, list) else []
        kind = f" ({entry['class_type']})" if entry.get("class_type") else ""
        lines.append(f"node {node_id}{kind}: {', '.join(filter(None, said)) or 'refused'}")
    return _short("; ".join(lines))
