"""How much of a workflow is done, by what servers tell of its nodes: in part, in any order, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import JobProgress, NodeFinished, NodeProgress, NodesCached, NodeStarted, Preview
from comfy_cloud._core.backlog import Backlog
from comfy_cloud._core.frames import NodeStates, Signal
from comfy_cloud._core.links import outline_of
from comfy_cloud._core.progress import Progress, needed


def node(*sources: str, **values: Any) -> dict[str, Any]:
    return {"class_type": "N", "inputs": {**{f"in{i}": [source, 0] for i, source in enumerate(sources)}, **values}}


# 1 -> 2 -> 3, which is an output; 4 -> 5, which nobody needs.
GRAPH = {"1": node(text="secret"), "2": node("1"), "3": node("2"), "4": node(), "5": node("4")}
OUTLINE = outline_of(GRAPH)


def states(**fractions: float) -> NodeStates:
    return NodeStates("j", tuple((name[1:], fraction) for name, fraction in fractions.items()))


def shown(progress: JobProgress | None) -> tuple[int, int, float] | None:
    return progress and (progress.done, progress.total, round(progress.fraction, 3))


def test_an_outline_has_links_and_no_values() -> None:
    """A handle is pickled and kept: prompts and keys stay out of it."""
    graph = {"1": node(key="secret"), "2": node("1", list=["a", "b"]), "_note": "x", "3": {"inputs": None}}
    assert outline_of(graph) == {"1": (), "2": ("1",)}


def test_only_what_the_outputs_need_counts() -> None:
    assert needed(OUTLINE, ["3"]) == {"1", "2", "3"}
    assert needed(OUTLINE, ["3"], {"2"}) == {"3"}
    assert needed(OUTLINE, []) == set(GRAPH), "nobody knows which are outputs"
    assert needed(OUTLINE, ["elsewhere"]) == set(GRAPH)
    assert needed(outline_of({"1": node("2"), "2": node("1")}), ["1"]) == {"1", "2"}, "a ring ends as well"
    assert needed(outline_of({"1": node("gone")}), ["1"]) == {"1"}


def test_states_of_nodes_are_added_up() -> None:
    progress = Progress("j", OUTLINE, ["3"])
    assert shown(progress.heard(states(n1=0.0))) == (0, 3, 0)
    assert progress.heard(states(n1=0.0)) is None, "the same is not told twice"
    assert shown(progress.heard(states(n1=1.0, n2=0.5))) == (1, 3, 0.5)
    assert progress.heard(states(n1=1.0, n2=0.25)) is None, "it does not go back"
    assert shown(progress.heard(states(n1=1.0, n2=1.0, n4=1.0))) == (2, 3, 0.667), "nodes that do not count, do not"
    assert shown(progress.heard(states(n2=0.1, n3=0.5))) == (2, 3, 0.833)
    assert shown(progress.completed()) == (3, 3, 1.0)
    assert progress.completed() is None


def test_a_cached_node_spares_all_that_only_it_needs() -> None:
    """The server does not look at those at all."""
    for outputs in (["3"], []):
        progress = Progress("j", OUTLINE, outputs)
        assert shown(progress.heard(NodesCached("j", ("2",)))) in ((2, 3, 0.667), (2, 5, 0.4))


def test_a_server_that_only_tells_which_node_begins_has_progress_too() -> None:
    progress = Progress("j", OUTLINE, ["3"])
    assert shown(progress.heard(NodeStarted("j", "1"))) == (0, 3, 0)
    assert progress.heard(NodeStarted("j", "1", "1.0.0.1")) is None, "inside the node that runs"
    assert shown(progress.heard(NodeStarted("j", "2"))) == (1, 3, 0.333)
    assert shown(progress.heard(NodeProgress("j", "2", 1, 2))) == (1, 3, 0.5)
    assert shown(progress.heard(NodeFinished("j", "2", {}))) == (2, 3, 0.667)
    assert progress.heard(Signal.STARTED) is None


def test_nodes_inside_an_expansion_do_not_finish_their_node() -> None:
    progress = Progress("j", OUTLINE, ["3"])
    progress.heard(states(n1=0.0))
    assert progress.heard(NodeFinished("j", "1", {})) is None
    assert progress.heard(NodeProgress("j", "1", 5, 5)) is None


def test_what_the_queue_tells_comes_in_time_or_not_at_all() -> None:
    """A total that changes under way would be of no use."""
    progress = Progress("j", {})
    assert progress.heard(states(n1=1.0)) is None, "a workflow that nobody knows has no progress"
    assert progress.completed() is None
    progress.learn(GRAPH, ["3"])
    assert progress.is_known
    assert shown(progress.heard(states(n1=1.0))) == (1, 3, 0.333)
    progress.learn(GRAPH, ["5"])
    assert shown(progress.completed()) == (3, 3, 1.0)


def test_a_backlog_keeps_the_latest_of_all_states_and_the_last_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a submit and its answer a job can be over: neither steps nor pictures push out what counts."""
    monkeypatch.setattr("comfy_cloud._core.backlog.SOCKET_BACKLOG", 4)
    monkeypatch.setattr("comfy_cloud._core.backlog.SOCKET_BACKLOG_BYTES", 10)
    backlog = Backlog()
    for step in range(9):
        backlog.add("j", states(n1=step / 10))
    backlog.add("k", Signal.ENDED)
    pictures = [Preview("j", "1", bytes(size), "image/png") for size in (6, 5, 5)]
    for picture in pictures:
        backlog.add("j", picture)
    assert backlog.take({"j"}) == [("j", states(n1=0.8)), ("j", pictures[1]), ("j", pictures[2])]
    assert backlog.take({"j"}) == []
    for _ in range(5):
        backlog.add("j", Signal.STARTED)
    assert backlog.take({"j", "k"}) == [("j", Signal.STARTED)] * 4, "the oldest went"
