"""An answer never fails to decode: what does not fit the contract can be read, and is sent again as it came."""

from __future__ import annotations

import importlib
import json
import pickle
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud.raw.api.asset import get_asset_by_id, list_assets
from comfy_cloud.raw.api.job import get_job_detail, get_job_status, get_queue_info, list_jobs, manage_history
from comfy_cloud.raw.api.node import get_node_info
from comfy_cloud.raw.api.system import get_system_stats
from comfy_cloud.raw.api.user import get_userdata, post_userdata_file
from comfy_cloud.raw.models import Asset, GetNodeInfoResponse200
from comfy_cloud.raw.models.job_detail_response import JobDetailResponse
from comfy_cloud.raw.models.job_detail_response_status import JobDetailResponseStatus
from comfy_cloud.raw.types import UNSET, encode

from .conftest import CONTRACT, Raw, arguments, contract_operations
from .test_operations import OPERATIONS, snake

ID = "0b2f3c1e-5d55-4f43-9d3a-1d9d6f3f7a10"
ANYTHING = re.compile(".*")


def ask(server: HTTPServer, raw: Raw, operation: Any, body: Any, **given: Any) -> Any:
    """What an operation makes of `body`, sent as JSON over HTTP."""
    server.expect_request(ANYTHING).respond_with_data(json.dumps(body), content_type="application/json")
    return raw(server.url_for(""), operation, **{**arguments(operation), **given})


def test_an_unknown_enum_value_is_read_and_sent_again(httpserver: HTTPServer, raw: Raw) -> None:
    body = {"id": ID, "status": "teleporting", "create_time": 1}
    job = ask(httpserver, raw, get_job_detail, body)
    assert job.status == "teleporting"
    assert isinstance(job.status, JobDetailResponseStatus)
    assert pickle.loads(pickle.dumps(job)).status == "teleporting"
    assert job.to_dict() == body


def test_a_known_enum_value_is_its_member(httpserver: HTTPServer, raw: Raw) -> None:
    job = ask(httpserver, raw, get_job_detail, {"id": ID, "status": "completed", "create_time": 1})
    assert job.status is JobDetailResponseStatus.COMPLETED


def test_a_missing_required_field_is_unset(httpserver: HTTPServer, raw: Raw) -> None:
    job = ask(httpserver, raw, get_job_detail, {"status": "pending"})
    assert job.id is UNSET
    assert job.create_time is UNSET
    assert job.to_dict() == {"status": "pending"}


def test_null_where_the_contract_has_none_stays_null(httpserver: HTTPServer, raw: Raw) -> None:
    body = {"id": None, "status": None, "create_time": None, "outputs": None, "execution_error": None}
    job = ask(httpserver, raw, get_job_detail, body)
    assert (job.id, job.status, job.outputs) == (None, None, None)
    assert job.to_dict() == body


def test_a_number_where_a_text_was_promised_stays_a_number(httpserver: HTTPServer, raw: Raw) -> None:
    body = {"id": 17, "status": 3, "workflow_id": 4.5, "create_time": "soon"}
    job = ask(httpserver, raw, get_job_detail, body)
    assert (job.id, job.status, job.workflow_id, job.create_time) == (17, 3, 4.5, "soon")
    assert job.to_dict() == body


def test_unknown_fields_are_kept_at_every_level(httpserver: HTTPServer, raw: Raw) -> None:
    body = {
        "jobs": [{"id": ID, "status": "pending", "create_time": 1, "mood": {"good": [1, None]}}],
        "pagination": {"offset": 0, "limit": 1, "total": 1, "has_more": False, "cursor": "c"},
        "additional_properties": "a name that the model uses itself",
        "to_dict": 1,
    }
    listed = ask(httpserver, raw, list_jobs, body)
    assert listed.jobs[0]["mood"] == {"good": [1, None]}
    assert listed.pagination["cursor"] == "c"
    assert listed["additional_properties"].startswith("a name")
    assert "to_dict" in listed
    assert listed.to_dict() == body


def test_a_part_of_the_wrong_shape_does_not_spoil_the_rest(httpserver: HTTPServer, raw: Raw) -> None:
    body = {"assets": [None, "x", {"id": ID, "name": "a"}, []], "total": {}, "has_more": "yes"}
    listed = ask(httpserver, raw, list_assets, body)
    assert listed.assets[2].name == "a"
    assert listed.to_dict() == body


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.120Z",
        "2026-01-02T03:04:05.123456789Z",
        "2026-01-02T03:04:05+02:00",
        "2026-01-02T03:04:05",
        "yesterday",
    ],
)
def test_a_time_is_sent_again_in_the_form_it_came(httpserver: HTTPServer, raw: Raw, text: str) -> None:
    body = {"id": ID, "name": "a", "size": 1, "created_at": text, "updated_at": 1767323045}
    asset = ask(httpserver, raw, get_asset_by_id, body)
    assert asset.to_dict() == body


def test_a_time_can_be_calculated_with(httpserver: HTTPServer, raw: Raw) -> None:
    asset = ask(httpserver, raw, get_asset_by_id, {"created_at": "2026-01-02T03:04:05Z"})
    assert asset.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    asset.created_at += timedelta(days=1)
    assert asset.to_dict() == {"created_at": "2026-01-03T03:04:05+00:00"}


@pytest.mark.parametrize("text", [ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}", "job-7"])
def test_an_id_is_sent_again_in_the_form_it_came(httpserver: HTTPServer, raw: Raw, text: str) -> None:
    status = ask(httpserver, raw, get_job_status, {"id": text, "status": "pending"})
    assert str(status.id) == text
    assert status.to_dict() == {"id": text, "status": "pending"}


def test_what_real_servers_send_beside_the_contract_is_read(httpserver: HTTPServer, raw: Raw) -> None:
    queue = {"queue_running": [[3, ID, {}, {"extra": 1}, ["9"]], [4, ID, {}, ["9"], {}]], "queue_pending": []}
    assert encode(ask(httpserver, raw, get_queue_info, queue)) == queue
    httpserver.clear()
    nodes = {
        "KSampler": {"input": {"required": {"seed": ["INT", {"max": 18446744073709551615}]}}, "display_name": None}
    }
    assert encode(ask(httpserver, raw, get_node_info, nodes)) == nodes
    httpserver.clear()
    stats = {"system": {"os": "posix"}, "devices": [{"name": "cpu", "vram_total": 1.5}, 7]}
    assert encode(ask(httpserver, raw, get_system_stats, stats)) == stats
    httpserver.clear()
    assert ask(httpserver, raw, get_userdata, ["a.json", "b/c.json"]) == ["a.json", "b/c.json"]
    httpserver.clear()
    assert ask(httpserver, raw, post_userdata_file, "workflows/a.json") == "workflows/a.json"
    httpserver.clear()
    written = ask(
        httpserver, raw, post_userdata_file, {"path": "a.json", "size": 2, "modified": "2026-01-01T00:00:00Z"}
    )
    assert written.path == "a.json"


def test_an_operation_without_an_answer_does_not_read_one(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request(ANYTHING).respond_with_data("<html>whatever</html>")
    assert raw(httpserver.url_for(""), manage_history, **arguments(manage_history)) is None


def test_a_success_status_that_the_contract_does_not_name_is_read_too(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request(ANYTHING).respond_with_json({"id": ID, "status": "pending", "create_time": 1}, status=203)
    job = raw(httpserver.url_for(""), get_job_detail, **arguments(get_job_detail))
    assert isinstance(job, JobDetailResponse)


# Every operation that answers JSON, with answers made from its own schema and then bent.


def success_schema(operation: dict[str, Any]) -> Any:
    for code, answer in operation["responses"].items():
        if code[0] == "2" and "application/json" in answer.get("content", {}):
            return answer["content"]["application/json"]["schema"]
    return None


JSON_ANSWERS = {
    operation_id: success_schema(operation)
    for operation_id, (_, _, operation) in contract_operations().items()
    if success_schema(operation) is not None
}


def sample(schema: dict[str, Any], leaf: Callable[[dict[str, Any]], Any], keep: Callable[[str], bool]) -> Any:
    """A value of this schema; `leaf` makes what is no object or list, `keep` decides about each field."""
    if "$ref" in schema:
        return sample(CONTRACT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], leaf, keep)
    for combined in ("allOf", "oneOf", "anyOf"):
        if combined in schema:
            return sample(schema[combined][0], leaf, keep)
    if schema.get("type") == "array":
        return [sample(schema.get("items", {}), leaf, keep)] * 2
    if schema.get("type") == "object" or "properties" in schema:
        fields = {name: sample(field, leaf, keep) for name, field in schema.get("properties", {}).items() if keep(name)}
        further = schema.get("additionalProperties", True)
        fields["made_up"] = sample(further, leaf, keep) if isinstance(further, dict) else {"unknown": [None, 1.5]}
        return fields
    return leaf(schema)


def usual(schema: dict[str, Any]) -> Any:
    if schema.get("format") in {"uuid", "date-time"}:
        return ID if schema["format"] == "uuid" else "2026-01-02T03:04:05.5Z"
    return schema.get("enum", [{"string": "text", "boolean": True}.get(schema.get("type", ""), 7)])[0]


BENT: dict[str, tuple[Callable[[dict[str, Any]], Any], Callable[[str], bool]]] = {
    "as promised": (usual, lambda name: True),
    "words nobody knows": (lambda schema: "a word nobody knows", lambda name: True),
    "nulls": (lambda schema: None, lambda name: True),
    "numbers": (lambda schema: 2.5, lambda name: True),
    "lists": (lambda schema: [{"deep": [1]}], lambda name: True),
    "objects": (lambda schema: {"a": {"b": None}}, lambda name: True),
    "nothing required": (usual, lambda name: False),
}


@pytest.mark.parametrize("bent", BENT)
@pytest.mark.parametrize("operation_id", sorted(JSON_ANSWERS))
def test_every_answer_is_sent_again_as_it_came(
    httpserver: HTTPServer, raw_sync: Raw, operation_id: str, bent: str
) -> None:
    body = sample(JSON_ANSWERS[operation_id], *BENT[bent])
    operation = importlib.import_module(OPERATIONS[snake(operation_id)])
    answer = ask(httpserver, raw_sync, operation, body)
    assert encode(answer) == body
    assert repr(answer)
    assert json.loads(json.dumps(encode(answer))) == body


@pytest.mark.parametrize("body", [None, "text", [1, None], 5, False, {}], ids=str)
@pytest.mark.parametrize("operation_id", sorted(JSON_ANSWERS))
def test_a_whole_body_of_the_wrong_shape_comes_back_as_it_is(
    httpserver: HTTPServer, raw: Raw, operation_id: str, body: Any
) -> None:
    operation = importlib.import_module(OPERATIONS[snake(operation_id)])
    answer = ask(httpserver, raw, operation, body)
    assert encode(answer) == body
    assert type(encode(answer)) is type(body)


@pytest.mark.parametrize("operation_id", sorted(JSON_ANSWERS))
def test_an_empty_body_is_none(httpserver: HTTPServer, raw_sync: Raw, operation_id: str) -> None:
    httpserver.expect_request(ANYTHING).respond_with_data(b"", content_type="application/json")
    operation = importlib.import_module(OPERATIONS[snake(operation_id)])
    assert raw_sync(httpserver.url_for(""), operation, **arguments(operation)) is None


def test_a_model_is_a_mapping_of_the_fields_that_came() -> None:
    """People write `for name in info` and `dict(info[name])`; half of that used to raise KeyError: 0."""
    info = GetNodeInfoResponse200.from_dict({"KSampler": {"display_name": "K", "input": {"required": {}}, "more": 1}})
    assert isinstance(info, Mapping)
    assert (len(info), list(info), list(info.keys()), info.get("none"), info.get("none", 5)) == (
        1,
        ["KSampler"],
        ["KSampler"],
        None,
        5,
    )
    node = info["KSampler"]
    assert {name: value for name, value in node.items() if name != "input"} == {"display_name": "K", "more": 1}
    assert dict(node).keys() == {"input", "display_name", "more"}
    assert node["input"] is node.input_
    assert ("input" in node, "output" in node, "output" in node.keys(), 5 in node) == (True, False, False, False)  # noqa: SIM118
    with pytest.raises(KeyError, match="output"):
        node["output"]
    node["display_name"] = "changed"
    del node["more"], node["input"]
    assert node.to_dict() == {"display_name": "changed"}
    with pytest.raises(KeyError, match="input"):
        del node["input"]


@pytest.mark.parametrize(
    "text", ["2026-11-23T18:13:54.051930", "2026-11-23T18:13:54Z", "2026-11-23T18:13:54.123456789"]
)
def test_times_are_aware_and_sent_as_they_came(text: str) -> None:
    """ComfyUI 0.33.0 sends an asset's times without a zone; an unaware time cannot be compared with an aware one."""
    asset = Asset.from_dict({"id": "a", "name": "n", "tags": [], "created_at": text, "updated_at": text})
    assert isinstance(asset.created_at, datetime)
    assert asset.created_at.utcoffset() == timedelta(0)
    assert asset.to_dict()["created_at"] == text
