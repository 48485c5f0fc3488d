"""A changed contract is adopted with all that hangs on it, and the report says whom it breaks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

import generate
import regenerate.__main__ as main_module
from regenerate.changes import Change
from regenerate.report import COMPATIBLE, Regeneration, render, render_whole

from .conftest import Contract, Publish, Run, copy_of_the_repo, our_contract, publisher

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


def test_new_figures_in_words_are_listed_for_wording(contract: Contract, publish: Publish) -> None:
    """A limit is a fact, also where only words have it; nobody would look for it there."""
    contract["paths"]["/api/tags"]["get"]["description"] = f"{THEIRS} At most 250 tags, 16 KB each."
    run = publish(contract)
    assert (run.status, run.err) == (10, "")
    assert run.changed == {"openapi-cloud.words.json"}
    assert "- `GET /api/tags description (says: 16, 250)`" in run.report
    again = publish(contract)
    assert (again.status, again.changed) == (0, set())


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


@pytest.fixture(scope="module")
def additions(tmp_path_factory: pytest.TempPathFactory, make_httpserver: HTTPServer) -> Run:
    """One run for several additions, since a run takes half a minute on a busy machine."""
    contract = our_contract()
    job_fields(contract)["gpu_seconds"] = {"type": "number", "description": THEIRS}
    job_fields(contract)["status"]["enum"].append("paused")
    answer = {"description": THEIRS, "content": {"application/json": {"schema": {"type": "object"}}}}
    operation = {"operationId": "getQuota", "tags": ["user"], "summary": THEIRS, "responses": {"200": answer}}
    contract["paths"]["/api/quota"] = {"get": operation}
    fields = contract["components"]["schemas"]["PromptRequest"]["properties"]
    fields["prompt_id"] = {"type": "string", "description": THEIRS}
    return publisher(copy_of_the_repo(tmp_path_factory.mktemp("additions")), make_httpserver)(contract)


@pytest.mark.xdist_group("additions")
class TestAdditions:
    def test_they_are_compatible_and_arrive_green(self, additions: Run) -> None:
        assert (additions.status, additions.err) == (10, "")
        assert "0.1.1 -> **0.1.2**" in additions.report
        assert "Tests: **passed**" in additions.report

    def test_a_new_optional_field_keeps_foreign_words_out(self, additions: Run) -> None:
        assert {"openapi-cloud.yaml", "generated/comfy_cloud_api/models/job_detail_response.py"} <= additions.changed
        assert "gpu_seconds" in additions.text("generated/comfy_cloud_api/models/job_detail_response.py")
        assert THEIRS not in additions.text("openapi-cloud.yaml")
        assert "To be worded: JobDetailResponse gpu_seconds." in additions.text("openapi-cloud.yaml")
        assert "| added | `JobDetailResponse.gpu_seconds` |  | no |" in additions.report
        assert "| `cloud.jobs.get` | `getJobDetail` |" in additions.report

    def test_a_new_enum_value_is_a_member(self, additions: Run) -> None:
        assert '| added | `JobDetailResponse.status = "paused"` |  | no |' in additions.report
        assert 'PAUSED = "paused"' in additions.text("generated/comfy_cloud_api/models/job_detail_response_status.py")

    def test_a_new_operation_is_raw_only_and_listed_as_such(self, additions: Run) -> None:
        assert "| getQuota | `GET /api/quota` | raw only, no method yet |" in additions.text("docs/operations.md")
        assert "New operations have no method yet" in additions.report
        assert "Raw only, no method yet: `getQuota`" in additions.report
        assert '"getQuota": ("GET", "/api/quota")' in additions.text("generated/comfy_cloud_api/api/__init__.py")

    def test_a_patch_that_the_contract_makes_needless_goes(self, additions: Run) -> None:
        """It would fail every later `make generate`; its other half stays."""
        assert "prompt\\_id: no longer needed (it already has prompt\\_id)" in additions.report
        patches = additions.text("openapi-cloud.patches.yaml")
        assert "prompt_id:\n        type" not in patches
        assert "client_id:\n        type" in patches


@pytest.fixture(scope="module")
def losses(tmp_path_factory: pytest.TempPathFactory, make_httpserver: HTTPServer) -> Run:
    contract = our_contract()
    del contract["paths"]["/api/tags"], contract["components"]["schemas"]["UserDataResponse"]
    schema = contract["components"]["schemas"]["PromptRequest"]
    schema["properties"]["graph"] = schema["properties"].pop("prompt")
    schema["required"] = ["graph" if name == "prompt" else name for name in schema["required"]]
    return publisher(copy_of_the_repo(tmp_path_factory.mktemp("losses")), make_httpserver)(contract)


@pytest.mark.xdist_group("losses")
class TestLosses:
    def test_they_break_users(self, losses: Run) -> None:
        assert losses.status == 20
        assert "0.1.1 -> **0.2.0**" in losses.report
        assert "Tests: **not run**" in losses.report

    def test_a_removed_operation_names_the_method_that_stood_on_it(self, losses: Run) -> None:
        """Otherwise who adapts the layer has to guess from an import error."""
        assert "cloud.assets.tags uses listTags" in losses.err
        assert "- `cloud.assets.tags` uses `listTags`: operation" in losses.report
        assert "`comfy_cloud.raw.api.asset.list_tags`: public object was removed" in losses.report
        assert "generated/comfy_cloud_api/api/asset/list_tags.py" in losses.changed
        assert not (losses.tree / "generated/comfy_cloud_api/api/asset/list_tags.py").exists()

    def test_the_line_that_names_what_is_gone_is_told(self, losses: Run) -> None:
        """mypy looked for it in the package that is installed as well, and found it there."""
        told = losses.report.partition("## Code that no longer type-checks")[2].partition("\n## ")[0]
        assert re.search(
            r"`cloud.assets.tags`: `overrides/comfy_cloud/_async/resources/assets.py:\d+`: .*list_tags", told
        )
        assert "_sync" not in told

    def test_a_renamed_field_names_both(self, losses: Run) -> None:
        assert "cloud.submit uses executePrompt: field PromptRequest.prompt removed" in losses.err
        assert "perhaps now `graph`" in losses.report
        assert "| added | `PromptRequest.graph` |  | must be given now |" in losses.report

    def test_a_patch_goes_whose_schema_is_gone_and_is_named(self, losses: Run) -> None:
        """The patched contract would be invalid, and no run would succeed until somebody found the patch."""
        assert "no longer applies (nothing is there: it refers to" in losses.report
        assert "UserDataResponse" not in losses.text("openapi-cloud.patches.yaml")


def test_parts_that_one_side_lacks_are_merged(contract: Contract, publish: Publish) -> None:
    del contract["servers"], contract["security"], contract["components"]["securitySchemes"]
    run = publish(contract)
    assert run.status == 20
    assert "the default address is https://cloud.comfy.org, the contract has none" in run.report
    assert "the key is sent in X-API-Key, the contract has no header" in run.report
    contract["servers"] = [{"url": "https://cloud.comfy.org"}]
    contract["security"] = [{"ApiKeyAuth": []}]
    scheme = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    contract["components"]["securitySchemes"] = {"ApiKeyAuth": scheme}
    back = publish(contract)
    assert back.status == 20
    assert "X-API-Key" in back.text("openapi-cloud.yaml")


def test_an_operation_that_the_generator_cannot_take_is_adopted_and_named(contract: Contract, publish: Publish) -> None:
    """A contract is not kept out for one corner of it; nor is the corner passed over."""
    note = {"requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}}}
    contract["paths"]["/api/note"] = {"post": {"operationId": "postNote", "responses": {}, **note}}
    contract["paths"]["/api/note"]["post"]["responses"]["200"] = {"description": THEIRS}
    run = publish(contract)
    assert (run.status, run.err) == (10, "")
    lacking = run.report.partition("## What the generator left out")[2]
    assert "left out: POST /api/note (postNote), whole: Unsupported content type text/plain" in lacking
    assert "operationId: postNote" in run.text("openapi-cloud.yaml")
    again = publish(contract)
    assert (again.status, again.changed) == (0, set())


def test_openapi_31_that_30_cannot_say_is_kept_as_it_is(contract: Contract, publish: Publish) -> None:
    contract["openapi"] = "3.1.0"
    pair = [{"type": "number"}, {"type": "string"}]
    job_fields(contract)["size"] = {"type": "array", "prefixItems": pair, "maxItems": 2}
    run = publish(contract)
    assert (run.status, run.err) == (10, "")
    assert "the contract stays OpenAPI 3.1, since 3.0 cannot say all of it" in run.report
    assert "\nopenapi: 3.1.0\n" in run.text("openapi-cloud.yaml")
    assert "size: list[float | str] | Unset" in run.text("generated/comfy_cloud_api/models/job_detail_response.py")
    again = publish(contract)
    assert (again.status, again.changed) == (0, set())


def test_a_contract_of_quite_another_api_is_taken(publish: Publish) -> None:
    """It generates and imports, whatever is left of the layer; what the client lacks is named."""
    run = publish((CONTRACTS / "field.yaml").read_text(encoding="utf-8"))
    assert run.status == 20
    assert "left out: POST /note (postNote), whole" in run.report
    assert "left out: POST /note (postNote), whole" in run.out
    assert "the layer does not import" in run.report
    generate.import_all(run.tree / "generated" / "comfy_cloud_api")
    assert "executePrompt" not in run.text("docs/operations.md")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {$ref: '#/nowhere'}}}\n", "leads nowhere"),
        ("openapi: 3.0.3\npaths: [\n", "not YAML"),
        ("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n", "must have operations"),
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


def test_a_failure_of_our_own_is_reported_and_no_old_report_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback in a log of the night is read by nobody, and yesterday's report would be taken for today's."""
    report = tmp_path / "report.md"
    report.write_text("# The contract changed, compatibly\n", encoding="utf-8")

    def fail(source: str, tests: str) -> None:
        assert not report.exists()
        raise KeyError("servers")

    monkeypatch.setattr(main_module, "run", fail)
    assert main_module.main(["--spec", "x.yaml", "--report", str(report)]) == 1
    text = report.read_text(encoding="utf-8")
    assert text.startswith("# The contract was not adopted\n")
    assert "KeyError at test_regenerate.py:" in text
    assert "Traceback" not in text + capsys.readouterr().err


def test_the_report_fits_a_pull_request_and_the_rest_is_beside_it() -> None:
    """GitHub refuses a longer one, and the pull request would not be opened."""
    names = [f"{'Very' * 90}LongModel{index}" for index in range(3000)]
    changes = [Change("model", "added", name, token=name) for name in names]
    found = Regeneration("x.yaml", COMPATIBLE, changes=changes, to_be_worded=names, contract="abc")
    found.unwrapped = names
    text = render(found)
    assert len(text) <= 60_000
    assert text.splitlines()[2:].index("To do:") < 12, "the summary comes first"
    assert "more, in the whole report" in text
    assert text.rstrip().endswith("<!-- contract: abc -->")
    whole = render_whole(found)
    assert all(name[:300] in whole for name in names)
