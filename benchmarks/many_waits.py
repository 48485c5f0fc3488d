"""Wait for many jobs at once, while two busy processes share the cores, and count what that costs the server.

    python benchmarks/many_waits.py [--jobs 500] [--flavour asyncio|threads] [--live]

The emulator runs in a process of its own. Prints the requests by operation, the highest number of requests for the list
of active jobs in any second, and what went wrong, which must be nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from comfy_cloud import AsyncComfyCloud, ComfyCloud, JobStatus
from comfy_cloud.testing import Emulator

SECONDS = 15.0  # between the first job that is submitted and the end of the last
GRAPH: dict[str, Any] = {"1": {"class_type": "EmulatorText", "inputs": {"text": "done"}}}


def serve(pipe: Connection, jobs: int) -> None:
    """Hold all jobs until told to go on, and send the journal when asked."""
    with Emulator(max_concurrent_jobs=jobs) as server:
        server.pause()
        pipe.send((server.api_key, server.url))
        while (order := pipe.recv()) != "stop":
            if order == "go":
                server.resume()
            elif order == "clear":
                server.journal.clear()
            else:
                pipe.send([(entry.operation, entry.time) for entry in server.journal])


def burn() -> None:
    """Use all the time that a core has."""
    while True:
        sum(range(10_000))


def outcome(status: JobStatus | None, error: BaseException | None) -> str:
    return type(error).__name__ if error is not None else str(status)


def wait_in_threads(key: str, url: str, ids: list[str], live: bool) -> list[str]:
    with ComfyCloud(key, base_url=url, live=live) as cloud, ThreadPoolExecutor(len(ids)) as threads:
        futures = [threads.submit(cloud.job(job_id).wait, 300) for job_id in ids]
        return [
            outcome(None, error) if (error := future.exception()) else outcome(future.result().status, None)
            for future in futures
        ]


async def wait_in_tasks(key: str, url: str, ids: list[str], live: bool) -> list[str]:
    async with AsyncComfyCloud(key, base_url=url, live=live) as cloud:
        results = await asyncio.gather(*(cloud.job(job_id).wait(300) for job_id in ids), return_exceptions=True)
    return [
        outcome(None, result) if isinstance(result, BaseException) else outcome(result.status, None)
        for result in results
    ]


def submit_all(key: str, url: str, number: int) -> list[str]:
    with ComfyCloud(key, base_url=url, live=False) as cloud, ThreadPoolExecutor(8) as threads:
        return [job.id for job in threads.map(lambda _: cloud.submit(GRAPH), range(number))]


def measure(flavour: str, number: int, live: bool) -> None:
    pipe, other = multiprocessing.Pipe()
    processes = [multiprocessing.Process(target=serve, args=(other, number), daemon=True)]
    processes += [multiprocessing.Process(target=burn, daemon=True) for _ in range(2)]
    for process in processes:
        process.start()
    try:
        key, url = pipe.recv()
        ids = submit_all(key, url, number)
        pipe.send("clear")
        timer = multiprocessing.Process(target=go_later, args=(pipe,), daemon=True)
        timer.start()
        started = time.monotonic()
        if flavour == "threads":
            results = wait_in_threads(key, url, ids, live)
        else:
            results = asyncio.run(wait_in_tasks(key, url, ids, live))
        took = time.monotonic() - started
        timer.join()
        pipe.send("journal")
        entries = pipe.recv()
    finally:
        for process in processes:
            process.kill()
            process.join()
    lists = Counter(int(when) for operation, when in entries if operation in ("listJobs", "getQueueInfo"))
    print(f"{flavour}, {'live' if live else 'polling'}: {number} jobs in {took:.1f} s, {dict(Counter(results))}")
    print(f"  requests: {dict(Counter(operation or 'websocket' for operation, _ in entries))}")
    print(f"  lists: {sum(lists.values()) / took:.2f} a second, at most {max(lists.values(), default=0)} in one second")


def go_later(pipe: Connection) -> None:
    time.sleep(SECONDS)
    pipe.send("go")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--flavour", choices=["asyncio", "threads"], action="append")
    parser.add_argument("--live", action="store_true")
    options = parser.parse_args()
    for flavour in options.flavour or ["asyncio", "threads"]:
        measure(flavour, options.jobs, options.live)


if __name__ == "__main__":
    main()
