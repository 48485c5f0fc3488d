"""Servers that answer with what no server should: each answer is a typed error or harmless, soon, in little memory.

Redirects, compression and time limits have tests in `test_attacks.py`, `test_redirects.py` and `test_time_limits.py`.
"""

from __future__ import annotations

import json
import os
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloudError,
    DownloadError,
    RetryPolicy,
    SubmissionUncertainError,
    UnexpectedResponseError,
)
from comfy_cloud._core import bodies
from comfy_cloud._core.watch import Timing

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import connect

pytestmark = pytest.mark.anyio

GRAPH = {"1": {"class_type": "KSampler", "inputs": {}}}
OK = b"HTTP/1.1 200 OK\r\n"
QUICK = Timing(poll_first=0.01, poll_longest=0.02, unknown_grace=0, submit_lookup=0.05, unreachable=0.1)
TOTAL = 1.0  # seconds of a call
MOST = 4 << 20  # bytes of a response that is read whole


def without_end(first: bytes, more: bytes) -> Iterator[bytes]:
    yield first
    while True:
        yield more


def answer(body: object, status: int = 200) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
        status,
        len(content),
    ) + (content)


# Each may be sent without end, so it is made anew for each request.
ANSWERS: dict[str, Callable[[], Any]] = {
    "announcements without end": lambda: without_end(b"HTTP/1.1 100 C\r\n\r\n", b"HTTP/1.1 103 E\r\n\r\n" * 500),
    "headers without end": lambda: without_end(OK, b"X-A: " + b"b" * 1000 + b"\r\n"),
    "trailers without end": lambda: without_end(
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: " + b"b" * 1000 + b"\r\n"
    ),
    "a chunk extension without end": lambda: without_end(OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"a" * 1000),
    "a chunk size that is none": lambda: OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "a negative chunk": lambda: OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n",
    "a chunk beyond all sizes": lambda: OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 18 + b"\r\nabc\r\n",
    "a chunk that is cut": lambda: OK + b"Transfer-Encoding: chunked\r\n\r\n10\r\nabc",
    "a length beyond all sizes": lambda: OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}",
    "a length of 5,000 digits": lambda: OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
    "a negative length": lambda: OK + b"Content-Length: -1\r\n\r\n{}",
    "two lengths": lambda: OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "a length that is too long": lambda: OK + b"Content-Length: 100\r\n\r\n{}",
    "a length that is too short": lambda: OK + b"Content-Length: 2\r\n\r\n{}and more of it",
    "odd bytes in a header's name": lambda: OK + b"X-\xff: a\r\nContent-Length: 2\r\n\r\n{}",
    "odd bytes in headers": lambda: (
        OK + b"Content-Type: \xff\xfe\r\nETag: \xe9\r\nX-Request-Id: \x80\r\nContent-Length: 2\r\n\r\n{}"
    ),
    "NUL in a header": lambda: OK + b"X-A: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.0": lambda: b"HTTP/1.0 200 OK\r\n\r\n{}",
    "HTTP/0.9": lambda: b"{}",
    "status 000": lambda: b"HTTP/1.1 000 X\r\nContent-Length: 2\r\n\r\n{}",
    "status 1234": lambda: b"HTTP/1.1 1234 X\r\nContent-Length: 2\r\n\r\n{}",
    "another protocol": lambda: b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n{}",
    "no content": lambda: b"HTTP/1.1 204 No\r\n\r\n",
    "a part that is none": lambda: b"HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/3\r\nContent-Length: 2\r\n\r\n{}",
    "not modified": lambda: b"HTTP/1.1 304 N\r\n\r\n",
    "every byte there is": lambda: bytes(range(256)) * 20,
    "nothing": lambda: b"",
    "gzip that is none": lambda: OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "gzip in gzip": lambda: OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\n{}",
    "a body without end": lambda: without_end(OK + b"\r\n", b" " * 65_536),
    "chunks without end": lambda: without_end(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    ),
    "nested ten thousand deep": lambda: answer(b"[" * 10_000),
    "nested and closed": lambda: answer(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "numbers beyond range": lambda: answer(b'{"queue_running": [[1e999, "a", {}]], "queue_pending": [[-1e999, "b"]]}'),
    "a number of 5,000 digits": lambda: answer(b'{"queue_running": [[' + b"9" * 5000 + b', "a"]]}'),
    "NaN": lambda: answer(b'{"queue_pending": [[NaN, "a"], [NaN, "b"], [1, "c"]]}'),
    "doubled keys": lambda: answer(b'{"queue_running": 1, "queue_running": [], "queue_running": null}'),
    "another charset": lambda: answer("{'ä': 1}".encode("utf-16")),
    "a wrong charset": lambda: answer(b'{"\xe9": 1}'),
    "a byte order mark": lambda: answer(b"\xef\xbb\xbf{}"),
}
CALLS: dict[str, Callable[[AsyncComfyCloud, Path], Awaitable[Any]]] = {
    "a question": lambda cloud, folder: cloud.queue.get(),
    "a submit": lambda cloud, folder: cloud.submit(GRAPH),
    "a wait": lambda cloud, folder: cloud.job("a").wait(0.3),
    "a save": lambda cloud, folder: cloud.files.download("a.png").save(folder / "a.png"),
    "an upload": lambda cloud, folder: cloud.files.upload_image(b"\x89PNG\r\n\x1a\n"),
}
# A file may be as long as its server says, and a fault of `save` is not that the server sends it.
ENDLESS_FILES = {"a body without end", "chunks without end"}


# Each answer meets two of the calls, and what has no end meets all.
PAIRS = [
    (name, call)
    for at, name in enumerate(ANSWERS)
    for place, call in enumerate(CALLS)
    if (at + place) % 5 in {0, 2} or name.startswith("announcements")
]


@pytest.mark.parametrize(
    ("name", "call"), [pair for pair in PAIRS if pair[1] != "a save" or pair[0] not in ENDLESS_FILES]
)
async def test_no_answer_holds_a_call_or_leaves_as_a_foreign_error(
    wire: WireServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, call: str
) -> None:
    monkeypatch.setattr(bodies, "TRANSFER_BYTES_TIME", 0.5)
    monkeypatch.setattr(bodies, "HEADS_MAX_BYTES", 32 << 10)
    monkeypatch.setattr(wire, "answers", Anew(ANSWERS[name]))
    retry = RetryPolicy(attempts=2, base_delay=0.001)
    async with connect(wire.url, live=False, retry=retry, timeout=0.5, total_timeout=TOTAL) as cloud:
        cloud._connection.timing, cloud._connection.is_cloud = QUICK, False
        cloud._http.response_limit = MOST
        tracemalloc.start()
        started = time.monotonic()
        try:
            repr(await CALLS[call](cloud, tmp_path))
        except ComfyCloudError as error:
            assert str(error)  # noqa: PT017 - which of ours it is differs by the answer
        took = time.monotonic() - started
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * MOST, f"{peak:,} bytes"
    assert len(wire.requests) <= 40
    assert took < 10, "each call has an end"
    assert [path.name for path in tmp_path.iterdir()] in ([], ["a.png"])


class Anew(list[Any]):
    """The answers of a server: the same one to each request, made when it is asked for."""

    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__([None])
        self._make = make

    def __getitem__(self, index: Any) -> Any:
        return self._make()


@pytest.mark.parametrize("piece", [b"[],", b"{},", b"1,"])
async def test_json_is_not_turned_into_more_memory_than_it_may_take(wire: WireServer, piece: bytes) -> None:
    """200 MB of it are within the limit of a body, and became 5 GB of lists."""
    wire.answers = [answer(b"[" + piece * 6_000_000 + b"1]")]
    async with connect(wire.url, live=False, retry=None) as cloud:
        with pytest.raises(UnexpectedResponseError, match="holds more than 5,000,000 values"):
            await cloud.queue.get()


ODD_IDS = ["\ud800", "a\nb", "\x00", "..", ".", "x" * 1_000_000, "\u202e\u2028", "a/b?c#d", " "]


@pytest.mark.parametrize("odd", ODD_IDS, ids=range(len(ODD_IDS)))
async def test_an_id_that_no_request_can_carry_is_no_id(wire: WireServer, odd: str) -> None:
    """A submit looks for its job by its own id then, and a list leaves out what nobody could ask for."""
    gone = answer({"message": "not there"}, 404)
    listed = answer({"jobs": [{"id": odd, "status": "completed"}, {"id": "b", "status": "completed"}]})
    async with connect(wire.url, live=False) as cloud:
        cloud._connection.timing = QUICK
        wire.answers = [answer({"prompt_id": odd}), gone, gone, answer({}), listed, answer({}), gone]
        try:
            job = await cloud.submit(GRAPH)
        except SubmissionUncertainError as error:
            assert error.submission_id  # noqa: PT017 - an id that can be asked for is taken as it is
        else:
            assert job.id == odd
            assert odd.isprintable()
        wire.requests.clear()
        wire.answers = [listed]
        jobs = [job async for job in cloud.jobs.list(limit=5)]
        assert jobs[-1].id == "b"
        wire.answers = [answer({"id": "b", "status": "completed", "outputs": {}})]
        for job in jobs:
            await job.refresh()


@pytest.mark.parametrize("odd", ODD_IDS, ids=range(len(ODD_IDS)))
async def test_names_and_cursors_of_a_server_leave_no_foreign_error(wire: WireServer, tmp_path: Path, odd: str) -> None:
    """It chooses the names of files, the ids of tasks and assets, and where a list goes on."""
    file = {"filename": f"{odd}.png", "subfolder": odd, "type": odd}
    made = answer({"id": "a", "status": "completed", "outputs": {"1": {"images": [file]}}})
    page = answer({"assets": [{"id": odd, "name": odd, "hash": odd}], "next_cursor": odd})

    async def save(cloud: AsyncComfyCloud) -> Any:
        return await (await cloud.jobs.get("a")).outputs.save(tmp_path / "out")

    async def wait(cloud: AsyncComfyCloud) -> Any:
        return await (await cloud.assets.import_url("https://host/x")).wait(0.1)

    async def delete(cloud: AsyncComfyCloud) -> Any:
        return [await cloud.assets.delete(asset) async for asset in cloud.assets.list()]

    async def fetch(cloud: AsyncComfyCloud) -> Any:
        return await cloud.files.download(await cloud.files.upload_image(b"x")).read()

    for scripted, call in (
        ([made, answer(b"bytes")], save),
        ([answer({"task_id": odd}), answer({"status": "completed", "asset_id": odd}), answer({})], wait),
        ([page, answer({}), answer({})], delete),
        ([answer({"name": odd, "subfolder": odd}), answer(b"bytes")], fetch),
    ):
        wire.answers, wire.requests = [*scripted], []
        async with connect(wire.url, live=False) as cloud:
            cloud._connection.timing, cloud._connection.is_cloud = QUICK, False
            try:
                await call(cloud)
            except ComfyCloudError as error:
                assert not isinstance(error, UnicodeError)  # noqa: PT017
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} <= {tmp_path / "out"}


NAMES = [
    *("../../up.png", "/etc/up.png", "C:\\up.png", "..\\up.png", "CON", "nul.png", "com1.txt", "x" * 300 + ".png"),
    *("a\nb.png", "a\x00b.png", "\u202egpj.exe", ".hidden", "a/../../b.png", "~/b.png", "$HOME.png", "\ud83d.png"),
    *("é" * 200, "a.png ", "a.png.", "-rf", "a\u2028b.png", "%2e%2e%2fup.png", "a.png\r\nX: y", "LPT³.txt"),
]


async def test_no_name_leaves_the_folder(wire: WireServer, tmp_path: Path) -> None:
    """Whatever a server calls a file, it is one file in the folder that was asked for, and no link leads out of it."""
    outside = tmp_path / "outside.txt"
    outside.write_text("secret")
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("up.png", "b.png", "link.png"):  # names that will be wanted are links out of the folder
        (folder / name).symlink_to(outside)
    (folder / "dangling.png").symlink_to(tmp_path / "made.txt")
    files = [{"filename": name} for name in [*NAMES, "link.png", "dangling.png"] if "\ud83d" not in name]
    made = answer({"id": "a", "status": "completed", "outputs": {"1": {"images": files}}})
    wire.answers = [made, *[answer(b"file %d" % number) for number in range(2 * len(files))]]
    async with connect(wire.url, live=False) as cloud:
        outputs = (await cloud.jobs.get("a")).outputs
        for overwrite in (False, True):
            paths = await outputs.save(folder, overwrite=overwrite)
            assert len(set(paths)) == len(files) == len(outputs)
            for path in paths:
                assert path.parent == folder
                assert path.read_bytes().startswith(b"file ")
                assert not path.is_symlink()
                assert len(os.fsencode(path.name)) <= 255
            assert outside.read_text() == "secret"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "outside.txt"]
    assert not list(folder.glob("*.part"))
    assert not list(folder.glob(".*"))


async def test_a_file_that_is_no_answer_is_not_an_empty_one(wire: WireServer, tmp_path: Path) -> None:
    wire.answers = [b"HTTP/1.1 204 No Content\r\n\r\n"]
    async with connect(wire.url, live=False, retry=None) as cloud:
        with pytest.raises(DownloadError, match="status 204 brings no file"):
            await cloud.files.download("a.png").save(tmp_path)
    assert list(tmp_path.iterdir()) == []
