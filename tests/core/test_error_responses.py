"""Error answers: whatever their shape, the user learns what is wrong, and code can tell refusals from trouble."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from comfy_cloud import (
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
from comfy_cloud._core.error_responses import (
    FailedResponse,
    Place,
    decode_body,
    describe,
    status_error,
    summarize_node_errors,
)


def error_of(status: int, body: Any = None, operation: str | None = "listJobs", **more: Any) -> APIStatusError:
    return status_error(status=status, body=body, operation=operation, method="GET", path="/api/x", **more)


def typed(kind: str, message: str = "") -> dict[str, Any]:
    return {"error": {"type": kind, "message": message, "details": "", "extra_info": {}}, "node_errors": {}}


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b"", None),
        (b" \r\n", None),
        (b'{"a": 1}', {"a": 1}),
        (b"null", None),
        (b"plain text", "plain text"),
        (b'{"cut": ', '{"cut": '),
        (b"\xff\xfe", "��"),
        (b"[" * 100_000, "[" * 20_000),
        (b"x" * 50_000, "x" * 20_000),
    ],
)
def test_a_body_is_json_or_text_or_nothing(content: bytes, body: Any) -> None:
    assert decode_body(content) == body


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (typed("PAYMENT_REQUIRED", "No credits"), "PAYMENT_REQUIRED", "No credits"),
        ({"error": {"type": "t", "message": "Bad", "details": "node 3"}}, "t", "Bad: node 3"),
        ({"error": {"type": "t", "message": "Bad", "details": "Bad"}}, "t", "Bad"),
        ({"error": {"code": "E1", "message": "Bad", "details": {"a": 1}}}, "E1", "Bad"),
        ({"error": {"code": "E1", "type": "t"}}, "E1", ""),
        ({"error": "only text"}, None, "only text"),
        ({"error": "text", "code": "E1"}, "E1", "text"),
        ({"code": "NOT_FOUND", "message": "no such job"}, "NOT_FOUND", "no such job"),
        ({"code": 17, "message": 18}, None, ""),
        ({"error": None, "message": "m"}, None, "m"),
        ({"error": ["odd"]}, None, ""),
        ({}, None, ""),
        ([], None, ""),
        (None, None, ""),
        (5, None, ""),
        ("File not found", None, "File not found"),
        ("  many\n\n lines\t of text ", None, "many lines of text"),
        ("<html><head><TITLE>502\n Bad Gateway</TITLE></head>", None, "502 Bad Gateway"),
        ("  <!doctype html><p>no title", None, "an HTML page"),
        ({"error": {"message": "x" * 5_000}}, None, "x" * 999 + "…"),
    ],
)
def test_code_and_message_are_found_in_every_shape(body: Any, code: str | None, message: str) -> None:
    assert describe(body) == (code, message)
    assert error_of(400, body, None).code == code


@pytest.mark.parametrize(
    ("status", "cls", "retryable"),
    [
        (400, BadRequestError, False),
        (401, AuthenticationError, False),
        (402, PaymentRequiredError, False),
        (403, PermissionDeniedError, False),
        (404, NotFoundError, False),
        (405, NotSupportedError, False),
        (408, APIStatusError, True),
        (409, ConflictError, False),
        (410, APIStatusError, False),
        (413, PayloadTooLargeError, False),
        (415, UnsupportedMediaTypeError, False),
        (422, UnprocessableEntityError, False),
        (429, RateLimitError, True),
        (500, ServerError, True),
        (502, ServerError, True),
        (503, ServerError, True),
        (504, ServerError, True),
        (501, ServerError, False),
        (505, ServerError, False),
        (520, ServerError, True),
        (522, ServerError, True),
        (530, ServerError, True),
        (531, ServerError, False),
        (302, APIStatusError, False),
    ],
)
def test_each_status_has_its_exception(status: int, cls: type[APIStatusError], retryable: bool) -> None:
    error = error_of(status, {"error": "said"}, request_id="r-1")
    assert type(error) is cls
    assert (error.status, error.retryable, error.request_id, error.operation) == (status, retryable, "r-1", "listJobs")
    assert error.body == {"error": "said"}
    assert error.message.startswith(f"listJobs /api/x: {status} said")


@pytest.mark.parametrize(
    ("status", "body", "cls", "retryable"),
    [
        (402, typed("PAYMENT_REQUIRED"), PaymentRequiredError, False),
        (402, typed("CLOUD_SUBSCRIPTION_REQUIRED"), SubscriptionInactiveError, False),
        (402, typed("FREE_TIER_EXHAUSTED"), PaymentRequiredError, False),
        (402, typed("PARTNER_NODE_PAYMENT_REQUIRED"), PaymentRequiredError, False),
        (402, typed("MODEL_PAYMENT_REQUIRED"), PaymentRequiredError, False),
        (402, None, PaymentRequiredError, False),
        (429, typed("QUEUE_LIMIT", "queue is full for your subscription"), RateLimitError, True),
        (429, typed("BILLING_UNAVAILABLE", "credits cannot be checked now"), RateLimitError, True),
        (429, typed("FREE_TIER_UNAVAILABLE"), RateLimitError, True),
        (429, typed("PLATFORM_REFUSED"), RateLimitError, True),
        (429, "Too Many Requests", RateLimitError, True),
        (429, None, RateLimitError, True),
        (429, {"code": "RATE_LIMITED", "message": "slow down"}, RateLimitError, True),
        (429, {"error": "Subscription is inactive"}, SubscriptionInactiveError, False),
        (429, {"message": "your subscription has ended"}, SubscriptionInactiveError, False),
        (429, "Payment required: subscription inactive", SubscriptionInactiveError, False),
        (429, typed("PAYMENT_REQUIRED"), PaymentRequiredError, False),
        (429, {"message": "insufficient credits"}, PaymentRequiredError, False),
        (429, typed("FREE_TIER_EXHAUSTED"), PaymentRequiredError, False),
        (403, typed("PARTNER_NODE_DISABLED"), PermissionDeniedError, False),
        (503, {"error": {"code": "SERVICE_DISABLED", "message": "off"}}, NotSupportedError, False),
        (503, {"error": {"code": "BUSY"}}, ServerError, True),
    ],
)
def test_the_body_decides_between_a_refusal_and_trouble(
    status: int, body: Any, cls: type[APIStatusError], retryable: bool
) -> None:
    error = error_of(status, body, "executePrompt")
    assert type(error) is cls
    assert (error.status, error.retryable) == (status, retryable)


@pytest.mark.parametrize(
    ("operation", "body", "cls"),
    [
        ("listJobs", "404: Not Found", NotSupportedError),
        ("listJobs", None, NotSupportedError),
        ("getJobDetail", "<html>", NotSupportedError),
        ("getJobDetail", {"error": "no such job"}, NotFoundError),
        ("getJobDetail", [], NotFoundError),
        ("viewFile", None, NotFoundError),
        ("getUserdataFile", "File not found", NotFoundError),
        ("checkAssetByHash", None, NotFoundError),
        (None, None, NotFoundError),
    ],
)
def test_a_missing_thing_is_told_from_a_missing_route(
    operation: str | None, body: Any, cls: type[APIStatusError]
) -> None:
    assert type(error_of(404, body, operation)) is cls


def test_a_refused_workflow_says_which_node_and_why() -> None:
    node_errors = {
        "9": {
            "errors": [
                {"type": "required_input_missing", "message": "Required input is missing", "details": "images"},
                {"type": "other", "message": "Second", "details": ""},
            ],
            "dependent_outputs": ["9"],
            "class_type": "SaveImage",
        }
    }
    body = {
        "error": {"type": "prompt_outputs_failed_validation", "message": "Prompt failed"},
        "node_errors": node_errors,
    }
    error = error_of(400, body, "executePrompt")
    assert isinstance(error, InvalidWorkflowError)
    assert error.node_errors == node_errors
    assert error.code == "prompt_outputs_failed_validation"
    assert "node 9 (SaveImage): Required input is missing: images, Second" in error.message


@pytest.mark.parametrize(
    "node_errors", [None, [], "text", {}, {"9": None}, {"9": {"errors": "x"}}, {"9": {"errors": [1]}}]
)
def test_node_errors_of_any_shape_do_no_harm(node_errors: Any) -> None:
    error = error_of(400, {"error": {"message": "No"}, "node_errors": node_errors}, "executePrompt")
    assert isinstance(error, InvalidWorkflowError)
    assert error.node_errors == (node_errors if isinstance(node_errors, dict) else {})
    assert isinstance(summarize_node_errors(node_errors), str)


def test_a_gateways_400_on_a_submit_is_not_taken_for_a_refused_workflow() -> None:
    assert type(error_of(400, "<html>", "executePrompt")) is BadRequestError


def test_the_wait_that_a_server_asks_for_is_on_the_error() -> None:
    error = error_of(429, None, retry_after=7.5)
    assert isinstance(error, RateLimitError)
    assert error.retry_after == 7.5


def test_messages_say_what_to_do() -> None:
    assert "COMFY_CLOUD_API_KEY" in error_of(401).message
    assert "subscription" in error_of(402, typed("SUBSCRIPTION_REQUIRED")).message
    assert "does not have" in error_of(405).message
    assert error_of(500, typed("boom", "it broke")).message == "listJobs /api/x: 500 boom it broke"
    assert status_error(status=500, body=None, operation=None, method="GET", path="/x").message == "GET /x: 500"


def test_any_json_at_all_makes_an_error() -> None:
    for text in (
        "0",
        '""',
        "[[]]",
        '{"error": {"message": null}}',
        '{"error": {"code": []}, "node_errors": 5}',
        "1e999",
    ):
        for status in (400, 402, 404, 429, 500):
            for operation in ("executePrompt", "listJobs", None):
                assert str(status) in error_of(status, json.loads(text), operation).message


NOW = datetime(2026, 11, 26, tzinfo=UTC)


def response(status: int, content: bytes = b"", **headers: str) -> FailedResponse:
    """A response to viewFile, whose request carried the secret `hush`."""
    place = Place("viewFile", "GET", "/api/view", "https://x.example")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return FailedResponse(status, named, content, place, lambda said: said and said.replace("hush", "***"))


def test_a_refusal_of_the_server_is_told_without_what_its_request_kept_secret() -> None:
    failure = response(503, b"no hush", retry_after="7", x_request_id="id-hush").refused(NOW, foreign=False)
    assert isinstance(failure.error, ServerError)
    assert (failure.error.body, failure.error.request_id, failure.retry_after) == ("no ***", "id-***", 7.0)
    assert not failure.refreshable


def test_a_refusal_of_a_file_storage_is_not_quoted_and_asks_for_a_new_url() -> None:
    """It quotes the signed URL. An old one is refused with one of several statuses."""
    failure = response(403, b"https://s.example/?sig=1").refused(NOW, foreign=True)
    assert isinstance(failure.error, PermissionDeniedError)
    assert (failure.error.body, failure.refreshable) == (None, True)
    assert "(file storage)" in failure.error.message


def test_a_redirect_that_is_not_followed_is_named_without_its_query() -> None:
    login = str(response(302).redirected("https://login.example/?next=1").error)
    assert "a redirect (302) to https://login.example/?[redacted]" in login
    assert "redirected (302) 5 times" in str(response(302).redirected(None).error)


@pytest.mark.parametrize(
    ("content", "instead"), [(b"<title>Hi</title>", "a web page (200 Hi)"), (b"", "a web page (200)")]
)
def test_a_page_in_place_of_a_file_is_not_the_server(content: bytes, instead: str) -> None:
    failure = response(200, content, content_type="text/html").without_json(page=True)
    assert failure.instead == instead
    assert "200 with a web page (text/html)" in str(failure.error)


def test_a_success_without_json_may_be_the_servers_own() -> None:
    failure = response(200, b"ok").without_json(page=False)
    assert failure.instead is None
    assert "200 without JSON (no content type)" in str(failure.error)
