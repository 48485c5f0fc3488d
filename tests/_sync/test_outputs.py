# Derived from tests/_async/test_outputs.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Outputs of every kind, read and saved: nothing doubled, nothing destroyed, nothing half-written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import ComfyCloud, DownloadError, Outputs, RetryPolicy
from comfy_cloud._core.following import Timing
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

QUICK = Timing(poll_first=0.005, poll_longest=0.02)


def files(kind: str, filename: str, content: str, **more: Any) -> dict[str, Any]:
    inputs = {"kind": kind, "filename": filename, "content": content, **more}
    return {"class_type": "EmulatorFiles", "inputs": inputs}


EVERY_KIND = {
    "1": files("images", "a.png", "png"),
    "2": files("gifs", "b.mp4", "film"),
    "3": files("audio", "c.flac", "sound"),
    "4": files("3d", "d.glb", "mesh"),
    "5": {"class_type": "EmulatorText", "inputs": {"text": "words"}},
    "6": files("splines", "e.curve", "nobody knows", folder="temp"),
}


@pytest.fixture(params=["cloud", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud(server.api_key, base_url=server.url) as client:
        client._connection.timing = QUICK
        yield client


def test_outputs_of_every_kind_are_listed_and_saved(cloud: ComfyCloud, tmp_path: Path) -> None:
    """A workflow that makes sound or meshes is no second-class citizen."""
    outputs = (cloud.run(EVERY_KIND, timeout=30)).outputs
    assert sorted(output.kind for output in outputs) == ["3d", "audio", "file", "image", "text", "video"]
    assert [len(part) for part in (outputs.images, outputs.videos, outputs.audios, outputs.texts)] == [1, 1, 1, 1]
    assert len(outputs.files) == 5
    assert outputs["4"][0].kind == "3d"
    assert len(outputs["nowhere"]) == 0
    assert outputs[-1] is tuple(outputs)[5]
    assert len(outputs[1:3]) == 2

    saved = outputs.save(tmp_path / "made" / "here")

    contents = {path.read_bytes() for path in saved}
    assert contents == {b"png", b"film", b"sound", b"mesh", b"words", b"nobody knows"}
    assert len(set(saved)) == 6
    assert {path.suffix for path in saved} == {".png", ".mp4", ".flac", ".glb", ".txt", ".curve"}
    assert sorted((tmp_path / "made" / "here").iterdir()) == sorted(saved), "part files are left"


def test_saved_paths_stand_in_the_order_of_the_outputs(cloud: ComfyCloud, tmp_path: Path) -> None:
    """`zip(job.outputs, paths)` pairs what belongs together."""
    outputs = (cloud.run(EVERY_KIND, timeout=30)).outputs
    steps: list[tuple[int, int]] = []
    paths = outputs.save(tmp_path, concurrency=2, on_progress=lambda done, total: steps.append((done, total)))
    for output, path in zip(outputs, paths, strict=True):
        assert output.read() == path.read_bytes()
    assert steps == [(number, 6) for number in range(1, 7)]


def test_an_existing_file_is_never_destroyed(cloud: ComfyCloud, tmp_path: Path) -> None:
    """Saving twice is harmless; saving over something else does not happen unless asked for."""
    output = (cloud.run({"1": files("images", "a.png", "new")}, timeout=30)).outputs[0]
    target = tmp_path / "a.png"
    target.write_bytes(b"old")

    first = output.save(target)
    assert first == tmp_path / "a-1.png"
    assert output.save(target) == first, "the same bytes count as saved"
    assert (target.read_bytes(), first.read_bytes()) == (b"old", b"new")

    assert output.save(target, overwrite=True) == target
    assert target.read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-1.png", "a.png"]


def test_a_folder_is_told_by_what_is_there_or_by_its_end(cloud: ComfyCloud, tmp_path: Path) -> None:
    """`save("out/")` makes the folder; `save("out/x.png")` names the file."""
    output = (cloud.run({"1": files("images", "a.png", "x")}, timeout=30)).outputs[0]
    into = output.save(f"{tmp_path}/new/")
    assert into.parent == tmp_path / "new"
    assert into.suffix == ".png"
    assert (output.save(tmp_path)).parent == tmp_path
    assert output.save(tmp_path / "named.bin") == tmp_path / "named.bin"


def test_saved_files_have_the_rights_of_any_new_file(cloud: ComfyCloud, tmp_path: Path) -> None:
    """A web server that shows the folder can read them."""
    output = (cloud.run({"1": files("images", "a.png", "x")}, timeout=30)).outputs[0]
    plain = tmp_path / "plain"
    plain.touch()
    assert (output.save(tmp_path)).stat().st_mode == plain.stat().st_mode


def test_a_folder_that_cannot_be_written_is_named(cloud: ComfyCloud, tmp_path: Path) -> None:
    """The error says where, and which job, so that nothing paid for is lost."""
    job = cloud.run({"1": files("images", "a.png", "x")}, timeout=30)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, no folder")
    with pytest.raises(DownloadError, match="blocked") as caught:
        job.outputs.save(blocked)
    assert caught.value.job_id == job.id


def test_large_files_are_streamed(cloud: ComfyCloud, tmp_path: Path) -> None:
    """A film arrives in chunks, whole."""
    graph = {"1": files("videos", "film.mp4", "0123456789", repeat=300_000)}
    output = (cloud.run(graph, timeout=30)).outputs[0]
    sizes = [len(chunk) for chunk in output.iter_bytes()]
    assert sum(sizes) == 3_000_000
    assert max(sizes) <= 1 << 16
    assert (output.save(tmp_path)).stat().st_size == 3_000_000


def broken(request: Request) -> Response:
    """Promises more than it sends."""
    answer = Response(b"only half", content_type="image/png")
    answer.automatically_set_content_length = False
    answer.headers["Content-Length"] = "1000"
    return answer


@pytest.fixture
def output(httpserver: HTTPServer) -> Iterator[Outputs]:
    """The outputs of a finished job on a server whose file answers the test writes."""
    detail = {"id": "j", "status": "completed", "outputs": {"9": {"images": [{"filename": "../../evil.png"}]}}}
    httpserver.expect_request("/api/jobs/j").respond_with_json(detail)
    retry = RetryPolicy(base_delay=0.001)
    with ComfyCloud(base_url=httpserver.url_for("/"), retry=retry) as client:
        yield (client.job("j").refresh()).outputs


def test_a_cut_download_begins_anew(output: Outputs, httpserver: HTTPServer, tmp_path: Path) -> None:
    """A lost connection costs time, not the file."""
    httpserver.expect_oneshot_request("/api/view").respond_with_handler(broken)
    httpserver.expect_oneshot_request("/api/view").respond_with_data(b"all of it", content_type="image/png")
    (path,) = output.save(tmp_path)
    assert path.read_bytes() == b"all of it"


def test_a_download_that_stays_cut_leaves_nothing(output: Outputs, httpserver: HTTPServer, tmp_path: Path) -> None:
    """Half a picture never looks like a whole one."""
    httpserver.expect_request("/api/view").respond_with_handler(broken)
    with pytest.raises(DownloadError, match="job j") as caught:
        output.save(tmp_path)
    assert caught.value.job_id == "j"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_gone_is_named(output: Outputs, httpserver: HTTPServer, tmp_path: Path) -> None:
    """Servers forget temp files; the error says which one."""
    httpserver.expect_request("/api/view").respond_with_data("", status=404)
    with pytest.raises(DownloadError, match=r"evil\.png"):
        output.save(tmp_path)
    with pytest.raises(DownloadError):
        output[0].read()


def test_a_servers_name_leads_nowhere_else(output: Outputs, httpserver: HTTPServer, tmp_path: Path) -> None:
    """Saving into a folder writes into that folder, whatever the file is called."""
    httpserver.expect_request("/api/view").respond_with_data(b"x", content_type="image/png")
    (path,) = output.save(tmp_path / "out")
    assert path.parent == tmp_path / "out"
    assert path.suffix == ".png"
