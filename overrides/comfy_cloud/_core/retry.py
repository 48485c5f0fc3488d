"""Decide whether a request is retried, and after what delay. No clock, no sleeping, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from .._constants import RETRY_ATTEMPTS, RETRY_BASE_DELAY, RETRY_LONGEST_AFTER, RETRY_LONGEST_DELAY, RETRY_STATUSES
from ..errors import APIConnectionError, APIStatusError, ComfyCloudError, RateLimitError, ServerError
from .arguments import SETTINGS

__all__ = ["RetryPolicy"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The rules by which requests are retried.

    - `attempts`: All tries, the first one included. 1 or more.
    - `base_delay`: The delay before a retry is a random part of this, in seconds. It is doubled for each retry.
    - `max_delay`: The limit of the doubled delay, in seconds.
    - `max_retry_after`: If a response has `Retry-After`, its delay is used. If that is longer than this, in seconds,
      the error is raised at once.
    - `statuses`: Responses with one of these statuses are retried, unless the body says that the request is refused.
    """

    attempts: int = RETRY_ATTEMPTS
    base_delay: float = RETRY_BASE_DELAY
    max_delay: float = RETRY_LONGEST_DELAY
    max_retry_after: float = RETRY_LONGEST_AFTER
    statuses: frozenset[int] = RETRY_STATUSES

    def __post_init__(self) -> None:
        SETTINGS.count(
            "RetryPolicy.attempts", self.attempts, least=1, unlimited=False, hint="; retry=None turns retries off"
        )
        for name in ("base_delay", "max_delay", "max_retry_after"):
            SETTINGS.number(f"RetryPolicy.{name}", getattr(self, name), unlimited=False)
        SETTINGS.instance("RetryPolicy.statuses", self.statuses, (Set, list, tuple, range), "a set of statuses")
        for status in self.statuses:
            SETTINGS.count("RetryPolicy.statuses", status, least=100, unlimited=False)
        object.__setattr__(self, "statuses", frozenset(self.statuses))


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed.

    `error` is the exception to raise, `retry_after` the delay that the server asked for (seconds). `refreshable` is
    True if a signed URL was refused, so that a new one may help. `instead` describes what came in place of a response
    of the API, such as a web page.
    """

    error: ComfyCloudError
    retry_after: float | None = None
    refreshable: bool = False
    instead: str | None = None

    @property
    def shows_server(self) -> bool:
        """Return True if the right server is there, or a gateway before it that is in trouble."""
        error = self.error if self.instead is None else None
        return isinstance(error, APIStatusError) and (isinstance(error.body, Mapping) or error.status >= 500)

    @property
    def is_from_server(self) -> bool:
        """Return True if the server itself answered; a gateway before it answers with 5xx while it is away."""
        return self.instead is None and isinstance(self.error, APIStatusError) and self.error.status < 500


def retry_delay(
    policy: RetryPolicy | None,
    failure: Failure,
    *,
    tries: int,
    repeatable: bool,
    replayable: bool,
    random: Callable[[], float],
) -> float | None:
    """Return the seconds to wait before the next try, or None if the error is to be raised now.

    `tries` is the number of tries so far. `repeatable` is True if sending the request twice does no harm.
    `replayable` is True if its body can be sent again. `random` returns numbers from 0 to 1, like `random.random`.
    """
    if policy is None or tries >= policy.attempts or not replayable:
        return None
    if not _worth_it(policy, failure, repeatable):
        return None
    if failure.retry_after is not None:
        return failure.retry_after if failure.retry_after <= policy.max_retry_after else None
    # Full jitter, from 0 to the whole delay: clients that failed together must not come back together.
    return min(policy.max_delay, policy.base_delay * 2.0 ** (tries - 1)) * random()


def _worth_it(policy: RetryPolicy, failure: Failure, repeatable: bool) -> bool:
    error = failure.error
    if isinstance(error, APIConnectionError):
        # A submit whose response was lost may run already, and a second one would be paid twice.
        return repeatable or not error.sent
    if not isinstance(error, APIStatusError):
        return False
    if failure.refreshable:
        return repeatable
    # A policy of the user's may name more statuses of a server in trouble. A refusal stays one.
    passing = error.retryable or isinstance(error, ServerError)
    if not passing or error.status not in policy.statuses:
        return False
    if repeatable or isinstance(error, RateLimitError):
        return True  # The server refused the request before it did anything.
    # A 503 with Retry-After and a JSON body comes from the API itself, which did not begin. A gateway sends HTML, and
    # the server behind it may have run the request.
    return error.status == 503 and failure.retry_after is not None and isinstance(error.body, dict)


def is_full_queue(error: ComfyCloudError) -> bool:
    """Return whether a submit was refused since as many jobs as the account may have wait or run."""
    return isinstance(error, RateLimitError) and error.code == "QUEUE_LIMIT"
