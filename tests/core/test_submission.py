"""What a submit carries, and how its job is recognised afterwards."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from comfy_cloud import WorkflowError
from comfy_cloud._core.secrets import Secret
from comfy_cloud._core.submission import (
    carries,
    extra_fields,
    newer_jobs,
    order_fields,
    request_body,
    submission_id_of,
)


@pytest.mark.parametrize("number", [-1.8e12, 1.8e9, 0, 2**70])
def test_any_finite_number_is_a_place_in_the_queue(number: float) -> None:
    """A time stamp is a number that people take."""
    assert order_fields(False, number) == {"number": float(number)}


@pytest.mark.parametrize("number", [10**400, math.inf, math.nan])
def test_a_place_is_finite(number: float) -> None:
    with pytest.raises(ValueError, match="number must be finite"):
        order_fields(False, number)


def test_a_body_holds_no_null() -> None:
    """A null `extra_data` kills the worker of an older ComfyUI."""
    body = request_body(b'{"1":{}}', submission_id="s", client_id="c", extra_data={"tag": 1})
    assert json.loads(body) == {
        "prompt": {"1": {}},
        "prompt_id": "s",
        "client_id": "c",
        "extra_data": {"tag": 1, "comfy_cloud_submission": "s"},
    }


def test_the_callers_extra_data_is_left_alone() -> None:
    """A dict that is used for many submits collects nothing."""
    mine = {"tag": 1}
    assert extra_fields(mine, Secret("k")) == {"tag": 1, "api_key_comfy_org": "k"}
    assert mine == {"tag": 1}
    assert extra_fields(None, None) == {}


def test_the_partner_key_is_sent_but_not_shown() -> None:
    """Error reporters take the local variables of every frame, and the body of a submit stands in many."""
    fields = extra_fields(None, Secret("the-key"))
    assert "the-key" not in f"{fields} {request_body(b'{}', submission_id='s', client_id='c', extra_data=fields)}"
    assert json.loads(json.dumps(fields)) == {"api_key_comfy_org": "the-key"}


@pytest.mark.parametrize("wrong", [["a"], "text", {"when": datetime.now(UTC)}, {"x": float("nan")}])
def test_extra_data_that_is_no_json_object_is_refused(wrong: Any) -> None:
    """Before anything is uploaded."""
    with pytest.raises(WorkflowError, match="extra_data"):
        extra_fields(wrong, None)


@pytest.mark.parametrize(
    ("detail", "found"),
    [
        ({"workflow": {"extra_data": {"comfy_cloud_submission": "s"}}}, True),
        ({"workflow": {"extra_data": {"comfy_cloud_submission": "other"}}}, False),
        ({"workflow": {"extra_data": None}}, False),
        ({"workflow": []}, False),
        (None, False),
    ],
)
def test_a_job_is_recognised_by_its_marker(detail: Any, found: bool) -> None:
    """Whatever else the server changed."""
    assert carries(detail, "s") is found


def test_only_jobs_after_the_submit_are_looked_into() -> None:
    """Times come in seconds or milliseconds; one that cannot be read does not hide a job."""
    since = datetime(2026, 6, 1, tzinfo=UTC)
    jobs = [
        {"id": "new, ms", "create_time": 1780358400000},
        {"id": "new, s", "create_time": 1780358400},
        {"id": "old", "create_time": 1700000000},
        {"id": "who knows", "create_time": "soon"},
        {"create_time": 1780358400},
        None,
    ]
    assert newer_jobs({"jobs": jobs}, since) == ["new, ms", "new, s", "who knows"]
    assert newer_jobs(None, since) == newer_jobs({"jobs": 5}, since) == []


def test_a_key_is_one_id_on_one_server() -> None:
    """In every process and version: else a job is paid for twice."""
    assert submission_id_of("cat-42", "https://host") == submission_id_of("cat-42", "https://host")
    ids = {submission_id_of(key, origin) for key in ("cat-42", "cat-43") for origin in ("https://a", "https://b")}
    assert len(ids) == 4
    assert submission_id_of("cat-42", "https://cloud.comfy.org") == "bdca75e9-032f-53de-b0eb-f4993971ff23"
