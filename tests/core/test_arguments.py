"""Arguments are checked before anything is sent, and come to operations as these take them."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, get_args
from uuid import UUID

import pytest

from comfy_cloud import ConfigurationError, JobStatus, RetryPolicy, show_progress
from comfy_cloud._core import arguments
from comfy_cloud._core.arguments import ARGUMENTS, SETTINGS, as_id, as_str_list
from comfy_cloud.raw import models

NOT_NUMBERS = ["60", True, [], {}, object(), 1j]
NOT_TIMES = [-1, -0.1, math.nan, math.inf, -math.inf, 10**400, 1e10]


def test_a_single_name_is_one_and_not_its_letters() -> None:
    """`cancel("abc")` would ask for the jobs a, b and c."""
    number = UUID("11111111-1111-4111-8111-111111111111")
    assert as_str_list("ids", "abc") == ["abc"]
    assert as_str_list("ids", number) == [str(number)]
    assert as_str_list("ids", (name for name in ("a", number))) == ["a", str(number)]


def message(error: type[Exception], function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    assert type(caught.value) is error
    return str(caught.value)


@pytest.mark.parametrize("value", [0, 0.0, 1, 60, 2.5, 1e9])
def test_a_time_is_a_number_of_seconds(value: Any) -> None:
    ARGUMENTS.number("timeout", value)
    ARGUMENTS.number("timeout", None)


@pytest.mark.parametrize("value", NOT_NUMBERS)
def test_what_is_no_number_is_no_time(value: Any) -> None:
    assert message(TypeError, ARGUMENTS.number, "timeout", value).startswith("timeout must be a number")
    assert message(TypeError, ARGUMENTS.count, "limit", value).startswith("limit must be a whole number")
    message(ConfigurationError, SETTINGS.number, "timeout", value)


@pytest.mark.parametrize("value", NOT_TIMES)
def test_a_time_that_nobody_can_wait_is_refused(value: Any) -> None:
    assert message(ValueError, ARGUMENTS.number, "timeout", value).startswith("timeout must be a number")
    message(ConfigurationError, SETTINGS.number, "timeout", value)


def test_a_class_is_no_whole_number() -> None:
    assert message(TypeError, ARGUMENTS.count, "window", int) == "window must be a whole number, 0 or more, not type"


def test_messages_say_what_a_value_must_be_and_what_it_was() -> None:
    assert message(TypeError, ARGUMENTS.number, "timeout", "60") == (
        "timeout must be a number of seconds, 0 or more, or None for no limit, not '60'"
    )
    assert message(ValueError, ARGUMENTS.count, "limit", -1) == "limit must be a whole number, 0 or more, not -1"
    assert message(ValueError, ARGUMENTS.word, "order", "up", ("asc", "desc")) == (
        "order must be one of asc, desc, not 'up'"
    )
    assert message(TypeError, ARGUMENTS.number, "timeout", "x" * 99).endswith("not str")
    message(ConfigurationError, SETTINGS.number, "timeout", 0, zero=False)
    message(TypeError, ARGUMENTS.number, "timeout", None, unlimited=False)
    message(TypeError, ARGUMENTS.word, "order", 5, ("asc", "desc"))
    ARGUMENTS.word("status", JobStatus.PENDING, get_args(arguments.StatusWord))


class Screen:
    def __call__(self, event: object) -> None: ...

    async def show(self, event: object) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize("listener", [None, print, [].append, lambda event: None, lambda *events: None, Screen()])
def test_whatever_takes_an_event_listens(listener: Any) -> None:
    ARGUMENTS.listener("on_event", listener, awaits=False)
    ARGUMENTS.listener("on_event", show_progress(), awaits=False)


@pytest.mark.parametrize(
    ("listener", "words"),
    [
        (3, "not 3"),
        ("print", "not 'print'"),
        (Screen().close, r"not close\(\) -> "),
        (lambda event, other: None, r"not <lambda>\(event, other\)"),
        (show_progress, r"such as show_progress\(\) returns: call it"),
        (Screen().show, "not an async one"),
    ],
    ids=range(6),
)
def test_what_would_fail_at_the_first_event_is_refused(listener: Any, words: str) -> None:
    """The job would be paid for by then."""
    with pytest.raises(TypeError, match=f"on_event must be a function that takes an event.*{words}"):
        ARGUMENTS.listener("on_event", listener, awaits=False)


def test_the_async_client_can_await_its_listener() -> None:
    ARGUMENTS.listener("on_event", Screen().show, awaits=True)


@pytest.mark.parametrize(
    "headers",
    ["a: b", [("a", "b")], {"a": 5}, {"a": b"x"}, {5: "x"}, {"": "x"}, {"a b": "x"}, {"é": "x"}]
    + [{"X-Gate": f"t0ken{odd}"} for odd in ("é", "\n", " ", "\r\nX: y", "\0")],
)
def test_headers_that_cannot_be_sent_are_refused_without_their_values(headers: Any) -> None:
    assert "t0ken" not in message(ConfigurationError, SETTINGS.headers, "headers", headers)


def test_an_id_is_never_none_or_empty() -> None:
    number = UUID("11111111-1111-4111-8111-111111111111")
    assert (as_id("job_id", " a "), as_id("job_id", number)) == ("a", str(number))
    assert as_str_list("ids", ["a", number]) == ["a", str(number)]
    assert as_str_list("ids", "abc") == ["abc"]
    for value in (None, 5, b"a", ["a"]):
        assert message(TypeError, as_id, "job_id", value).startswith("job_id must be a string or a UUID")
    assert message(TypeError, as_id, "job_id", SimpleNamespace(id="a")).endswith("; pass its id")
    for value in ("", " "):
        message(ValueError, as_str_list, "ids", [value])
    for values in (None, 5, [None]):
        message(TypeError, as_str_list, "ids", values)


def test_literal_types_have_the_words_of_the_contract() -> None:
    """A word that the contract gains is one that type checkers and the client accept."""
    for literal, enum, more in (
        (arguments.JobSort, models.ListJobsSortBy, {"created_at", "execution_duration"}),
        (arguments.Order, models.ListJobsSortOrder, set()),
        (arguments.OutputType, models.ListJobsOutputType, set()),
        (arguments.AssetSort, models.ListAssetsSort, set()),
        (arguments.Order, models.ListAssetsOrder, set()),
        (arguments.TagOrder, models.ListTagsOrder, set()),
        (arguments.StatusWord, models.JobEntryStatus, set()),
    ):
        assert set(get_args(literal)) == {member.value for member in enum} | more


@pytest.mark.parametrize("value", [*NOT_NUMBERS, *NOT_TIMES, None])
@pytest.mark.parametrize("name", ["attempts", "base_delay", "max_delay", "max_retry_after"])
def test_a_policy_of_wrong_values_is_refused_when_it_is_made(name: str, value: Any) -> None:
    """It would work until the first 503."""
    value = 0 if name == "attempts" and value == 10**400 else value  # as many tries as one likes
    assert message(ConfigurationError, RetryPolicy, **{name: value}).startswith(f"RetryPolicy.{name} must be")


@pytest.mark.parametrize("statuses", [503, "503", None, {"503"}, [503.0], [True], {-1}])
def test_a_policy_is_for_statuses(statuses: Any) -> None:
    assert message(ConfigurationError, RetryPolicy, statuses=statuses).startswith("RetryPolicy.statuses must be")
