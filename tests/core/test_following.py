"""When waiting ends: decided from answers and the time they came, without a clock."""

from __future__ import annotations

import pytest

from comfy_cloud import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    ComfyCloudError,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
)
from comfy_cloud._core.following import Following, Timing, failure
from comfy_cloud._core.statuses import ExecutionError, JobState, JobStatus

TIMING = Timing(unknown_grace=10, outputs_grace=5, unreachable=300)


@pytest.mark.parametrize("status", [JobStatus.PENDING, JobStatus.IN_PROGRESS])
def test_a_job_in_flight_is_not_over(status: JobStatus) -> None:
    """However long it takes."""
    following = Following(TIMING, 0)
    assert not following.is_over(JobState(status), 1e6)


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_job_that_ended_badly_is_over_without_outputs(status: JobStatus) -> None:
    """Nothing more will come."""
    assert Following(TIMING, 0).is_over(JobState(status), 1)


def test_a_completed_job_is_over_once_its_outputs_are_told() -> None:
    """A wait that returned too early would show a job without pictures."""
    following = Following(TIMING, 0)
    assert not following.is_over(JobState(JobStatus.COMPLETED), 1)
    assert following.is_over(JobState(JobStatus.COMPLETED, outputs={}), 2)


def test_outputs_that_never_come_do_not_hang_a_wait() -> None:
    """A workflow may have none, and a server may say so by silence."""
    following = Following(TIMING, 0)
    assert not following.is_over(JobState(JobStatus.COMPLETED), 100)
    assert not following.is_over(JobState(JobStatus.COMPLETED), 104.9)
    assert following.is_over(JobState(JobStatus.COMPLETED), 105)


def test_an_unknown_job_is_lost_only_after_a_grace() -> None:
    """Servers answer 404 for a moment after they accepted a job."""
    following = Following(TIMING, 0)
    assert not following.is_lost(9.9)
    assert following.is_lost(10)


def test_the_grace_starts_anew_when_the_job_is_seen() -> None:
    """One bad answer in the middle of a long job means nothing."""
    following = Following(TIMING, 0)
    following.is_over(JobState(JobStatus.IN_PROGRESS), 1000)
    assert not following.is_lost(1009)
    assert following.is_lost(1010)


@pytest.mark.parametrize(
    "error",
    [
        APIConnectionError("cut"),
        APITimeoutError("slow"),
        UnexpectedResponseError("html"),
        ServerError("502", status=502, retryable=True),
        RateLimitError("429", status=429, retryable=True),
    ],
)
def test_a_server_out_of_reach_is_waited_for(error: ComfyCloudError) -> None:
    """For five minutes without a break, not five minutes in all."""
    following = Following(TIMING, 0)
    assert not following.gives_up(error, 299)
    following.is_over(JobState(JobStatus.IN_PROGRESS), 299)
    assert not following.gives_up(error, 598)
    assert following.gives_up(error, 599)


def test_a_refusal_ends_the_wait() -> None:
    """No patience makes a wrong key right."""
    assert Following(TIMING, 0).gives_up(AuthenticationError("401", status=401), 0)


def test_a_failure_without_details_still_names_the_job() -> None:
    """The id is what support asks for."""
    error = failure("abc", JobState(JobStatus.FAILED, raw_status="lost"), None)
    assert (error.job_id, error.node_id, error.traceback) == ("abc", None, ())
    assert str(error) == "job abc failed (lost)"


def test_a_failure_tells_node_class_and_reason() -> None:
    """What to look at first."""
    details = ExecutionError("7", "KSampler", "RuntimeError", "out of memory", ("line",))
    error = failure("abc", JobState(JobStatus.FAILED, error=details), None)
    assert str(error) == "job abc failed in node 7 (KSampler): RuntimeError: out of memory"
    assert error.traceback == ("line",)
