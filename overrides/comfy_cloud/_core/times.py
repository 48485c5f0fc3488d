"""Parse times as servers and people write them: epoch numbers of any unit, ISO 8601, HTTP dates, plain dates.

The result is an aware datetime in UTC, or None if the value is not a time. No clock and no local time zone is read. So
a string without a full date ("10:30", "Monday", "23 Nov") is not a time, and zones are known by offset or as UTC only.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from .._constants import EPOCH_MICROSECONDS_FROM, EPOCH_MILLISECONDS_FROM, EPOCH_NANOSECONDS_FROM, TIME_TEXT_MAX_LENGTH

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?", re.ASCII)
# Strings of YYYY, YYYYMMDD, YYYYMMDDhhmm and YYYYMMDDhhmmss. As epoch numbers they would mean years long before such
# servers existed, or far in the future.
_CALENDAR_DIGITS = re.compile(r"(?:[0-9]{4}|[0-9]{8}|[0-9]{12}|[0-9]{14})", re.ASCII)
# A longer delay does not fit a timedelta and counts as not given. The comparison is false for nan as well.
_LONGEST_WAIT = timedelta.max.total_seconds()
_UTC_NAMES = frozenset({"UTC", "GMT", "Z", "UT"})
# The name of a zone beside its offset, as Go ("+0200 CEST") and JavaScript ("GMT+0200") print it. dateutil refuses the
# first. It reads the second like POSIX, where GMT+2 is west of Greenwich, and so gets the sign wrong.
_NAME_BESIDE_OFFSET = re.compile(r"(?:UTC|GMT)(?=[+-][0-9])|(?<=[+-][0-9]{4})\s+(?:[A-Z]{2,5}|\([^()]*\))$", re.ASCII)
# The values that dateutil fills in for missing parts. A string gives the same time with both only if it has a year and
# a month of its own. dateutil has no option to refuse incomplete dates.
_DEFAULTS = (datetime(2000, 1, 1), datetime(2004, 2, 1))  # noqa: DTZ001  dateutil adds the zone


def parse_time(value: object) -> datetime | None:
    """Return the time that a value means, in UTC, or None if it is not a time.

    - A number is a time since 1970. Its unit depends on its size without sign: seconds below 1e11 (the year 5138),
      milliseconds below 1e14, microseconds below 1e17, else nanoseconds. A string of digits is read like the number.
      But 4, 8, 12 and 14 digits are read as YYYY, YYYYMMDD, YYYYMMDDhhmm and YYYYMMDDhhmmss, if that is a date.
    - Other strings are parsed by python-dateutil, as ISO 8601 first. Without a zone they are UTC, without a time of
      day they are midnight. Digits below the microsecond are dropped.
    - A datetime without a zone is UTC, a date is its midnight in UTC. A bool is not a time.
    """
    try:
        if isinstance(value, datetime):
            return _in_utc(value)
        if isinstance(value, date):
            return datetime.combine(value, time(), UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_epoch(value)
        if isinstance(value, str):
            return _from_text(value.strip())
    except (ValueError, OverflowError):
        return None
    return None


def parse_retry_after(value: object, now: datetime) -> float | None:
    """Return the seconds to wait of a `Retry-After` header, which is a number of seconds or an HTTP date.

    The result is 0 for a date before `now`, and None if the header is neither. A `now` without a zone is UTC.
    """
    # Stripped before it is read: `float` keeps some characters that `strip` takes for white space, such as \x1e.
    if isinstance(value, str) and _NUMBER.fullmatch(value := value.strip()):
        value = float(value)
    if isinstance(value, int | float):
        return max(0.0, float(value)) if not isinstance(value, bool) and abs(value) <= _LONGEST_WAIT else None
    moment, current = parse_time(value), parse_time(now)
    if moment is None or current is None:
        return None
    return max(0.0, (moment - current).total_seconds())


def _from_epoch(value: float) -> datetime:
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    size = abs(value)
    if size < EPOCH_MILLISECONDS_FROM:
        return _EPOCH + timedelta(seconds=value)
    if size < EPOCH_MICROSECONDS_FROM:
        return _EPOCH + timedelta(milliseconds=value)
    if size < EPOCH_NANOSECONDS_FROM:
        return _EPOCH + timedelta(microseconds=value)
    return _EPOCH + timedelta(microseconds=value // 1000)


def _from_text(text: str) -> datetime | None:
    if not text or len(text) > TIME_TEXT_MAX_LENGTH:
        return None
    if not _NUMBER.fullmatch(text):
        return _from_calendar(text)
    if _CALENDAR_DIGITS.fullmatch(text) and (moment := _from_calendar(text)) is not None:
        return moment
    return _from_epoch(float(text) if "." in text else int(text))


def _from_calendar(text: str) -> datetime | None:
    from dateutil import parser  # only times of people and odd servers need it, and most programs see none

    # Both raise what their parts raise: a minute of fifty digits is decimal.InvalidOperation, and more may be found.
    with suppress(Exception):
        return _in_utc(parser.isoparse(text))
    text = _NAME_BESIDE_OFFSET.sub("", text)
    try:
        first, second = (_in_utc(parser.parse(text, default=default, tzinfos=_zone)) for default in _DEFAULTS)
    except Exception:  # noqa: BLE001
        return None
    return first if first == second else None


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Return the zone for dateutil. Without this hook, dateutil reads names such as EST as this machine's own zone."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is None:
        return None
    if name.upper() in _UTC_NAMES:
        return UTC
    raise ValueError(f"unknown time zone {name}")


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
