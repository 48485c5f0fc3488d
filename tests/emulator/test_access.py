"""Test API keys, missing routes, and the journal."""

import dataclasses
import re

import httpx
import pytest
from blake3 import blake3

from comfy_cloud.raw.api import OPERATIONS as CONTRACT
from comfy_cloud.testing import JournalEntry
from comfy_cloud.testing._servers.operations import OPERATIONS, Operation, RouteTable

from .conftest import Server, node, refusal

WORKFLOW = {"prompt": {"1": node("EmulatorText", text="x")}}


@pytest.mark.parametrize("key", [None, "wrong"])
def test_the_cloud_needs_a_key_it_knows(account: Server, key: str | None):
    headers = {} if key is None else {"X-API-Key": key}
    for method, path in (("POST", "/api/prompt"), ("GET", "/api/queue"), ("GET", "/api/user"), ("GET", "/api/assets")):
        response = httpx.request(method, account.emulator.url + path, headers=headers)
        assert (response.status_code, refusal(response)["code"]) == (401, "UNAUTHORIZED")


def test_public_operations_need_no_key(account: Server):
    assert httpx.get(f"{account.emulator.url}/api/system_stats").status_code == 200
    assert httpx.get(f"{account.emulator.url}/api/features").status_code == 200
    assert httpx.get(f"{account.emulator.url}/api/features", headers={"X-API-Key": "wrong"}).status_code == 401


def test_each_account_state_is_refused_with_its_own_words(account: Server):
    keys = account.emulator.keys

    def submit(key: str) -> httpx.Response:
        return account.post("/api/prompt", WORKFLOW, **{"X-API-Key": key})

    broke = submit(keys.no_credits)
    assert (broke.status_code, broke.json()["error"]["type"]) == (402, "PAYMENT_REQUIRED")
    # 429 that no retry will mend: the body says so, and there is no Retry-After.
    inactive = submit(keys.inactive)
    assert (inactive.status_code, inactive.json()["error"]["type"]) == (429, "SUBSCRIPTION_INACTIVE")
    assert "retry-after" not in inactive.headers
    forbidden = submit(keys.forbidden)
    assert (forbidden.status_code, refusal(forbidden)["code"]) == (403, "FORBIDDEN")
    for key in (keys.no_credits, keys.inactive):
        assert account.http.get("/api/user", headers={"X-API-Key": key}).json() == {"status": "active"}
    assert account.get("/api/queue").json()["queue_pending"] == []


def test_comfyui_ignores_keys(comfyui: Server):
    assert httpx.post(f"{comfyui.emulator.url}/prompt", json=WORKFLOW).status_code == 200
    assert comfyui.post("/prompt", WORKFLOW, **{"X-API-Key": comfyui.emulator.keys.no_credits}).status_code == 200


def test_comfyui_refuses_foreign_origins(comfyui: Server):
    response = comfyui.http.get("/queue", headers={"Origin": "http://evil.example"})
    assert (response.status_code, response.content) == (403, b"")
    assert comfyui.http.get("/queue", headers={"Origin": comfyui.emulator.url}).status_code == 200


def test_comfyui_responds_with_and_without_prefix_and_the_cloud_only_with_it(account: Server, comfyui: Server):
    for path in ("/queue", "/api/queue", "/prompt", "/object_info", "/system_stats"):
        assert comfyui.get(path).status_code == 200
    assert account.get("/queue").status_code == 404


@pytest.mark.parametrize(
    "line",
    [
        "GET /api/jobs",
        "GET /api/jobs/x",
        "GET /api/job/x/status",
        "GET /api/history_v2",
        "GET /api/assets",
        "GET /api/user",
        "GET /api/files/mask-layers",
        "GET /api/tags",
        "GET /api/global_subgraphs",
        "HEAD /api/assets/hash/blake3:0",
    ],
)
def test_an_old_comfyui_responds_to_a_missing_route_as_to_a_missing_file(old: Server, line: str):
    method, path = line.split()
    response = old.http.request(method, path)
    assert (response.status_code, response.content) == (404, b"")
    assert response.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "line", ["POST /api/assets", "POST /api/assets/from-hash", "DELETE /api/assets/x", "PUT /api/queue"]
)
def test_other_methods_are_not_allowed_on_an_old_comfyui(old: Server, line: str):
    method, path = line.split()
    response = old.http.request(method, path)
    assert (response.status_code, response.text) == (405, "405: Method Not Allowed")
    assert {"GET", "HEAD"} <= set(response.headers["allow"].split(","))


def test_missing_routes_of_the_cloud_say_so_in_json(account: Server):
    assert refusal(account.get("/api/nothing"))["code"] == "NOT_FOUND"
    response = account.http.put("/api/queue")
    assert (response.status_code, response.headers["allow"]) == (405, "GET,POST")
    assert refusal(response)["code"] == "METHOD_NOT_ALLOWED"


def test_no_operation_of_the_contract_is_missing(account: Server):
    operations = [operation for operation in OPERATIONS if operation.contract]
    assert {operation.id for operation in operations} <= set(CONTRACT)
    for operation in operations:
        response = account.http.request(operation.method, re.sub(r"{\w+}", "x", operation.path))
        assert response.status_code not in (405, 500, 501), operation.id
        assert "No route" not in response.text, operation.id


def test_an_operation_that_only_the_contract_has_is_refused_by_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contract that was regenerated may be ahead of the emulator. A 404 would look like a fault of the caller."""
    table = RouteTable([Operation("getQuota", "GET", "/api/quota/{id}")], bare_routes=False, allows_head=False)
    monkeypatch.setattr("comfy_cloud.testing._servers.operations._NOT_EMULATED", table)
    response = server.get("/api/quota/mine")
    assert response.status_code == 501
    assert "getQuota" in response.text
    assert server.http.post("/api/quota/mine").status_code != 501


def test_an_encoded_slash_stays_inside_its_part_of_the_path(account: Server):
    assert refusal(account.get("/api/jobs/a%2Fb")) == {"code": "NOT_FOUND", "message": "Job not found"}
    assert refusal(account.get("/api/jobs/a/b"))["message"] == "No route /api/jobs/a/b"


def test_one_node_class_on_comfyui(comfyui: Server):
    assert list(comfyui.get("/object_info/SaveImage").json()) == ["SaveImage"]
    assert comfyui.get("/object_info/NoSuch").json() == {}


@pytest.mark.parametrize("line", ["GET /api/job/x/status", "GET /api/history_v2", "GET /api/user"])
def test_every_comfyui_lacks_what_only_the_cloud_has(comfyui: Server, line: str):
    method, path = line.split()
    response = comfyui.http.request(method, path)
    assert (response.status_code, response.content) == (404, b"")
    assert comfyui.post("/api/assets/download", {}).status_code == 405


def test_the_servers_describe_themselves(cloud: Server, old: Server, new: Server):
    assert new.get("/features").json()["assets"] is True
    assert new.get("/system_stats").json()["system"]["os"] == "linux"
    assert old.get("/features").json() == {"supports_preview_metadata": True, "max_upload_size": 104857600}
    assert old.get("/system_stats").json()["system"]["os"] == "posix"
    assert "cloud_version" in cloud.get("/api/system_stats").json()["system"]


def test_the_journal_records_every_request(account: Server):
    """Without it, a test could not assert "submitted exactly once"."""
    body = b'{"prompt": {}}'
    account.http.post("/api/prompt", content=body)
    httpx.get(f"{account.emulator.url}/api/queue?token=x&a=1")
    httpx.get(f"{account.emulator.url}/nothing")
    submit, queue, nothing = account.emulator.journal
    assert dataclasses.replace(submit, time=0.0) == JournalEntry(
        "executePrompt", "POST", "/api/prompt", True, blake3(body).hexdigest(), 0.0, 400
    )
    assert (queue.operation, queue.path, queue.status) == ("getQueueInfo", "/api/queue", 401)
    assert (nothing.operation, nothing.key_present, nothing.body_hash, nothing.status) == (None, False, None, 404)
    assert submit.time <= queue.time <= nothing.time
    with pytest.raises(dataclasses.FrozenInstanceError):
        submit.status = 200  # type: ignore[misc]


def test_the_journal_is_a_list_to_count_slice_wait_on_and_clear(account: Server):
    journal = account.emulator.journal
    account.get("/api/queue")
    account.get("/api/user")
    assert (len(journal), journal[-1].operation, len(journal[:1])) == (2, "getUser", 1)
    assert [entry.path for entry in journal.of("getQueueInfo")] == ["/api/queue"]
    assert len(journal.wait_for("getUser")) == 1
    with pytest.raises(TimeoutError, match=r"after 0\.01 s: getUser was requested 1 times, not 2"):
        journal.wait_for("getUser", count=2, timeout=0.01)
    journal.clear()
    assert list(journal) == []


def test_a_body_that_was_refused_unread_is_hashed(account: Server):
    body = bytes(3_000_000)
    response = httpx.post(f"{account.emulator.url}/api/upload/image", content=body)
    assert response.status_code == 401
    assert account.emulator.journal[0].body_hash == blake3(body).hexdigest()
