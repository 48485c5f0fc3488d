"""Reads times as servers and people write them: epoch numbers of any unit, ISO text, HTTP dates, plain dates.

Everything becomes an aware datetime in UTC, or None when it is no time. It reads no clock: text that leaves the date
open ("10:30", "Monday", "23 Nov") is no time, and a zone is known by its offset or as UTC, never by this machine's.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from dateutil import parser

from .._constants import EPOCH_MICROSECONDS_FROM, EPOCH_MILLISECONDS_FROM, EPOCH_NANOSECONDS_FROM, TIME_TEXT_MAX_LENGTH

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?", re.ASCII)
# As seconds or milliseconds, these would lie where no server of this kind has ever sent a time from.
_CALENDAR_DIGITS = re.compile(r"(?:[0-9]{4}|[0-9]{8}|[0-9]{12}|[0-9]{14})", re.ASCII)
# A delay beyond what a timedelta holds is no delay; nan fails the comparison too.
_LONGEST_WAIT = timedelta.max.total_seconds()
_UTC_NAMES = frozenset({"UTC", "GMT", "Z", "UT"})
# A zone's name beside its offset, as Go and JavaScript print it. dateutil refuses the one ("+0200 CEST") and takes the
# other ("GMT+0200") as POSIX does, with the sign turned round.
_NAME_BESIDE_OFFSET = re.compile(r"(?:UTC|GMT)(?=[+-][0-9])|(?<=[+-][0-9]{4})\s+(?:[A-Z]{2,5}|\([^()]*\))$", re.ASCII)
# What dateutil fills in for missing parts. A text means the same with both only if it names year and month itself.
_DEFAULTS = (datetime(2000, 1, 1), datetime(2004, 2, 1))  # noqa: DTZ001  dateutil adds the zone


def parse_time(value: object) -> datetime | None:
    """The time that `value` means, in UTC, or None.

    - A number is time since 1970, its unit told by its size without sign: seconds below 1e11 (the year 5138),
      milliseconds below 1e14, microseconds below 1e17, else nanoseconds. The same holds for a number in a text, except
      that 4, 8, 12 and 14 digits are read as YYYY, YYYYMMDD, YYYYMMDDhhmm, YYYYMMDDhhmmss where that is a date.
    - A text is read by python-dateutil, ISO 8601 first. Without a zone it is UTC, without a time of day midnight.
      Digits below the microsecond are dropped.
    - A datetime without a zone is UTC; a date is its midnight. A bool is no time.
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
    """Seconds to wait by a `Retry-After` header: a number of seconds or an HTTP date, seen from `now`.

    Never negative; None if it is neither. A `now` without a zone is UTC.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
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
    try:
        return _in_utc(parser.isoparse(text))
    except ValueError:
        pass
    text = _NAME_BESIDE_OFFSET.sub("", text)
    try:
        first, second = (_in_utc(parser.parse(text, default=default, tzinfos=_zone)) for default in _DEFAULTS)
    except (ValueError, OverflowError):
        return None
    return first if first == second else None


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """dateutil's hook for zones: without it, a name such as EST would mean what this machine takes it for."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is None:
        return None
    if name.upper() in _UTC_NAMES:
        return UTC
    raise ValueError(f"unknown time zone {name}")


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
