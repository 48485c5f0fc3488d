"""Run a batch whose process is killed again and again, while submit answers are lost, and count what was paid.

    python benchmarks/soak.py [--rows 10000] [--kills 100] [--lost 0.2] [--forgets] [--window 64] [--seed 1]

The emulator runs in this process, the batch in one that gets SIGKILL at random moments and is started again. On a
server that keeps our ids, submits, jobs and files must equal the rows, and every file its expected bytes. With
`--forgets` the server keeps none: no row may be submitted twice, and every row must be done or uncertain. Exits with 1
if not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from comfy_cloud import ComfyCloud, ItemState, Workflow, sweep
from comfy_cloud.testing import Emulator, Fault

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmulatorFiles", "inputs": {"kind": "images", "filename": "made.png", "content": "0"}}
}


def work(folder: Path, url: str, rows: int, window: int) -> None:
    """Be the process that is killed."""
    with ComfyCloud(os.environ["SOAK_KEY"], base_url=url) as cloud:
        # Here a job is known at once, and a job that cannot be found is looked for as long as it takes to be sure: of
        # ten thousand rows, two thousand would take ten seconds each.
        cloud._connection.timing = replace(cloud._connection.timing, submit_lookup=0.5)
        run(cloud, folder, rows, window)


def run(cloud: ComfyCloud, folder: Path, rows: int, window: int) -> None:
    """Run the batch, and print what that took."""
    with cloud.batch(folder) as batch:
        batch.add(sweep(Workflow(GRAPH), {"1.content": [f"row {number}" for number in range(rows)]}))
        print("running", flush=True)
        begun, count, early = time.process_time(), 0, 0
        for count, _ in enumerate(batch.run(window=window), 1):
            if count == 100:
                early = peak_kb()
        usage = {
            "rows": count,
            "cpu_ms_a_row": round(1000 * (time.process_time() - begun) / max(1, count), 2),
            "peak_kb_at_row_100_and_at_the_end": [early, peak_kb()],
        }
        print(json.dumps(usage), flush=True)


def peak_kb() -> int:
    """Return the most memory that this process has had, in KiB.

    The counter of `getrusage` does not do: on Linux it begins with the memory of the process that started this one,
    which here is the emulator with all its jobs.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def soak(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return what was counted."""
    rng = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with Emulator(
        max_concurrent_jobs=32, max_queued_jobs=options.window * 2, keeps_submission_ids=not options.forgets
    ) as server:
        command = [sys.executable, __file__, "--rows", str(options.rows), "--window", str(options.window)]
        command += ["--work", str(folder), "--url", server.url]
        if options.lost:
            server.fail("executePrompt", Fault.lose_answer(), count=None, probability=options.lost, seed=options.seed)
        kills, begun, usage = 0, time.monotonic(), {}
        while True:
            environment = {**os.environ, "SOAK_KEY": server.api_key}
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
                assert child.stdout is not None
                child.stdout.readline()
                if kills < options.kills:
                    # By the number of submits and not by the clock: each kill then falls into the middle of the work.
                    wanted = len(server.journal.of("executePrompt")) + rng.randint(
                        1, max(2, options.rows // options.kills)
                    )
                    with contextlib.suppress(TimeoutError):
                        server.journal.wait_for("executePrompt", count=wanted, timeout=20)
                    time.sleep(rng.random() / 50)
                    if child.poll() is None:
                        child.send_signal(signal.SIGKILL)
                        child.wait()
                        kills += 1
                        continue
                last = child.stdout.read().strip()
                usage = json.loads(last.splitlines()[-1]) if last else {}
            if child.returncode:
                raise SystemExit(f"the batch failed with {child.returncode}")
            break
        seconds = time.monotonic() - begun
        requests = Counter(entry.operation for entry in server.journal)
        # A request that its client was killed in the middle of has no status: the server never took it.
        answers = Counter(entry.status for entry in server.journal.of("executePrompt"))
        with ComfyCloud(server.api_key, base_url=server.url) as cloud, cloud.batch(folder) as batch:
            items = batch.items()
            jobs = Counter(job.id for job in cloud.jobs.list())
    done = [item for item in items if item.state is ItemState.DONE]
    wrong = [item.key for item in done if [path.read_text() for path in item.paths] != [item.params["1.content"]]]
    return {
        "rows": len(items),
        "submits": answers[200],
        "submits cut off by a kill": answers[None],
        "jobs": len(jobs),
        "files": len(list(folder.glob("*/*"))),
        "states": {str(state): count for state, count in Counter(item.state for item in items).items()},
        "wrong files": len(wrong),
        "kills": kills,
        "requests": {str(name): count for name, count in requests.items()},
        "seconds": round(seconds, 1),
        "last process": usage,
    }


def verdict(counted: dict[str, Any], options: argparse.Namespace) -> list[str]:
    """Return what is wrong."""
    states, rows = counted["states"], counted["rows"]
    wrong = [f"{name} is {counted[name]}, not {rows}" for name in ("submits", "jobs") if counted[name] > rows]
    if not options.forgets:
        wrong += [
            f"{name} is {counted[name]}, not {rows}" for name in ("submits", "jobs", "files") if counted[name] != rows
        ]
        wrong += [] if states == {"done": rows} else [f"states are {states}"]
    elif set(states) - {"done", "uncertain"}:
        wrong.append(f"states are {states}")
    return wrong + ([f"{counted['wrong files']} files are wrong"] if counted["wrong files"] else [])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--lost", type=float, default=0.2)
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forgets", action="store_true")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.url, options.rows, options.window)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        counted = soak(Path(folder) / "batch", options)
    print(json.dumps(counted, indent=2))
    wrong = verdict(counted, options)
    print("\n".join(wrong) or "as it must be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
