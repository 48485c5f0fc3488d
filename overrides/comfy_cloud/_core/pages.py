"""Listings in pages: what to ask for next, and which items of an answer belong to the listing. Asks nothing itself.

Servers page by offset or by cursor, and some count wrong, repeat items or leave out what they were to say: a page that
is empty, or brings nothing new, ends a listing in any case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from ..errors import ConfigurationError
from .times import parse_time

Moment: TypeAlias = datetime | date | str | float
_COMFYUI_SORT_WORDS = {"create_time": "created_at", "execution_time": "execution_duration"}


def created_at(item: object) -> datetime | None:
    """When a job or an asset was made, in UTC, as its answer tells; None where it does not."""
    return parse_time(item.get("created_at", item.get("create_time"))) if isinstance(item, Mapping) else None


def other_sort_word(word: object, refusal: str) -> str | None:
    """ComfyUI's word for what jobs are sorted by, where its refusal of the contract's names it."""
    other = _COMFYUI_SORT_WORDS.get(word) if isinstance(word, str) else None
    return other if other is not None and other in refusal else None


class Listing:
    """Where a listing stands. `query` is what to ask the next page with, `take` reads its answer, `done` ends it.

    `key` holds the items in an answer, `size_name` is the parameter for a page's size, `limit` counts items (None:
    all). Of items with a time only those from `created_after` (inclusive) to `created_before` (exclusive) are kept;
    `newest_first` says that they were asked for in that order, so that the first older one ends the listing.
    """

    def __init__(
        self,
        key: str,
        page_size: int,
        *,
        size_name: str = "limit",
        limit: int | None = None,
        created_after: Moment | None = None,
        created_before: Moment | None = None,
        newest_first: bool = False,
    ) -> None:
        if limit is not None and limit < 0:
            raise ConfigurationError(f"limit counts items and cannot be {limit}; None lists all")
        self._key = key
        self._after, self._before = _bound("created_after", created_after), _bound("created_before", created_before)
        self._bounded = self._after is not None or self._before is not None
        self._size = {size_name: page_size if limit is None or self._bounded else min(limit, page_size)}
        self._newest_first = newest_first
        self._left = limit
        self._position: dict[str, Any] = {}
        self._received = 0
        self._seen: set[str] = set()
        self.done = limit == 0

    @property
    def query(self) -> dict[str, Any]:
        """The parameters of the next page."""
        return {**self._size, **self._position}

    def take(self, body: object) -> list[Mapping[str, Any]]:
        """The items of a page that are new and asked for."""
        found = body.get(self._key) if isinstance(body, Mapping) else body
        items = [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
        fresh = [item for item in items if self._is_new(item)]
        self._received += len(items)
        self.done = not fresh or not self._goes_on(body) or self._is_past(items)
        kept = [item for item in fresh if not self._bounded or self._is_within(created_at(item))]
        if self._left is not None:
            kept = kept[: self._left]
            self._left -= len(kept)
            self.done = self.done or self._left == 0
        return kept

    def _is_new(self, item: Mapping[str, Any]) -> bool:
        identity = next((item[key] for key in ("id", "prompt_id", "name") if isinstance(item.get(key), str)), None)
        if identity is None:
            identity = json.dumps(item, sort_keys=True, default=str)
        known = identity in self._seen
        self._seen.add(identity)
        return not known

    def _goes_on(self, body: object) -> bool:
        """Whether the server may have more, and where: by cursor where it gives one, else by what was received."""
        page: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
        page = inner if isinstance(inner := page.get("pagination"), Mapping) else page
        cursor, more, total = page.get("next_cursor"), page.get("has_more"), page.get("total")
        if isinstance(cursor, str) and cursor:
            self._position = {"after": cursor}
            return True
        if "after" in self._position:
            return False
        self._position = {"offset": self._received}
        return more is not False or (isinstance(total, int) and total > self._received)

    def _is_past(self, items: list[Mapping[str, Any]]) -> bool:
        """Whether all that follows is too old. A server that did not sort as asked is not believed to have."""
        if self._after is None or not self._newest_first:
            return False
        times = [time for item in items if (time := created_at(item)) is not None]
        return len(times) == len(items) and times == sorted(times, reverse=True) and _is_before(times[-1], self._after)

    def _is_within(self, time: datetime | None) -> bool:
        if time is None:
            return False
        too_old = self._after is not None and _is_before(time, self._after)
        return not too_old and (self._before is None or time < self._before)


def _is_before(time: datetime, bound: datetime) -> bool:
    # Servers tell seconds or milliseconds: what was made after the bound must not count as older than it.
    unit = 1_000_000 if not time.microsecond else 1_000 if time.microsecond % 1_000 == 0 else 1
    return time < bound.replace(microsecond=bound.microsecond // unit * unit)


def _bound(name: str, value: Moment | None) -> datetime | None:
    moment = parse_time(value)
    if moment is None and value is not None:
        raise ConfigurationError(f"{name}={value!r} is no time: give a datetime, or a text such as '2026-11-23 18:00'")
    return moment
