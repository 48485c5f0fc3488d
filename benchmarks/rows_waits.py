"""Rows about waiting: how late an end is noticed, and what many short jobs cost."""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import httpx
from data import sleeping
from harness import Figures, Row
from rows_calls import simplified_client
from rows_transfers import fetch_async, folder

from comfy_cloud import AsyncComfyCloud, ComfyCloud

SOCKET_JOBS = 10
# Seconds of a job. A peer that connects after its submit must not miss the end.
SOCKET_SECONDS = 0.5
# Seconds of a job, and how many of them are waited for, one after the other.
POLLED = {0.2: 20, 1.0: 12, 3.0: 8, 10.0: 4, 60.0: 1}
JOBS = 1000
IN_FLIGHT = 50


def lateness(url: str, job_id: str, returned: float) -> float:
    """Return how many seconds after its end a wait returned."""
    with urlopen(f"{url}/ended/{job_id}") as response:  # noqa: S310
        return returned - float(json.load(response))


def late_in_turn(url: str, run: Callable[[], str]) -> Figures:
    run()
    late = [lateness(url, job_id, returned) * 1000 for job_id, returned in (timed(run) for _ in range(SOCKET_JOBS))]
    return {"median": statistics.median(late), "worst": max(late)}


def timed(run: Callable[[], str]) -> tuple[str, float]:
    job_id = run()
    return job_id, time.monotonic()


def socket_ours(url: str) -> Iterator[Figures]:
    with ComfyCloud("key", base_url=url) as cloud:
        yield {}
        yield late_in_turn(url, lambda: cloud.run(sleeping(SOCKET_SECONDS)).id)


def socket_simplified(url: str) -> Iterator[Figures]:
    client = simplified_client(url)
    yield {}
    yield late_in_turn(url, lambda: asyncio.run(client.queue_prompt_and_wait(sleeping(SOCKET_SECONDS)))[0])


def polling_ours(url: str) -> Iterator[Figures]:
    """Wait for jobs of each length by polling only, each length with a client of its own, all lengths side by side."""
    worst: dict[float, float] = {}

    def poll(seconds: float) -> None:
        with ComfyCloud("key", base_url=url, live=False) as cloud:
            ends = [timed(lambda: cloud.run(sleeping(seconds)).id) for _ in range(POLLED[seconds])]
        worst[seconds] = max(lateness(url, *end) for end in ends)

    yield {}
    threads = [threading.Thread(target=poll, args=(seconds,)) for seconds in POLLED]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shares = [late / min(seconds / 10, 1.5) for seconds, late in worst.items()]
    yield {f"late after {seconds:g} s (ms)": late * 1000 for seconds, late in worst.items()} | {"share": max(shares)}


def instant_threads_ours(url: str) -> Iterator[Figures]:
    with (
        folder() as place,
        ComfyCloud("key", base_url=f"{url}/cloud") as cloud,
        ThreadPoolExecutor(IN_FLIGHT) as threads,
    ):

        def one(number: int) -> None:
            cloud.run(sleeping()).outputs.save(place / str(number))

        one(-1)
        yield {}
        started = time.process_time()
        list(threads.map(one, range(JOBS)))
        yield {"job": (time.process_time() - started) * 1000 / JOBS}


async def instant_async_ours(url: str) -> AsyncIterator[Figures]:
    with folder() as place:
        async with AsyncComfyCloud("key", base_url=f"{url}/cloud") as cloud:

            async def one(number: int) -> None:
                job = await cloud.run(sleeping())
                await job.outputs.save(place / str(number))

            await one(-1)
            yield {}
            yield await in_flight(one)


async def instant_async_httpx(url: str) -> AsyncIterator[Figures]:
    with folder() as place:
        async with httpx.AsyncClient(base_url=f"{url}/cloud", follow_redirects=True) as client:

            async def one(number: int) -> None:
                job_id = (await client.post("/api/prompt", json={"prompt": sleeping()})).json()["prompt_id"]
                while (job := (await client.get(f"/api/jobs/{job_id}")).json())["status"] != "completed":
                    await asyncio.sleep(0.25)
                target = place / str(number)
                await asyncio.to_thread(Path.mkdir, target)
                for file in job["outputs"]["9"]["images"]:
                    await fetch_async(client, file["filename"], target / file["filename"])

            await one(-1)
            yield {}
            yield await in_flight(one)


async def in_flight(one: Callable[[int], object]) -> Figures:
    free = asyncio.Semaphore(IN_FLIGHT)

    async def held(number: int) -> None:
        async with free:
            await one(number)  # type: ignore[misc]

    started = time.process_time()
    await asyncio.gather(*map(held, range(JOBS)))
    return {"job": (time.process_time() - started) * 1000 / JOBS}


SOCKET = {"ours": socket_ours, "simplified": socket_simplified}

ROWS = [
    Row(
        "late",
        "late after the server is done, WebSocket, ComfyUI's order of messages: median",
        SOCKET,
        goal=5,
        before="7 to 56 ms",
        figure="median",
        over=None,
        unit=" ms",
        rounds=3,
    ),
    Row(
        "late-worst",
        "the same: worst",
        SOCKET,
        goal=60,
        before="",
        figure="worst",
        over=None,
        unit=" ms",
        rounds=3,
    ),
    Row(
        "late-polling",
        "the same, polling only, over a tenth of the job or 1.5 s, jobs of 0.2, 1, 3, 10, 60 s: worst",
        {"ours": polling_ours},
        goal=1.0,
        before="29 to 3,075 ms",
        figure="share",
        over=None,
        rounds=1,
    ),
    Row(
        "instant-async",
        "1,000 instant jobs, 50 in flight, saved: CPU a job, async",
        {"ours": instant_async_ours, "httpx": instant_async_httpx},
        goal=4.0,
        before="7.8 ms (by hand 5.3)",
        figure="job",
        over=None,
        unit=" ms",
        rounds=2,
    ),
    Row(
        "instant-threads",
        "the same, threads",
        {"ours": instant_threads_ours},
        goal=3.0,
        before="4.3 ms",
        figure="job",
        over=None,
        unit=" ms",
        rounds=2,
    ),
]
