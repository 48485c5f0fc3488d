"""Rows about what can be many: how the CPU time of one piece of work grows with their number."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from data import graph, identity, sleeping
from harness import Figures, Row
from rows_calls import jobs_page

from comfy_cloud import ComfyCloud, Workflow

NUMBERS = (10, 100, 1_000, 10_000)
# How much faster than linear the cost may grow before the table flags it: caches of a processor and the garbage
# collector make each of many objects a little dearer.
LINEAR = 1.25


def growing(work: Callable[[ComfyCloud, int], Callable[[], Any]]) -> Callable[[str], Iterator[Figures]]:
    """Return a side that measures what `work` returns, for each number."""

    def side(url: str) -> Iterator[Figures]:
        with ComfyCloud("key", base_url=url) as cloud:
            work(cloud, 2)()
            yield {}
            costs: Figures = {}
            for number in NUMBERS:
                costs[str(number)] = least(partial(work, cloud, number))
            yield costs

    return side


def least(prepare: Callable[[], Callable[[], Any]]) -> float:
    """Return the CPU seconds of what `prepare` returns, the least of three where they are few.

    Whatever else the machine does is the larger part of a millisecond. So is a full pass of the garbage collector over
    what was prepared, which is made before.
    """
    took: list[float] = []
    while not took or (len(took) < 3 and took[0] < 0.1):
        prepared = prepare()
        gc.collect()
        started = time.process_time()
        prepared()
        took.append(time.process_time() - started)
    return min(took)


def decode(_cloud: ComfyCloud, number: int) -> Callable[[], Any]:
    from comfy_cloud.raw.models import JobsListResponse

    content = jobs_page(number)
    return lambda: [job.id for job in JobsListResponse.from_dict(json.loads(content)).jobs]


def pages(cloud: ComfyCloud, number: int) -> Callable[[], Any]:
    return lambda: list(cloud.jobs.list(workflow_id=str(number)))


def events(cloud: ComfyCloud, number: int) -> Callable[[], Any]:
    """Run a job of so many nodes, each of which sends a message."""
    return partial(cloud.run, sleeping(frames=number) | graph(number), on_event=lambda _: None)


def outputs(cloud: ComfyCloud, number: int) -> Callable[[], Any]:
    """Read the outputs of so many nodes, then look up those of each node by its id and by its title."""
    job = cloud.jobs.get(f"nodes-1-{number}")

    def work() -> None:
        job.refresh()
        for node in range(number):
            assert job.outputs[str(node)][0] is job.outputs[f"Save {node}"][0]

    return work


def titles(_cloud: ComfyCloud, number: int) -> Callable[[], Any]:
    """Look up each node of a workflow by its title."""
    workflow = Workflow(graph(number))
    return lambda: [workflow[f"Sampler {n}"] for n in range(10, number + 1)]


def nodes(cloud: ComfyCloud, number: int) -> Callable[[], Any]:
    return partial(cloud.submit, Workflow(graph(number)))


def followed(cloud: ComfyCloud, number: int) -> Callable[[], Any]:
    return partial(cloud.wait, [identity(n) for n in range(number)])


def row(name: str, title: str, work: Callable[[ComfyCloud, int], Callable[[], Any]]) -> Row:
    return Row(name, title, {"ours": growing(work)}, LINEAR, "", over=None, rounds=1, growth=True)


ROWS = [
    row("many-jobs", "jobs decoded", decode),
    row("many-pages", "jobs listed, in pages of 100", pages),
    row("many-events", "events of a job with as many nodes", events),
    row("many-outputs", "outputs of a job read, and `outputs[id]` and `outputs[title]` of each node", outputs),
    row("many-titles", "`workflow[title]` of each node", titles),
    row("many-nodes", "nodes submitted", nodes),
    row("many-followed", "jobs waited for at once", followed),
]
