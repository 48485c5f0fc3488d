"""How often a waiting client asks: too seldom and short jobs feel slow, too often and the server says stop."""

import itertools

import pytest

from comfy_cloud._core.polling import PollSchedule


def middle() -> float:
    return 0.5  # no jitter either way


def test_short_jobs_are_noticed_soon_and_long_ones_are_not_asked_for_too_often() -> None:
    schedule = PollSchedule(middle)
    delays = [schedule.next_delay() for _ in range(12)]
    assert delays[:3] == [0.25, 0.375, 0.5625]
    assert delays == sorted(delays)
    assert delays[-3:] == [5.0, 5.0, 5.0]


def test_clients_started_together_do_not_ask_in_step() -> None:
    assert PollSchedule(lambda: 0.0).next_delay() == pytest.approx(0.2)
    assert PollSchedule(lambda: 1.0).next_delay() == pytest.approx(0.3)


def test_jitter_does_not_add_up_from_one_delay_to_the_next() -> None:
    schedule = PollSchedule(itertools.cycle([1.0, 0.5]).__next__)
    assert [schedule.next_delay() for _ in range(2)] == pytest.approx([0.3, 0.375])


def test_a_delay_never_goes_past_the_deadline() -> None:
    schedule = PollSchedule(lambda: 1.0)
    assert schedule.next_delay(0.1) == 0.1
    assert schedule.next_delay(0.0) == 0.0
    assert schedule.next_delay(-3.0) == 0.0


def test_intervals_can_be_given() -> None:
    schedule = PollSchedule(middle, first=0.01, growth=2.0, longest=0.03, jitter=0.0)
    assert [schedule.next_delay() for _ in range(4)] == [0.01, 0.02, 0.03, 0.03]
    assert PollSchedule(middle, first=9.0, longest=2.0).next_delay() == 2.0
