"""Frames of the socket: what is known becomes an event, what is not does no harm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comfy_cloud._constants import SOCKET_REPEATS
from comfy_cloud._core.frames import FrameReader, NodeStates, ParsedFrame
from comfy_cloud.events import (
    JobEvent,
    NodeFinished,
    NodeProgress,
    NodesCached,
    NodeStarted,
    NodeText,
    Preview,
    UnknownEvent,
)

PNG = b"\x89PNG picture"


def text(kind: str, **data: Any) -> str:
    return json.dumps({"type": kind, "data": data})


def binary(kind: int, *parts: bytes | int) -> bytes:
    return b"".join(part.to_bytes(4, "big") if isinstance(part, int) else part for part in (kind, *parts))


def events(*frames: str | bytes) -> list[JobEvent]:
    reader = FrameReader()
    return [event for frame in frames for event in reader.read(frame).events]


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        (text("execution_cached", prompt_id="j", nodes=["1", "2"]), NodesCached("j", ("1", "2"))),
        (text("executing", prompt_id="j", node="5", display_node="5"), NodeStarted("j", "5")),
        (text("executing", prompt_id="j", node="1.0.0.2", display_node="1"), NodeStarted("j", "1", "1.0.0.2")),
        (text("progress", prompt_id="j", node="5", value=1, max=3), NodeProgress("j", "5", 1, 3)),
        (text("executed", prompt_id="j", node="9", output={"images": []}), NodeFinished("j", "9", {"images": []})),
        (text("executed", prompt_id="j", node="9", output=None), NodeFinished("j", "9", {})),
        (text("mystery", prompt_id="j", x=1), UnknownEvent("j", "mystery", {"prompt_id": "j", "x": 1})),
    ],
)
def test_a_known_frame_becomes_its_event(frame: str, event: JobEvent) -> None:
    """Progress is shown as the server tells it."""
    assert events(frame) == [event]


JUNK = [
    "",
    "junk",
    "[1, 2]",
    "null",
    '{"type": 5}',
    '{"type": "progress"}',
    "[" * 100_000,
    text("progress", prompt_id="j", node="1"),
    text("progress", prompt_id="j", node="1", value="a", max=None),
    text("status", status={}),
    text("feature_flags", a=1),
    text("notification", value="hi", prompt_id="j"),
    text("execution_cached", prompt_id="j", nodes=[]),
    text("progress_state", prompt_id="j", nodes=[1]),
    text("executing", node="5"),
    b"",
    b"\0\0",
    binary(1, 2, PNG),
    binary(2, b"x"),
    binary(3, 100, b"short"),
    binary(4, 2, b"[]", PNG),
    binary(4, 4, b"nope", PNG),
    binary(9, b"x"),
]


@pytest.mark.parametrize("frame", JUNK)
def test_junk_is_nothing(frame: str | bytes) -> None:
    """A server that sends rubbish breaks nobody's wait."""
    assert FrameReader().read(frame) == ParsedFrame()


@pytest.mark.parametrize("kind", ["execution_start", "execution_success", "execution_error", "execution_interrupted"])
def test_the_turns_of_a_job_are_reasons_to_ask(kind: str) -> None:
    """They are believed only when REST says so, which the outputs need, too."""
    parsed = FrameReader().read(text(kind, prompt_id="j"))
    assert parsed == (ParsedFrame(started="j") if kind == "execution_start" else ParsedFrame(ended="j"))


def test_the_end_mark_is_a_reason_to_ask() -> None:
    """ComfyUI sends it once the history has the job."""
    assert FrameReader().read(text("executing", prompt_id="j", node=None)) == ParsedFrame(ended="j")


def test_a_step_is_told_once() -> None:
    """`progress` and `progress_state` tell the same, in ints and floats."""
    state = {"5": {"state": "running", "value": 2.0, "max": 4.0, "display_node_id": "5"}}
    frames = [
        text("progress_state", prompt_id="j", nodes=state),
        text("progress", prompt_id="j", node="5", value=2, max=4),
        text("progress", prompt_id="j", node="5", value=3, max=4),
    ]
    assert events(*frames) == [NodeProgress("j", "5", 2.0, 4.0), NodeProgress("j", "5", 3, 4)]


def test_a_node_that_reports_no_steps_has_no_progress() -> None:
    """0 of 1 is how a server says that it does not know."""
    state = {"5": {"state": "running", "value": 0.0, "max": 1.0}, "6": {"state": "finished", "value": 4, "max": 4}}
    assert events(text("progress_state", prompt_id="j", nodes=state)) == []


def test_frames_without_a_job_belong_to_the_running_one() -> None:
    """Older previews and texts name no job, nor does the first frame after a reconnect."""
    start = text("execution_start", prompt_id="j")
    assert events(start, binary(1, 1, b"\xff\xd8jpeg")) == [Preview("j", None, b"\xff\xd8jpeg", "image/jpeg")]
    assert events(start, binary(3, 1, b"7", "Größe".encode())) == [NodeText("j", "7", "Größe")]
    assert events(start, text("executing", node="5")) == [NodeStarted("j", "5")]
    over = text("execution_success", prompt_id="j")
    assert events(start, over, binary(1, 1, b"late"), binary(3, 1, b"7", b"late")) == []


def test_a_preview_that_names_its_job_needs_no_context() -> None:
    """Several jobs run at once in the cloud."""
    about = json.dumps({"prompt_id": "k", "node_id": "3.1", "display_node_id": "3", "image_type": "image/png"}).encode()
    assert events(text("execution_start", prompt_id="j"), binary(4, len(about), about, PNG)) == [
        Preview("k", "3", PNG, "image/png")
    ]


def test_a_node_is_told_to_start_once() -> None:
    """A server that repeats itself after a reconnect does not make a node start twice."""
    frame = text("executing", prompt_id="j", node="5")
    assert events(frame, frame) == [NodeStarted("j", "5")]
    assert len(events(frame, text("executing", prompt_id="j", node=None), frame)) == 2


def test_a_job_with_many_steps_is_forgotten_when_it_ends() -> None:
    """A client that runs for weeks does not grow."""
    reader = FrameReader()
    for number in range(100):
        reader.read(text("progress", prompt_id=str(number), node="5", value=1, max=2))
        reader.read(text("execution_success", prompt_id=str(number)))
    assert reader._steps == {}
    assert reader._node == {}


@pytest.mark.parametrize(
    ("state", "fraction"),
    [
        ({"state": "finished", "value": 3, "max": 4}, 1.0),
        ({"state": "running", "value": 1, "max": 4}, 0.25),
        ({"value": 1, "max": 4}, 0.25),
        ({"state": "running", "value": 4, "max": 4}, 0.99),
        ({"state": "running", "value": -1, "max": 4}, 0),
        ({"state": "running", "value": 1, "max": 0}, 0),
        ({"state": "running", "value": "1", "max": None}, 0),
        ({"state": "running", "value": 10**400, "max": 1.5}, 0),
        ({"state": "pending"}, 0),
    ],
)
def test_the_state_of_a_node_is_a_fraction(state: dict[str, Any], fraction: float) -> None:
    """A node at its last step still runs; rubbish is no progress."""
    frame = text("progress_state", prompt_id="j", nodes={"5": {**state, "display_node_id": "5"}})
    assert FrameReader().read(frame).states == NodeStates("j", (("5", fraction),))


def test_nodes_inside_others_are_no_nodes_of_the_workflow() -> None:
    """Nobody can tell how many a node expands into."""
    inner = {"state": "finished", "display_node_id": "1", "value": 1, "max": 1}
    assert FrameReader().read(text("progress_state", prompt_id="j", nodes={"1.0.0.1": inner})).states is None


@pytest.mark.parametrize("steps", [(10**400, 3), (3, 10**400), (float("nan"), 3), (1, float("inf"))])
def test_steps_that_no_node_has_are_no_progress(steps: tuple[float, float]) -> None:
    """A server that sends a number of 400 digits broke off the wait of whoever listened, with an OverflowError."""
    frame = text("progress", prompt_id="j", node="1", value=steps[0], max=steps[1])
    assert FrameReader().read(frame).events == []


def test_ever_new_jobs_do_not_fill_the_memory() -> None:
    """A server may tell of jobs for ever that never end."""
    reader = FrameReader()
    for number in range(25_000):
        assert reader.read(text("progress", prompt_id=f"j{number}", node="1", value=1, max=3)).events
    assert len(reader._steps) <= SOCKET_REPEATS
