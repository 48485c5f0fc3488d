"""Listings: which page is next, and which items belong. A wrong rule loses a user's items, or never ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._core.pages import Listing, created_at, other_sort_word, read_history

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def item(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, **fields}


def page(*names: str, **fields: Any) -> dict[str, Any]:
    return {"things": [item(name) for name in names], **fields}


def names(items: list[Any]) -> list[str]:
    return [found["id"] for found in items]


def at(minutes: float) -> dict[str, Any]:
    time = NOON + timedelta(minutes=minutes)
    return item(f"{minutes:+}", created_at=time.isoformat())


def test_pages_follow_each_other_by_what_was_received() -> None:
    listing = Listing("things", 2)
    assert listing.query == {"limit": 2}
    assert names(listing.take(page("a", "b", has_more=True))) == ["a", "b"]
    assert listing.query == {"limit": 2, "offset": 2}
    assert names(listing.take(page("c", has_more=False, total=3))) == ["c"]
    assert listing.done


def test_a_cursor_goes_before_an_offset_and_the_end_of_cursors_is_the_end() -> None:
    listing = Listing("things", 2)
    listing.take(page("a", "b", has_more=True, next_cursor="x", total=0))
    assert listing.query == {"limit": 2, "after": "x"}
    listing.take(page("c", next_cursor=None, total=0))
    assert listing.done


def test_the_place_of_a_page_may_be_in_an_object_of_its_own() -> None:
    listing = Listing("things", 2)
    listing.take(page("a", "b", pagination={"offset": 0, "limit": None, "total": 2, "has_more": False}))
    assert listing.done


@pytest.mark.parametrize("total", [None, 0, 2, "2"])
def test_more_is_believed_whatever_the_total(total: Any) -> None:
    """Newer servers count 0."""
    listing = Listing("things", 2)
    listing.take(page("a", "b", has_more=True, total=total))
    assert not listing.done


def test_a_total_that_is_not_reached_goes_before_a_wrong_has_more() -> None:
    listing = Listing("things", 2)
    listing.take(page("a", "b", has_more=False, total=3))
    assert not listing.done


def test_without_a_word_on_more_only_an_empty_page_ends_it() -> None:
    """A server may make its pages smaller than they were asked to be."""
    listing = Listing("things", 100)
    listing.take(page("a"))
    assert not listing.done
    assert listing.take(page()) == []
    assert listing.done


@pytest.mark.parametrize("repeated", [page("a", "b", has_more=True), page("a", "b", has_more=True, next_cursor="same")])
def test_a_server_that_sends_the_same_page_for_ever_is_left(repeated: dict[str, Any]) -> None:
    listing = Listing("things", 2)
    assert names(listing.take(repeated)) == ["a", "b"]
    assert listing.take(repeated) == []
    assert listing.done


def test_doubles_are_dropped_and_counted_for_the_place_of_the_next_page() -> None:
    """A job that came in meanwhile shifts the pages by one."""
    listing = Listing("things", 2)
    listing.take(page("a", "b", has_more=True))
    assert names(listing.take(page("b", "c", has_more=True))) == ["c"]
    assert listing.query["offset"] == 4


def test_items_without_an_id_are_told_apart_by_all_that_they_hold() -> None:
    listing = Listing("things", 2)
    body = {"things": [{"x": 1}, {"x": 2}, {"x": 1}], "has_more": True}
    assert listing.take(body) == [{"x": 1}, {"x": 2}]
    listing.take(body)
    assert listing.done


@pytest.mark.parametrize(
    "body", [None, "text", 7, {}, {"things": None}, {"things": {}}, {"things": [None, "a", 3]}, []]
)
def test_an_answer_of_the_wrong_shape_is_an_empty_page(body: Any) -> None:
    listing = Listing("things", 2)
    assert listing.take(body) == []
    assert listing.done


def test_a_bare_list_is_a_page() -> None:
    assert names(Listing("things", 2).take([item("a")])) == ["a"]


def test_a_limit_counts_items_and_makes_the_pages_no_larger() -> None:
    listing = Listing("things", 100, limit=3)
    assert listing.query == {"limit": 3}
    assert names(listing.take(page("a", "b", has_more=True))) == ["a", "b"]
    assert not listing.done
    assert names(listing.take(page("c", "d", has_more=True))) == ["c"]
    assert listing.done


def test_a_limit_of_nothing_asks_nothing_and_a_negative_one_is_refused() -> None:
    assert Listing("things", 100, limit=0).done
    with pytest.raises(ConfigurationError, match="-1"):
        Listing("things", 100, limit=-1)


def test_the_size_of_a_page_has_the_name_that_the_operation_gives_it() -> None:
    assert Listing("history", 5, size_name="max_items").query == {"max_items": 5}


@pytest.mark.parametrize(
    "bound",
    [NOON, NOON.replace(tzinfo=None), "2026-11-23T12:00:00Z", "23 Nov 2026 14:00 +0200", NOON.timestamp()],
    ids=str,
)
def test_times_are_taken_as_people_write_them(bound: Any) -> None:
    body = {"things": [at(1), at(0), at(-1)]}
    assert names(Listing("things", 9, created_after=bound).take(body)) == ["+1", "+0"]
    assert names(Listing("things", 9, created_before=bound).take(body)) == ["-1"]


def test_a_date_is_its_midnight_and_two_bounds_make_a_window() -> None:
    listing = Listing("things", 9, created_after=date(2026, 11, 23), created_before=NOON)
    assert names(listing.take({"things": [at(0), at(-1), at(-719), at(-721)]})) == ["-1", "-719"]


@pytest.mark.parametrize("name", ["created_after", "created_before"])
def test_an_unreadable_time_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}='soon'"):
        Listing("things", 9, **{name: "soon"})


def test_what_has_no_time_is_not_within_bounds() -> None:
    """Who cleans up by age must not lose what nobody can date."""
    assert Listing("things", 9, created_after=NOON).take({"things": [item("a"), item("b", created_at="?")]}) == []


@pytest.mark.parametrize(("sent", "kept"), [(0, True), (0.7, True), (0.699, False), (0.699999, False)])
def test_a_coarse_clock_does_not_make_a_job_older_than_the_moment_before_its_submit(sent: float, kept: bool) -> None:
    """Servers tell seconds or milliseconds; a user remembers the time to the microsecond."""
    asked = NOON + timedelta(microseconds=700_001 if sent in (0, 0.7) else 700_000)
    made = (NOON + timedelta(seconds=sent)).isoformat()
    listing = Listing("things", 9, created_after=asked, newest_first=True)
    assert bool(listing.take({"things": [item("a", created_at=made)]})) is kept
    assert listing.done is not kept


def test_bounds_do_not_shrink_the_pages() -> None:
    """Of a page of one, most would be filtered away."""
    assert Listing("things", 50, limit=1, created_after=NOON).query == {"limit": 50}


def test_newest_first_ends_at_the_first_that_is_too_old() -> None:
    listing = Listing("things", 9, created_after=NOON, newest_first=True)
    assert names(listing.take({"things": [at(1), at(-1)], "has_more": True})) == ["+1"]
    assert listing.done


@pytest.mark.parametrize(
    ("newest_first", "items"),
    [(False, [at(1), at(-1)]), (True, [at(-1), at(1), at(-2)]), (True, [at(1), item("?"), at(-1)])],
    ids=["another order", "not in the order asked for", "without a time"],
)
def test_an_order_that_is_not_known_ends_nothing_early(newest_first: bool, items: list[Any]) -> None:
    listing = Listing("things", 9, created_after=NOON, newest_first=newest_first)
    listing.take({"things": items, "has_more": True})
    assert not listing.done


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"create_time": 1795435200}, NOON),
        ({"create_time": 1795435200000}, NOON),
        ({"created_at": "2026-11-23T12:00:00"}, NOON),
        ({"created_at": "2026-11-23T12:00:00.000000000Z"}, NOON),
        ({"created_at": None}, None),
        ({"prompt": [1, "id", {}, {"create_time": 1795435200000}, ["2"]]}, NOON),
        ([1, "id", {}, ["2"], {"create_time": 1795435200000}], NOON),
        ({"prompt": {"extra_data": {"create_time": 1795435200000}}}, NOON),
        ({"prompt": [1, "id", {}], "status": {"messages": [3, ["x", {"timestamp": 1795435200000}]]}}, NOON),
        ({"prompt": 3, "status": {"messages": 3}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_time_of_an_item_is_read_from_whatever_says_it(fields: Any, expected: datetime | None) -> None:
    assert created_at(fields) == expected


def test_a_sort_word_is_translated_where_the_refusal_names_the_other() -> None:
    assert other_sort_word("create_time", "sort_by must be created_at or execution_duration") == "created_at"
    assert other_sort_word("execution_time", "use execution_duration") == "execution_duration"
    assert other_sort_word("create_time", "limit must be positive") is None
    assert other_sort_word("created_at", "created_at") is None
    assert other_sort_word(None, "created_at") is None


def test_a_history_is_newest_first_and_its_entries_say_whose_they_are() -> None:
    body = {"old": {"outputs": {}}, "new": {"outputs": {}}, "odd": None}
    assert [entry["prompt_id"] for entry in read_history(body)] == ["new", "old"]


@pytest.mark.parametrize("body", [None, "text", 7, [], {}, [None]], ids=repr)
def test_a_history_of_any_shape_is_read(body: Any) -> None:
    assert read_history(body) == []
