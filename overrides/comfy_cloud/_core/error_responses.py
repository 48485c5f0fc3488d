"""Tell what a response means that is not a success: parse error bodies, and recognise what is no server of the API.

No I/O. Shapes: `{error: {type, message, details, extra_info}, node_errors}`, `{error: {code, message, details}}`,
`{error: "text"}`, `{code, message}`, plain text, HTML from a gateway, and nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._constants import ERROR_BODY_MAX_CHARS, ERROR_MESSAGE_MAX_CHARS, REDIRECTS_MAX, RETRY_STATUSES
from ..errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
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
    UnexpectedResponseError,
    UnprocessableEntityError,
    UnsupportedMediaTypeError,
)
from .operations import operation_of
from .retry import Failure
from .secrets import redact_addresses
from .times import parse_retry_after

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

# Codes of a 429 that mean back-pressure, whatever its message: the same request succeeds later.
_BACK_PRESSURE = frozenset({"QUEUE_LIMIT", "BILLING_UNAVAILABLE", "FREE_TIER_UNAVAILABLE", "PLATFORM_REFUSED"})
_SUBSCRIPTION = re.compile(r"subscri", re.IGNORECASE)
_PAYMENT = re.compile(r"payment|not[ _]paid|insufficient|credits?\b|FREE_TIER_EXHAUSTED|\bbalance\b", re.IGNORECASE)

_ADVICE: dict[type[APIStatusError], str] = {
    AuthenticationError: "check the API key (api_key= or COMFY_CLOUD_API_KEY)",
    SubscriptionInactiveError: "the account needs an active subscription",
    NotSupportedError: "this server does not have the operation",
}

GATEWAY_ADVICE = "What a gateway before the server wants goes into headers={...}, or into the auth of an http_client"


@dataclass(frozen=True, slots=True)
class Place:
    """The operation and path of a request, as error messages name them, and the server that it goes to."""

    operation: str | None
    method: str
    path: str
    server: str

    def __str__(self) -> str:
        return f"{self.operation or self.method} {self.path}"


def decode_body(content: bytes) -> Any:
    """Return the JSON in `content`, else its text (cut to a maximum length), or None if it is blank."""
    if not content.strip():
        return None
    text = content.decode("utf-8", errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text[:ERROR_BODY_MAX_CHARS]


def foreign_answer(status: int, body: Any, operation: str | None) -> str | None:
    """Describe a response that no server of this API gives, such as a web page; return None for all others.

    A status of 500 and more is a server or gateway in trouble, and 401 and 403 are refusals, whatever their body.
    """
    # No server of this API lacks the route of a submit.
    missing = status in ({404, 405, 501} if operation == "executePrompt" else {404, 405})
    if not missing and not 200 <= status < 300:
        return None
    if isinstance(body, str) and body.lstrip("\ufeff \t\r\n").startswith("<"):
        return f"a web page ({' '.join([str(status), *_title(body)])})"
    own_words = set(body) != {"detail"} if isinstance(body, Mapping) else operation != "executePrompt"
    if missing and not own_words:  # only `detail`: a service that was made with FastAPI
        return " ".join(filter(None, [str(status), describe(body)[1]]))
    return None


def wrong_server(server: str, place: str, came: str) -> ConfigurationError:
    """Return the error for a server that is another one, or that lets nobody in who has not logged in."""
    return ConfigurationError(
        f"{server} is not the API, or wants a login first: {place} was answered with {came}, so it did not run. Is"
        f" base_url right? {GATEWAY_ADVICE}"
    )


@dataclass(frozen=True, slots=True)
class FailedResponse:
    """A response that was read, as far as its limit, and is no success.

    `redacted` returns JSON or a string without the secrets of the request, which a response may quote.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    place: Place
    redacted: Callable[[Any], Any]

    def refused(self, now: datetime, *, foreign: bool) -> Failure:
        """Return the failure that an error status is. `foreign`: a file storage sent it, and not our server."""
        # A storage server quotes the signed URL in its errors.
        body = None if foreign else self.redacted(decode_body(self.content))
        retry_after = parse_retry_after(self.headers.get("retry-after"), now)
        error = status_error(
            status=self.status,
            body=body,
            operation=self.place.operation,
            method=self.place.method,
            path=f"{self.place.path} (file storage)" if foreign else self.place.path,
            request_id=self.redacted(self.headers.get("x-request-id")),
            retry_after=retry_after,
            server=self.place.server,
        )
        # Signed URLs expire: our server is asked for a new one.
        expired = foreign and self.status in {400, 401, 403, 410}
        instead = foreign_answer(self.status, body, self.place.operation)
        return Failure(error, retry_after=retry_after, refreshable=expired, instead=instead)

    def redirected(self, target: str | None) -> Failure:
        """Return the failure of a redirect to `target` that must not be followed; None: of one redirect too many."""
        if target is not None:
            came = f"a redirect ({self.status}) to {redact_addresses(target)}"
            return Failure(wrong_server(self.place.server, str(self.place), came))
        return Failure(self._unexpected(f"redirected ({self.status}) {REDIRECTS_MAX} times and more"))

    def without_json(self, *, page: bool) -> Failure:
        """Return the failure of a success that has no JSON. `page`: a file was asked for, and a web page came."""
        kind = self.redacted(self.headers.get("content-type", "no content type"))
        body = self.redacted(decode_body(self.content))
        said = (
            f"{self.status} {'with a web page' if page else 'without JSON'} ({kind});"
            " is something between here and the server, or base_url wrong?"
        )
        instead = foreign_answer(self.status, "<" if page and body is None else body, self.place.operation)
        return Failure(self._unexpected(said, content_type=kind), instead=instead)

    def _unexpected(self, said: str, **details: Any) -> UnexpectedResponseError:
        operation = self.place.operation
        return UnexpectedResponseError(f"{self.place}: {said}", operation=operation, status=self.status, **details)


def describe(body: Any) -> tuple[str | None, str]:
    """Return the server's code (or None) and message (or "") from an error body of any shape."""
    if isinstance(body, str):
        if body.lstrip()[:1] == "<":
            # A gateway sent a page. Its title has the reason ("502 Bad Gateway"), the rest is markup.
            return None, " ".join(_title(body)) or "an HTML page"
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
    # Some servers send the same text as message and details. The keys of a dict keep the order and drop the repetition.
    return code, _short(": ".join(dict.fromkeys(texts)))


def _title(page: str) -> list[str]:
    """Return the words of a web page's title."""
    title = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    return title[1].split() if title else []


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= ERROR_MESSAGE_MAX_CHARS else line[: ERROR_MESSAGE_MAX_CHARS - 1] + "…"


def error_class(status: int, body: Any, operation: str | None, method: str) -> tuple[type[APIStatusError], bool]:
    """Return the exception class for an error response, and True if the same request may succeed later.

    The body decides before the status: a refusal over money may come as 402 or as 429.
    """
    code, message = describe(body)
    # SERVICE_DISABLED means that the operator of this server switched the operation off, so a retry is useless.
    if status == 405 or (status == 503 and code == "SERVICE_DISABLED"):
        return NotSupportedError, False
    if status == 404:
        # A server that has the route responds with JSON. A router without the route responds with text or nothing.
        absent = operation_of(operation, method).optional and not isinstance(body, (dict, list))
        return (NotSupportedError if absent else NotFoundError), False
    # Some servers send 429 for an account without credits. If it counted as back-pressure, it would be retried in vain.
    if status in {402, 429} and code not in _BACK_PRESSURE:
        said = f"{code or ''} {message}"
        if _SUBSCRIPTION.search(said):
            return SubscriptionInactiveError, False
        if status == 402 or _PAYMENT.search(said):
            return PaymentRequiredError, False
    if status >= 500:
        return ServerError, status in RETRY_STATUSES
    # A 400 that is not JSON comes from a gateway, and says nothing about the workflow.
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
    server: str = "the server",
) -> APIStatusError:
    """Return the exception for an error response.

    Its message shows `path`, `body` and `server` (a URL), so they must hold no secret.
    """
    code, said = describe(body)
    cls, retryable = error_class(status, body, operation, method)
    node_errors = body.get("node_errors") if isinstance(body, Mapping) else None
    if issubclass(cls, InvalidWorkflowError):
        # ComfyUI's own message is often only "Prompt outputs failed validation": the reasons are in `node_errors`.
        said = "; ".join(filter(None, [said, summarize_node_errors(node_errors)]))
    words = [f"{operation or method} {path}: {status}", code if code not in said.split() else None, said]
    message = " ".join(filter(None, words))
    if advice := _ADVICE.get(cls):
        message += f"; {advice}"
    if status in {401, 403} and not isinstance(body, Mapping):
        # The API itself refuses in JSON, a gateway with a page, a line or nothing.
        message += f"; or a gateway before {server} said so. {GATEWAY_ADVICE}"
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
    """Summarize node errors in one line: `node 2 (SaveImage): Required input is missing: images`."""
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
