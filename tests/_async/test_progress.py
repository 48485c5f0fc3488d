"""Progress of a whole workflow: it never goes back, and ends at 1.0, whatever the workflow and the server are like."""

from __future__ import annotations

import io
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from PIL import Image

from comfy_cloud import (
    AsyncComfyCloud,
    JobCompleted,
    JobEvent,
    JobFailedError,
    JobProgress,
    Preview,
    show_progress,
)
from comfy_cloud._async import watch
from comfy_cloud._core.watch import Timing
from comfy_cloud._progress import ProgressLine
from comfy_cloud.testing import Emulator

pytestmark = pytest.mark.anyio

QUICK = Timing(poll_first=0.005, poll_longest=0.02, unknown_grace=0.05, outputs_grace=0.05)


def node(class_type: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs, **({"_meta": {"title": title}} if title else {})}


EMPTY = node("EmptyImage", width=8, height=8, batch_size=1, color=0)
SAVE = node("SaveImage", images=["2", 0], filename_prefix="a")
CHAIN = {"1": EMPTY, "2": node("ImageInvert", image=["1", 0]), "3": SAVE}
STEPS = {**CHAIN, "4": node("EmulatorSleep", seconds=0.2, steps=10)}
# A node that no output needs, at the end of a branch of its own.
UNUSED = {**STEPS, "5": EMPTY, "6": node("ImageInvert", image=["5", 0])}
EXPANDING = {**CHAIN, "2": node("EmulatorExpand", image=["1", 0])}


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture(params=[True, False], ids=["live", "polling"])
async def cloud(server: Emulator, request: pytest.FixtureRequest) -> AsyncIterator[AsyncComfyCloud]:
    async with AsyncComfyCloud(server.api_key, base_url=server.url, live=request.param) as client:
        client._connection.timing = QUICK
        yield client


def told(events: list[JobEvent]) -> list[JobProgress]:
    """The progress among the events, checked for what holds everywhere."""
    found = [event for event in events if isinstance(event, JobProgress)]
    assert [event.fraction for event in found] == sorted(event.fraction for event in found)
    assert [event.done for event in found] == sorted(event.done for event in found)
    assert len({event.total for event in found}) <= 1
    assert all(0 <= event.fraction <= 1 and event.done <= event.total for event in found)
    assert len(found) == len(set(found)), "the same is not told twice"
    return found


@pytest.mark.parametrize("graph", [CHAIN, STEPS, UNUSED, EXPANDING], ids=["chain", "steps", "unused", "expanding"])
async def test_progress_grows_to_the_end(cloud: AsyncComfyCloud, graph: dict[str, Any]) -> None:
    """Of any workflow; the last of it comes before the end."""
    events: list[JobEvent] = []
    job = await cloud.run(graph, timeout=30, on_event=events.append)
    progress = told(events)
    last = progress[-1]
    assert (last.job_id, last.done, last.fraction) == (job.id, last.total, 1.0)
    assert last.total in (len(graph), len(graph) - len(graph.keys() & {"5", "6"}))
    assert isinstance(events[-1], JobCompleted)
    assert events[-2] == last


async def test_steps_of_a_node_count_in_part(server: Emulator) -> None:
    """A bar does not stand still while a sampler works for a minute."""
    events: list[JobEvent] = []
    async with AsyncComfyCloud(server.api_key, base_url=server.url) as cloud:
        await cloud.run(STEPS, timeout=30, on_event=events.append)
    between = [event for event in told(events) if event.done < event.fraction * event.total < event.total]
    assert len(between) >= 9


async def test_cached_nodes_count_as_done(server: Emulator) -> None:
    """A second run with another last node begins near the end."""
    async with AsyncComfyCloud(server.api_key, base_url=server.url) as cloud:
        await cloud.run(STEPS, timeout=30)
        events: list[JobEvent] = []
        await cloud.run(
            {**STEPS, "3": {**SAVE, "inputs": {**SAVE["inputs"], "filename_prefix": "b"}}},
            timeout=30,
            on_event=events.append,
        )
    assert told(events)[0].done >= 2
    assert told(events)[-1].fraction == 1.0


async def test_nodes_that_nobody_asked_for_do_not_count(cloud: AsyncComfyCloud) -> None:
    """Of a workflow of which one output is run."""
    events: list[JobEvent] = []
    await cloud.run(STEPS, outputs="4", timeout=30, on_event=events.append)
    assert {event.total for event in told(events)} == {1}


async def test_a_job_that_fails_does_not_end_at_one(cloud: AsyncComfyCloud) -> None:
    """A bar that is full says that it went well."""
    events: list[JobEvent] = []
    with pytest.raises(JobFailedError):
        await cloud.run({**CHAIN, "2": node("EmulatorFail", message="no")}, timeout=30, on_event=events.append)
    assert all(event.fraction < 1 for event in told(events))


async def test_a_job_of_another_process_has_progress_as_well(server: Emulator) -> None:
    """The queue has its workflow. A ComfyUI sends its messages to the client that submitted only."""
    server.pause()
    async with AsyncComfyCloud(server.api_key, base_url=server.url) as cloud:
        job = await cloud.submit(UNUSED)
        async with AsyncComfyCloud(server.api_key, base_url=server.url) as another:
            events: list[JobEvent] = []

            def note(event: JobEvent) -> None:
                events.append(event)
                server.resume()

            await another.job(job.id).wait(30, on_event=note)
    assert told(events)[-1].fraction == 1.0
    assert told(events)[-1].total == 4, "the queue tells the outputs, and so which nodes nobody needs"


async def test_pictures_of_the_websocket_come_as_previews(server: Emulator) -> None:
    """SaveImageWebsocket stores nothing: what is missed is lost, also where it is large and its job over at once."""
    noise = Image.effect_noise((700, 700), 90).convert("RGB")
    picture = io.BytesIO()
    noise.save(picture, "PNG")
    assert len(picture.getvalue()) > 1 << 18
    graph = {"1": node("LoadImage", image=""), "2": node("SaveImageWebsocket", images=["1", 0])}
    async with AsyncComfyCloud(server.api_key, base_url=server.url) as cloud:
        graph["1"]["inputs"]["image"] = picture.getvalue()
        events: list[JobEvent] = []
        await cloud.run(graph, timeout=30, on_event=events.append)
    (preview,) = [event for event in events if isinstance(event, Preview)]
    assert (preview.node_id, preview.mime_type) == ("2", "image/png")
    with Image.open(io.BytesIO(preview.image)) as found:
        assert found.size == (700, 700)
        assert found.convert("RGB").tobytes() == noise.tobytes()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def test_the_bar_is_one_line_for_the_whole_workflow(cloud: AsyncComfyCloud) -> None:
    """What a user of a terminal sees."""
    terminal = Terminal()
    await cloud.run(STEPS, timeout=30, on_event=show_progress(terminal))
    lines = terminal.getvalue().split("\r")
    assert "100% 4/4 done, 0:0" in lines[-1]
    assert "SaveImage" in terminal.getvalue() or not cloud._connection.socket, "the node at work, by its class"
    assert terminal.getvalue().count("\n") == 1


class Ticking(ProgressLine):
    """Lets the server go on once the time was drawn three times."""

    server: Emulator
    ticks = 0

    def tick(self) -> None:
        super().tick()
        self.ticks += 1
        if self.ticks == 3:
            self.server.resume()


async def test_the_time_is_drawn_while_a_job_waits(
    cloud: AsyncComfyCloud, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits in a long queue sees that the program is alive, between two answers of the server."""
    monkeypatch.setattr(watch, "PROGRESS_TICK", 0.001)
    terminal = Terminal()
    line = Ticking(terminal, clock=itertools.count().__next__)
    line.server = server
    server.pause()
    await cloud.run(CHAIN, timeout=30, on_event=line)
    assert terminal.getvalue().count("waiting for its turn") >= 3


class Breaking(ProgressLine):
    """Stands for whatever ends a wait early, such as Ctrl-C."""

    def __call__(self, event: Any, total: float | None = None) -> None:
        super().__call__(event, total)
        raise LookupError("broken off")


async def test_a_wait_that_is_broken_off_leaves_the_line(cloud: AsyncComfyCloud) -> None:
    """What is printed next, such as the traceback, begins on a line of its own."""
    terminal = Terminal()
    with pytest.raises(LookupError):
        await cloud.run(CHAIN, timeout=30, on_event=Breaking(terminal))
    assert terminal.getvalue().endswith("\n")
