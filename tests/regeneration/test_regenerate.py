"""A changed contract is adopted with all that hangs on it, and the report says whom it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import generate

from .conftest import Contract, Publish

CONTRACTS = Path(__file__).resolve().parents[1] / "packaging" / "contracts"
THEIRS = "Somebody else's words."


def job_fields(contract: Contract) -> dict[str, Any]:
    fields: dict[str, Any] = contract["components"]["schemas"]["JobDetailResponse"]["properties"]
    return fields


def reword(node: Any) -> None:
    """Other words at every place, as the published contract has them."""
    for child in list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []:
        reword(child)
    if isinstance(node, dict) and isinstance(node.get("description"), str):
        node["description"] = THEIRS


def test_a_contract_that_says_the_same_in_other_words_changes_no_byte(contract: Contract, publish: Publish) -> None:
    """Otherwise a pull request would be opened each night."""
    reword(contract)
    run = publish(contract)
    assert (run.status, run.err, run.changed) == (0, "", set())
    assert run.report.startswith("# The contract did not change\n")


def test_our_own_contract_changes_no_byte(tree: Path, publish: Publish) -> None:
    run = publish((tree / "openapi-cloud.yaml").read_text(encoding="utf-8"))
    assert (run.status, run.err, run.changed) == (0, "", set())


def test_openapi_31_that_says_the_same_changes_no_byte(contract: Contract, publish: Publish) -> None:
    """The publisher may move on to 3.1 any day; users notice nothing."""

    def respell(node: Any) -> None:
        for child in list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []:
            respell(child)
        if isinstance(node, dict) and node.get("nullable") is True and isinstance(node.get("type"), str):
            del node["nullable"]
            node["type"] = [node["type"], "null"]

    respell(contract)
    contract["openapi"] = "3.1.0"
    run = publish(contract)
    assert (run.status, run.err, run.changed) == (0, "", set())


def test_a_new_optional_field_is_compatible_and_keeps_foreign_words_out(contract: Contract, publish: Publish) -> None:
    job_fields(contract)["gpu_seconds"] = {"type": "number", "description": THEIRS}
    run = publish(contract)
    assert (run.status, run.err) == (10, "")
    assert {"openapi-cloud.yaml", "generated/comfy_cloud_api/models/job_detail_response.py"} <= run.changed
    assert "gpu_seconds" in run.text("generated/comfy_cloud_api/models/job_detail_response.py")
    assert THEIRS not in run.text("openapi-cloud.yaml")
    assert "To be worded: JobDetailResponse gpu_seconds." in run.text("openapi-cloud.yaml")
    assert "| added | `JobDetailResponse.gpu_seconds` |  | no |" in run.report
    assert "0.1.0 -> **0.1.1**" in run.report
    assert "Tests: **passed**" in run.report
    assert "| `cloud.jobs.get` | `getJobDetail` |" in run.report


def test_a_new_enum_value_is_compatible(contract: Contract, publish: Publish) -> None:
    job_fields(contract)["status"]["enum"].append("paused")
    run = publish(contract)
    assert (run.status, run.err) == (10, "")
    assert '| added | `JobDetailResponse.status = "paused"` |  | no |' in run.report
    assert 'PAUSED = "paused"' in run.text("generated/comfy_cloud_api/models/job_detail_response_status.py")


def test_a_new_operation_is_compatible_and_asks_for_a_method(contract: Contract, publish: Publish) -> None:
    answer = {"description": THEIRS, "content": {"application/json": {"schema": {"type": "object"}}}}
    operation = {"operationId": "getQuota", "tags": ["user"], "summary": THEIRS, "responses": {"200": answer}}
    contract["paths"]["/api/quota"] = {"get": operation}
    run = publish(contract)
    assert run.status == 10
    assert "| getQuota | `GET /api/quota` | none yet |" in run.text("docs/operations.md")
    assert "New operations have no method yet" in run.report
    assert "Tests: **failed**" in run.report, "the table of operations has no row for it"
    assert "test_the_table_has_every_operation_of_the_contract_and_no_other" in run.report


def test_a_removed_operation_names_the_method_that_stood_on_it(contract: Contract, publish: Publish) -> None:
    """Otherwise who adapts the layer has to guess from an import error."""
    del contract["paths"]["/api/tags"]
    run = publish(contract)
    assert run.status == 20
    assert "cloud.assets.tags stands on listTags" in run.err
    assert "- `cloud.assets.tags` stands on `listTags`: operation" in run.report
    assert "`comfy_cloud.raw.api.asset.list_tags`: public object was removed" in run.report
    assert "0.1.0 -> **0.2.0**" in run.report
    assert "Tests: **not run**" in run.report
    assert "generated/comfy_cloud_api/api/asset/list_tags.py" in run.changed
    assert not (run.tree / "generated/comfy_cloud_api/api/asset/list_tags.py").exists()


def test_a_renamed_field_is_breaking_and_names_both(contract: Contract, publish: Publish) -> None:
    schema = contract["components"]["schemas"]["PromptRequest"]
    schema["properties"]["graph"] = schema["properties"].pop("prompt")
    schema["required"] = ["graph" if name == "prompt" else name for name in schema["required"]]
    run = publish(contract)
    assert run.status == 20
    assert "cloud.submit stands on executePrompt: field PromptRequest.prompt removed" in run.err
    assert "perhaps now `graph`" in run.report
    assert "| added | `PromptRequest.graph` |  | must be given now |" in run.report


def test_a_patch_that_the_contract_makes_needless_goes(contract: Contract, publish: Publish) -> None:
    """It would fail every later `make generate`; its other half stays."""
    fields = contract["components"]["schemas"]["PromptRequest"]["properties"]
    fields["prompt_id"] = {"type": "string", "description": THEIRS}
    run = publish(contract)
    assert run.status == 10
    assert "prompt\\_id: no longer needed (it already has prompt\\_id)" in run.report
    patches = run.text("openapi-cloud.patches.yaml")
    assert "prompt_id:\n        type" not in patches
    assert "client_id:\n        type" in patches


def test_what_the_client_cannot_follow_is_adopted_and_named(contract: Contract, publish: Publish) -> None:
    """A contract is not kept out for one corner of it; nor is the corner passed over."""
    fields = job_fields(contract)
    fields["size"] = {"type": ["integer", "null"], "pattern": 0}
    fields["labels"] = {"type": "array", "default": "none", "items": {"$ref": "#/components/schemas/Label"}}
    contract["components"]["schemas"]["Label"] = {
        "oneOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Label"}}]
    }
    run = publish(contract)
    assert (run.status, run.err) == (10, "")
    lacking = run.report.partition("## What the client does not have as the contract says")[2]
    assert "not as the contract has it: /components/schemas/Label/oneOf/1/items: taken as any value" in lacking
    assert "## At fault in the contract, and taken all the same" in lacking
    assert "labels: list[list[Any] | str] | Unset" in run.text(
        "generated/comfy_cloud_api/models/job_detail_response.py"
    )
    assert "properties/size/pattern: not what OpenAPI has there, and taken as not said" in run.report
    assert "size: int | None | Unset" in run.text("generated/comfy_cloud_api/models/job_detail_response.py")
    again = publish(contract)
    assert (again.status, again.changed) == (0, set())


def test_openapi_31_that_30_cannot_say_is_kept_as_it_is(contract: Contract, publish: Publish) -> None:
    contract["openapi"] = "3.1.0"
    pair = [{"type": "number"}, {"type": "string"}]
    job_fields(contract)["size"] = {"type": "array", "prefixItems": pair, "maxItems": 2}
    run = publish(contract)
    assert (run.status, run.err) == (10, "")
    assert "it is kept as OpenAPI 3.1, since 3.0 cannot say it all" in run.report
    assert "\nopenapi: 3.1.0\n" in run.text("openapi-cloud.yaml")
    assert "size: list[float | str] | Unset" in run.text("generated/comfy_cloud_api/models/job_detail_response.py")
    again = publish(contract)
    assert (again.status, again.changed) == (0, set())


@pytest.mark.parametrize("name", ["odd", "loose", "tangled"])
def test_a_contract_of_quite_another_api_is_taken(name: str, publish: Publish) -> None:
    """It generates and imports, whatever is left of the layer; what the client lacks is named."""
    run = publish((CONTRACTS / f"{name}.yaml").read_text(encoding="utf-8"))
    assert run.status == 20
    assert "not as the contract has it: " in run.report
    assert "not as the contract has it: " in run.out
    assert "the layer does not import" in run.report
    generate.import_all(run.tree / "generated" / "comfy_cloud_api")
    assert "executePrompt" not in run.text("docs/operations.md")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {$ref: '#/nowhere'}}}\n", "leads nowhere"),
        ("openapi: 3.0.3\npaths: [\n", "not YAML"),
        ("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n", "no operations"),
        ("<!DOCTYPE html><html><body>Moved</body></html>", "a web page"),
    ],
    ids=["reference", "yaml", "empty", "page"],
)
def test_a_broken_contract_changes_nothing_and_says_what_is_wrong(text: str, said: str, publish: Publish) -> None:
    run = publish(text)
    assert run.status not in {0, 10, 20}
    assert run.changed == set()
    assert said in run.err
    assert said in run.report
