"""What one method gives, another takes: outputs, uploads, assets and listed files, on every kind of server."""

from __future__ import annotations

import copy
import io
import socket
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock, Mock

import httpx
import pytest
from PIL import Image
from pytest_httpserver import HTTPServer

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncJob,
    AsyncOutput,
    ConfigurationError,
    DownloadError,
    InvalidWorkflowError,
    NodeInputError,
    NotFoundError,
    UploadError,
    Workflow,
)
from comfy_cloud._core.file_refs import UploadedFile
from comfy_cloud._core.inputs import FileContent
from comfy_cloud.testing import Emulator

from .conftest import connect

pytestmark = pytest.mark.anyio

EVERY = ["cloud", "cloud-next", "comfyui", "comfyui-old"]
WITH_ASSETS = EVERY[:3]
GREEN = (0, 200, 0)


@pytest.fixture(params=EVERY)
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture
async def cloud(server: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with connect(server.url, server.api_key, live=False) as client:
        yield client


with_assets = pytest.mark.parametrize("server", WITH_ASSETS, indirect=True)


def node(class_type: str, title: str | None = None, **inputs: Any) -> dict[str, Any]:
    meta = {} if title is None else {"_meta": {"title": title}}
    return {"class_type": class_type, "inputs": inputs, **meta}


def picture(colour: Any = GREEN, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (8, 6), colour).save(buffer, "PNG")
    return buffer.getvalue()


def copies(image: Any = "x.png") -> Workflow:
    """A workflow that loads a picture, saves it in a folder, and shows it from the folder of temporary files."""
    workflow = Workflow(
        {
            "1": node("LoadImage", "Picture", image="x.png"),
            "2": node("SaveImage", "Kept", images=["1", 0], filename_prefix="some/folder/copy"),
            "3": node("PreviewImage", "Shown", images=["1", 0]),
        }
    )
    workflow["Picture"]["image"] = image
    return workflow


async def made(cloud: AsyncComfyCloud, colour: Any = GREEN) -> AsyncJob:
    return await cloud.run(copies(picture(colour)), timeout=30)


async def colour_of(file: AsyncOutput) -> Any:
    return Image.open(io.BytesIO(await file.read())).convert("RGB").getpixel((0, 0))


@pytest.mark.parametrize("title", ["Kept", "Shown"])
async def test_an_output_is_a_value_of_an_input(cloud: AsyncComfyCloud, server: Emulator, title: str) -> None:
    """The second step of a chain takes what the first made, from its folder, and without sending it."""
    first = await made(cloud)
    uploads = len(server.journal.of("uploadImage")) + len(server.journal.of("uploadAsset"))
    second = await cloud.run(copies(first.outputs[title][0]), timeout=30)
    assert [await colour_of(output) for output in second.outputs] == [GREEN, GREEN]
    assert len(server.journal.of("uploadImage")) + len(server.journal.of("uploadAsset")) == uploads
    if server.dialect.startswith("comfyui"):
        raw = second.raw
        graph = raw["workflow"]["prompt"] if "workflow" in raw else raw["prompt"][2]
        folder, _, name = graph["1"]["inputs"]["image"].rpartition("/")
        expected = ("some/folder", " [output]") if title == "Kept" else ("", " [temp]")
        assert (folder, name[name.index(" ") :]) == expected


async def test_an_output_without_its_client_is_a_value_too(cloud: AsyncComfyCloud) -> None:
    """It is data: where the server has the file is all that an input needs."""
    output = copy.copy((await made(cloud)).outputs[0])
    assert len((await cloud.run(copies(output), timeout=30)).outputs) == 2


async def test_a_text_output_is_a_text_of_an_input(cloud: AsyncComfyCloud) -> None:
    """The prompt that one node wrote is the prompt of the next."""
    first = await cloud.run({"1": node("EmulatorText", text="a cat")}, timeout=30)
    workflow = Workflow({"1": node("EmulatorText", text="")})
    workflow["1"]["text"] = first.outputs[0]
    assert (await cloud.run(workflow, timeout=30)).outputs[0].text == "a cat"


@pytest.mark.parametrize("options", [{}, {"subfolder": "a/b"}, {"type": "temp"}, {"type": "output", "subfolder": "c"}])
async def test_an_upload_is_taken_by_all(cloud: AsyncComfyCloud, options: dict[str, Any]) -> None:
    """With its folder and type, which a bare name would lose."""
    file = await cloud.files.upload_image(picture(), **options)
    assert await cloud.files.download(file).read() == picture()
    assert await cloud.files.download(copy.deepcopy(file)).read() == picture()
    assert len((await cloud.run(copies(file), timeout=30)).outputs) == 2
    again = await cloud.files.upload_image(cast(Any, file))
    assert await cloud.files.download(again).read() == picture()
    mask = await cloud.files.upload_mask(picture((0, 0, 0, 9), "RGBA"), file)
    assert Image.open(io.BytesIO(await cloud.files.download(mask).read())).mode == "RGBA"


async def test_a_name_as_an_input_holds_it_is_downloaded(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """`sub/x.png [temp]` says all."""
    file = await cloud.files.upload_image(picture(), subfolder="deep/er", type="temp")
    if server.dialect.startswith("comfyui"):
        assert (file[:8], file[-7:]) == ("deep/er/", " [temp]")
    assert await cloud.files.download(str(file)).read() == picture()
    with pytest.raises(ConfigurationError, match="filename is empty"):
        cloud.files.download("")


@with_assets
async def test_an_asset_is_taken_by_all(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """New, found again, or made of known content, which has no file of its own on a ComfyUI."""
    new = await cloud.assets.upload(picture(), name="green.png")
    twin = await cloud.assets.upload(picture(), name="twin.png")
    (listed, *_) = [asset async for asset in cloud.assets.list(name_contains="green")]
    again = await cloud.assets.create_from_hash(new, name="again.png")
    for asset in (new, twin, listed, again, await cloud.assets.get(new)):
        job = await cloud.run(copies(asset), timeout=30)
        assert [await colour_of(output) for output in job.outputs] == [GREEN, GREEN]
        file = cloud.files.download(asset)
        assert (await file.read(), file.kind, file.media_type) == (picture(), "image", "image/png")
        mask = await cloud.files.upload_mask(picture((0, 0, 0, 9), "RGBA"), asset)
        assert Image.open(io.BytesIO(await cloud.files.download(mask).read())).mode == "RGBA"
        copied = await cloud.assets.upload(asset, tags=["input", "copied"])
        assert copied.asset_hash == new.asset_hash
    assert await cloud.assets.exists(new) is True


@with_assets
async def test_an_asset_is_saved_under_its_own_name(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    """Not under the hash by which the server stores it."""
    asset = await cloud.assets.upload(picture(), name="green.png")
    assert (await cloud.files.download(asset).save(tmp_path)).name == "green.png"


@with_assets
async def test_outputs_and_uploads_become_assets(cloud: AsyncComfyCloud) -> None:
    output = (await made(cloud)).outputs[0]
    asset = await cloud.assets.upload(output, tags=["input", "kept"])
    assert await cloud.files.download(asset).read() == await output.read()
    file = await cloud.files.upload_image(picture((1, 2, 3)), subfolder="a")
    assert await cloud.files.download(await cloud.assets.upload(file)).read() == picture((1, 2, 3))


@with_assets
async def test_a_name_of_an_asset_names_the_stored_file(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """Nodes tell files by their extension."""
    asset = await cloud.assets.upload(b"any bytes", name="voice.mp3")
    assert asset.name == "voice.mp3"
    if server.dialect == "comfyui":  # it takes the extension from the name of the file part
        assert asset["loader_path"].endswith(".mp3")


@with_assets
@pytest.mark.parametrize("asset_id", ["none", "1234", "../jobs"])
async def test_an_id_that_no_asset_has_is_not_found(cloud: AsyncComfyCloud, asset_id: str) -> None:
    """A ComfyUI answers it as it does on an unknown route."""
    calls: list[Callable[[], Any]] = [
        lambda: cloud.assets.get(asset_id),
        lambda: cloud.assets.update(asset_id, name="x"),
        lambda: cloud.assets.delete(asset_id),
        lambda: cloud.assets.add_tags(asset_id, "x"),
        lambda: cloud.assets.remove_tags(asset_id, "x"),
    ]
    for call in calls:
        with pytest.raises(NotFoundError, match=r"ids are UUIDs|404"):
            await call()
    assert (await cloud.assets.get((await cloud.assets.upload(b"x")).id)).name.startswith("upload-")


async def test_every_original_of_a_mask_is_found(cloud: AsyncComfyCloud, server: Emulator) -> None:
    """By an output in a folder, and by a picture that is not there yet."""
    output = (await made(cloud)).outputs[0]
    for original in (output, picture((7, 7, 7)), Image.new("RGB", (8, 6), "red")):
        mask = await cloud.files.upload_mask(picture((0, 0, 0, 9), "RGBA"), cast(FileContent, original))
        assert Image.open(io.BytesIO(await cloud.files.download(mask).read())).mode == "RGBA"
        assert isinstance(mask, UploadedFile)
    asked = len(server.journal)
    bad: list[Any] = ["", {"name": "x.png"}, None, 7]
    for wrong in bad:
        with pytest.raises(UploadError, match="original"):
            await cloud.files.upload_mask(picture((0, 0, 0, 9), "RGBA"), wrong)
    assert len(server.journal) == asked


async def test_a_listed_model_and_a_file_of_the_user_are_values(cloud: AsyncComfyCloud) -> None:
    model = (await cloud.models.list("checkpoints"))[0]
    workflow = Workflow({"1": node("CheckpointLoaderSimple", ckpt_name="")})
    workflow["1"]["ckpt_name"] = cast(Any, model)
    assert workflow["1"]["ckpt_name"] == model.name
    assert (await cloud.models.preview("checkpoints", model))[:4] == b"RIFF"

    await cloud.userdata.write("pictures/100%.png", picture((9, 9, 9)))
    (file,) = await cloud.userdata.list("pictures")
    assert await cloud.userdata.read(file) == picture((9, 9, 9))
    job = await cloud.run(copies(file), timeout=30)
    assert await colour_of(job.outputs[0]) == (9, 9, 9)
    for wrong in (file, model, None, 7):
        with pytest.raises(ConfigurationError, match="filename must be"):
            cloud.files.download(cast(Any, wrong))
    await cloud.userdata.delete(file)
    with pytest.raises(NotFoundError, match="input 'image'"):
        await cloud.submit(copies(file))


async def test_an_output_of_another_server_is_fetched_and_uploaded(cloud: AsyncComfyCloud) -> None:
    """A picture made at home becomes a film in the cloud."""
    with Emulator(dialect="comfyui") as other:
        async with connect(other.url, None, live=False) as home:
            output = (await made(home, (1, 2, 3))).outputs[0]
            job = await cloud.run(copies(output), timeout=30)
            assert await colour_of(job.outputs[0]) == (1, 2, 3)
            mask = await cloud.files.upload_mask(picture((0, 0, 0, 9), "RGBA"), output)
            assert await cloud.files.download(mask).read()
            with pytest.raises(ConfigurationError, match=rf"input 'image'.* is on {other.url}.*cloud\.job\(handle\)"):
                await cloud.submit(copies(copy.copy(output)))


async def test_an_output_that_is_gone_is_named(cloud: AsyncComfyCloud) -> None:
    with Emulator(dialect="comfyui") as other:
        async with connect(other.url, None, live=False) as home:
            gone = home.files.download("gone.png")
            with pytest.raises(DownloadError, match=r"node 1 .*input 'image'.*gone"):
                await cloud.submit(copies(gone))


class Reader:
    """Anything with a `read`."""

    def read(self, size: int = -1) -> bytes:
        return b"x" * size


def text_file() -> Any:
    return io.StringIO("text")


def temporary_text_file() -> Any:
    return tempfile.NamedTemporaryFile("w+")


def a_socket() -> Any:
    with socket.socket() as unconnected:
        return unconnected


@pytest.mark.parametrize(
    "make", [text_file, temporary_text_file, a_socket, Mock, AsyncMock, Reader, lambda: httpx.Response(200)]
)
async def test_what_merely_has_a_read_is_refused_when_it_is_set(make: Callable[[], Any]) -> None:
    """Not minutes later, in the upload, or as a file of zeros."""
    value = make()
    with pytest.raises(NodeInputError, match=f"node '1'.*input 'image'.*({type(value).__name__}|binary mode)"):
        copies(value)
    if isinstance(getattr(value, "file", value), io.IOBase):
        value.close()


async def test_every_open_binary_file_is_taken(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(picture())
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(path, "x.png")
    with (
        path.open("rb") as plain,
        tempfile.NamedTemporaryFile() as named,
        tempfile.SpooledTemporaryFile() as spooled,
        zipfile.ZipFile(tmp_path / "x.zip") as packed,
        packed.open("x.png") as zipped,
    ):
        for file in (named, spooled):
            file.write(picture())
            file.seek(0)
        for content in (plain, named, spooled, zipped):
            assert await colour_of((await cloud.run(copies(content), timeout=30)).outputs[0]) == GREEN


async def test_an_output_that_cannot_be_fetched_is_refused_when_it_is_set(cloud: AsyncComfyCloud) -> None:
    entries = '[{"url": "https://elsewhere.example/clip.mp4?signature=s3cr3t"}]'
    job = await cloud.run({"1": node("EmulatorEntries", kind="images", entries=entries)}, timeout=30)
    with pytest.raises(
        NodeInputError, match=r"input 'image' must be an output that can be fetched.*clip\.mp4 .*only an address"
    ) as caught:
        copies(job.outputs[0])
    assert "s3cr3t" not in str(caught.value)


async def test_a_string_that_is_a_path_here_is_hinted_at(
    cloud: AsyncComfyCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The most frequent mistake with files, and what to do about it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me.jpg").write_bytes(picture())
    with pytest.raises(InvalidWorkflowError, match=r"set Path\('me\.jpg'\) instead of the string"):
        await cloud.submit(copies("me.jpg"))
    with pytest.raises(InvalidWorkflowError) as caught:
        await cloud.submit(copies("you.jpg"))
    assert "Path(" not in str(caught.value)
    await cloud.files.upload_image(picture())  # else no choices are listed, and nothing is certain
    (problem,) = copies("me.jpg").check(await cloud.nodes.info())
    assert problem.kind == "not_offered"
    assert "Path('me.jpg')" in str(problem)
    for call in (cloud.files.upload_image, cloud.assets.upload):
        with pytest.raises(UploadError, match="Path"):
            await call(cast(Any, "me.jpg"))


async def test_a_server_that_tells_nothing_of_an_asset_is_an_error_of_ours(httpserver: HTTPServer) -> None:
    """Neither hash nor path, asked twice."""
    fields = {"id": "11111111-1111-4111-8111-111111111111", "name": "x.png", "tags": None}
    httpserver.expect_request("/api/assets/11111111-1111-4111-8111-111111111111").respond_with_json(fields)
    httpserver.expect_request("/api/user").respond_with_json({})
    async with connect(httpserver.url_for(""), live=False) as cloud:
        asset = await cloud.assets.get("11111111-1111-4111-8111-111111111111")
        with pytest.raises(UploadError, match=r"input 'image'.*no hash of asset 1111"):
            await cloud.submit(copies(asset))
        with pytest.raises(ConfigurationError, match="asset with a hash"):
            cloud.files.download(asset)
