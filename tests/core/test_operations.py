"""The table of operations: what may be sent twice. A wrong row submits a paid job twice, or gives up too early."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from comfy_cloud._core.operations import OFF_CONTRACT, OPERATIONS, Operation, operation_of
from comfy_cloud._settings import DEFAULT_BASE_URL, KEY_HEADER

PATH = Path(__file__).resolve().parents[2] / "openapi-cloud.yaml"
# By libyaml: by Python it takes each worker half a second.
CONTRACT = yaml.load(PATH.read_bytes(), Loader=yaml.CSafeLoader)
METHODS = {
    operation["operationId"]: method.upper()
    for item in CONTRACT["paths"].values()
    for method, operation in item.items()
    if isinstance(operation, dict) and "operationId" in operation
}
ONCE = {"executePrompt", "interruptJob", "uploadAsset", "createAssetFromHash", "createAssetDownload"}
# Routes that servers in the field are known to lack, and then answer without a JSON body.
MISSING_SOMEWHERE = ("Job", "History", "Asset", "Tag", "MaskLayers", "User", "Subgraph")


# A new operation of the contract has no row until it has a method; docs/operations.md lists it as raw only.
RAW_ONLY = set(METHODS) - set(OPERATIONS)


def test_the_table_has_no_operation_but_those_of_the_contract() -> None:
    assert set(OPERATIONS) <= set(METHODS)
    assert not set(OFF_CONTRACT) & set(OPERATIONS)


def test_the_default_address_and_the_header_of_the_key_are_those_of_the_contract() -> None:
    """Otherwise a new contract is adopted, and every request goes elsewhere or without a key."""
    assert CONTRACT["servers"][0]["url"] == DEFAULT_BASE_URL
    (scheme,) = CONTRACT["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", KEY_HEADER)


def test_what_costs_or_changes_something_each_time_is_sent_once() -> None:
    assert {name for name, row in OPERATIONS.items() if not row.repeatable} == ONCE


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_reading_and_deleting_may_be_repeated(name: str) -> None:
    if METHODS[name] in {"GET", "HEAD", "PUT", "DELETE"}:
        assert OPERATIONS[name].repeatable
        assert OPERATIONS[name].once_if is None


def test_a_404_on_a_second_try_is_a_success_only_for_what_deletes_one_thing() -> None:
    assert {name for name, row in OPERATIONS.items() if row.deletes} == {"deleteAsset", "deleteUserdataFile"}


@pytest.mark.parametrize("name", ["viewFile", "getUserdata", "getUserdataFile", "getModelsInFolder", "getModelPreview"])
def test_an_empty_404_of_a_file_means_that_the_file_is_missing(name: str) -> None:
    assert not OPERATIONS[name].optional


def test_an_empty_404_means_a_missing_route_only_where_servers_lack_it() -> None:
    for name, row in OPERATIONS.items():
        if row.optional:
            assert any(word in name for word in MISSING_SOMEWHERE), name
    assert not OPERATIONS["checkAssetByHash"].optional  # an answer to HEAD never has a body


@pytest.mark.parametrize(
    ("body", "repeatable"),
    [
        (b'{"delete": ["a"]}', True),
        (b'{"clear": false, "delete": ["a"]}', True),
        (b"{}", True),
        (b'{"clear": true}', False),
        (b'{"delete": ["a"], "clear": true}', False),
        (b"[]", False),
        (b"not json", False),
        (b"[" * 100_000, False),
        (b"", False),
    ],
)
def test_clearing_the_queue_is_sent_once_so_that_later_jobs_are_safe(body: bytes, repeatable: bool) -> None:
    once_if = OPERATIONS["manageQueue"].once_if
    assert once_if is not None
    assert once_if("", body) is not repeatable


@pytest.mark.parametrize(
    ("query", "repeatable"),
    [("", True), ("overwrite=true", True), ("full_info=false", True), ("full_info=true&overwrite=false", False)],
)
def test_user_data_that_may_not_replace_is_written_once(query: str, repeatable: bool) -> None:
    once_if = OPERATIONS["postUserdataFile"].once_if
    assert once_if is not None
    assert once_if(query, b"content") is not repeatable


@pytest.mark.parametrize("name", [None, "", "ofTheFuture"])
def test_a_request_without_a_row_is_judged_by_its_method(name: str | None) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert operation_of(name, method) == Operation()
    for method in ("POST", "PATCH"):
        assert operation_of(name, method) == Operation(repeatable=False)


def test_the_rows_beyond_the_contract_are_found() -> None:
    assert operation_of("getComfyHistory", "GET").optional
