"""Keys, routes that are missing, and the journal."""

import dataclasses

import httpx
import pytest
from blake3 import blake3

from comfy_cloud.testing import JournalEntry

from .conftest import Server, node

WORKFLOW = {"prompt": {"1": node("EmulatorText", text="x")}}


@pytest.mark.parametrize("key", [None, "wrong"])
def test_the_cloud_needs_a_key_it_knows(cloud: Server, key: str | None):
    headers = {} if key is None else {"X-API-Key": key}
    for method, path in (("POST", "/api/prompt"), ("GET", "/api/queue"), ("GET", "/api/user"), ("GET", "/api/assets")):
        answer = httpx.request(method, cloud.emulator.url + path, headers=headers)
        assert (answer.status_code, set(answer.json())) == (401, {"code", "message"})


def test_public_operations_need_no_key(cloud: Server):
    assert httpx.get(f"{cloud.emulator.url}/api/system_stats").status_code == 200
    assert httpx.get(f"{cloud.emulator.url}/api/features").status_code == 200
    assert httpx.get(f"{cloud.emulator.url}/api/features", headers={"X-API-Key": "wrong"}).status_code == 401


def test_each_standing_is_refused_in_its_own_words(cloud: Server):
    keys = cloud.emulator.keys

    def submit(key: str) -> httpx.Response:
        return cloud.post("/api/prompt", WORKFLOW, **{"X-API-Key": key})

    broke = submit(keys.no_credits)
    assert (broke.status_code, broke.json()["error"]["type"]) == (402, "PAYMENT_REQUIRED")
    # 429 that no retry will mend: the body says so, and there is no Retry-After.
    inactive = submit(keys.inactive)
    assert (inactive.status_code, inactive.json()["error"]["type"]) == (429, "SUBSCRIPTION_INACTIVE")
    assert "retry-after" not in inactive.headers
    forbidden = submit(keys.forbidden)
    assert (forbidden.status_code, set(forbidden.json())) == (403, {"code", "message"})
    for key in (keys.no_credits, keys.inactive):
        assert cloud.http.get("/api/user", headers={"X-API-Key": key}).json() == {"status": "active"}
    assert cloud.get("/api/queue").json()["queue_pending"] == []


def test_comfyui_ignores_keys(old: Server):
    assert httpx.post(f"{old.emulator.url}/prompt", json=WORKFLOW).status_code == 200
    assert old.post("/prompt", WORKFLOW, **{"X-API-Key": old.emulator.keys.no_credits}).status_code == 200


def test_comfyui_refuses_foreign_origins(old: Server):
    answer = old.http.get("/queue", headers={"Origin": "http://evil.example"})
    assert (answer.status_code, answer.content) == (403, b"")
    assert old.http.get("/queue", headers={"Origin": old.emulator.url}).status_code == 200


def test_comfyui_answers_with_and_without_prefix_and_the_cloud_only_with(cloud: Server, old: Server):
    for path in ("/queue", "/api/queue", "/prompt", "/object_info", "/system_stats"):
        assert old.get(path).status_code == 200
    assert cloud.get("/queue").status_code == 404


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
def test_an_old_comfyui_lacks_a_route_as_a_missing_file(old: Server, line: str):
    method, path = line.split()
    answer = old.http.request(method, path)
    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "line", ["POST /api/assets", "POST /api/assets/from-hash", "DELETE /api/assets/x", "PUT /api/queue"]
)
def test_other_methods_are_not_allowed_on_an_old_comfyui(old: Server, line: str):
    method, path = line.split()
    answer = old.http.request(method, path)
    assert (answer.status_code, answer.text) == (405, "405: Method Not Allowed")
    assert {"GET", "HEAD"} <= set(answer.headers["allow"].split(","))


def test_missing_routes_of_the_cloud_say_so_in_json(cloud: Server):
    assert cloud.get("/api/nothing").json()["code"] == "NOT_FOUND"
    answer = cloud.http.put("/api/queue")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET,POST")


def test_an_encoded_slash_stays_inside_its_part_of_the_path(cloud: Server):
    assert cloud.get("/api/jobs/a%2Fb").json() == {"code": "NOT_FOUND", "message": "Job not found"}
    assert cloud.get("/api/jobs/a/b").json()["message"] == "No route /api/jobs/a/b"


def test_one_node_class_on_comfyui(old: Server):
    assert list(old.get("/object_info/SaveImage").json()) == ["SaveImage"]
    assert old.get("/object_info/NoSuch").json() == {}


def test_the_servers_describe_themselves(cloud: Server, old: Server):
    assert old.get("/features").json() == {"supports_preview_metadata": True, "max_upload_size": 104857600}
    assert old.get("/system_stats").json()["system"]["os"] == "posix"
    assert "cloud_version" in cloud.get("/api/system_stats").json()["system"]


def test_the_journal_tells_what_arrived(cloud: Server):
    """So that a test can assert "submitted exactly once"."""
    body = b'{"prompt": {}}'
    cloud.http.post("/api/prompt", content=body)
    httpx.get(f"{cloud.emulator.url}/api/queue?token=x&a=1")
    httpx.get(f"{cloud.emulator.url}/nothing")
    submit, queue, nothing = cloud.emulator.journal
    assert dataclasses.replace(submit, time=0.0) == JournalEntry(
        "executePrompt", "POST", "/api/prompt", True, blake3(body).hexdigest(), 0.0, 400
    )
    assert (queue.operation, queue.path, queue.status) == ("getQueueInfo", "/api/queue", 401)
    assert (nothing.operation, nothing.key_present, nothing.body_hash, nothing.status) == (None, False, None, 404)
    assert submit.time <= queue.time <= nothing.time
    with pytest.raises(dataclasses.FrozenInstanceError):
        submit.status = 200  # type: ignore[misc]


def test_the_journal_is_a_list_to_count_slice_wait_on_and_clear(cloud: Server):
    journal = cloud.emulator.journal
    cloud.get("/api/queue")
    cloud.get("/api/user")
    assert (len(journal), journal[-1].operation, len(journal[:1])) == (2, "getUser", 1)
    assert [entry.path for entry in journal.of("getQueueInfo")] == ["/api/queue"]
    assert len(journal.wait_for("getUser")) == 1
    with pytest.raises(TimeoutError, match=r"getUser was answered 1 times in 0\.01 s, not 2"):
        journal.wait_for("getUser", count=2, timeout=0.01)
    journal.clear()
    assert list(journal) == []


def test_a_body_that_was_refused_unread_is_hashed_all_the_same(cloud: Server):
    body = bytes(3_000_000)
    answer = httpx.post(f"{cloud.emulator.url}/api/upload/image", content=body)
    assert answer.status_code == 401
    assert cloud.emulator.journal[0].body_hash == blake3(body).hexdigest()
