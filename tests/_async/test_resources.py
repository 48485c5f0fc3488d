"""The smaller groups: jobs, queue, history, models, nodes, user data, files, workflows, system, account."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncJob,
    AsyncOutput,
    ConfigurationError,
    ConflictError,
    DownloadError,
    JobStatus,
    NotFoundError,
    NotSupportedError,
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
async def cloud(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with connect(server.url, server.api_key, live=False) as client:
        yield client


@pytest.fixture
async def scripted(httpserver: HTTPServer) -> AsyncIterator[AsyncComfyCloud]:
    async with connect(httpserver.url_for(""), live=False) as client:
        yield client


def only(dialect: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("server", [dialect], indirect=True)


def has(server: Emulator) -> bool:
    """Whether it is the cloud, with all operations."""
    return server.dialect.startswith("cloud")


async def shown(cloud: AsyncComfyCloud, image: str) -> AsyncOutput:
    """The picture that a job reads by this name of an input."""
    save = node("SaveImage", images=["1", 0], filename_prefix="shown")
    job = await cloud.run({"1": node("LoadImage", image=image), "2": save}, timeout=30)
    return job.outputs[0]


async def test_the_account_of_the_key(cloud: AsyncComfyCloud, server: Emulator) -> None:
    if has(server):
        assert (await cloud.account()).status == "active"
    else:
        with pytest.raises(NotSupportedError, match="getUser"):
            await cloud.account()


async def test_a_job_is_fetched_with_its_state_and_outputs(cloud: AsyncComfyCloud, server: Emulator) -> None:
    job = await cloud.submit(TEXT)
    server.wait_for(job.id)
    found = await cloud.jobs.get(job.id)
    assert isinstance(found, AsyncJob)
    assert (found.id, found.status, found.outputs[0].text) == (job.id, JobStatus.COMPLETED, "hello")
    assert found.created_at is not None
    assert abs(datetime.now(UTC) - found.created_at) < timedelta(minutes=1)


async def test_an_unknown_job_is_not_found(cloud: AsyncComfyCloud) -> None:
    """Unlike `cloud.job(id)`, which asks nothing."""
    with pytest.raises(NotFoundError, match=UNKNOWN) as caught:
        await cloud.jobs.get(UNKNOWN)
    assert caught.value.job_id == UNKNOWN


async def test_the_status_of_a_job_in_one_word(cloud: AsyncComfyCloud, server: Emulator) -> None:
    server.pause()
    job = await cloud.submit(TEXT)
    if not has(server):
        with pytest.raises(NotSupportedError, match="getJobStatus"):
            await cloud.jobs.status(job.id)
        return
    seen = [await cloud.jobs.status(job.id)]
    server.resume()
    server.wait_for(job.id)
    assert [*seen, await cloud.jobs.status(job.id)] == [JobStatus.PENDING, JobStatus.COMPLETED]
    with pytest.raises(NotFoundError):
        await cloud.jobs.status(UNKNOWN)


async def test_the_queue_tells_what_runs_and_what_waits(cloud: AsyncComfyCloud, server: Emulator) -> None:
    assert await cloud.queue.get() == QueueState((), ())
    assert await cloud.queue.remaining() == 0
    running = await cloud.submit(LONG)
    server.wait_for(running.id, "in_progress")
    waiting = [await cloud.submit(TEXT), await cloud.submit(TEXT)]
    queue = await cloud.queue.get()
    assert [item.job_id for item in queue.running] == [running.id]
    assert {item.job_id for item in queue.pending} == {job.id for job in waiting}
    assert await cloud.queue.remaining() == 3
    await cloud.queue.cancel(waiting[0].id)
    assert [item.job_id for item in (await cloud.queue.get()).pending] == [waiting[1].id]
    await cloud.queue.clear()
    assert (await cloud.queue.get()).pending == ()
    await cloud.queue.interrupt_all()
    server.wait_for(running.id, "cancelled", "failed")


async def test_cancelling_nothing_asks_nothing(cloud: AsyncComfyCloud, server: Emulator) -> None:
    await cloud.queue.cancel([])
    await cloud.history.delete([])
    assert len(server.journal) == 0
    await cloud.queue.cancel([UNKNOWN])
    assert len(server.journal.of("manageQueue")) == 1


@pytest.mark.parametrize(
    "body", ["null", "[]", "{}", '{"exec_info": 3}', '{"exec_info": {"queue_remaining": "?"}}', ""]
)
async def test_a_queue_without_a_number_is_an_error_of_ours(
    scripted: AsyncComfyCloud, httpserver: HTTPServer, body: str
) -> None:
    httpserver.expect_request("/api/prompt").respond_with_response(said(200, body))
    with pytest.raises(UnexpectedResponseError, match="queue_remaining"):
        await scripted.queue.remaining()


async def test_a_past_job_is_read_and_removed(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Cloud and ComfyUI keep their histories at other addresses and in other shapes."""
    jobs = [await cloud.submit(TEXT), await cloud.submit(TEXT), await cloud.submit(TEXT)]
    for job in jobs:
        server.wait_for(job.id)
    assert (await cloud.history.get(jobs[0].id)).outputs["1"] == {"text": ["hello"]}  # type: ignore[index]
    await cloud.history.delete(jobs[0].id)
    with pytest.raises(NotFoundError, match=jobs[0].id):
        await cloud.history.get(jobs[0].id)
    assert [entry.prompt_id async for entry in cloud.history.list()] == [jobs[2].id, jobs[1].id]
    await cloud.history.clear()
    assert [entry async for entry in cloud.history.list()] == []


async def test_models_and_their_pictures(cloud: AsyncComfyCloud) -> None:
    folders = [folder.name for folder in await cloud.models.folders()]
    assert "checkpoints" in folders
    model = (await cloud.models.list("checkpoints"))[0]
    shot = await cloud.models.preview("checkpoints", model.name, path_index=model.path_index)
    assert Image.open(io.BytesIO(shot)).format == "WEBP"
    with pytest.raises(NotFoundError):
        await cloud.models.list("no-such-folder")
    with pytest.raises(NotFoundError):
        await cloud.models.preview("checkpoints", "no-such-model")


async def test_node_definitions_check_a_workflow(cloud: AsyncComfyCloud) -> None:
    """A typo costs no credit."""
    nodes = await cloud.nodes.info()
    assert nodes["LoadImage"].output == ["IMAGE", "MASK"]
    assert [problem.kind for problem in Workflow({"1": node("SaveImagge")}).check(nodes)][:1] == ["unknown_class"]
    assert Workflow(TEXT).check(nodes) == []


async def test_answers_like_mappings_are_mappings(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Whatever people do with a dict, and on every server."""
    answers: list[Any] = [await cloud.nodes.info(), await cloud.workflows.templates()]
    answers.append((await cloud.nodes.info())["LoadImage"])
    if server.dialect != "comfyui-old":
        answers.append(await cloud.workflows.subgraphs())
        answers.append(await cloud.workflows.subgraph(next(iter(answers[-1]))))
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


async def test_every_time_is_aware(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """A ComfyUI sends those of assets without a zone; comparing such a time with another raises TypeError."""
    soon = datetime.now(UTC) + timedelta(minutes=1)
    written = await cloud.userdata.write("a.txt", "x")
    times = [written.modified, (await cloud.userdata.list())[0].modified]
    job = await cloud.run(TEXT, timeout=30)
    times.append(job.created_at)
    if server.dialect != "comfyui-old":
        made = await cloud.assets.upload(b"x")
        times += [made.created_at, made.updated_at, (await cloud.assets.get(made)).created_at]
        times += [listed.created_at async for listed in cloud.jobs.list()]
    assert all(time is not None and timedelta(0) < soon - time < timedelta(minutes=2) for time in times)


async def test_the_server_tells_of_itself(cloud: AsyncComfyCloud) -> None:
    assert (await cloud.system.stats()).devices
    assert (await cloud.system.features()).max_upload_size


async def test_ready_made_workflows(cloud: AsyncComfyCloud, server: Emulator) -> None:
    assert (await cloud.workflows.templates()).to_dict() == {}
    if server.dialect == "comfyui-old":
        with pytest.raises(NotSupportedError, match="getGlobalSubgraphs"):
            await cloud.workflows.subgraphs()
        with pytest.raises(NotSupportedError, match="getGlobalSubgraph"):
            await cloud.workflows.subgraph("f" * 64)
        return
    blueprints = await cloud.workflows.subgraphs()
    chosen = blueprints.additional_keys[0]
    assert (await cloud.workflows.subgraph(chosen)).name == blueprints[chosen].name
    with pytest.raises(NotFoundError):  # a ComfyUI answers 200 with null
        await cloud.workflows.subgraph("f" * 64)


PATHS = ["plain.txt", "folder/below/a b.json", "100%.txt", "a%20b/%2F.txt", "ü?#&=+.txt"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_file_is_read_back_by_its_path(cloud: AsyncComfyCloud, server: Emulator, path: str) -> None:
    """A ComfyUI decodes a path twice; a per cent sign would become another one's name."""
    written = await cloud.userdata.write(path, b"\x00content")
    assert (written.path, written.size) == (path, 8)
    assert await cloud.userdata.read(path) == b"\x00content"
    (listed,) = await cloud.userdata.list()
    assert (listed.path, listed.size) == (path, 8)
    for file in (written, listed):
        assert file.modified is not None
        assert abs(datetime.now(UTC) - file.modified) < timedelta(minutes=1)
    await cloud.userdata.delete(path)
    with pytest.raises(NotFoundError):
        await cloud.userdata.read(path)
    with pytest.raises(NotFoundError):
        await cloud.userdata.delete(path)


async def test_text_and_json_are_written_as_they_are_read(cloud: AsyncComfyCloud) -> None:
    await cloud.userdata.write("a.txt", "gr\u00fcn")
    await cloud.userdata.write("a.json", {"name": "gr\u00fcn", "list": [1, None]})
    assert (await cloud.userdata.read("a.txt")).decode() == "gr\u00fcn"
    assert (await cloud.userdata.read("a.json")).decode() == '{"name": "gr\u00fcn", "list": [1, null]}'
    await cloud.userdata.write("a.txt", "")
    assert await cloud.userdata.read("a.txt") == b""


async def test_a_file_can_be_kept_from_being_replaced(cloud: AsyncComfyCloud) -> None:
    await cloud.userdata.write("a.txt", "first", overwrite=False)
    with pytest.raises(ConflictError):
        await cloud.userdata.write("a.txt", "second", overwrite=False)
    assert await cloud.userdata.read("a.txt") == b"first"
    await cloud.userdata.write("a.txt", "third")
    assert await cloud.userdata.read("a.txt") == b"third"


async def test_a_folder_is_listed_with_paths_that_can_be_read(cloud: AsyncComfyCloud) -> None:
    """Servers give paths below the folder."""
    for path in ("top.json", "folder/a.json", "folder/below/b.json"):
        await cloud.userdata.write(path, path)
    for folder in ("folder", "folder/", "/folder/"):
        files = await cloud.userdata.list(folder)
        assert {file.path for file in files} == {"folder/a.json", "folder/below/b.json"}
        assert {await cloud.userdata.read(file.path) for file in files} == {file.path.encode() for file in files}
    assert [file.path for file in await cloud.userdata.list("folder", recurse=False)] == ["folder/a.json"]
    assert len(await cloud.userdata.list()) == 3
    with pytest.raises(NotFoundError):
        await cloud.userdata.list("no/such/folder")


@pytest.mark.parametrize("body", ["null", "{}", '[null, 3, "a.json", {"path": "b.json"}, {}]'])
async def test_a_listing_of_any_shape_is_read(scripted: AsyncComfyCloud, httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request("/api/userdata").respond_with_response(said(200, body))
    found = await scripted.userdata.list()
    assert [file.path for file in found] == (["a.json", "b.json"] if body.startswith("[") else [])


async def test_an_image_is_uploaded_and_held_by_an_input(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """What comes back is ready to be set: with its folder where the server has folders."""
    for number, options in enumerate([{}, {"subfolder": "a/b"}, {"type": "temp"}]):
        name = await cloud.files.upload_image(picture((number, 0, 0)), **options)  # type: ignore[arg-type]
        output = await shown(cloud, name)
        assert Image.open(io.BytesIO(await output.read())).getpixel((0, 0)) == (number, 0, 0)
        assert has(server) or name.startswith("a/b/") is (options == {"subfolder": "a/b"})


@only("comfyui")
async def test_a_file_of_the_same_name_is_kept_unless_overwritten(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    path = tmp_path / "me.png"
    names = []
    for colour, overwrite in [((1, 0, 0), False), ((2, 0, 0), False), ((3, 0, 0), True)]:
        path.write_bytes(picture(colour))
        names.append(await cloud.files.upload_image(path, overwrite=overwrite))
    assert names == ["me.png", "me (1).png", "me.png"]
    assert await cloud.files.download("me.png", type="input").read() == picture((3, 0, 0))


async def test_a_mask_belongs_to_its_image(cloud: AsyncComfyCloud) -> None:
    """By the name that an input holds, by an output, or by its parts."""
    original = await cloud.files.upload_image(picture(), subfolder="folder")
    output = await shown(cloud, original)
    assert output.filename is not None
    place = {"filename": output.filename, "subfolder": output.subfolder, "type": output.type}
    for number, image in enumerate([original, output, place, f"{output.filename} [output]"]):
        mask = await cloud.files.upload_mask(picture((0, 0, 0, number), "RGBA"), image)
        assert Image.open(io.BytesIO(await cloud.files.download(mask, type="input").read())).mode == "RGBA"


async def test_the_layers_of_a_mask(cloud: AsyncComfyCloud, server: Emulator) -> None:
    original = await cloud.files.upload_image(picture())
    mask = await cloud.files.upload_mask(picture((0, 0, 0, 9), "RGBA"), original)
    if not has(server):
        with pytest.raises(NotSupportedError, match="getMaskLayers"):
            await cloud.files.mask_layers(mask)
        return
    assert (await cloud.files.mask_layers(mask)).painted_masked == mask
    with pytest.raises(NotFoundError):
        await cloud.files.mask_layers("none.png")


@only("cloud")
@pytest.mark.parametrize(
    "content",
    ["me.png", None, Path("no/such/file.png"), io.StringIO("text")],
    ids=["text", "nothing", "missing", "text file"],
)
async def test_what_is_no_file_is_not_uploaded(cloud: AsyncComfyCloud, server: Emulator, content: Any) -> None:
    with pytest.raises(UploadError, match="upload_image"):
        await cloud.files.upload_image(content)
    with pytest.raises(UploadError, match="upload_mask"):
        await cloud.files.upload_mask(content, "x.png")
    assert len(server.journal) == 0


async def test_an_upload_whose_answer_has_no_name_is_an_error(
    scripted: AsyncComfyCloud, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/api/user").respond_with_json({"status": "active"})
    httpserver.expect_request("/api/upload/image").respond_with_json({"name": None})
    with pytest.raises(UnexpectedResponseError, match="uploadImage"):
        await scripted.files.upload_image(b"content")


async def test_a_file_is_downloaded_by_name(cloud: AsyncComfyCloud, server: Emulator, tmp_path: Path) -> None:
    name = await cloud.files.upload_image(picture())
    file = cloud.files.download(name, type="input")
    assert len(server.journal.of("viewFile")) == 0
    assert await file.read() == picture()
    assert (file.kind, file.type, file.filename) == ("image", "input", name)
    assert (await file.save(tmp_path / "x.png")).read_bytes() == picture()
    with pytest.raises(DownloadError, match=r"none\.png"):
        await cloud.files.download("none.png").read()
    with pytest.raises(ConfigurationError, match="filename"):
        cloud.files.download(" ")
