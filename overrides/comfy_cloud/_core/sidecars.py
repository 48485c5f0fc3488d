"""Read how a job's files came about from its answer: graph, seeds and times for a sidecar, seconds and credits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .times import parse_time


def parameters(graph: Any, job_id: str, times: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return what a sidecar tells about a file. Keys for partner nodes are in no graph, so no secret is in it."""
    return {**more, "job": job_id, "times": dict(times), "seeds": dict(_seeds(graph)), "graph": graph}


def told_parameters(job_id: str, answer: object) -> dict[str, Any]:
    """Return what a sidecar tells by the server's answer about a job; without a graph if the answer has none."""
    fields: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
    workflow = fields.get("workflow")
    graph = workflow.get("prompt") if isinstance(workflow, Mapping) else None
    times = {
        name: fields[name] for name in ("create_time", "execution_start_time", "execution_end_time") if name in fields
    }
    return parameters(graph, job_id, times)


def _seeds(graph: Any) -> Iterator[tuple[str, int]]:
    for node_id, node in graph.items() if isinstance(graph, Mapping) else ():
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        for name, value in inputs.items() if isinstance(inputs, Mapping) else ():
            if name.rpartition(".")[2] in ("seed", "noise_seed") and type(value) is int:
                yield f"{node_id}.{name}", value


def seconds_of(answer: object) -> float | None:
    """Return the seconds from the submit to the end of a job by the server's clock, if its answer tells both."""
    fields: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
    began = parse_time(fields.get("create_time"))
    ended = parse_time(fields.get("execution_end_time") or fields.get("update_time"))
    return None if began is None or ended is None else max(0.0, (ended - began).total_seconds())


def credits_of(answer: object) -> float | None:
    """Return what a job has cost, if its answer tells it."""
    value = answer.get("credits") if isinstance(answer, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
