"""The exceptions: caught by the names people know, and whole after a trip to another process."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from comfy_cloud import errors
from comfy_cloud.errors import ComfyCloudError

MODULE = importlib.import_module("comfy_cloud.errors")
CLASSES = [getattr(errors, name) for name in errors.__all__]


class Handle:
    """Like a job: it cannot be pickled."""

    id = "job-1"

    def __reduce__(self) -> Any:
        raise TypeError("holds a connection")


STATUS: dict[str, Any] = {
    "status": 400,
    "code": "E1",
    "request_id": "r-1",
    "body": {"error": {"code": "E1"}},
    "operation": "listJobs",
    "retryable": True,
    "job_id": "job-1",
}
DETAILS: list[tuple[type[ComfyCloudError], dict[str, Any]]] = [
    (errors.ComfyCloudError, {}),
    (errors.JobError, {}),
    (errors.JobFailedError, {"node_id": "3", "node_type": "K", "exception_type": "E", "traceback": ("a", "b")}),
    (errors.APIConnectionError, {"operation": "listJobs", "sent": False}),
    (errors.UnexpectedResponseError, {"operation": "x", "status": 200, "content_type": "text/html"}),
    (errors.APIStatusError, STATUS),
    (errors.InvalidWorkflowError, {**STATUS, "node_errors": {"9": {"errors": []}}}),
    (errors.RateLimitError, {**STATUS, "retry_after": 2.5}),
    (errors.SubmissionUncertainError, {"submission_id": "s-1", "since": datetime(2026, 1, 1, tzinfo=UTC)}),
]


def details_of(cls: type[ComfyCloudError]) -> dict[str, Any]:
    """Keywords for a class: those of the nearest base in the list, and a job's id."""
    nearest = next(base for base in cls.__mro__ if any(base is listed for listed, _ in DETAILS))
    return {"job_id": "job-1", **dict(DETAILS)[nearest]}  # type: ignore[index]


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize(
    "duplicate",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deep"],
)
def test_an_exception_arrives_whole_in_another_process(
    cls: type[ComfyCloudError], duplicate: Callable[[ComfyCloudError], ComfyCloudError]
) -> None:
    details = details_of(cls)
    error = cls("what, where, what to do", **details)
    error.add_note("a note")
    again = duplicate(error)
    assert type(again) is cls
    assert str(again) == again.message == "what, where, what to do"
    assert vars(again) == vars(error)
    assert again.args == error.args
    for name, value in details.items():
        assert getattr(again, name) == value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol_will_do(protocol: int) -> None:
    error = errors.RateLimitError("slow down", **STATUS, retry_after=1.0)
    assert vars(pickle.loads(pickle.dumps(error, protocol))) == vars(error)


@pytest.mark.parametrize("name", ["JobError", "JobFailedError", "JobCancelledError", "JobTimeoutError", "JobLostError"])
def test_a_pickled_job_error_leaves_its_handle_behind_and_keeps_the_id(name: str) -> None:
    error = getattr(errors, name)("it failed", job=Handle())
    assert error.job_id == "job-1"
    again = pickle.loads(pickle.dumps(error))
    assert again.job is None
    assert again.job_id == "job-1"
    assert error.job is not None


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("NodeNotFoundError", KeyError),
        ("APIConnectionError", ConnectionError),
        ("APITimeoutError", ConnectionError),
        ("APITimeoutError", TimeoutError),
        ("JobTimeoutError", TimeoutError),
    ],
)
def test_the_builtin_names_catch_them_too(name: str, base: type[Exception]) -> None:
    cls = getattr(errors, name)
    with pytest.raises(base) as caught:
        raise cls("a message: with 'quotes'", **details_of(cls))
    assert str(caught.value) == "a message: with 'quotes'"


def test_no_other_exception_is_taken_for_a_builtin_one() -> None:
    also = {cls.__name__ for cls in CLASSES if issubclass(cls, (OSError, LookupError))}
    assert also == {"NodeNotFoundError", "APIConnectionError", "APITimeoutError", "JobTimeoutError"}


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn: list[tuple[str, str]] = []
    path: list[str] = []
    for line in inspect.cleandoc(MODULE.__doc__ or "").splitlines():
        entry = re.fullmatch(r"( *)- (\w+)(.*)", line)
        if entry is None:
            continue
        depth = len(entry[1]) // 4
        path[depth:] = [entry[2]]
        drawn.append((entry[2], path[depth - 1] if depth else "Exception"))
        for also in re.findall(r"also an? (\w+)", entry[3]):
            assert issubclass(getattr(errors, entry[2]), __builtins__[also])  # type: ignore[index]
    assert sorted(drawn) == sorted((cls.__name__, cls.__bases__[0].__name__) for cls in CLASSES)


@pytest.mark.parametrize("cls", CLASSES)
def test_each_says_when_it_is_raised(cls: type[ComfyCloudError]) -> None:
    assert len(inspect.getdoc(cls) or "") > 20
    assert cls.__doc__


def test_a_job_is_named_once_in_an_error_about_it() -> None:
    error = errors.NotFoundError("not there", status=404)
    assert error.job_id is None
    assert error._about("job-1") is error
    assert str(error._about("job-1")) == "not there (job job-1)"
    assert error.job_id == "job-1"
