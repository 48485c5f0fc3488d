"""Rows about the bytes of files: up, down, many, and what an event loop has to bear meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from harness import Figures, Row
from rows_calls import sdk_client, simplified_client

from comfy_cloud import AsyncComfyCloud, ComfyCloud

SIZE = 512 * 1024 * 1024
FILES = 64
FILE = 4 * 1024 * 1024
NO_LIMIT = httpx.Timeout(60.0)
STALL = "64 to 99 ms"


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def big_file() -> Iterator[Path]:
    """Yield a file that is in memory, so that reading it costs the same each time.

    It takes no room on the disk, but a virtual machine may need seconds to find memory for it. It is read once here, as
    a file of a user's is that was made just before.
    """
    with folder() as place:
        path = place / "big.bin"
        with path.open("w+b") as file:
            file.truncate(SIZE)
            while file.read(1 << 20):
                pass
        yield path


def loading(image: object) -> dict[str, Any]:
    """Return a workflow that takes a file."""
    return {"1": {"class_type": "LoadImage", "inputs": {"image": image}}}


def up_ours(url: str) -> Iterator[None]:
    with big_file() as path, ComfyCloud("key", base_url=f"{url}/cloud") as cloud:
        cloud.assets.upload(b"small")
        yield
        cloud.assets.upload(path)
        yield


def up_input_ours(url: str) -> Iterator[None]:
    """Hash the file, ask for the hash, send the file, refer to it, submit the workflow."""
    with big_file() as path, ComfyCloud("key", base_url=f"{url}/cloud") as cloud:
        cloud.submit(loading(b"small"))
        yield
        cloud.submit(loading(path))
        yield


def up_comfyui_ours(url: str) -> Iterator[None]:
    with big_file() as path, ComfyCloud("key", base_url=url) as cloud:
        cloud.files.upload_image(b"small")
        yield
        cloud.files.upload_image(path)
        yield


async def up_async_ours(url: str) -> AsyncIterator[None]:
    with big_file() as path:
        async with AsyncComfyCloud("key", base_url=f"{url}/cloud") as cloud:
            await cloud.assets.upload(b"small")
            yield
            await cloud.assets.upload(path)
            yield


async def up_input_async_ours(url: str) -> AsyncIterator[None]:
    with big_file() as path:
        async with AsyncComfyCloud("key", base_url=f"{url}/cloud") as cloud:
            await cloud.submit(loading(b"small"))
            yield
            await cloud.submit(loading(path))
            yield


def up_httpx(url: str) -> Iterator[None]:
    with big_file() as path, httpx.Client(base_url=url, timeout=NO_LIMIT) as client:
        client.post("/api/assets", files={"file": ("small.bin", b"small")}, data={"tags": "input"})
        yield
        with path.open("rb") as file:
            client.post("/api/assets", files={"file": ("big.bin", file)}, data={"tags": "input"}).raise_for_status()
        yield


async def up_async_httpx(url: str) -> AsyncIterator[None]:
    with big_file() as path:
        async with httpx.AsyncClient(base_url=url, timeout=NO_LIMIT) as client:
            await client.post("/api/assets", files={"file": ("small.bin", b"small")}, data={"tags": "input"})
            yield
            with path.open("rb") as file:
                await client.post("/api/assets", files={"file": ("big.bin", file)}, data={"tags": "input"})
            yield


def up_sdk(url: str) -> Iterator[None]:
    client = sdk_client(url)
    with big_file() as path:
        yield
        client.assets.from_file(path).commit()
        yield


def up_simplified(url: str) -> Iterator[None]:
    with big_file() as path:
        yield
        simplified_client(url).upload_image(path)
        yield


def down_ours(url: str) -> Iterator[None]:
    with folder() as place, ComfyCloud("key", base_url=f"{url}/cloud") as cloud:
        output = cloud.jobs.get(f"files-{SIZE}-1").outputs[0]
        yield
        output.save(place / "big.bin")
        yield


async def down_async_ours(url: str) -> AsyncIterator[None]:
    with folder() as place:
        async with AsyncComfyCloud("key", base_url=f"{url}/cloud") as cloud:
            output = (await cloud.jobs.get(f"files-{SIZE}-1")).outputs[0]
            yield
            await output.save(place / "big.bin")
            yield


def view(name: str) -> str:
    return f"/api/view?filename={name}&subfolder=&type=output"


def fetch(client: httpx.Client, name: str, path: Path) -> None:
    with client.stream("GET", view(name)) as response, path.open("wb") as file:
        response.raise_for_status()
        for chunk in response.iter_bytes():
            file.write(chunk)


async def fetch_async(client: httpx.AsyncClient, name: str, path: Path) -> None:
    async with client.stream("GET", view(name)) as response:
        response.raise_for_status()
        with path.open("wb") as file:
            async for chunk in response.aiter_bytes():
                file.write(chunk)


def bare(url: str) -> httpx.Client:
    return httpx.Client(base_url=f"{url}/cloud", timeout=NO_LIMIT, follow_redirects=True)


def bare_async(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"{url}/cloud", timeout=NO_LIMIT, follow_redirects=True)


def down_httpx(url: str) -> Iterator[None]:
    with folder() as place, bare(url) as client:
        client.get("/api/system_stats")
        yield
        fetch(client, f"{SIZE}-0.bin", place / "big.bin")
        yield


async def down_async_httpx(url: str) -> AsyncIterator[None]:
    with folder() as place:
        async with bare_async(url) as client:
            await client.get("/api/system_stats")
            yield
            await fetch_async(client, f"{SIZE}-0.bin", place / "big.bin")
            yield


def down_sdk(url: str) -> Iterator[None]:
    with folder() as place:
        (output,) = sdk_client(url).jobs.get("x").outputs
        yield
        output.to_file(place / "big.bin")
        yield


def many_ours(url: str) -> Iterator[None]:
    with folder() as place, ComfyCloud("key", base_url=f"{url}/cloud") as cloud:
        outputs = cloud.jobs.get(f"files-{FILE}-{FILES}").outputs
        yield
        outputs.save(place)
        yield


def many_httpx(url: str) -> Iterator[None]:
    with folder() as place, bare(url) as client, ThreadPoolExecutor(4) as threads:
        client.get("/api/system_stats")
        yield
        names = [f"{FILE}-{n}.bin" for n in range(FILES)]
        list(threads.map(lambda name: fetch(client, name, place / name), names))
        yield


async def many_async_ours(url: str) -> AsyncIterator[None]:
    with folder() as place:
        async with AsyncComfyCloud("key", base_url=f"{url}/cloud") as cloud:
            outputs = (await cloud.jobs.get(f"files-{FILE}-{FILES}")).outputs
            yield
            await outputs.save(place)
            yield


async def many_async_httpx(url: str) -> AsyncIterator[None]:
    with folder() as place:
        async with bare_async(url) as client:
            await client.get("/api/system_stats")
            free = asyncio.Semaphore(4)

            async def one(name: str) -> None:
                async with free:
                    await fetch_async(client, name, place / name)

            yield
            await asyncio.gather(*(one(f"{FILE}-{n}.bin") for n in range(FILES)))
            yield


class FirstSavedError(Exception):
    """Raised by a callback to end a save."""


async def names_ours(url: str) -> AsyncIterator[Figures]:
    """Save 10,000 outputs until the first is there."""

    def stop(_done: int, _of: int) -> None:
        raise FirstSavedError

    with folder() as place:
        async with AsyncComfyCloud("key", base_url=url) as cloud:
            outputs = (await cloud.jobs.get("files-1-10000")).outputs
            yield {}
            started = time.perf_counter()
            saved = 0.0
            try:
                await outputs.save(place, on_progress=stop)
            except FirstSavedError as error:
                saved = time.perf_counter() - started
                del error
            yield {"first": saved * 1000}


UP_INPUT_ASYNC: dict[str, Any] = {"ours": up_input_async_ours, "httpx": up_async_httpx}
DOWN_ASYNC: dict[str, Any] = {"ours": down_async_ours, "httpx": down_async_httpx}
MANY_ASYNC: dict[str, Any] = {"ours": many_async_ours, "httpx": many_async_httpx}


def up(name: str, title: str, sides: dict[str, Any], goal: float, before: str) -> Row:
    """Return a row about an upload. Its time counts, not its CPU: to hash beside the sending would cost as much CPU."""
    return Row(name, f"{title}, over httpx: wall", sides, goal, before, figure="wall", rounds=3)


def longest(name: str, title: str, sides: dict[str, Any], figure: str, goal: float, before: str) -> Row:
    """Return a row about milliseconds for which something else has to wait."""
    return Row(name, title, sides, goal, before, figure=figure, over=None, unit=" ms", rounds=3)


ROWS = [
    up("up-cloud", "512 MiB up to the cloud", {"ours": up_ours, "httpx": up_httpx, "sdk": up_sdk}, 1.15, "2.01"),
    up("up-async", "512 MiB up to the cloud, async", {"ours": up_async_ours, "httpx": up_async_httpx}, 1.15, "1.42"),
    up("up-input", "512 MiB in an input, hashed and sent", {"ours": up_input_ours, "httpx": up_httpx}, 1.15, ""),
    up("up-input-async", "512 MiB in an input, hashed and sent, async", UP_INPUT_ASYNC, 1.15, ""),
    up(
        "up-comfyui",
        "512 MiB up to a ComfyUI",
        {"ours": up_comfyui_ours, "httpx": up_httpx, "simplified": up_simplified},
        1.05,
        "1.67",
    ),
    Row(
        "down",
        "512 MiB down, sync, over bare httpx to a file",
        {"ours": down_ours, "httpx": down_httpx, "sdk": down_sdk},
        goal=0.8,
        before="1.26",
        rounds=3,
    ),
    Row("down-async", "512 MiB down, async", DOWN_ASYNC, goal=0.8, before="1.26", rounds=3),
    Row("files", "64 files of 4 MiB down, sync", {"ours": many_ours, "httpx": many_httpx}, goal=1.0, before="1.06"),
    Row("files-async", "64 files of 4 MiB down, async", MANY_ASYNC, goal=1.0, before="1.13"),
    longest(
        "stall-up", "longest stall of the loop while hashing and sending 512 MiB", UP_INPUT_ASYNC, "stall", 20, STALL
    ),
    longest("stall-down", "longest stall of the loop while saving 512 MiB", DOWN_ASYNC, "stall", 20, STALL),
    longest(
        "save-names",
        "`Outputs.save` with 10,000 outputs before the first file",
        {"ours": names_ours},
        "first",
        50,
        "6.6 s",
    ),
]
