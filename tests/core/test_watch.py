"""What comes next in a wait: decided from answers, errors, messages and the time they came, without a clock."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    ComfyCloudError,
    JobCancelled,
    JobCompleted,
    JobEvent,
    JobFailed,
    JobLostError,
    JobQueued,
    JobStarted,
    NodeStarted,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
)
from comfy_cloud._core.frames import Signal
from comfy_cloud._core.job_state import REMOVED, ExecutionError, JobState, JobStatus, QueueItem, failure
from comfy_cloud._core.watch import JobWatch, Move, Poll, Roster, Step, Timing

TIMING = Timing(unknown_grace=10, outputs_grace=5, unreachable=300, socket_lag=0.1, poll_live=15, list_spacing=0.5)

PENDING = JobState(JobStatus.PENDING)
RUNNING = JobState(JobStatus.IN_PROGRESS)
DONE = JobState(JobStatus.COMPLETED, outputs={})
NODE = NodeStarted("j", "1")


def middle() -> float:
    return 0.5  # no jitter either way


def poll(random: Callable[[], float] = middle, timeout: float | None = None, **timing: float) -> Poll:
    return Poll(Timing(**timing), 0, random, timeout)


def delays(schedule: Poll, number: int) -> list[float]:
    """The pauses between `number` questions that are answered at once."""
    now, found = 0.0, []
    for _ in range(number):
        schedule.answered(now)
        found.append(schedule.due - now)
        now = schedule.due
    return found


def watch(timeout: float | None = None, **options: Any) -> JobWatch:
    return JobWatch("j", TIMING, 0, middle, timeout, **options)


def told(job: JobWatch, now: float, *, alone: bool = True) -> tuple[list[JobEvent], Step]:
    """The events that are to be told now, and the step after them."""
    events: list[JobEvent] = []
    while isinstance(step := job.next(now, alone=alone), JobEvent):
        events.append(step)
    return events, step


def test_short_jobs_are_noticed_soon_and_long_ones_are_not_asked_for_too_often() -> None:
    """A job of a second does not take three, a job of an hour does not cost a thousand requests."""
    found = delays(poll(), 40)
    assert found[:3] == pytest.approx([0.25, 0.375, 0.5625])
    assert found == sorted(found)
    first_minute = [delay for delay, end in zip(found, itertools.accumulate(found), strict=True) if end < 60]
    assert max(first_minute) == 2.5
    assert found[-1] == 5


def test_clients_started_together_do_not_ask_in_step() -> None:
    """A server is not hit by all of them at the same moment."""
    assert delays(poll(lambda: 0.0), 1) == pytest.approx([0.2])
    assert delays(poll(lambda: 1.0), 1) == pytest.approx([0.3])
    assert delays(poll(itertools.cycle([1.0, 0.5]).__next__), 2) == pytest.approx([0.3, 0.375]), "it does not add up"


def test_a_delay_never_goes_past_the_deadline() -> None:
    """The last question is asked when the time is over, not later."""
    schedule = poll(timeout=0.1)
    schedule.answered(0)
    assert (schedule.due, schedule.expired(0.09)) == (0.1, False)
    schedule.answered(0.11)
    assert schedule.expired(0.11)


@pytest.mark.parametrize(("timeout", "now", "limit"), [(None, 5, None), (10, 5, 10), (10, 9.9, 10.15), (0, 0, 0.25)])
def test_a_question_ends_with_the_wait_but_gets_a_moment(timeout: float | None, now: float, limit: float) -> None:
    """A wait without time left still learns of a job that is over."""
    assert poll(timeout=timeout).limit(now) == (limit if limit is None else pytest.approx(limit))


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
    schedule = poll()
    assert not schedule.failed(error, 299)
    schedule.answered(299)
    assert not schedule.failed(error, 598)
    assert schedule.failed(error, 599)


def test_a_refusal_ends_the_wait_and_names_the_job() -> None:
    """No patience makes a wrong key right."""
    job = watch()
    assert job.failed(AuthenticationError("401", status=401), 0)
    assert told(job, 0) == ([], Move.DONE)
    assert isinstance(job.failure, AuthenticationError)
    assert job.failure.job_id == "j"


@pytest.mark.parametrize("status", [JobStatus.PENDING, JobStatus.IN_PROGRESS])
def test_a_job_in_flight_is_asked_for_again_however_long_it_takes(status: JobStatus) -> None:
    """No fixed limit for long video jobs."""
    job = watch()
    job.detail(JobState(status), 1e6)
    events, step = told(job, 1e6)
    assert events == [JobQueued("j") if status is JobStatus.PENDING else JobStarted("j")]
    assert isinstance(step, float)
    assert told(job, step) == ([], Move.ASK)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (JobState(JobStatus.FAILED, error=ExecutionError("7", None, None, "why", ())), JobFailed("j", "why")),
        (JobState(JobStatus.CANCELLED), JobCancelled("j")),
        (DONE, JobCompleted("j")),
    ],
)
def test_a_job_that_ended_is_over_with_one_last_event(state: JobState, event: JobEvent) -> None:
    """Each state is told once, and nothing comes after the end."""
    job = watch()
    job.detail(PENDING, 1)
    job.detail(state, 2)
    assert told(job, 2) == ([JobQueued("j"), event], Move.DONE)


def test_a_completed_job_is_over_once_its_outputs_are_told() -> None:
    """A wait that returned too early would show a job without pictures."""
    job = watch()
    job.detail(JobState(JobStatus.COMPLETED), 1)
    assert not job.is_over
    job.detail(DONE, 2)
    assert job.is_over


def test_outputs_that_never_come_do_not_hang_a_wait() -> None:
    """A workflow may have none, and a server may say so by silence."""
    job = watch()
    for now, over in ((100, False), (104.9, False), (105, True)):
        job.detail(JobState(JobStatus.COMPLETED), now)
        assert job.is_over is over


def test_an_unknown_job_is_lost_only_after_a_grace_that_starts_anew_when_it_is_seen() -> None:
    """Servers answer 404 for a moment after they accepted a job, and one bad answer later means nothing."""
    job = watch()
    job.detail(None, 9.9)
    job.detail(RUNNING, 1000)
    job.detail(None, 1009)
    assert not job.is_over
    job.detail(None, 1010)
    assert isinstance(job.failure, JobLostError)
    assert "j" in str(job.failure)


def test_what_is_known_to_be_final_is_not_asked_for() -> None:
    """Waiting for a hundred finished jobs costs nothing."""
    assert told(watch(known=DONE), 0) == ([JobCompleted("j")], Move.DONE)
    assert told(watch(known=JobState(JobStatus.COMPLETED)), 0) == ([], Move.ASK), "its outputs are missing"
    assert told(watch(known=RUNNING), 0) == ([], Move.ASK)


def test_a_wait_that_is_out_of_time_asked_at_least_once() -> None:
    """`wait(0)` tells whether a job is over."""
    job = watch(timeout=0)
    assert told(job, 5) == ([], Move.ASK)
    job.detail(RUNNING, 5)
    assert told(job, 5) == ([JobStarted("j")], Move.EXPIRED)


@pytest.mark.parametrize("luck", [0.0, 0.5, 1.0])
def test_an_unknown_job_is_asked_for_when_its_grace_ends(luck: float) -> None:
    """Who mistypes an id does not wait for the schedule as well, which asked up to three seconds later."""
    job, now = JobWatch("j", TIMING, 0, lambda: luck), 0.0
    while job.failure is None:
        assert told(job, now) == ([], Move.ASK)
        job.detail(None, now)
        now, last = job.due, now
    assert last == 10


def test_a_listener_hears_first_where_the_job_stands() -> None:
    """Messages that came earlier are told after the first answer, in their order."""
    job = watch(listens=True)
    for item in (Signal.STARTED, NODE):
        job.heard(item, 0)
    assert told(job, 0) == ([], Move.ASK)
    job.detail(PENDING, 0.1)
    assert told(job, 0.1)[0] == [JobQueued("j"), JobStarted("j"), NODE]


def test_while_messages_come_rest_is_asked_every_fifteen_seconds() -> None:
    """And when they stop, by the schedule again."""
    job = watch()
    job.detail(RUNNING, 0)
    job.heard(NODE, 0.1)
    assert told(job, 0.1)[1] == 15
    job.detail(RUNNING, 15)
    assert told(job, 15)[1] == 30
    job.detail(RUNNING, 30)
    assert told(job, 30)[1] == pytest.approx(30, abs=1), "silent since the last answer"


def test_a_dropped_connection_is_a_reason_to_ask_at_once() -> None:
    """What was told in the meantime is lost, perhaps the end."""
    job = watch()
    job.detail(RUNNING, 0)
    job.heard(NODE, 0.1)
    job.heard(Signal.DROPPED, 3)
    assert told(job, 3)[1] is Move.ASK


def test_an_end_that_is_told_is_asked_for_until_rest_has_it() -> None:
    """At once and after 2, 5, 10, 20 and 50 ms: a job does not end late because its server needs a moment."""
    job = watch()
    job.detail(RUNNING, 0)
    told(job, 0)
    job.heard(Signal.ENDED, 10)
    now, asked = 10.0, []
    for _ in range(7):
        assert job.next(now, alone=True) is Move.ASK
        asked.append(now)
        job.detail(RUNNING, now)
        step = job.next(now, alone=True)
        assert isinstance(step, float)
        now = step
    assert asked == pytest.approx([10, 10.002, 10.005, 10.01, 10.02, 10.05, 10.3]), (
        "then by the schedule, from its start"
    )


def test_questions_that_a_slow_server_made_late_become_one() -> None:
    """Far away an answer takes longer than all these pauses together."""
    job = watch()
    job.detail(RUNNING, 0)
    job.heard(Signal.ENDED, 10)
    told(job, 10)
    job.detail(RUNNING, 10.2)
    assert told(job, 10.2)[1] is Move.ASK
    job.detail(RUNNING, 10.4)
    assert told(job, 10.4)[1] == pytest.approx(10.65)


@pytest.mark.parametrize(
    ("options", "live", "heard", "lag"),
    [
        ({"listens": True}, True, True, 0.1),
        ({"listens": True, "fresh": True}, True, False, 0.1),
        ({"listens": True}, True, False, 0),
        ({"listens": True}, False, True, 0),
        ({}, True, True, 0),
    ],
)
def test_late_events_are_waited_for_only_if_they_can_come_and_somebody_listens(
    options: dict[str, Any], live: bool, heard: bool, lag: float
) -> None:
    """A hundred waits on finished jobs do not sleep; a progress bar gets its last step."""
    job = watch(**options)
    if heard:
        job.heard(NODE, 0)
    job.detail(DONE, 1, live=live)
    step = told(job, 1)[1]
    assert step == (pytest.approx(1 + lag) if lag else Move.DONE)
    if lag:
        job.heard(NODE, 1.05)
        job.heard(Signal.ENDED, 1.06)
        assert told(job, 1.06) == ([*([] if heard else [JobStarted("j")]), NODE, JobCompleted("j")], Move.DONE)


def test_a_job_among_many_waits_for_the_list() -> None:
    """Only when the list no longer has the job is the job asked for."""
    job = watch()
    assert isinstance(told(job, 0, alone=False)[1], float)
    assert job.list_at == 0
    job.listed(PENDING, 0.1)
    events, step = told(job, 0.1, alone=False)
    assert (events, step) == ([JobQueued("j")], math.inf)
    job.listed(None, 0.6)
    assert told(job, 0.6, alone=False)[1] is Move.ASK
    job.detail(DONE, 0.7)
    assert told(job, 0.7, alone=False)[0] == [JobCompleted("j")]
    job.listed(RUNNING, 0.8)
    assert job.state is DONE, "a list that was asked for earlier is older"


def test_a_job_that_is_never_listed_is_asked_for_by_its_own_schedule() -> None:
    """Just submitted, or in a state that the list's filter does not know: not one more question for each list."""
    job = watch()
    job.listed(None, 0)
    assert told(job, 0, alone=False)[1] is Move.ASK
    job.detail(RUNNING, 0)
    job.listed(None, 0.1)
    assert told(job, 0.1, alone=False)[1] == 0.25


def test_a_short_wait_among_many_does_not_depend_on_the_list() -> None:
    """A loop around `wait(0)` works beside 500 other waits."""
    assert told(watch(timeout=0.1), 0, alone=False)[1] is Move.ASK


def test_errors_of_the_list_are_no_errors_of_the_jobs() -> None:
    """A refused list leads to the job's own route, a server out of reach is waited for."""
    refused, passing = watch(), watch()
    refused.unlisted(AuthenticationError("401", status=401), 0)
    passing.unlisted(APIConnectionError("cut"), 0)
    assert (refused.failure, passing.failure) == (None, None)
    assert told(refused, 0, alone=False)[1] is Move.ASK
    assert isinstance(told(passing, 0, alone=False)[1], float)
    passing.unlisted(shared := APIConnectionError("cut"), 300)
    assert passing.failure is not None
    assert passing.failure.job_id == "j"
    assert shared.job_id is None, "it is told to every job"


def test_one_list_serves_all_and_is_asked_for_twice_a_second_at_most() -> None:
    """Whatever the number of jobs."""
    roster, jobs = Roster(), [watch(), watch()]
    roster.add(["a"])
    assert roster.alone(0)
    roster.add(["b", "b"])
    assert not roster.alone(0)
    assert roster.due(jobs, 0.5) == 0
    roster.asked(0.1)
    assert roster.due(jobs, 0.5) == pytest.approx(0.6)
    for job in jobs:
        job.detail(DONE, 0.2)
    assert roster.due(jobs, 0.5) == math.inf, "nobody needs it"
    roster.remove(["b"])
    assert not roster.alone(1), "two wait for it"
    roster.remove(["b"])
    assert roster.alone(1)


@pytest.mark.parametrize(
    ("errors", "alone"),
    [
        ([AuthenticationError("401", status=401)], True),
        ([APIConnectionError("cut")], False),
        ([APIConnectionError("cut")] * 2 + [None] + [APIConnectionError("cut")] * 2, False),
        ([APIConnectionError("cut")] * 3, True),
    ],
)
def test_a_list_that_is_of_no_use_is_left_alone_for_a_minute(errors: list[Any], alone: bool) -> None:
    """A gateway that blocks that route must not keep jobs from being asked for."""
    roster = Roster()
    roster.add(["a", "b"])
    for error in errors:
        roster.asked(1, error)
    assert roster.alone(60) is alone
    assert not roster.alone(61)


def test_a_job_that_was_cancelled_here_is_asked_for_at_once_also_among_many() -> None:
    """Nobody waits for the next list to learn what this client did itself."""
    job = watch()
    job.detail(PENDING, 0)
    assert told(job, 1, alone=False)[1] == math.inf
    job.heard(Signal.CANCELLING, 1)
    assert told(job, 1, alone=False) == ([], Move.ASK)
    job.detail(REMOVED, 1)
    assert told(job, 1) == ([JobCancelled("j")], Move.DONE)


def test_a_place_in_the_queue_is_told_once_until_it_changes() -> None:
    """And not at all once the job runs."""
    job = watch(listens=True)
    places = [2, 2, None, 1]
    for now, place in enumerate(places):
        item = None if place is None else QueueItem("j", False, 1, {}, {}, (), position=place)
        state = JobState(JobStatus.PENDING, item=item)
        assert job.wants_queue(state) is (place is None)
        job.detail(state, now)
    events = told(job, 4)[0]
    assert [event.position for event in events if isinstance(event, JobQueued)] == [2, 1]
    job.no_queue()
    assert not job.wants_queue(PENDING)
    assert not watch().wants_queue(PENDING), "nobody listens"


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
    assert str(error) == f"job abc {details}", "job.error reads like the exception"


@pytest.mark.parametrize(
    ("details", "said"),
    [
        (
            ExecutionError("7", "KSampler", "E", "no", (), node_title="Refine"),
            "failed in node 7 'Refine' (KSampler): E: no",
        ),
        (ExecutionError("7", "KSampler", "E", "no", (), node_title="KSampler"), "failed in node 7 (KSampler): E: no"),
        (ExecutionError("7", None, None, "no", ()), "failed in node 7: no"),
        (ExecutionError(None, "KSampler", "E", "", ()), "failed in a node of class KSampler: E"),
        (ExecutionError(None, None, None, "", ()), "failed: the server gave no reason"),
    ],
)
def test_a_failure_says_what_is_known(details: ExecutionError, said: str) -> None:
    """With the node's title, by which its author knows it; whatever is missing is not shown as None."""
    error = failure("abc", JobState(JobStatus.FAILED, error=details), None)
    assert str(error) == f"job abc {said}"
    assert (error.job_id, error.node_title) == ("abc", details.node_title)


@pytest.mark.parametrize("length", [0.2, 1, 3, 10, 60])
@pytest.mark.parametrize("luck", [0.0, 0.5, 1.0])
def test_the_end_of_a_job_that_is_only_polled_is_noticed_within_a_tenth_of_its_time(length: float, luck: float) -> None:
    """Or within 1.5 s: without a WebSocket people waited up to 3 s for jobs of 10 s."""
    job, now, asked = JobWatch("j", Timing(), 0.0, lambda: luck), 0.0, 0
    while now < length:
        told(job, now)
        job.detail(RUNNING, now)
        now, asked = job.due, asked + 1
    assert now - length <= min(length / 10, 1.5)
    assert asked <= 150


def test_a_job_that_a_websocket_tells_about_is_polled_with_longer_delays() -> None:
    """A socket or a list makes the questions of each job needless."""
    for live, alone in ((True, True), (False, False)):
        job = JobWatch("j", Timing(), 0.0, lambda: 0.5)
        job.next(0.0, alone=alone)
        job.detail(RUNNING, 0.0, live=live)
        assert job.due == 0.25
