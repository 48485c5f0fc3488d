# Derived from tests/_async/test_downloads.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Downloads over bad connections: continued where they can be, whole or not at all, and no disk left with remains."""

from __future__ import annotations

import errno
import gzip
import os
import pickle
import urllib.request
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ComfyCloud, DownloadError, Output, Outputs, RetryPolicy
from comfy_cloud._files import PartFile
from comfy_cloud.testing import Emulator, Fault

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import connect

pytestmark = pytest.mark.anyio

FILE = bytes(range(256)) * 40
HALF = len(FILE) // 2


def whole(content: bytes = FILE, *, tag: str = '"a"', sent: int | None = None) -> bytes:
    """A 200 with the file, of which only the first `sent` bytes come."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\nETag: {tag}\r\n\r\n"
    return head.encode() + content[:sent]


def part(start: int, content: bytes = FILE, *, tag: str = '"a"', end: int | None = None) -> bytes:
    """A 206 with the rest of the file."""
    rest = content[start:end]
    span = f"bytes {start}-{start + len(rest) - 1}/{len(content)}"
    return (
        f"HTTP/1.1 206 P\r\nContent-Range: {span}\r\nETag: {tag}\r\nContent-Length: {len(rest)}\r\n\r\n".encode() + rest
    )


def asked(wire: WireServer) -> list[tuple[str, str]]:
    """The ranges that were asked for, each with its condition."""
    heads = [request.decode().lower().split("\r\n") for request in wire.requests]
    fields = [dict(line.split(": ", 1) for line in head if ": " in line) for head in heads]
    return [(found.get("range", ""), found.get("if-range", "")) for found in fields]


def output_of(cloud: ComfyCloud, filename: str = "a.png") -> Output:
    return Outputs._of(cloud._connection, "j", {"9": {"images": [{"filename": filename}]}})[0]


@pytest.fixture
def output(wire: WireServer) -> Iterator[Output]:
    """An output on a server whose answers the test writes."""
    with connect(wire.url) as cloud:
        yield output_of(cloud)


def test_a_cut_download_goes_on_where_it_ended(wire: WireServer, output: Output, tmp_path: Path) -> None:
    """A film of gigabytes is not begun again because of one lost packet."""
    wire.answers = [whole(sent=HALF), part(HALF)]
    path = output.save(tmp_path)
    assert path.read_bytes() == FILE
    assert asked(wire) == [("", ""), (f"bytes={HALF}-", '"a"')]


@pytest.mark.parametrize("saved", [True, False])
def test_progress_of_a_download_tells_its_bytes(wire: WireServer, output: Output, tmp_path: Path, saved: bool) -> None:
    """It goes on where the download does, begins again where that has to, and ends with all."""
    steps: list[tuple[int, int]] = []

    def show(done: int, total: int) -> None:
        steps.append((done, total))

    wire.answers = [whole(sent=HALF), part(HALF)]
    (output.save(tmp_path / "a.png", on_progress=show) if saved else output.read(on_progress=show))
    assert steps == sorted(set(steps))
    assert steps[0][0] <= HALF
    assert {total for _, total in steps} == {len(FILE)}
    assert steps[-1] == (len(FILE), len(FILE))
    steps.clear()
    wire.requests.clear()
    wire.answers = [whole(sent=HALF), whole(b"another file", tag='"b"')]
    output.read(on_progress=show)
    assert steps[0][0] <= HALF
    assert steps[-2:] == [(0, 12), (12, 12)]


def test_progress_without_a_length_has_none_until_the_end(wire: WireServer, output: Output) -> None:
    wire.answers = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nwords"]
    steps: list[tuple[int, int]] = []
    output.read(on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(5, 0), (5, 5)]


def test_any_number_of_cuts_is_survived_as_long_as_bytes_come(wire: WireServer, output: Output) -> None:
    """Tries are counted where nothing came; each of these brings the file further."""
    step = 1024
    cut = [part(at)[: step - len(FILE) + at] for at in range(step, len(FILE) - step, step)]
    wire.answers = [whole(sent=step), *cut, part(len(FILE) - step)]
    assert output.read() == FILE
    assert len(wire.requests) == len(FILE) // step == 10


def test_parts_that_are_smaller_than_asked_are_joined(wire: WireServer, output: Output) -> None:
    """Some caches answer a range in pieces of their own size."""
    wire.answers = [whole(sent=9), part(9, end=HALF), part(HALF)]
    assert output.read() == FILE


@pytest.mark.parametrize(
    "again",
    [
        [whole(b"another file", tag='"b"')],
        [part(HALF, tag='"b"'), whole(b"another file", tag='"b"')],
        [part(HALF, FILE + b"longer"), whole(b"another file")],
        [b"HTTP/1.1 416 R\r\nContent-Range: bytes */12\r\nContent-Length: 0\r\n\r\n", whole(b"another file")],
        [b"HTTP/1.1 206 P\r\nContent-Length: 3\r\n\r\n???", whole(b"another file")],
    ],
    ids=["whole", "other tag", "other length", "shorter", "no range"],
)
def test_a_file_that_changed_meanwhile_is_fetched_whole(
    wire: WireServer, output: Output, tmp_path: Path, again: list[bytes]
) -> None:
    """Never the first half of one and the second half of another. (A ComfyUI sends the part in any case.)"""
    wire.answers = [whole(sent=HALF), *again]
    assert (output.save(tmp_path)).read_bytes() == b"another file"
    wire.requests.clear()
    assert output.read() == b"another file"
    wire.requests.clear()
    with pytest.raises(DownloadError, match="not the rest of it"):
        _ = [chunk for chunk in output.iter_bytes()]


def test_chunks_go_on_where_the_stream_was_cut(wire: WireServer, output: Output) -> None:
    """Whoever passes them on need not know that there was a cut."""
    wire.answers = [whole(sent=HALF), part(HALF)]
    assert b"".join([chunk for chunk in output.iter_bytes()]) == FILE


@pytest.mark.parametrize(("retry", "tries"), [(RetryPolicy(base_delay=0.001), 3), (None, 1)])
def test_tries_that_bring_nothing_new_are_few(
    wire: WireServer, tmp_path: Path, retry: RetryPolicy | None, tries: int
) -> None:
    """A server that is cut at the same byte each time does not keep a program for ever; `retry=None` is kept to."""
    wire.answers = [whole(tag="W/none", sent=9)]
    with connect(wire.url, retry=retry) as cloud:
        with pytest.raises(DownloadError, match=r"'a\.png' of node 9, job j: ") as caught:
            output_of(cloud).save(tmp_path)
    assert len(wire.requests) == tries
    assert caught.value.job_id == "j"
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_is_too_long_is_not_believed(wire: WireServer, output: Output) -> None:
    """Which of its bytes are too many cannot be known."""
    longer = part(HALF).replace(b"Content-Length", b"X-Length") + b"more"
    wire.answers = [whole(sent=HALF), longer, whole()]
    assert output.read() == FILE
    assert asked(wire)[2] == ("", "")


def test_compression_is_undone_or_an_error(wire: WireServer, output: Output, tmp_path: Path) -> None:
    """A picture file never holds compressed bytes, nor half of what was compressed."""

    def packed(content: bytes) -> bytes:
        return f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content

    good = gzip.compress(FILE)
    wire.answers = [packed(good[:-20]), packed(good[:100] + b"\xff" * 100), packed(good)]
    assert output.read() == FILE
    wire.answers = [packed(good[:-20])]
    with pytest.raises(DownloadError, match="compressed content"):
        output.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failing", ["write", "place"])
def test_a_full_disk_is_named_and_left_clean(
    wire: WireServer, output: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """The error says which file of which job is missing, and no remains take what space is left."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    wire.answers = [whole()]
    monkeypatch.setattr(PartFile, failing, full)
    (tmp_path / "a.png").write_bytes(b"older")
    with pytest.raises(DownloadError, match=r"'a\.png' of node 9, job j: .*No space left") as caught:
        output.save(tmp_path, overwrite=True)
    assert caught.value.job_id == "j"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"older"]


# On emulated servers.

DIALECTS = ["cloud", "cloud-next", "comfyui", "comfyui-old"]


@pytest.fixture(params=DIALECTS)
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture
def made(server: Emulator) -> Iterator[Output]:
    """A file of a job."""
    with connect(server.url, server.api_key, live=False) as cloud:
        inputs = {"kind": "images", "filename": "a.png", "content": "0123456789", "repeat": 50_000}
        job = cloud.run({"1": {"class_type": "EmulatorFiles", "inputs": inputs}}, timeout=30)
        yield job.outputs[0]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.close("before"),
        Fault.close("middle"),
        Fault.lose_answer(),
        Fault.truncate(7),
        Fault.lengthen(7),
        Fault.break_gzip(),
        Fault.status(503, body="html"),
    ],
    ids=repr,
)
def test_what_goes_wrong_on_the_way_does_not_harm_a_file(
    server: Emulator, made: Output, tmp_path: Path, fault: Fault
) -> None:
    """Wherever the bytes come from, what is saved is what the job made."""
    order = server.fail("storage" if server.dialect.startswith("cloud") else "viewFile", fault, count=2)
    path = made.save(tmp_path)
    assert path.read_bytes() == b"0123456789" * 50_000
    assert order.applied
    assert list(tmp_path.iterdir()) == [path]


def test_an_address_that_expires_is_asked_for_anew(tmp_path: Path) -> None:
    """A slow download outlives its address: the rest comes from a new one."""
    with Emulator() as server:
        with connect(server.url, server.api_key, live=False) as cloud:
            inputs = {"kind": "images", "filename": "a.png", "content": "0123456789", "repeat": 50_000}
            job = cloud.run({"1": {"class_type": "EmulatorFiles", "inputs": inputs}}, timeout=30)
            server.fail("storage", Fault.close("middle"))
            server.fail("storage", Fault.expire_address())
            server.journal.clear()
            assert (job.outputs[0].save(tmp_path)).stat().st_size == 500_000
            assert len(server.journal.of("viewFile")) == 3
        assert server.storage_keys_seen == 0


def test_the_address_of_a_file_is_read_without_a_key(server: Emulator, made: Output) -> None:
    """It can be handed to a browser, or to a service that fetches by itself."""
    server.journal.clear()
    signed = made.url()
    assert len(server.journal.of("viewFile")) == len(server.journal) == 1, "nothing was fetched"
    with urllib.request.urlopen(signed.reveal()) as answer:
        assert answer.read() == b"0123456789" * 50_000
    if server.dialect.startswith("cloud"):
        assert signed.reveal().startswith(server.storage_url)
        assert signed.expires is not None
        assert timedelta() < signed.expires - datetime.now(UTC) <= timedelta(minutes=5)
    else:
        assert signed.reveal().startswith(server.url)
        assert signed.expires is None
    assert signed.reveal() not in repr(signed)
    assert "signature" not in f"{signed!r} {signed}"


def test_what_has_no_address_says_so(wire: WireServer, output: Output) -> None:
    """A text is in the job itself, and a file that is gone is named."""
    wire.answers = [b"HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n"]
    with pytest.raises(DownloadError, match=r"'a\.png' of node 9, job j: "):
        output.url()
    (text,) = Outputs._of(output._connection, "j", {"9": {"text": ["words"]}})
    with pytest.raises(DownloadError, match="'text' of node 9, job j: a text has no address"):
        text.url()


def test_a_picture_that_was_read_shows_itself(wire: WireServer, output: Output) -> None:
    """The last line of a notebook's cell, without being fetched again."""
    picture = b"\x89PNG\r\n\x1a\n" + FILE
    wire.answers = [whole(picture)]
    assert output.read() == picture
    bundle = output._repr_mimebundle_(include=None, exclude=None)
    assert b64decode(bundle["image/png"]) == picture
    assert bundle["text/plain"] == repr(output)
    assert len(wire.requests) == 1


def test_what_was_read_is_shown_in_the_gallery_and_by_its_player(wire: WireServer, output: Output) -> None:
    """A film and a sound as well; the handle that is pickled is none the larger for it."""
    made = {
        "9": {"images": [{"filename": "a.png"}], "videos": [{"filename": "b.mp4"}], "audio": [{"filename": "c.mp3"}]}
    }
    outputs = Outputs._of(output._connection, "j", {"9": made})
    wire.answers = [whole(b"\x89PNG\r\n\x1a\n"), whole(b"film"), whole(b"sound")]
    size = len(pickle.dumps(outputs))
    for each in outputs:
        each.read()
    html = outputs._repr_mimebundle_()["text/html"]
    for tag in (
        '<img src="data:image/png;base64,',
        '<video controls src="data:video/mp4;',
        '<audio controls src="data:',
    ):
        assert tag in html
    assert "<video" in outputs[1]._repr_mimebundle_()["text/html"]
    assert len(wire.requests) == 3
    assert len(pickle.dumps(outputs)) == size


def test_only_small_pictures_are_kept_to_be_shown(wire: WireServer, output: Output) -> None:
    """Reading films, or thousands of large pictures, does not fill the memory."""
    for content in (b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(6 << 20)):
        wire.answers = [whole(content)]
        assert output.read() == content
        assert list(output._repr_mimebundle_()) == ["text/plain"]
