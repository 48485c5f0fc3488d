# Derived from tests/_async/test_assets.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Assets: upload, find, change, tag, import. In the dialect of the cloud, and where other servers differ."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from blake3 import blake3
from PIL import Image
from pytest_httpserver import HTTPServer

from comfy_cloud import (
    APIConnectionError,
    APITimeoutError,
    BadRequestError,
    ComfyCloud,
    NotFoundError,
    NotSupportedError,
    UnexpectedResponseError,
    UnprocessableEntityError,
    UnsupportedMediaTypeError,
    UploadError,
)
from comfy_cloud._core.watch import Timing
from comfy_cloud.raw.models import Asset
from comfy_cloud.testing import Emulator

from .conftest import connect, said

pytestmark = pytest.mark.anyio

WITH_ASSETS = ["cloud", "cloud-next", "comfyui"]
CONTENT = b"some weights " * 100
HASH = f"blake3:{blake3(CONTENT).hexdigest()}"
TASK = "11111111-1111-4111-8111-111111111111"
QUICK = Timing(poll_first=0.005, poll_longest=0.02, unreachable=0.1)


@pytest.fixture(params=["cloud"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with connect(server.url, server.api_key, live=False) as client:
        client._connection.timing = QUICK
        yield client


@pytest.fixture
def scripted(httpserver: HTTPServer) -> Iterator[ComfyCloud]:
    with connect(httpserver.url_for(""), live=False) as client:
        client._connection.timing = QUICK
        yield client


@pytest.mark.parametrize("server", WITH_ASSETS, indirect=True)
def test_a_file_becomes_an_asset_with_all_that_was_said_of_it(cloud: ComfyCloud, tmp_path: Path) -> None:
    """Tags travel in another form on newer servers."""
    path = tmp_path / "weights.bin"
    path.write_bytes(CONTENT)
    made = cloud.assets.upload(path, tags=["input", "mine"], user_metadata={"from": "a test"})
    assert made.created_new is True
    assert made.asset_hash == HASH
    found = cloud.assets.get(made.id)
    assert (found.id, found.name, found.asset_hash) == (made.id, "weights.bin", HASH)
    assert isinstance(found.tags, list)
    assert {"input", "mine"} <= set(found.tags)
    assert found.user_metadata["from"] == "a test"  # type: ignore[index]


def test_whatever_has_content_can_be_uploaded(cloud: ComfyCloud) -> None:
    picture = Image.new("RGB", (3, 2), "red")
    for content, kind in [(b"bytes", "application/octet-stream"), (io.BytesIO(b"file"), None), (picture, "image/png")]:
        made = cloud.assets.upload(content, name="x.png" if kind == "image/png" else None)  # type: ignore[arg-type]
        assert made.created_new is True
    mine = cloud.assets.upload(b"other", name="label", mime_type="text/plain", tags="input")
    assert (mine.name, mine.mime_type, mine.tags) == ("label", "text/plain", ["input"])


def test_a_chosen_id_makes_a_second_upload_harmless(cloud: ComfyCloud) -> None:
    chosen = uuid4()
    first = cloud.assets.upload(CONTENT, asset_id=chosen)
    assert (cloud.assets.upload(b"other", asset_id=str(chosen))).asset_hash == first.asset_hash
    assert first.id == chosen


def test_the_cloud_fetches_an_address(cloud: ComfyCloud, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/files/weights.bin").respond_with_data(CONTENT)
    made = cloud.assets.upload(httpserver.url_for("/files/weights.bin"), user_metadata={"a": 1})
    assert (made.name, made.asset_hash) == ("weights.bin", HASH)
    named = cloud.assets.upload(httpserver.url_for("/files/weights.bin"), name="x", tags=["input", "other"])
    assert named.asset_hash == HASH


@pytest.mark.parametrize("server", ["comfyui"], indirect=True)
def test_a_comfyui_fetches_none(cloud: ComfyCloud) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        cloud.assets.upload("https://example.com/a.bin")
    with pytest.raises(BadRequestError, match="role"):
        cloud.assets.upload(CONTENT, tags=["only-mine"])


@pytest.mark.parametrize("content", ["picture.png", 7, None, {"a": 1}, Path("no/such/file")], ids=repr)
def test_what_is_no_file_is_refused_before_anything_is_sent(cloud: ComfyCloud, server: Emulator, content: Any) -> None:
    """A text is not taken for a path."""
    with pytest.raises(UploadError, match="upload"):
        cloud.assets.upload(content)
    assert len(server.journal) == 0


@pytest.mark.parametrize("server", WITH_ASSETS, indirect=True)
def test_known_content_needs_no_upload(cloud: ComfyCloud, server: Emulator) -> None:
    assert cloud.assets.exists(HASH) is False
    with pytest.raises(NotFoundError):
        cloud.assets.create_from_hash(HASH)
    cloud.assets.upload(CONTENT, name="a.bin")
    assert cloud.assets.exists(HASH) is True
    assert cloud.assets.exists(HASH.removeprefix("blake3:")) is True
    made = cloud.assets.create_from_hash(HASH, name="b.bin", tags=["input", "again"], user_metadata={"k": 1})
    assert made.asset_hash == HASH
    assert len(server.journal.of("uploadAsset")) == (2 if server.dialect == "cloud-next" else 1)
    with pytest.raises(BadRequestError):
        cloud.assets.exists("md5:00")


@pytest.mark.parametrize("server", WITH_ASSETS, indirect=True)
def test_assets_are_changed_tagged_and_deleted(cloud: ComfyCloud) -> None:
    made = cloud.assets.upload(CONTENT, name="a.bin", tags=["input", "old"])
    changed = cloud.assets.update(made.id, name="b.bin", user_metadata={"rating": 5})
    assert (changed.name, changed.asset_hash) == ("b.bin", HASH)
    assert (cloud.assets.add_tags(made.id, "new")).added == ["new"]
    assert (cloud.assets.remove_tags(str(made.id), ["old", "never"])).not_present == ["never"]
    found = [asset for asset in cloud.assets.list(include_tags="new", metadata_filter={"rating": 5})]
    assert [asset.name for asset in found] == ["b.bin"]
    assert [asset for asset in cloud.assets.list(exclude_tags=["new"], name_contains="B.BIN")] == []
    counts = cloud.assets.tag_histogram(include_tags="new", include_public=False)
    assert counts.tag_counts["new"] == 1
    cloud.assets.delete(made.id)
    with pytest.raises(NotFoundError):
        cloud.assets.get(made.id)
    with pytest.raises(NotFoundError):
        cloud.assets.delete(made.id)


def test_tags_can_be_replaced(cloud: ComfyCloud) -> None:
    made = cloud.assets.upload(CONTENT, tags=["input", "old"])
    changed = cloud.assets.update(made.id, tags=["input", "b"])
    assert set(changed.tags or []) == {"input", "b"}
    with pytest.raises(BadRequestError):
        cloud.assets.update(made.id)


def test_a_listing_can_be_cleaned_up(cloud: ComfyCloud) -> None:
    for number in range(3):
        cloud.assets.upload(bytes([number]), tags=["input", "mine"])
    for asset in [asset for asset in cloud.assets.list(include_tags="mine")]:
        cloud.assets.delete(asset.id)
    assert [asset for asset in cloud.assets.list(include_tags="mine")] == []


def test_an_answer_of_the_wrong_shape_is_as_it_came(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/assets/x").respond_with_json(["no", "asset"])
    httpserver.expect_request("/api/assets").respond_with_response(said(201, ""))
    assert scripted.assets.get("x") == ["no", "asset"]
    assert scripted.assets.upload(b"content") is None


@pytest.mark.parametrize("server", ["comfyui-old"], indirect=True)
def test_every_operation_says_so_where_there_are_no_assets(cloud: ComfyCloud) -> None:
    """Each error names what is missing."""
    calls: list[tuple[Callable[..., Any], str]] = [
        (partial(cloud.assets.get, TASK), "getAssetById"),
        (partial(cloud.assets.upload, CONTENT), "uploadAsset"),
        (partial(cloud.assets.create_from_hash, HASH), "createAssetFromHash"),
        (partial(cloud.assets.exists, HASH), "checkAssetByHash"),
        (partial(cloud.assets.update, TASK, name="a"), "updateAsset"),
        (partial(cloud.assets.delete, TASK), "deleteAsset"),
        (partial(cloud.assets.add_tags, TASK, "a"), "addAssetTags"),
        (partial(cloud.assets.remove_tags, TASK, "a"), "removeAssetTags"),
        (partial(cloud.assets.tag_histogram), "getAssetTagHistogram"),
        (partial(cloud.assets.remote_metadata, "https://example.com"), "getRemoteAssetMetadata"),
        (partial(cloud.assets.import_url, "https://example.com"), "createAssetDownload"),
    ]
    for call, operation in calls:
        with pytest.raises(NotSupportedError, match=operation) as caught:
            call()
        assert caught.value.operation == operation


def test_a_file_elsewhere_is_looked_at_and_imported(cloud: ComfyCloud, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/model.safetensors").respond_with_data(CONTENT)
    url = httpserver.url_for("/model.safetensors")
    assert (cloud.assets.remote_metadata(url)).content_length == len(CONTENT)
    task = cloud.assets.import_url(url, tags=["models"], user_metadata={"from": "there"})
    assert (task.status, task.asset) == ("created", None)
    assert task.wait(timeout=10) is task
    assert (task.status, task.progress, task.error) == ("completed", 1.0, None)
    assert task.asset is not None
    assert (task.asset.asset_hash, task.asset.tags) == (HASH, ["models"])
    again = cloud.assets.import_url(url, tags=["models"])
    assert (again.id, again.status, again.progress) == (None, "completed", 1.0)
    assert again.asset is not None
    assert ((again.refresh()).wait()).asset == again.asset
    assert again.asset.id == task.asset.id


def test_an_import_that_fails_says_why(cloud: ComfyCloud, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/gone").respond_with_data(status=404)
    task = cloud.assets.import_url(httpserver.url_for("/gone?token=secret"))
    with pytest.raises(UploadError, match="404") as caught:
        task.wait(timeout=10)
    assert "secret" not in str(caught.value)
    assert (task.status, task.asset) == ("failed", None)
    with pytest.raises(UnprocessableEntityError):
        cloud.assets.remote_metadata(httpserver.url_for("/gone"))


def started(httpserver: HTTPServer, *answers: Any) -> None:
    """A server that starts an import and tells of it with these answers in turn; the last one stays."""
    left = [said(200, answer) for answer in answers]
    httpserver.expect_request("/api/assets/download").respond_with_json({"task_id": TASK, "status": "created"}, 202)
    httpserver.expect_request(f"/api/tasks/{TASK}").respond_with_handler(
        lambda _: left.pop(0) if len(left) > 1 else left[0]
    )


@pytest.mark.parametrize(
    "end",
    [
        '{"status": "completed", "asset_id": "a1"}',
        '{"status": "success", "result": {"asset_id": "a1"}}',
        '{"status": "completed", "asset": {"id": "a1", "name": "found"}}',
        '{"state": "?", "result": {"id": "a1", "name": "found"}}',
    ],
)
def test_an_import_ends_whatever_words_tell_it(scripted: ComfyCloud, httpserver: HTTPServer, end: str) -> None:
    """No contract defines the answer."""
    started(httpserver, "null", "[]", '{"status": "downloading", "progress": 40}', end)
    httpserver.expect_request("/api/assets/a1").respond_with_json({"id": "a1", "name": "found"})
    task = scripted.assets.import_url("https://example.com/a")
    steps: list[tuple[int, int]] = []
    task.wait(timeout=10, on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(40, 100), (100, 100)]
    assert isinstance(task.asset, Asset)
    assert (task.id, task.asset.name) == (TASK, "found")


def test_a_wait_that_runs_out_of_time_leaves_the_import_running(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    started(httpserver, '{"status": "running", "progress": 0.5}')
    task = scripted.assets.import_url("https://example.com/a")
    for _ in range(20):  # the first does, but on a busy machine
        with pytest.raises(APITimeoutError, match=TASK):
            task.wait(timeout=0.05)
        if task.status == "running":
            break
    with pytest.raises(TimeoutError):
        task.wait(timeout=0)
    assert (task.status, task.progress) == ("running", 0.5)
    assert "running" in repr(task)


def test_a_server_that_fails_for_a_while_does_not_end_the_wait(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/assets/download").respond_with_json({"task_id": TASK, "status": "created"}, 202)
    answers = [said(503)] * 4 + [said(200, '{"status": "completed", "asset": {"id": "a1"}}')]
    httpserver.expect_request(f"/api/tasks/{TASK}").respond_with_handler(lambda _: answers.pop(0))
    scripted._connection.timing = replace(QUICK, unreachable=30)
    task = scripted.assets.import_url("https://example.com/a")
    assert (task.wait(timeout=30)).status == "completed"


def test_a_server_out_of_reach_ends_the_wait_in_the_end(
    scripted: ComfyCloud, httpserver: HTTPServer, refused: str
) -> None:
    started(httpserver, "{}")
    task = scripted.assets.import_url("https://example.com/a")
    with connect(refused) as gone:
        gone._connection.timing = QUICK
        task._client = gone._connection
        with pytest.raises(APIConnectionError):
            task.wait(timeout=30)


def test_a_task_that_is_gone_ends_the_wait(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/assets/download").respond_with_json({"task_id": TASK, "status": "created"}, 202)
    httpserver.expect_request(f"/api/tasks/{TASK}").respond_with_json({"code": "NOT_FOUND", "message": "no"}, 404)
    task = scripted.assets.import_url("https://example.com/a")
    with pytest.raises(NotFoundError, match="getTask"):
        task.wait(timeout=10)


def test_an_import_of_which_nothing_is_told_is_an_error(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/assets/download").respond_with_json({})
    with pytest.raises(UnexpectedResponseError, match="neither a task nor an asset"):
        scripted.assets.import_url("https://example.com/a")


def test_ids_may_be_texts_or_uuids(cloud: ComfyCloud) -> None:
    made = cloud.assets.upload(CONTENT)
    assert isinstance(made.id, UUID)
    assert (cloud.assets.get(str(made.id))).id == (cloud.assets.get(made.id)).id
