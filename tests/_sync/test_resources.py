# Derived from tests/_async/test_resources.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The smaller groups: jobs, queue, history, models, nodes, user data, files, workflows, system, account."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer

from comfy_cloud import (
    ComfyCloud,
    ConfigurationError,
    ConflictError,
    DownloadError,
    Job,
    JobStatus,
    NotFoundError,
    NotSupportedError,
    Output,
    QueueState,
    UnexpectedResponseError,
    UploadError,
    Workflow,
)
from comfy_cloud.testing import Emulator

from .conftest import connect, said

pytestmark = pytest.mark.anyio

EVERY = ["cloud", "cloud-next", "comfyui", "comfyui-old"]
UNKNOWN = "11111111-1111-4111-8111-111111111111"


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


TEXT = {"1": node("EmulatorText", text="hello")}
LONG = {"1": node("EmulatorSleep", seconds=600, steps=1000), "2": node("EmulatorText", text="never")}


def picture(colour: Any = (10, 100, 200), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (8, 6), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(params=EVERY)
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param, max_concurrent_jobs=1) as emulator:
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with connect(server.url, server.api_key, live=False) as client:
        yield client


@pytest.fixture
def scripted(httpserver: HTTPServer) -> Iterator[ComfyCloud]:
    with connect(httpserver.url_for(""), live=False) as client:
        yield client


def only(dialect: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("server", [dialect], indirect=True)


def has(server: Emulator) -> bool:
    """Whether it is the cloud, with all operations."""
    return server.dialect.startswith("cloud")


def shown(cloud: ComfyCloud, image: str) -> Output:
    """The picture that a job reads by this name of an input."""
    save = node("SaveImage", images=["1", 0], filename_prefix="shown")
    job = cloud.run({"1": node("LoadImage", image=image), "2": save}, timeout=30)
    return job.outputs[0]


def test_the_account_of_the_key(cloud: ComfyCloud, server: Emulator) -> None:
    if has(server):
        assert (cloud.account()).status == "active"
    else:
        with pytest.raises(NotSupportedError, match="getUser"):
            cloud.account()


def test_a_job_is_fetched_with_its_state_and_outputs(cloud: ComfyCloud, server: Emulator) -> None:
    job = cloud.submit(TEXT)
    server.wait_for(job.id)
    found = cloud.jobs.get(job.id)
    assert isinstance(found, Job)
    assert (found.id, found.status, found.outputs[0].text) == (job.id, JobStatus.COMPLETED, "hello")
    assert found.created_at is not None
    assert abs(datetime.now(UTC) - found.created_at) < timedelta(minutes=1)


def test_an_unknown_job_is_not_found(cloud: ComfyCloud) -> None:
    """Unlike `cloud.job(id)`, which asks nothing."""
    with pytest.raises(NotFoundError, match=UNKNOWN) as caught:
        cloud.jobs.get(UNKNOWN)
    assert caught.value.job_id == UNKNOWN


def test_the_status_of_a_job_in_one_word(cloud: ComfyCloud, server: Emulator) -> None:
    server.pause()
    job = cloud.submit(TEXT)
    if not has(server):
        with pytest.raises(NotSupportedError, match="getJobStatus"):
            cloud.jobs.status(job.id)
        return
    seen = [cloud.jobs.status(job.id)]
    server.resume()
    server.wait_for(job.id)
    assert [*seen, cloud.jobs.status(job.id)] == [JobStatus.PENDING, JobStatus.COMPLETED]
    with pytest.raises(NotFoundError):
        cloud.jobs.status(UNKNOWN)


def test_the_queue_tells_what_runs_and_what_waits(cloud: ComfyCloud, server: Emulator) -> None:
    assert cloud.queue.get() == QueueState((), ())
    assert cloud.queue.remaining() == 0
    running = cloud.submit(LONG)
    server.wait_for(running.id, "in_progress")
    waiting = [cloud.submit(TEXT), cloud.submit(TEXT)]
    queue = cloud.queue.get()
    assert [item.job_id for item in queue.running] == [running.id]
    assert {item.job_id for item in queue.pending} == {job.id for job in waiting}
    assert cloud.queue.remaining() == 3
    cloud.queue.cancel(waiting[0].id)
    assert [item.job_id for item in (cloud.queue.get()).pending] == [waiting[1].id]
    cloud.queue.clear()
    assert (cloud.queue.get()).pending == ()
    cloud.queue.interrupt_all()
    server.wait_for(running.id, "cancelled", "failed")


def test_cancelling_nothing_asks_nothing(cloud: ComfyCloud, server: Emulator) -> None:
    cloud.queue.cancel([])
    cloud.history.delete([])
    assert len(server.journal) == 0
    cloud.queue.cancel([UNKNOWN])
    assert len(server.journal.of("manageQueue")) == 1


@pytest.mark.parametrize(
    "body", ["null", "[]", "{}", '{"exec_info": 3}', '{"exec_info": {"queue_remaining": "?"}}', ""]
)
def test_a_queue_without_a_number_is_an_error_of_ours(scripted: ComfyCloud, httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request("/api/prompt").respond_with_response(said(200, body))
    with pytest.raises(UnexpectedResponseError, match="queue_remaining"):
        scripted.queue.remaining()


def test_a_past_job_is_read_and_removed(cloud: ComfyCloud, server: Emulator) -> None:
    """Cloud and ComfyUI keep their histories at other addresses and in other shapes."""
    jobs = [cloud.submit(TEXT), cloud.submit(TEXT), cloud.submit(TEXT)]
    for job in jobs:
        server.wait_for(job.id)
    assert (cloud.history.get(jobs[0].id)).outputs["1"] == {"text": ["hello"]}  # type: ignore[index]
    cloud.history.delete(jobs[0].id)
    with pytest.raises(NotFoundError, match=jobs[0].id):
        cloud.history.get(jobs[0].id)
    assert [entry.prompt_id for entry in cloud.history.list()] == [jobs[2].id, jobs[1].id]
    cloud.history.clear()
    assert [entry for entry in cloud.history.list()] == []


def test_models_and_their_pictures(cloud: ComfyCloud) -> None:
    folders = [folder.name for folder in cloud.models.folders()]
    assert "checkpoints" in folders
    model = (cloud.models.list("checkpoints"))[0]
    shot = cloud.models.preview("checkpoints", model.name, path_index=model.path_index)
    assert Image.open(io.BytesIO(shot)).format == "WEBP"
    with pytest.raises(NotFoundError):
        cloud.models.list("no-such-folder")
    with pytest.raises(NotFoundError):
        cloud.models.preview("checkpoints", "no-such-model")


def test_node_definitions_check_a_workflow(cloud: ComfyCloud) -> None:
    """A typo costs no credit."""
    nodes = cloud.nodes.info()
    assert nodes["LoadImage"].output == ["IMAGE", "MASK"]
    assert [problem.kind for problem in Workflow({"1": node("SaveImagge")}).check(nodes)][:1] == ["unknown_class"]
    assert Workflow(TEXT).check(nodes) == []


def test_answers_like_mappings_are_mappings(cloud: ComfyCloud, server: Emulator) -> None:
    """Whatever people do with a dict, and on every server."""
    answers: list[Any] = [cloud.nodes.info(), cloud.workflows.templates()]
    answers.append((cloud.nodes.info())["LoadImage"])
    if server.dialect != "comfyui-old":
        answers.append(cloud.workflows.subgraphs())
        answers.append(cloud.workflows.subgraph(next(iter(answers[-1]))))
    for answer in answers:
        assert isinstance(answer, Mapping)
        names = list(answer)
        assert len(answer) == len(names) == len(dict(answer)) == len({**answer})
        assert list(answer.keys()) == names
        assert answer == answers[1] or names
        assert dict(answer.items()) == dict(answer) == dict(zip(names, answer.values(), strict=True))
        assert all(name in answer and answer.get(name) is answer[name] for name in names)
        assert ("no such name" in answer, answer.get("no such name", 3)) == (False, 3)
        with pytest.raises(KeyError):
            answer["no such name"]


def test_every_time_is_aware(cloud: ComfyCloud, server: Emulator) -> None:
    """A ComfyUI sends those of assets without a zone; comparing such a time with another raises TypeError."""
    soon = datetime.now(UTC) + timedelta(minutes=1)
    written = cloud.userdata.write("a.txt", "x")
    times = [written.modified, (cloud.userdata.list())[0].modified]
    job = cloud.run(TEXT, timeout=30)
    times.append(job.created_at)
    if server.dialect != "comfyui-old":
        made = cloud.assets.upload(b"x")
        times += [made.created_at, made.updated_at, (cloud.assets.get(made)).created_at]
        times += [listed.created_at for listed in cloud.jobs.list()]
    assert all(time is not None and timedelta(0) < soon - time < timedelta(minutes=2) for time in times)


def test_the_server_tells_of_itself(cloud: ComfyCloud) -> None:
    assert (cloud.system.stats()).devices
    assert (cloud.system.features()).max_upload_size


def test_ready_made_workflows(cloud: ComfyCloud, server: Emulator) -> None:
    assert (cloud.workflows.templates()).to_dict() == {}
    if server.dialect == "comfyui-old":
        with pytest.raises(NotSupportedError, match="getGlobalSubgraphs"):
            cloud.workflows.subgraphs()
        with pytest.raises(NotSupportedError, match="getGlobalSubgraph"):
            cloud.workflows.subgraph("f" * 64)
        return
    blueprints = cloud.workflows.subgraphs()
    chosen = blueprints.additional_keys[0]
    assert (cloud.workflows.subgraph(chosen)).name == blueprints[chosen].name
    with pytest.raises(NotFoundError):  # a ComfyUI answers 200 with null
        cloud.workflows.subgraph("f" * 64)


PATHS = ["plain.txt", "folder/below/a b.json", "100%.txt", "a%20b/%2F.txt", "ü?#&=+.txt"]


@pytest.mark.parametrize("path", PATHS)
def test_a_file_is_read_back_by_its_path(cloud: ComfyCloud, server: Emulator, path: str) -> None:
    """A ComfyUI decodes a path twice; a per cent sign would become another one's name."""
    written = cloud.userdata.write(path, b"\x00content")
    assert (written.path, written.size) == (path, 8)
    assert cloud.userdata.read(path) == b"\x00content"
    (listed,) = cloud.userdata.list()
    assert (listed.path, listed.size) == (path, 8)
    for file in (written, listed):
        assert file.modified is not None
        assert abs(datetime.now(UTC) - file.modified) < timedelta(minutes=1)
    cloud.userdata.delete(path)
    with pytest.raises(NotFoundError):
        cloud.userdata.read(path)
    with pytest.raises(NotFoundError):
        cloud.userdata.delete(path)


def test_text_and_json_are_written_as_they_are_read(cloud: ComfyCloud) -> None:
    cloud.userdata.write("a.txt", "gr\u00fcn")
    cloud.userdata.write("a.json", {"name": "gr\u00fcn", "list": [1, None]})
    assert (cloud.userdata.read("a.txt")).decode() == "gr\u00fcn"
    assert (cloud.userdata.read("a.json")).decode() == '{"name": "gr\u00fcn", "list": [1, null]}'
    cloud.userdata.write("a.txt", "")
    assert cloud.userdata.read("a.txt") == b""


def test_a_file_can_be_kept_from_being_replaced(cloud: ComfyCloud) -> None:
    cloud.userdata.write("a.txt", "first", overwrite=False)
    with pytest.raises(ConflictError):
        cloud.userdata.write("a.txt", "second", overwrite=False)
    assert cloud.userdata.read("a.txt") == b"first"
    cloud.userdata.write("a.txt", "third")
    assert cloud.userdata.read("a.txt") == b"third"


def test_a_folder_is_listed_with_paths_that_can_be_read(cloud: ComfyCloud) -> None:
    """Servers give paths below the folder."""
    for path in ("top.json", "folder/a.json", "folder/below/b.json"):
        cloud.userdata.write(path, path)
    for folder in ("folder", "folder/", "/folder/"):
        files = cloud.userdata.list(folder)
        assert {file.path for file in files} == {"folder/a.json", "folder/below/b.json"}
        assert {cloud.userdata.read(file.path) for file in files} == {file.path.encode() for file in files}
    assert [file.path for file in cloud.userdata.list("folder", recurse=False)] == ["folder/a.json"]
    assert len(cloud.userdata.list()) == 3
    with pytest.raises(NotFoundError):
        cloud.userdata.list("no/such/folder")


@pytest.mark.parametrize("body", ["null", "{}", '[null, 3, "a.json", {"path": "b.json"}, {}]'])
def test_a_listing_of_any_shape_is_read(scripted: ComfyCloud, httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request("/api/userdata").respond_with_response(said(200, body))
    found = scripted.userdata.list()
    assert [file.path for file in found] == (["a.json", "b.json"] if body.startswith("[") else [])


def test_an_image_is_uploaded_and_held_by_an_input(cloud: ComfyCloud, server: Emulator) -> None:
    """What comes back is ready to be set: with its folder where the server has folders."""
    for number, options in enumerate([{}, {"subfolder": "a/b"}, {"type": "temp"}]):
        name = cloud.files.upload_image(picture((number, 0, 0)), **options)  # type: ignore[arg-type]
        output = shown(cloud, name)
        assert Image.open(io.BytesIO(output.read())).getpixel((0, 0)) == (number, 0, 0)
        assert has(server) or name.startswith("a/b/") is (options == {"subfolder": "a/b"})


@only("comfyui")
def test_a_file_of_the_same_name_is_kept_unless_overwritten(cloud: ComfyCloud, tmp_path: Path) -> None:
    path = tmp_path / "me.png"
    names = []
    for colour, overwrite in [((1, 0, 0), False), ((2, 0, 0), False), ((3, 0, 0), True)]:
        path.write_bytes(picture(colour))
        names.append(cloud.files.upload_image(path, overwrite=overwrite))
    assert names == ["me.png", "me (1).png", "me.png"]
    assert cloud.files.download("me.png", type="input").read() == picture((3, 0, 0))


def test_a_mask_belongs_to_its_image(cloud: ComfyCloud) -> None:
    """By the name that an input holds, by an output, or by its parts."""
    original = cloud.files.upload_image(picture(), subfolder="folder")
    output = shown(cloud, original)
    assert output.filename is not None
    place = {"filename": output.filename, "subfolder": output.subfolder, "type": output.type}
    for number, image in enumerate([original, output, place, f"{output.filename} [output]"]):
        mask = cloud.files.upload_mask(picture((0, 0, 0, number), "RGBA"), image)
        assert Image.open(io.BytesIO(cloud.files.download(mask, type="input").read())).mode == "RGBA"


def test_the_layers_of_a_mask(cloud: ComfyCloud, server: Emulator) -> None:
    original = cloud.files.upload_image(picture())
    mask = cloud.files.upload_mask(picture((0, 0, 0, 9), "RGBA"), original)
    if not has(server):
        with pytest.raises(NotSupportedError, match="getMaskLayers"):
            cloud.files.mask_layers(mask)
        return
    assert (cloud.files.mask_layers(mask)).painted_masked == mask
    with pytest.raises(NotFoundError):
        cloud.files.mask_layers("none.png")


@only("cloud")
@pytest.mark.parametrize(
    "content",
    ["me.png", None, Path("no/such/file.png"), io.StringIO("text")],
    ids=["text", "nothing", "missing", "text file"],
)
def test_what_is_no_file_is_not_uploaded(cloud: ComfyCloud, server: Emulator, content: Any) -> None:
    with pytest.raises(UploadError, match="upload_image"):
        cloud.files.upload_image(content)
    with pytest.raises(UploadError, match="upload_mask"):
        cloud.files.upload_mask(content, "x.png")
    assert len(server.journal) == 0


def test_an_upload_whose_answer_has_no_name_is_an_error(scripted: ComfyCloud, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/user").respond_with_json({"status": "active"})
    httpserver.expect_request("/api/upload/image").respond_with_json({"name": None})
    with pytest.raises(UnexpectedResponseError, match="uploadImage"):
        scripted.files.upload_image(b"content")


def test_a_file_is_downloaded_by_name(cloud: ComfyCloud, server: Emulator, tmp_path: Path) -> None:
    name = cloud.files.upload_image(picture())
    file = cloud.files.download(name, type="input")
    assert len(server.journal.of("viewFile")) == 0
    assert file.read() == picture()
    assert (file.kind, file.type, file.filename) == ("image", "input", name)
    assert (file.save(tmp_path / "x.png")).read_bytes() == picture()
    with pytest.raises(DownloadError, match=r"none\.png"):
        cloud.files.download("none.png").read()
    with pytest.raises(ConfigurationError, match="filename"):
        cloud.files.download(" ")
