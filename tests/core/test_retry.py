"""When a request is sent again: never where it could start a second paid job, always where it does no harm."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from comfy_cloud import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    RetryPolicy,
    UnexpectedResponseError,
)
from comfy_cloud._core.error_responses import status_error
from comfy_cloud._core.retry import Failure, retry_delay

POLICY = RetryPolicy()
JSON: Any = {"error": {"type": "BUSY", "message": "later"}}


def delay(
    failure: Failure,
    *,
    policy: RetryPolicy | None = POLICY,
    tries: int = 1,
    repeatable: bool = True,
    replayable: bool = True,
    random: float = 1.0,
) -> float | None:
    return retry_delay(
        policy, failure, tries=tries, repeatable=repeatable, replayable=replayable, random=lambda: random
    )


def answered(status: int, body: Any = None, retry_after: float | None = None, **more: Any) -> Failure:
    error = status_error(status=status, body=body, operation="x", method="GET", path="/x", retry_after=retry_after)
    return Failure(error, retry_after=retry_after, **more)


LOST = Failure(APIConnectionError("cut"))
TIMED_OUT = Failure(APITimeoutError("silence"))
UNSENT = Failure(APIConnectionError("refused", sent=False))
UNSENT_TIMEOUT = Failure(APITimeoutError("no connection", sent=False))

# What failed; again where it may be repeated; again where it may be sent once only.
TABLE: list[tuple[str, Failure, bool, bool]] = [
    ("connection cut", LOST, True, False),
    ("read timeout", TIMED_OUT, True, False),
    ("connection refused", UNSENT, True, True),
    ("connect timeout", UNSENT_TIMEOUT, True, True),
    ("408", answered(408), True, False),
    ("429 back-pressure", answered(429, {"error": {"type": "QUEUE_LIMIT", "message": "full"}}), True, True),
    ("429 plain", answered(429, "slow down"), True, True),
    ("429 billing is busy", answered(429, {"error": {"type": "BILLING_UNAVAILABLE"}}, 1.0), True, True),
    ("429 subscription", answered(429, {"message": "Subscription is inactive"}), False, False),
    ("429 no credits", answered(429, {"error": {"type": "PAYMENT_REQUIRED"}}), False, False),
    ("500", answered(500, JSON), True, False),
    ("502", answered(502, "<html>"), True, False),
    ("503", answered(503, JSON), True, False),
    ("503 with Retry-After", answered(503, JSON, 1.0), True, True),
    ("503 with Retry-After from a gateway", answered(503, "<html>", 1.0), True, False),
    ("503 with Retry-After and a list", answered(503, ["?"], 1.0), True, False),
    ("503 disabled", answered(503, {"error": {"code": "SERVICE_DISABLED"}}, 1.0), False, False),
    ("504", answered(504), True, False),
    ("500 with Retry-After", answered(500, JSON, 1.0), True, False),
    ("501", answered(501), False, False),
    ("522", answered(522), True, False),
    ("400", answered(400), False, False),
    ("401", answered(401), False, False),
    ("402", answered(402, {"error": {"type": "QUEUE_LIMIT"}}), False, False),
    ("403", answered(403), False, False),
    ("404", answered(404), False, False),
    ("405", answered(405), False, False),
    ("409", answered(409), False, False),
    ("413", answered(413), False, False),
    ("422", answered(422), False, False),
    ("no JSON", Failure(UnexpectedResponseError("HTML")), False, False),
    ("no key", Failure(ConfigurationError("no key")), False, False),
    ("expired address", answered(403, refreshable=True), True, False),
]


@pytest.mark.parametrize(("failure", "repeatable", "once"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table(failure: Failure, repeatable: bool, once: bool) -> None:
    assert (delay(failure) is not None) is repeatable
    assert (delay(failure, repeatable=False) is not None) is once


@pytest.mark.parametrize("failure", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_nothing_is_sent_again_without_a_policy_or_a_body_or_a_try_left(failure: Failure) -> None:
    assert delay(failure, policy=None) is None
    assert delay(failure, replayable=False) is None
    assert delay(failure, tries=3) is None
    assert delay(failure, policy=RetryPolicy(attempts=1)) is None


def test_delays_double_up_to_a_bound() -> None:
    policy = RetryPolicy(attempts=100)
    delays = [delay(LOST, policy=policy, tries=tries) for tries in range(1, 8)]
    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert delay(LOST, policy=RetryPolicy(attempts=10_000), tries=1_000) == 8.0


def test_clients_that_failed_together_do_not_return_together() -> None:
    policy = RetryPolicy(attempts=9)
    values = itertools.cycle([0.0, 0.25, 1.0])
    assert [delay(LOST, policy=policy, tries=3, random=next(values)) for _ in range(3)] == [0.0, 0.5, 2.0]


def test_a_servers_wish_is_kept_to_exactly() -> None:
    assert delay(answered(429, None, 12.5), random=0.1) == 12.5
    assert delay(answered(503, None, 0.0), random=0.1) == 0.0
    assert delay(answered(503, None, 60.0)) == 60.0


def test_a_wish_that_is_too_long_is_raised_at_once() -> None:
    assert delay(answered(429, None, 60.1)) is None
    assert delay(answered(429, None, 5.0), policy=RetryPolicy(max_retry_after=4.0)) is None


def test_what_is_marked_retryable_is_retried() -> None:
    """520 to 530 were marked so, and raised at the first try: a gateway's bad second broke a program."""
    for status in range(400, 600):
        failure = answered(status)
        assert isinstance(failure.error, APIStatusError)
        assert (delay(failure) is not None) == failure.error.retryable, status


def test_the_statuses_can_be_chosen() -> None:
    policy = RetryPolicy(statuses=[522])  # type: ignore[arg-type]
    assert delay(answered(522), policy=policy) is not None
    assert delay(answered(500), policy=policy) is None
    assert delay(answered(501), policy=RetryPolicy(statuses=[501])) is not None  # type: ignore[arg-type]
    assert policy.statuses == frozenset({522})


@pytest.mark.parametrize(
    "settings", [{"attempts": 0}, {"attempts": -1}, {"base_delay": -1}, {"max_delay": -0.1}, {"max_retry_after": -5}]
)
def test_a_policy_that_cannot_work_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="must be"):
        RetryPolicy(**settings)


def test_a_policy_is_a_value() -> None:
    assert RetryPolicy() == RetryPolicy(attempts=3, base_delay=0.5, max_delay=8.0, max_retry_after=60.0)
    assert len({RetryPolicy(), RetryPolicy()}) == 1
    with pytest.raises(AttributeError):
        RetryPolicy().attempts = 5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("failure", "shows_server", "is_from_server"),
    [
        (answered(404, JSON), True, True),
        (answered(404, "not JSON"), False, True),
        (answered(502, "a gateway's page"), True, False),
        (answered(404, "<html>", instead="a web page (404)"), False, False),
        (LOST, False, False),
        (Failure(UnexpectedResponseError("no JSON")), False, False),
    ],
)
def test_a_failure_tells_whether_the_server_is_there(
    failure: Failure, shows_server: bool, is_from_server: bool
) -> None:
    """A wrong base_url is told at once, and a gateway in trouble is waited for."""
    assert (failure.shows_server, failure.is_from_server) == (shows_server, is_from_server)
