# Derived from tests/_async/test_outputs.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Outputs of every kind, read and saved: nothing doubled, nothing destroyed, nothing half-written."""

from __future__ import annotations

import io
import json
import math
import os
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import ComfyCloud, DownloadError, NodeNotFoundError, Outputs, RetryPolicy, Workflow
from comfy_cloud._constants import RECEIVE_CHUNK
from comfy_cloud._core.watch import Timing
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


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
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
    with pytest.raises(KeyError, match="'nowhere': there are outputs of"):
        outputs["nowhere"]
    assert "4" in outputs
    assert "EmulatorFiles" in outputs
    assert "nowhere" not in outputs
    assert outputs[0] in outputs
    assert outputs[0] not in outputs[1:]
    assert "4" not in outputs.images, "a part has the names of all nodes, and the outputs of some"
    with pytest.raises(IndexError, match=r"no output number 9, counted from 0: there are 1 image, .*; the job has"):
        outputs[9]
    with pytest.raises(IndexError, match="there are none; the job has outputs of node"):
        outputs[:0][0]
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


def test_a_folder_is_looked_through_once_by_a_save(
    cloud: ComfyCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part files of killed saves are looked for. For each of 10,000 files, that took half a minute."""
    outputs = (cloud.run(EVERY_KIND, timeout=30)).outputs
    listed: list[Any] = []
    list_folder = os.listdir
    monkeypatch.setattr("os.listdir", lambda folder: [listed.append(folder), list_folder(folder)][1])
    outputs.save(tmp_path, sidecar=True)
    assert listed == [tmp_path]


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
    assert max(sizes) <= RECEIVE_CHUNK
    assert (output.save(tmp_path)).stat().st_size == 3_000_000


def entries(found: Any, kind: str = "images") -> dict[str, Any]:
    """A node that reports these entries, in whatever form."""
    return {"class_type": "EmulatorEntries", "inputs": {"kind": kind, "entries": json.dumps(found)}}


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(buffer, "PNG")
    return buffer.getvalue()


ELSEWHERE = {"url": "https://elsewhere.example/clip.mp4?signature=s3cr3t"}


@pytest.mark.parametrize("folder", ["output", "temp"])
def test_a_mesh_that_is_shown_is_saved_as_it_is(cloud: ComfyCloud, folder: str, tmp_path: Path) -> None:
    """Preview3D reports a path, which no server serves as it is."""
    mesh = files("3d", "mesh/lamp.glb", "glTF and more", folder=folder)
    made = cloud.run({"1": mesh, "2": {"class_type": "EmulatorText", "inputs": {"text": "x"}}}, timeout=30)
    shown = Workflow({"1": {"class_type": "Preview3D", "inputs": {"model_file": ""}}})
    shown["1"]["model_file"] = made.outputs["1"][0]
    outputs = (cloud.run(shown, timeout=30)).outputs
    (path,) = outputs.save(tmp_path)
    assert path.read_bytes() == b"glTF and more"
    assert [output.kind for output in outputs] == ["3d"]


@pytest.mark.parametrize("form", ["text", "data", "object"])
def test_a_picture_inside_the_answer_is_read_without_a_request(
    cloud: ComfyCloud, server: Emulator, form: str, tmp_path: Path
) -> None:
    """Some nodes put it there in base64; nothing has to be fetched, and a notebook shows it at once."""
    text = b64encode(png()).decode()
    shapes: dict[str, Any] = {"text": text, "data": f"data:image/png;base64,{text}", "object": {"base64": text}}
    (output,) = (cloud.run({"7": entries([shapes[form]])}, timeout=30)).outputs
    asked = len(server.journal)
    assert output._repr_mimebundle_()["image/png"] == text
    assert output.read() == png()
    assert b"".join([chunk for chunk in output.iter_bytes()]) == png()
    assert (output.save(f"{tmp_path}/")).name == "7_images.png"
    assert (output.kind, output.media_type) == ("image", "image/png")
    with pytest.raises(DownloadError, match="came inside the answer"):
        output.url()
    assert len(server.journal) == asked


def test_a_file_that_cannot_be_fetched_is_told_and_the_others_are_saved(cloud: ComfyCloud, tmp_path: Path) -> None:
    """One output of a partner node must not cost the other ten."""
    graph = {"1": entries([ELSEWHERE]), "2": files("images", "a.png", "png"), "3": files("3d", "d.glb", "mesh")}
    outputs = (cloud.run(graph, timeout=30)).outputs
    (far,) = outputs["1"]
    assert (far.kind, far.filename, far.raw) == ("file", "clip.mp4", ELSEWHERE)
    assert "cannot be fetched: the server gives only an address" in repr(far)
    for call in (far.read, far.url, lambda: far.save(tmp_path / "x.mp4")):
        with pytest.raises(DownloadError, match=r"clip\.mp4.*only an address"):
            call()
    told: list[tuple[int, int]] = []
    with pytest.raises(
        DownloadError, match=r"1 of 3 outputs could not be fetched: .*clip\.mp4.*only an address"
    ) as caught:
        outputs.save(tmp_path / "all", on_progress=lambda done, total: told.append((done, total)))
    assert {path.read_bytes() for path in (tmp_path / "all").iterdir()} == {b"png", b"mesh"}
    assert told == [(1, 3), (2, 3)]
    assert caught.value.job_id is not None
    assert "s3cr3t" not in f"{caught.value} {outputs}"


def test_a_file_that_is_gone_is_told_and_the_others_are_saved(cloud: ComfyCloud, tmp_path: Path) -> None:
    found = [{"filename": "gone.png", "subfolder": "", "type": "output"}]
    graph = {"1": entries(found), "2": files("images", "a.png", "png")}
    outputs = (cloud.run(graph, timeout=30)).outputs
    with pytest.raises(DownloadError, match=r"1 of 2 .*gone\.png"):
        outputs.save(tmp_path)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"png"]


NAMED = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {
        "class_type": "SaveImage",
        "inputs": {"images": ["1", 0], "filename_prefix": "a"},
        "_meta": {"title": "Save Image"},
    },
    "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "b"}},
    "4": {"class_type": "EmulatorText", "inputs": {"text": "x"}, "_meta": {"title": "2"}},
}


def test_outputs_are_found_by_id_title_and_class(cloud: ComfyCloud) -> None:
    """As nodes of a workflow are; of the workflow that was submitted, here or by somebody else."""
    job = cloud.run(NAMED, timeout=30)
    for outputs in (job.outputs, (cloud.jobs.get(job.id)).outputs):
        ids = {name: [output.node_id for output in outputs[name]] for name in ("2", "Save Image", "SaveImage", "1")}
        assert {name: sorted(found) for name, found in ids.items()} == {
            "2": ["2"],
            "Save Image": ["2"],
            "SaveImage": ["2", "3"],
            "1": [],
        }
        assert [output.node_id for output in outputs.texts["EmulatorText"]] == ["4"]
        assert len(outputs.texts["Save Image"]) == 0
        with pytest.raises(
            NodeNotFoundError, match=r"'Save Imagge': there are outputs of .*'2', Save Image, SaveImage"
        ):
            outputs["Save Imagge"]


def test_one_output_is_saved_to_a_file_and_several_are_not(cloud: ComfyCloud, tmp_path: Path) -> None:
    """`save("result.png")` means a file, not a folder of this name."""
    outputs = (cloud.run(NAMED, timeout=30)).outputs
    one = outputs["Save Image"]
    assert one.save(tmp_path / "result.png") == [tmp_path / "result.png"]
    assert (tmp_path / "result.png").read_bytes() == one[0].read()
    with pytest.raises(DownloadError, match=r"result\.png' is one file, and there are 3 outputs.*give a folder"):
        outputs.save(tmp_path / "result.png")
    assert len(outputs.save(tmp_path / "v1.5")) == 3
    (tmp_path / "folder.png").mkdir()
    assert (one.save(tmp_path / "folder.png"))[0].parent == tmp_path / "folder.png"
    assert (one.save(f"{tmp_path}/made.png/"))[0].parent == tmp_path / "made.png"
    assert [output for output in as_stream(outputs[:0])] == outputs[:0].save(tmp_path / "x.png") == []


def as_stream(outputs: Outputs) -> Iterator[Any]:
    for output in outputs:
        yield output


def test_arguments_of_a_save_are_checked_before_a_file_is_fetched(cloud: ComfyCloud, tmp_path: Path) -> None:
    outputs = (cloud.run({"1": files("images", "a.png", "x")}, timeout=30)).outputs
    for wrong in ({"overwrite": 1}, {"sidecar": "yes"}, {"concurrency": 0}, {"concurrency": math.nan}):
        with pytest.raises((TypeError, ValueError), match=f"{next(iter(wrong))} must be"):
            outputs.save(tmp_path, **wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="overwrite must be"):
        outputs[0].save(tmp_path, overwrite="no")  # type: ignore[arg-type]
    for path in ("", "\ud83d", "a\0b"):
        with pytest.raises(DownloadError, match="is no path"):
            outputs.save(path)
        with pytest.raises(DownloadError, match="is no path"):
            outputs[0].save(path)
    for path in (None, 5, b"out", ["out"]):
        with pytest.raises(TypeError, match="a path must be a string or a Path, not"):
            outputs.save(path)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_home_folder_is_expanded(cloud: ComfyCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a folder called `~` appears beside the script."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    outputs = (cloud.run({"1": files("images", "a.png", "x")}, timeout=30)).outputs
    assert (outputs.save("~/out/"))[0].parent == tmp_path / "out"
    assert outputs[0].save("~/one.png") == tmp_path / "one.png"
    with pytest.raises(DownloadError, match="no home folder of '~nobody-of-this-name' is known"):
        outputs.save("~nobody-of-this-name/out")


def test_files_are_named_by_a_format(cloud: ComfyCloud, tmp_path: Path) -> None:
    job = cloud.run({"1": files("images", "a.png", "x"), "2": files("images", "b.png", "y")}, timeout=30)
    paths = job.outputs.save(tmp_path, name="{job}_{index:02}_{node}_{kind}{suffix}")
    assert sorted(path.name[len(job.id) :] for path in paths) == ["_01_1_image.png", "_01_2_image.png"]
    for wrong in ("{nothing}", "{filename.x}", "{0}", "{"):
        with pytest.raises(ValueError, match=r"name must be a template of \{filename\}, \{stem\}"):
            job.outputs.save(tmp_path, name=wrong)


def test_the_media_type_is_known_before_and_after_reading(cloud: ComfyCloud) -> None:
    """For the header of an answer that passes a picture on."""
    told = [{"filename": "odd", "subfolder": "", "type": "output", "format": "image/x-odd"}]
    outputs = (cloud.run({**EVERY_KIND, "7": entries(told)}, timeout=30)).outputs
    assert {output.node_id: output.media_type for output in outputs} == {
        "1": "image/png",
        "2": "video/mp4",
        "3": "audio/flac",
        "4": "model/gltf-binary",
        "5": "text/plain",
        "6": "application/octet-stream",
        "7": "image/x-odd",
    }


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
