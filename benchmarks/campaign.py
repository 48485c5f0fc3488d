"""Run single jobs while faults strike at random, and count what was paid, lost or left.

    python benchmarks/campaign.py [--jobs 500] [--seed 1] [--at-once 12]

The emulator orders a dozen kinds of faults at once, each for a few percent of all requests, and others every few jobs;
a seed chooses them. Half of the jobs go through the sync client in threads, half through the async one in tasks. Each
is run, or submitted and waited for, and its files are saved. Afterwards each job that the server accepted must be known
to its caller, by a result or by the id in an error; none may be there twice; each file must have its bytes; nothing may
be left. Exits with 1 if not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError, RetryPolicy
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator, Fault

FAULTS: Final = (
    *(("*", Fault.close(where)) for where in ("before", "middle", "after")),
    *(("*", Fault.status(status)) for status in (429, 500, 502, 503, 504, 522)),
    *(("*", Fault.status(status, body="html")) for status in (404, 502)),
    *(("*", Fault.stall(0.3, where=where)) for where in ("before", "middle")),
    *(("*", fault) for fault in (Fault.lose_answer(), Fault.truncate(), Fault.lengthen(), Fault.break_gzip())),
    *(("*", Fault.status(503, retry_after=seconds)) for seconds in (0.01, 86_400)),
    *(("executePrompt", fault) for fault in (Fault.lose_answer(), Fault.close("middle"), Fault.status(502))),
    *(("executePrompt", Fault.stall(0.5, where=where)) for where in ("before", "middle")),
    *(("storage", fault) for fault in (Fault.close("middle"), Fault.truncate(), Fault.expire_address())),
    *(("socket", fault) for fault in (Fault.drop(), Fault.silence(), Fault.junk(), Fault.bad_frame())),
    ("connection", Fault.refuse()),
)
AT_ONCE: Final = 10  # kinds of faults
CHANGE: Final = 20  # jobs after which others are ordered
OPTIONS: Final[dict[str, Any]] = {
    "retry": RetryPolicy(base_delay=0.02, max_delay=0.2),
    "timeout": 0.25,
    "total_timeout": 2.0,
}
QUICK: Final = Timing(poll_first=0.02, poll_early=0.1, poll_longest=0.2, list_spacing=0.05, submit_lookup=1.0)
REQUESTS_EACH: Final = 120  # requests of a job at most, on the average


def graph_of(number: int) -> dict[str, Any]:
    """Return a workflow whose outputs tell its number."""
    picture = {"kind": "images", "filename": f"{number}.png", "content": content_of(number)}
    return {
        "1": {"class_type": "EmulatorFiles", "inputs": picture},
        "2": {"class_type": "EmulatorText", "inputs": {"text": str(number)}},
    }


def content_of(number: int) -> str:
    return f"job {number}\n" * (1 + number % 700)


class Storm:
    """The faults of the moment, chosen by a seed."""

    def __init__(self, server: Emulator, seed: int) -> None:
        self._server = server
        self._random = random.Random(seed)  # noqa: S311 - faults, not secrets
        self._lock = threading.Lock()
        self._begun = 0
        self.struck = 0

    def begin(self) -> None:
        """Count a job, and order others when it is time."""
        with self._lock:
            if self._begun % CHANGE == 0:
                self.end()
                for operation, fault in self._random.sample(FAULTS, AT_ONCE):
                    chance, seed = self._random.uniform(0.01, 0.08), self._random.randrange(1 << 30)
                    if operation != "*":
                        chance *= 4
                    self._server.fail(operation, fault, count=10**9, probability=chance, seed=seed)
            self._begun += 1

    def end(self) -> None:
        """Let the sun shine."""
        self.struck += self._server.faults.applied
        self._server.faults.clear()


class Outcome:
    """How one job came out, as its caller sees it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.ids: set[str] = set()
        self.paths: list[Path] = []
        self.errors: list[str] = []
        self.foreign: list[str] = []

    def failed(self, error: BaseException) -> None:
        """Take note of an exception."""
        self.ids |= {known for name in ("job_id", "submission_id") if (known := getattr(error, name, None))}
        self.errors.append(type(error).__name__)
        if not isinstance(error, ComfyCloudError):
            self.foreign.append(repr(error))


async def work(cloud: Any, number: int, folder: Path, storm: Storm) -> Outcome:
    """Make one job in one of three ways, of whichever flavour, and save its files."""
    outcome, graph = Outcome(number), graph_of(number)
    storm.begin()
    job = None
    try:
        if number % 3 == 0:
            job = await given(cloud.submit(graph))
            outcome.ids.add(job.id)
            await given(job.wait(8))
        elif number % 3 == 1:
            job = await given(cloud.run(graph, timeout=8, on_event=listen))
        else:
            job = await given(cloud.run(graph, timeout=8))
        outcome.ids.add(job.id)
        outcome.paths = await given(job.outputs.save(folder / str(number)))
    except BaseException as error:  # noqa: BLE001 - what is foreign is counted
        outcome.failed(error)
    return outcome


def listen(event: object) -> None:
    """Have the events told."""


async def given(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


def in_threads(server: Emulator, numbers: list[int], folder: Path, storm: Storm, at_once: int) -> list[Outcome]:
    with ComfyCloud(server.api_key, base_url=server.url, **OPTIONS) as cloud:
        cloud._connection.timing = QUICK
        with ThreadPoolExecutor(at_once) as threads:
            return list(threads.map(lambda number: asyncio.run(work(cloud, number, folder, storm)), numbers))


async def in_tasks(server: Emulator, numbers: list[int], folder: Path, storm: Storm, at_once: int) -> list[Outcome]:
    free = asyncio.Semaphore(at_once)
    async with AsyncComfyCloud(server.api_key, base_url=server.url, **OPTIONS) as cloud:
        cloud._connection.timing = QUICK

        async def one(number: int) -> Outcome:
            async with free:
                return await work(cloud, number, folder, storm)

        outcomes = await asyncio.gather(*map(one, numbers))
    assert len(asyncio.all_tasks()) == 1, "tasks are left"
    return outcomes


def judge(server: Emulator, outcomes: list[Outcome], folder: Path) -> list[str]:
    """Return the promises that are broken."""
    broken = [f"job {outcome.number}: {why}" for outcome in outcomes for why in outcome.foreign]
    engine = server._backend.engine
    accepted = [*engine.finished(), *engine.running(), *engine.pending()]
    made = Counter(int(job.prompt["2"]["inputs"]["text"]) for job in accepted)
    broken += [f"job {number} was submitted {count} times" for number, count in made.items() if count > 1]
    by_number = {outcome.number: outcome for outcome in outcomes}
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as cloud:
        for job in accepted:
            number = int(job.prompt["2"]["inputs"]["text"])
            outcome = by_number[number]
            if job.id not in outcome.ids:
                broken.append(f"job {number} is {job.id}, and its caller knows {outcome.ids}: {outcome.errors}")
            elif not outcome.paths:  # taken up again by the id that the error told
                with suppress(ComfyCloudError):
                    outcome.paths = cloud.job(job.id).wait(30).outputs.save(folder / str(number))
    for outcome in outcomes:
        names = {path.name for path in (folder / str(outcome.number)).glob("*")}
        if left := [name for name in names if name.endswith(".part")]:
            broken.append(f"job {outcome.number} left {left}")
        if made[outcome.number] and len(outcome.paths) != 2:
            broken.append(f"job {outcome.number} was paid for and has no files: {outcome.errors}")
        for path in outcome.paths:
            wanted = content_of(outcome.number) if path.suffix == ".png" else str(outcome.number)
            if path.read_text() != wanted:
                broken.append(f"{path} has other bytes")
    if server.storage_keys_seen:
        broken.append("the key went to the storage")
    return broken


def campaign(jobs: int, seed: int, at_once: int, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return what was counted, and the promises that are broken."""
    begun, threads = time.monotonic(), threading.active_count()
    with Emulator(max_concurrent_jobs=8, max_queued_jobs=10 * at_once) as server:
        storm = Storm(server, seed)
        outcomes = in_threads(server, list(range(0, jobs, 2)), folder, storm, at_once)
        outcomes += asyncio.run(in_tasks(server, list(range(1, jobs, 2)), folder, storm, at_once))
        storm.end()
        asked = len(server.journal)
        errors = Counter(error for outcome in outcomes for error in outcome.errors)
        broken = judge(server, outcomes, folder)
    if asked > jobs * REQUESTS_EACH:
        broken.append(f"{asked} requests")
    if threading.active_count() > threads:
        broken.append(f"threads are left: {threading.enumerate()}")
    counted = {
        "jobs": jobs,
        "faults": storm.struck,
        "requests": asked,
        "returned": sum(not outcome.errors for outcome in outcomes),
        "raised": dict(errors),
        "seed": seed,
        "seconds": round(time.monotonic() - begun, 1),
    }
    return counted, broken


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=12)
    options = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # the emulator's own, of connections that a fault has cut
    with tempfile.TemporaryDirectory() as folder:
        counted, broken = campaign(options.jobs, options.seed, options.at_once, Path(folder))
    print(json.dumps(counted, indent=2))
    print("\n".join(broken) or "nothing lost, nothing paid twice, nothing left")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
