"""Times as servers send them: a wrong unit or zone shows a job in the wrong year, or filters it away."""

import datetime as dt
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from comfy_cloud._core.times import parse_retry_after, parse_time

MOMENT = datetime(2026, 11, 23, 18, 13, 54, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())
FRACTION = MOMENT + timedelta(microseconds=123456)


@pytest.mark.parametrize(
    "value",
    [
        SECONDS,
        float(SECONDS),
        SECONDS * 10**3,
        float(SECONDS * 10**3),
        SECONDS * 10**6,
        SECONDS * 10**9,
        str(SECONDS),
        f" {SECONDS * 10**3} ",
        f"{SECONDS}.0",
        "2026-11-23T18:13:54Z",
        "2026-11-23T18:13:54",
        "2026-11-23 18:13:54",
        "2026-11-23T20:13:54+02:00",
        "2026-11-23T10:13:54-0800",
        "20261123T181354Z",
        "20261123181354",
        "Mon, 23 Nov 2026 18:13:54 GMT",
        "Mon, 23 Nov 2026 18:13:54 +0000",
        "2026-11-23 18:13:54 +0000 UTC",
        "Mon Nov 23 2026 20:13:54 GMT+0200 (Central European Summer Time)",
        datetime(2026, 11, 23, 18, 13, 54),  # noqa: DTZ001
        datetime(2026, 11, 23, 20, 13, 54, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_the_same_moment_is_read_from_every_form_of_it(value: object) -> None:
    parsed = parse_time(value)
    assert parsed == MOMENT
    assert parsed is not None
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T18:13:54.123456",
        "2026-11-23T18:13:54.123456789Z",
        "2026-11-23T19:13:54,123456789+01:00",
        SECONDS * 10**6 + 123456,
        SECONDS * 10**9 + 123456789,
    ],
)
def test_fractions_of_any_length_keep_their_microseconds(value: object) -> None:
    assert parse_time(value) == FRACTION


def test_milliseconds_written_as_a_fraction_of_seconds_are_not_lost() -> None:
    assert parse_time(f"{SECONDS}.25") == MOMENT + timedelta(milliseconds=250)
    assert parse_time(SECONDS * 1000 + 250) == MOMENT + timedelta(milliseconds=250)


@pytest.mark.parametrize(
    ("number", "year"),
    [(0, 1970), (10**11 - 1, 5138), (10**11, 1973), (10**14 - 1, 5138), (10**14, 1973), (10**17, 1973), (-1, 1969)],
)
def test_the_unit_of_a_number_is_told_by_its_size(number: int, year: int) -> None:
    parsed = parse_time(number)
    assert parsed is not None
    assert parsed.year == year


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-23", (2026, 11, 23)),
        ("20261123", (2026, 11, 23)),
        ("23 November 2026", (2026, 11, 23)),
        ("11/23/2026", (2026, 11, 23)),
        ("2026-11", (2026, 11, 1)),
        ("2026", (2026, 1, 1)),
        (dt.date(2026, 11, 23), (2026, 11, 23)),
    ],
)
def test_a_date_alone_is_its_midnight_in_utc(value: object, expected: tuple[int, int, int]) -> None:
    assert parse_time(value) == datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize(
    "junk",
    [
        None,
        True,
        False,
        "",
        "   ",
        "soon",
        "now",
        "2026-13-45",
        "10:30",
        "Monday",
        "23 Nov",
        "2026-11-23T18:13:54 EST",
        b"2026-11-23",
        [],
        {},
        object(),
        float("nan"),
        float("inf"),
        10**400,
        -(10**30),
        "9" * 60,
        "1" * 5000,
        "9:" + "7" * 44,  # dateutil raises decimal.InvalidOperation, which is no ValueError
        datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
        "0001-01-01T00:00:00+05:00",
    ],
)
def test_what_is_no_time_is_none_and_no_error(junk: object) -> None:
    assert parse_time(junk) is None


def test_a_time_means_the_same_on_a_machine_in_another_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["2026-07-23 18:13:54", "Thu, 23 Jul 2026 18:13:54 GMT", "2026-07-23T18:13:54 EST", "2026-07-23T18:13:54Z"]
    here = [parse_time(text) for text in texts]
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert [parse_time(text) for text in texts] == here
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 1.5 ", 1.5),
        (3, 3.0),
        (0.25, 0.25),
        ("0", 0.0),
        ("-5", 0.0),
        (-5, 0.0),
        ("20261123", 20261123.0),
        ("4\x1e", 4.0),  # white space to `strip`, and not to `float`
        ("Mon, 23 Nov 2026 18:14:24 GMT", 30.0),
        ("Monday, 23-Nov-26 18:14:24 GMT", 30.0),
        ("Mon Nov 23 18:14:24 2026", 30.0),
        ("Mon, 23 Nov 2026 18:13:00 GMT", 0.0),
    ],
)
def test_retry_after_is_a_wait_in_seconds_and_never_negative(value: object, seconds: float) -> None:
    assert parse_retry_after(value, MOMENT) == seconds


@pytest.mark.parametrize(
    "junk",
    [
        None,
        True,
        "",
        "later",
        "5 s",
        "1e3",
        "120, 120",
        "٣",
        [],
        float("nan"),
        float("inf"),
        "9" * 400,
        10**400,
        "9:" + "7" * 44,
    ],
)
def test_an_unreadable_retry_after_is_ignored(junk: object) -> None:
    assert parse_retry_after(junk, MOMENT) is None


def test_retry_after_takes_a_present_without_zone_as_utc() -> None:
    assert parse_retry_after("Mon, 23 Nov 2026 18:14:24 GMT", MOMENT.replace(tzinfo=None)) == 30.0
