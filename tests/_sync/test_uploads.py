# Derived from tests/_async/test_uploads.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Files in inputs, and files by themselves: sent once, whole and in little memory, or refused with their place."""

from __future__ import annotations

import io
import re
import socket
import struct
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    BadRequestError,
    ComfyCloud,
    PayloadTooLargeError,
    ServerError,
    UploadError,
    Workflow,
)
from comfy_cloud.testing import Emulator, Fault

from .conftest import connect

pytestmark = pytest.mark.anyio

HERE = "node 1 \\(LoadImage\\), input 'image'"


def png(width: int = 2, height: int = 2, *, shade: int = 0) -> bytes:
    """A grey picture of that size; nothing of it is unpacked, so that a large one costs nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes([shade]) * width) * height) if width * height < 10_000 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def graph(*images: Any) -> dict[str, Any]:
    """Each image loaded and saved."""
    nodes: dict[str, Any] = {}
    for number, image in enumerate(images, 1):
        nodes[str(number)] = {"class_type": "LoadImage", "inputs": {"image": image}}
        save = {"images": [str(number), 0], "filename_prefix": f"p{number}"}
        nodes[str(100 + number)] = {"class_type": "SaveImage", "inputs": save}
    return nodes


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with connect(server.url, server.api_key, live=False) as client:
        yield client


@pytest.fixture
def on_cloud() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def real(on_cloud: Emulator) -> Iterator[ComfyCloud]:
    """A client of the emulated cloud."""
    with connect(on_cloud.url, on_cloud.api_key, live=False) as client:
        yield client


def sent(server: Emulator, operation: str) -> list[int | None]:
    return [entry.status for entry in server.journal.of(operation)]


def test_equal_content_is_sent_once_whatever_holds_it(server: Emulator, cloud: ComfyCloud, tmp_path: Path) -> None:
    """A picture in ten inputs costs one upload."""
    path = tmp_path / "mine.png"
    path.write_bytes(png())
    job = cloud.run(graph(path, png(), io.BytesIO(png()), png(shade=9), path), timeout=30)
    assert len(job.outputs) == 5
    uploads = sent(server, "uploadAsset" if server.dialect.startswith("cloud") else "uploadImage")
    assert len([status for status in uploads if status in (200, 201)]) == 2
    if server.dialect == "cloud":
        cloud.run(graph(path), timeout=30)
        assert sent(server, "uploadAsset") == uploads, "what is there is only referred to"


def test_tags_are_sent_in_the_form_that_the_server_takes() -> None:
    """Newer servers want them as JSON; that is found out once, not by each file."""
    with Emulator(dialect="cloud-next") as server:
        with connect(server.url, server.api_key, live=False) as cloud:
            cloud.submit(graph(png(shade=1)))
            cloud.submit(graph(png(shade=2)))
        assert sent(server, "uploadAsset") == [400, 201, 201]


def test_content_that_is_gone_after_all_is_uploaded(on_cloud: Emulator, real: ComfyCloud) -> None:
    """The server said that it has it, and lost it before it could be referred to."""
    real.submit(graph(png()))
    on_cloud.fail("createAssetFromHash", Fault.status(404))
    job = real.run(graph(png()), timeout=30)
    assert len(job.outputs) == 1
    assert sent(on_cloud, "createAssetFromHash") == [404]
    assert sent(on_cloud, "uploadAsset") == [201, 200]


def test_content_that_is_there_after_all_is_taken(on_cloud: Emulator, real: ComfyCloud) -> None:
    """Somebody else was quicker; the answer is then an asset that exists."""
    real.submit(graph(png()))
    on_cloud.fail("checkAssetByHash", Fault.status(404, body="none"))
    assert len((real.run(graph(png()), timeout=30)).outputs) == 1
    assert sent(on_cloud, "uploadAsset") == [201, 200]


def test_what_the_server_refuses_is_named(on_cloud: Emulator, real: ComfyCloud) -> None:
    """Of a hundred pictures, the message says which; the error stays the one that it is."""
    on_cloud.fail("uploadAsset", Fault.status(413))
    with pytest.raises(PayloadTooLargeError, match=f"^{HERE}: uploadAsset /api/assets: 413") as caught:
        real.submit(graph(png()))
    assert caught.value.status == 413
    on_cloud.fail("uploadAsset", Fault.status(400, body={"error": {"message": "no such tag, said twice"}}), count=2)
    with pytest.raises(BadRequestError, match=f"^{HERE}: "):
        real.submit(graph(png()))
    on_cloud.fail("checkAssetByHash", Fault.status(500), count=3)
    with pytest.raises(ServerError, match=f"^{HERE}: "):
        real.submit(graph(png()))
    assert on_cloud.journal.of("executePrompt") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png(16_385, 1), "16385 x 1 px, more than the 16384 px an edge"),
        (png(8_001, 8_000), r"\(64,008,000\), more than the 64 megapixels"),
        (png() + bytes(50 << 20), r"52,428,868 bytes, more than the 52,428,800"),
    ],
    ids=["edge", "area", "size"],
)
def test_an_image_beyond_the_limits_is_refused_before_it_is_sent(
    on_cloud: Emulator, real: ComfyCloud, content: bytes, said: str
) -> None:
    """An upload of minutes is not made to be refused; the limits of the cloud are no limits elsewhere."""
    with pytest.raises(UploadError, match=f"{HERE.replace('1', '2', 1)}: .*{said}"):
        real.submit(graph(png(), content))
    for upload in (real.assets.upload, real.files.upload_image):
        with pytest.raises(UploadError, match=said):
            upload(content)
    assert {entry.operation for entry in on_cloud.journal} == {"getUser"}
    with Emulator(dialect="comfyui-old") as server:
        with connect(server.url, live=False) as cloud:
            assert (cloud.files.upload_image(content)).endswith(".png")


def test_a_file_may_stand_anywhere_in_an_input(server: Emulator, cloud: ComfyCloud) -> None:
    """Some nodes take lists or objects of files."""
    workflow = graph(png())
    workflow["1"]["inputs"]["more"] = {"list": [png(shade=1), "text", [png(shade=2)]]}
    job = cloud.run(Workflow(workflow), timeout=30)
    assert len(job.outputs) == 1
    uploads = sent(server, "uploadAsset" if server.dialect.startswith("cloud") else "uploadImage")
    assert len([status for status in uploads if status in (200, 201)]) == 3


# Progress.


def test_progress_tells_the_bytes_of_the_file(server: Emulator, cloud: ComfyCloud) -> None:
    """A bar that goes from nothing to all, whatever else is in the request."""
    steps: list[tuple[int, int]] = []

    def show(done: int, total: int) -> None:
        steps.append((done, total))

    cloud.files.upload_image(b"x" * 300_000, on_progress=show)
    assert steps == sorted(set(steps))
    assert len(steps) > 3
    assert steps[-1] == (300_000, 300_000)
    if server.dialect != "comfyui-old":
        cloud.assets.upload(b"y" * 300_000, on_progress=show)
        assert steps[-1] == (300_000, 300_000)


def test_progress_of_a_workflow_counts_all_its_files(server: Emulator, cloud: ComfyCloud) -> None:
    """Whoever submits a film sees it go; a file that the server has is done at once."""
    steps: list[tuple[int, int]] = []

    def show(done: int, total: int) -> None:
        steps.append((done, total))

    first, second = png() + b"x" * 300_000, png(shade=1) + b"y" * 200_000
    cloud.run(graph(first, second, first), timeout=30, on_progress=show)
    size = len(first) + len(second)
    assert {total for _, total in steps} == {size}
    assert steps[-1] == (size, size)
    assert len(steps) > 5
    if server.dialect != "cloud-next":  # it refuses the form at first, and each file is sent again
        assert steps == sorted(set(steps)), "it never goes back, and tells nothing twice"
    steps.clear()
    cloud.submit(graph(first, second), on_progress=show)
    assert steps[-1] == (size, size)
    if server.dialect.startswith("cloud"):
        assert len(steps) == 2


def test_the_progress_of_a_mask_is_told(on_cloud: Emulator, real: ComfyCloud) -> None:
    image, mask = png(), png(shade=1) + b"x" * 100_000
    steps: list[int] = []
    real.files.upload_mask(mask, image, on_progress=lambda done, _: steps.append(done))
    assert steps[-1] == len(mask)


def test_what_cannot_be_told_of_progress_is_refused_at_once(on_cloud: Emulator, real: ComfyCloud) -> None:
    """Not after a film was sent."""
    one: Any = lambda event: None  # noqa: E731
    for call in (
        lambda: real.submit(graph(png()), on_progress=one),
        lambda: real.run(graph(png()), on_progress=one),
        lambda: real.assets.upload(b"x", on_progress=one),
        lambda: real.files.upload_image(b"x", on_progress=one),
        lambda: real.files.upload_mask(b"x", "a.png", on_progress=one),
        lambda: real.files.download("a.png").read(on_progress=one),
        lambda: real.files.download("a.png").save("x/", on_progress=one),
    ):
        with pytest.raises(TypeError, match="on_progress must be a function that takes two numbers"):
            call()
    assert len(on_cloud.journal) == 0


def test_progress_begins_again_with_the_file(on_cloud: Emulator, real: ComfyCloud) -> None:
    """A file that has to be sent again is whole on the server, and the bar says that it is sent again."""
    on_cloud.fail("uploadImage", Fault.lose_answer())
    steps: list[int] = []
    content = png() + b"x" * 300_000
    name = real.files.upload_image(content, on_progress=lambda done, _: steps.append(done))
    assert steps.count(len(content)) == 2
    assert any(later < earlier for earlier, later in pairwise(steps))
    assert real.files.download(name, type="input").read() == content


def test_a_callback_that_fails_ends_the_upload(on_cloud: Emulator, real: ComfyCloud) -> None:
    """Its own exception comes out, and is not taken for one of the file or the network."""

    def fail(_done: int, _total: int) -> None:
        raise OSError("the bar broke")

    with pytest.raises(OSError, match=r"^the bar broke$"):
        real.files.upload_image(b"x" * 300_000, on_progress=fail)
    assert real.files.upload_image(b"x"), "the client goes on working"


# Memory.


class Sink:
    """A server that takes one request, forgets its body and answers with a name. `received` counts the bytes."""

    ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"name": "x"} '

    def __init__(self) -> None:
        self.received = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        buffer = bytearray(1 << 20)
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(1)
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            assert length is not None
            while self.received < int(length[1]):
                self.received += connection.recv_into(buffer)
            connection.sendall(self.ANSWER)

    def close(self) -> None:
        self._listener.close()
        self._thread.join()


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    """A film of gigabytes is sent from a machine that could not hold it."""
    size = 100 << 20
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(size)
    sink = Sink()
    with connect(sink.url) as cloud:
        cloud._connection.is_cloud = False
        tracemalloc.start()
        try:
            name = cloud.files.upload_image(path, on_progress=lambda *_: None)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            sink.close()
    assert name == "x"
    assert size < sink.received < size + 1000
    assert peak < 8 << 20
