"""Run the sides of a row in turns, each in a process of its own, and judge them by the median of all turns.

A side is a generator function, async or not: it prepares itself, yields, and does its work each time it is resumed,
which is what is measured. It may yield a dict of figures of its own after its work. A side that is a string is the
source of a program for a bare interpreter; all of it is measured, but for the start of the interpreter.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any, TypeAlias

FOLDER = Path(__file__).parent
Side: TypeAlias = Callable[[str], Any] | str
Figures: TypeAlias = dict[str, float]


@dataclass(frozen=True)
class Row:
    """A line of the table. `figure` is what counts: `cpu` or `wall` (seconds), `stall` (ms), or what its sides yield.

    It is divided by that of the side `over` in the same turn, or by nothing if there is none. `before` is the figure
    when this was first measured, `goal` the one to reach; it is met by at most as much.

    In each of the `rounds` every side has a new process, and `turns` turns in it. Several rounds, since processes of
    one program differ in where their memory lies. Several turns where the work is short, since a busy moment of the
    machine then meets one turn of a side, or both of a pair.
    """

    name: str
    title: str
    sides: dict[str, Side]
    goal: float | None
    before: str
    figure: str = "cpu"
    over: str | None = "httpx"
    unit: str = ""
    rounds: int = 5
    turns: int = 1
    growth: bool = field(default=False, kw_only=True)


# Runs a program in a process that has imported nothing else, by the rules of `serve`.
ENVELOPE = """
import sys, time, resource
print("{}", flush=True)
sys.stdin.readline()
started = time.perf_counter(), time.process_time()
exec(compile(sys.argv[1], "side", "exec"), {"URL": sys.argv[2]})
ended = time.perf_counter(), time.process_time()
figures = {"cpu": ended[1] - started[1], "wall": ended[0] - started[0]}
import json
print(json.dumps({**figures, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
"""


class SideFailedError(Exception):
    """The process of a side ended before its turn did."""


@contextmanager
def side_process(row: Row, side: str, url: str) -> Iterator[Callable[[], Figures]]:
    """Start one side in a process of its own, and yield what has it take a turn and returns the figures."""
    source = row.sides[side]
    options = ["-c", ENVELOPE, source, url] if isinstance(source, str) else [str(FOLDER), "side", row.name, side, url]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen([sys.executable, *options], stdin=pipe, stdout=pipe, stderr=errors, text=True) as process,  # noqa: S603
    ):
        orders, answers = process.stdin, process.stdout
        assert orders is not None
        assert answers is not None

        def figures() -> Figures:
            line = answers.readline()
            if not line:
                errors.seek(0)
                raise SideFailedError(f"{row.name}, {side}:\n{errors.read()}")
            read: Figures = json.loads(line)
            return read

        def turn() -> Figures:
            print(file=orders, flush=True)
            return figures()

        figures()  # when it is prepared
        yield turn


def serve(side: Callable[[str], Any], url: str) -> None:
    """Be the process of a side: say when it is prepared, and then take a turn for each line that comes."""
    answers, sys.stdout = sys.stdout, sys.stderr  # a peer may print
    with prepared(side, url) as turn:
        print("{}", file=answers, flush=True)
        for _ in sys.stdin:
            print(json.dumps(turn()), file=answers, flush=True)


@contextmanager
def prepared(side: Callable[[str], Any], url: str) -> Iterator[Callable[[], Figures]]:
    """Prepare a side in this process, and yield what takes a turn of it and returns the figures."""
    work = side(url)
    if not inspect.isasyncgen(work):
        next(work)
        yield lambda: _measured(work)
        work.close()
        return
    with asyncio.Runner() as runner:
        run = runner.get_loop().run_until_complete
        run(anext(work))
        yield lambda: run(_measured_async(work))
        run(work.aclose())


def _measured(work: Iterator[Figures | None]) -> Figures:
    started = _now()
    own = next(work, None) or {}
    return {**_since(started), **own}


async def _measured_async(work: AsyncIterator[Figures | None]) -> Figures:
    started = _now()
    with longest_stall() as stalls:
        own = await anext(work, None) or {}
    walls, cpus = zip(*stalls, strict=True)
    return {**_since(started), **own, "stall": max(walls) * 1000, "stall_cpu": max(cpus) * 1000}


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(started: tuple[float, float]) -> Figures:
    wall, cpu = _now()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": wall - started[0], "cpu": cpu - started[1], "peak": peak}


@contextmanager
def longest_stall() -> Iterator[list[tuple[float, float]]]:
    """Collect how long each callback of the event loop takes: nothing else runs meanwhile. Wall and CPU seconds."""
    took: list[tuple[float, float]] = [(0.0, 0.0)]
    run = asyncio.events.Handle._run

    def timed(handle: asyncio.events.Handle) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        run(handle)
        took.append((time.perf_counter() - wall, time.thread_time() - cpu))

    asyncio.events.Handle._run = timed  # type: ignore[method-assign]
    try:
        yield took
    finally:
        asyncio.events.Handle._run = run  # type: ignore[method-assign]


@contextmanager
def stub() -> Iterator[str]:
    """Run the server in a process of its own; yield its URL."""
    command = [sys.executable, str(FOLDER / "stub.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def run_row(row: Row, url: str, rounds: int) -> dict[str, list[Figures]]:
    """Return the figures of each turn of each side. A peer that fails, or is not installed, is left out and named.

    The sides take turns, so that a busy minute meets all.
    """
    found: dict[str, list[Figures]] = {side: [] for side in row.sides}
    for _ in range(rounds):
        with ExitStack() as stack:
            turns: dict[str, Callable[[], Figures]] = {}
            for number in range(row.turns + 1):
                for side in list(found):
                    try:
                        if number == 0:
                            turns[side] = stack.enter_context(side_process(row, side, url))
                        else:
                            found[side].append(turns[side]())
                    except SideFailedError as error:
                        if side == "ours":
                            raise
                        print(f"{row.name}, {side}: {str(error).splitlines()[-1]}", file=sys.stderr)
                        del found[side]
    return found


def medians(turns: list[Figures]) -> Figures:
    return {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}


def judged(row: Row, sides: dict[str, list[Figures]]) -> dict[str, float]:
    """Return the figure of each side that counts: the median of its ratios to `row.over`, each within one turn."""
    if row.growth:
        return {side: exponent(medians(turns)) for side, turns in sides.items()}
    if row.over is None:
        return {side: medians(turns)[row.figure] for side, turns in sides.items()}
    # Without its peer a row has no figure, and says so.
    base = [turn[row.figure] for turn in sides[row.over]] if row.over in sides else repeat(math.nan)
    return {
        side: statistics.median(turn[row.figure] / other for turn, other in zip(turns, base, strict=False))
        for side, turns in sides.items()
        if side != row.over
    }


def exponent(figures: Figures) -> float:
    """Return how the cost grows from the second largest number to the largest: 0 is flat, 1 linear, 2 quadratic."""
    (few, cheap), (many, dear) = sorted((float(n), cost) for n, cost in figures.items() if n.isdigit())[-2:]
    return math.log(dear / cheap) / math.log(many / few)


def machine() -> str:
    """Return what the figures were measured on."""
    model = "unknown processor"
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"{os.cpu_count()} cores of {model}, {sys.platform}, Python {sys.version.split()[0]}"
