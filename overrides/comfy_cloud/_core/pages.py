"""Paging of lists: which page to request next, and which of its items belong to the result. No I/O.

Servers page by offset or by cursor. Some send wrong totals, repeat items or leave out fields. So a page that is empty
or has no new item always ends a listing, whatever its fields say: otherwise a program would loop forever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias, TypeGuard

from .._constants import PAGE_SIZE
from ..errors import ConfigurationError
from .arguments import LISTS
from .times import parse_time

TimeLike: TypeAlias = datetime | date | str | float
_COMFYUI_SORT_WORDS = {"create_time": "created_at", "execution_time": "execution_duration"}


def created_at(item: object) -> datetime | None:
    """Return when a job or an asset was created, in UTC, or None if the response does not tell.

    In a history and in a queue, the time is in the extra data of the submit. ComfyUI 0.3.64 does not note it there:
    then the first message of the job tells when it was taken up.
    """
    fields: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    prompt, status = fields.get("prompt", item), fields.get("status")
    parts = prompt if isinstance(prompt, list | tuple) else [prompt.get("extra_data")] if _is_map(prompt) else []
    messages = status.get("messages") if _is_map(status) else None
    told = [fields.get("created_at"), fields.get("create_time")]
    told += [part.get("create_time") for part in parts[-2:] if _is_map(part)]
    for message in messages if isinstance(messages, list) else []:
        told += [part.get("timestamp") for part in message if _is_map(part)] if isinstance(message, list) else []
    return next((time for time in map(parse_time, told) if time is not None), None)


def _is_map(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def other_sort_word(word: object, refusal: str) -> str | None:
    """Return ComfyUI's name of a sort column, if its refusal of the contract's name mentions it."""
    other = _COMFYUI_SORT_WORDS.get(word) if isinstance(word, str) else None
    return other if other is not None and other in refusal else None


class Listing:
    """The state of a listing. `query` has the parameters of the next page, `take` reads its response, `done` ends it.

    `key` names the list of items in a response, `size_name` the parameter for the page size. `limit` counts items
    (None: all). Items are kept from `created_after` (inclusive) to `created_before` (exclusive). `newest_first` means
    that they were asked for in that order, so that the first older one ends the listing.
    """

    def __init__(
        self,
        key: str,
        page_size: int | None = None,
        *,
        size_name: str = "limit",
        limit: int | None = None,
        created_after: TimeLike | None = None,
        created_before: TimeLike | None = None,
        newest_first: bool = False,
    ) -> None:
        page_size = page_size or PAGE_SIZE
        LISTS.count("limit", limit, hint="; None lists all")
        self._key = key
        self._after, self._before = _bound("created_after", created_after), _bound("created_before", created_before)
        self._bounded = self._after is not None or self._before is not None
        # With bounds, items of a page may be left out, so a page as small as the limit would often be too small.
        self._size = {size_name: page_size if limit is None or self._bounded else min(limit, page_size)}
        self._newest_first = newest_first
        self._left = limit
        self._position: dict[str, Any] = {}
        self._received = 0
        self._seen: set[str] = set()
        self.done = limit == 0

    @property
    def query(self) -> dict[str, Any]:
        """The query parameters of the next page."""
        return {**self._size, **self._position}

    def take(self, body: object) -> list[Mapping[str, Any]]:
        """Return the items of a page that are new and within the limits."""
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
            # An item without an id is compared by its content. Otherwise a server that repeats it would never end.
            identity = json.dumps(item, sort_keys=True, default=str)
        known = identity in self._seen
        self._seen.add(identity)
        return not known

    def _goes_on(self, body: object) -> bool:
        """Return True if the server may have more, and note where: by its cursor, else by the items received."""
        page: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
        page = inner if isinstance(inner := page.get("pagination"), Mapping) else page
        cursor, more, total = page.get("next_cursor"), page.get("has_more"), page.get("total")
        if isinstance(cursor, str) and cursor:
            self._position = {"after": cursor}
            return True
        if "after" in self._position:
            return False  # The listing was paged by cursor, and the last page has no cursor.
        self._position = {"offset": self._received}
        # `total` can be 0 on the cloud although there are items, so it may prolong a listing but never end it.
        return more is not False or (isinstance(total, int) and total > self._received)

    def _is_past(self, items: list[Mapping[str, Any]]) -> bool:
        """Return True if all later items are too old. Pages that are not sorted as requested prove nothing."""
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
    # Servers round times down to seconds or milliseconds. The bound is rounded to the same unit, so that an item that
    # was created shortly after the bound does not count as older.
    unit = 1_000_000 if not time.microsecond else 1_000 if time.microsecond % 1_000 == 0 else 1
    return time < bound.replace(microsecond=bound.microsecond // unit * unit)


def _bound(name: str, value: TimeLike | None) -> datetime | None:
    moment = parse_time(value)
    if moment is None and value is not None:
        raise ConfigurationError(
            f"{name}={value!r} could not be parsed as a time; pass a datetime or a string such as '2026-11-23 18:00'"
        )
    return moment


def read_history(body: object) -> list[Mapping[str, Any]]:
    """Return the entries of a ComfyUI's `GET /api/history`, newest first, each with its `prompt_id`.

    The response of that route has all entries: an object by job id, the oldest first.
    """
    entries: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    found: list[Mapping[str, Any]] = [
        {**entry, "prompt_id": job_id} for job_id, entry in entries.items() if isinstance(entry, Mapping)
    ]
    return found[::-1]
