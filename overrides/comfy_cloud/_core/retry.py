"""Whether and when a request is sent again. Decides only: no clock, no sleeping, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .._constants import RETRY_ATTEMPTS, RETRY_BASE_DELAY, RETRY_LONGEST_AFTER, RETRY_LONGEST_DELAY, RETRY_STATUSES
from ..errors import APIConnectionError, APIStatusError, ComfyCloudError, ConfigurationError, RateLimitError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, how long and on what a request is tried again.

    `attempts` counts all tries (at least 1). The wait before the next one is a random part of `base_delay`, doubled
    each time, up to `max_delay` (seconds). A server's own `Retry-After` is kept to up to `max_retry_after` seconds;
    a longer one is raised. `statuses` are worth another try unless the body says that it is a refusal.
    """

    attempts: int = RETRY_ATTEMPTS
    base_delay: float = RETRY_BASE_DELAY
    max_delay: float = RETRY_LONGEST_DELAY
    max_retry_after: float = RETRY_LONGEST_AFTER
    statuses: frozenset[int] = RETRY_STATUSES

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ConfigurationError(f"RetryPolicy(attempts={self.attempts}): at least 1; retry=None turns retries off")
        if min(self.base_delay, self.max_delay, self.max_retry_after) < 0:
            raise ConfigurationError("RetryPolicy: delays are seconds, 0 or more")
        object.__setattr__(self, "statuses", frozenset(self.statuses))


@dataclass(frozen=True, slots=True)
class Failure:
    """One try that failed.

    `error` is what would be raised, `retry_after` the server's wish in seconds, `refreshable` whether a new signed
    address may help.
    """

    error: ComfyCloudError
    retry_after: float | None = None
    refreshable: bool = False


def retry_delay(
    policy: RetryPolicy | None,
    failure: Failure,
    *,
    tries: int,
    repeatable: bool,
    replayable: bool,
    random: Callable[[], float],
) -> float | None:
    """Seconds to wait before the next try, or None to raise now.

    `tries` have been made. `repeatable`: sending it twice does no harm. `replayable`: its body can be sent again.
    `random` gives 0 to 1.
    """
    if policy is None or tries >= policy.attempts or not replayable:
        return None
    if not _worth_it(policy, failure, repeatable):
        return None
    if failure.retry_after is not None:
        return failure.retry_after if failure.retry_after <= policy.max_retry_after else None
    return min(policy.max_delay, policy.base_delay * 2.0 ** (tries - 1)) * random()


def _worth_it(policy: RetryPolicy, failure: Failure, repeatable: bool) -> bool:
    error = failure.error
    if isinstance(error, APIConnectionError):
        return repeatable or not error.sent
    if not isinstance(error, APIStatusError):
        return False
    if failure.refreshable:
        return repeatable
    if not error.retryable or error.status not in policy.statuses:
        return False
    if repeatable or isinstance(error, RateLimitError):
        return True
    # The server says itself that it has not begun: it names a time and speaks the API's own language.
    return error.status == 503 and failure.retry_after is not None and isinstance(error.body, dict)
