"""Test assets from other servers: fetched at once, described, or imported in the background by a task."""

import concurrent.futures
import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from blake3 import blake3

from .conftest import Server

CONTENT = b"weights" * 1000
HASH = f"blake3:{blake3(CONTENT).hexdigest()}"


class Source:
    """A server with files to import. It stops in the middle of /slow until `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.halfway = threading.Event()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.waited_out: list[str] = []
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                source.response(self)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def response(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.partition("?")[0]
        self.requests.append((request.command, path, dict(request.headers)))
        status = {"/missing": 404, "/secret": 403, "/login": 401, "/ill": 503, "/moved": 302, "/out": 302}
        request.send_response(status.get(path, 200))
        if path == "/moved":
            request.send_header("Location", "/file.safetensors")
        elif path == "/out":
            request.send_header("Location", "http://192.0.2.1/x")
        length = len(CONTENT) + (1 if path == "/cut" else 0)
        if path == "/huge":
            length = 10**12
        if path != "/endless":
            request.send_header("Content-Length", str(length))
        request.send_header("Content-Type", "application/x-weights")
        if path == "/named":
            request.send_header("Content-Disposition", 'attachment; filename="given.ckpt"')
        request.end_headers()
        if request.command == "GET":
            with contextlib.suppress(OSError):
                self.send(request, path)

    def send(self, request: BaseHTTPRequestHandler, path: str) -> None:
        half = len(CONTENT) // 2
        request.wfile.write(CONTENT[:half])
        if path == "/slow":
            self.halfway.set()
            if not self.go.wait(10):
                self.waited_out.append(path)
        request.wfile.write(CONTENT[half:])


@pytest.fixture
def source() -> Iterator[Source]:
    source = Source()
    thread = threading.Thread(target=source.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield source
    source.go.set()
    source.server.shutdown()
    thread.join()
    source.server.server_close()


def start(cloud: Server, url: str, **body: Any) -> str:
    response = cloud.post("/api/assets/download", {"source_url": url, **body})
    assert (response.status_code, response.json()["status"]) == (202, "created")
    task_id: str = response.json()["task_id"]
    return task_id


def follow(cloud: Server, task_id: str, *ends: str) -> dict[str, Any]:
    """Poll a task until it is in one of `ends`, or more than half done."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        task: dict[str, Any] = cloud.get(f"/api/tasks/{task_id}").json()
        if task["status"] in ends or ("half" in ends and task["progress"] > 0):
            return task
    raise TimeoutError(f"task {task_id} did not get to {ends}")


def test_an_import_runs_in_the_background_and_ends_as_an_asset(cloud: Server, source: Source):
    task_id = start(cloud, f"{source.url}/slow", tags=["models", "vae"], user_metadata={"a": 1})
    halfway = follow(cloud, task_id, "half")
    assert (halfway["status"], halfway["task_id"]) == ("running", task_id)
    assert 0 < halfway["progress"] < 1
    assert cloud.http.head(f"/api/assets/hash/{HASH}").status_code == 404
    source.go.set()
    task = follow(cloud, task_id, "completed", "failed")
    assert (task["status"], task["progress"]) == ("completed", 1)
    asset = cloud.get(f"/api/assets/{task['asset_id']}").json()
    assert task["result"] == asset
    assert (asset["asset_hash"], asset["name"], asset["tags"]) == (HASH, "slow", ["models", "vae"])
    assert (asset["mime_type"], asset["user_metadata"]) == ("application/x-weights", {"a": 1})


def test_a_file_that_was_imported_before_is_available_at_once(cloud: Server, source: Source):
    url = f"{source.url}/file.safetensors"
    first = follow(cloud, start(cloud, url, tags=["a"]), "completed")
    again = cloud.post("/api/assets/download", {"source_url": url, "tags": ["a"]})
    assert (again.status_code, again.json()["id"], again.json()["created_new"]) == (200, first["asset_id"], False)
    other = cloud.post("/api/assets/download", {"source_url": url, "tags": ["b"]})
    assert (other.status_code, other.json()["asset_hash"], other.json()["tags"]) == (200, HASH, ["b"])
    assert [method for method, _, _ in source.requests] == ["GET"]


@pytest.mark.parametrize("path", ["/missing", "/cut", "/ill", "/out"])
def test_a_bad_source_fails_the_task_and_not_the_server(cloud: Server, source: Source, path: str):
    task = follow(cloud, start(cloud, source.url + path), "failed", "completed")
    assert (task["status"], bool(task["error"])) == ("failed", True)
    assert "asset_id" not in task


def test_a_source_that_nobody_serves_fails_the_task(cloud: Server):
    task = follow(cloud, start(cloud, "http://127.0.0.1:1/x?token=secret"), "failed")
    assert task["error"] == "The source cannot be reached"


def test_an_emulator_closes_while_an_import_is_stalled(cloud: Server, source: Source):
    """Otherwise a test with a hanging import would hang at its end."""
    follow(cloud, start(cloud, f"{source.url}/slow"), "half")
    cloud.emulator.close()
    assert source.waited_out == []


def test_an_emulator_closes_while_a_source_keeps_an_upload_waiting(cloud: Server, source: Source):
    body = {"url": f"{source.url}/slow", "name": "x"}
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        response = pool.submit(cloud.post, "/api/assets", body)
        assert source.halfway.wait(10)
        cloud.emulator.close()
        assert isinstance(response.exception(), httpx.TransportError) or response.result().status_code == 422
    assert source.waited_out == []


@pytest.mark.parametrize(
    "url", ["https://huggingface.co/a/b", "http://192.0.2.1/x", "ftp://127.0.0.1/x", "no address", "http://[::1", ""]
)
def test_only_loopback_is_fetched_from(cloud: Server, url: str):
    """Otherwise a user's test could reach the network by accident."""
    assert cloud.post("/api/assets/download", {"source_url": url}).status_code == 400
    assert cloud.post("/api/assets", {"url": url, "name": "x"}).status_code == 400
    assert cloud.get("/api/assets/remote-metadata", url=url).status_code == 400


@pytest.mark.parametrize("body", [{}, {"source_url": 1}, {"source_url": "http://127.0.0.1/x", "tags": [1]}, []])
def test_bad_import_requests_are_unprocessable(cloud: Server, body: Any):
    assert cloud.post("/api/assets/download", body).status_code == 422


def test_an_unknown_task(cloud: Server, new: Server):
    assert cloud.get(f"/api/tasks/{uuid.uuid4()}").status_code == 404
    assert new.get(f"/api/tasks/{uuid.uuid4()}").content == b""
    assert new.post("/api/assets/download", {"source_url": "http://127.0.0.1/x"}).status_code == 405


def test_an_asset_from_a_url(cloud: Server, source: Source):
    body = {"url": f"{source.url}/moved", "name": "mine.safetensors", "tags": ["models"], "user_metadata": {"a": 1}}
    response = cloud.post("/api/assets", body)
    asset = response.json()
    assert (response.status_code, asset["created_new"], asset["asset_hash"]) == (201, True, HASH)
    assert (asset["name"], asset["tags"], asset["user_metadata"]) == ("mine.safetensors", ["models"], {"a": 1})
    again = cloud.post("/api/assets", body)
    assert (again.status_code, again.json()["id"]) == (200, asset["id"])


def test_the_key_is_not_sent_to_a_source(cloud: Server, source: Source):
    cloud.post("/api/assets", {"url": f"{source.url}/file", "name": "x"})
    cloud.get("/api/assets/remote-metadata", url=f"{source.url}/file")
    assert len(source.requests) == 2
    assert not any(cloud.emulator.api_key in str(request) for request in source.requests)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/secret", 403), ("/login", 403), ("/missing", 404), ("/ill", 422), ("/cut", 422), ("/huge", 413), ("/out", 400)],
)
def test_the_status_of_a_source_decides_the_status_of_the_response(
    cloud: Server, source: Source, path: str, status: int
):
    response = cloud.post("/api/assets", {"url": source.url + path, "name": "x"})
    assert (response.status_code, set(response.json())) == (status, {"code", "message"})


@pytest.mark.parametrize("body", [{"name": "x"}, {"url": "http://127.0.0.1/x"}, {"url": 1, "name": "x"}, []])
def test_urls_without_a_name_or_of_another_type_are_refused(cloud: Server, body: Any):
    assert cloud.post("/api/assets", body).status_code == 400


def test_a_remote_file_is_described_without_fetching_it(cloud: Server, source: Source):
    body = cloud.get("/api/assets/remote-metadata", url=f"{source.url}/named").json()
    assert (body["content_length"], body["content_type"]) == (len(CONTENT), "application/x-weights")
    assert (body["filename"], body["name"], body["tags"]) == ("given.ckpt", "given", ["models"])
    assert body["validation"]["is_valid"] is True
    assert cloud.get("/api/assets/remote-metadata", url=f"{source.url}/endless").json()["content_length"] == -1
    assert {method for method, _, _ in source.requests} == {"HEAD"}


@pytest.mark.parametrize("path", ["/missing", "/secret", "/ill", "/out"])
def test_a_remote_file_that_cannot_be_described(cloud: Server, source: Source, path: str):
    assert cloud.get("/api/assets/remote-metadata", url=source.url + path).status_code == 422


def test_a_source_must_be_named(cloud: Server):
    assert cloud.get("/api/assets/remote-metadata").status_code == 400
