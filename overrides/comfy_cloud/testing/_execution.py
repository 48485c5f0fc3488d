"""Runs the graph of one job: order, cache, progress, failure, interrupt, and the messages that ComfyUI sends.

It fills in a job's outputs, messages and error; the job's state and the queue are the engine's.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ._cache import NodeCache, cache_keys, links
from ._definitions import DEFINITIONS
from ._events import Message
from ._files import FileStore, StoredFile
from ._frames import PREVIEW, PREVIEW_WITH_METADATA, TEXT
from ._jobs import Job
from ._node import NodeError, Preview, Result
from ._nodes import NODES, workflow_texts

_TRACEBACK = ['  File "/comfyui/execution.py", line 545, in execute\n    output_data = get_output_data(...)\n']


class Interrupted(Exception):
    """The job was told to stop."""


@dataclass(frozen=True)
class Surroundings:
    """What a run needs beside the job. `saved` is told of each file that a node makes and returns its entry among
    the outputs; `shows_cached` says whether cached output nodes of this job report their outputs."""

    files: FileStore
    cache: NodeCache
    publish: Callable[[Message], None]
    saved: Callable[[Job, StoredFile], dict[str, Any]]
    shows_cached: Callable[[Job], bool]


class Execution:
    """One run of one job."""

    def __init__(self, job: Job, around: Surroundings) -> None:
        self._job = job
        self._around = around
        self._keys = cache_keys(job.prompt, job.outputs_to_execute, around.files)
        self._graph = dict(job.prompt)  # grows where nodes expand
        self._expanded: dict[str, Result] = {}
        self._results: dict[str, Result] = {}
        self._executed: list[str] = []
        self._progress: dict[str, dict[str, Any]] = {}

    def run(self) -> None:
        """Run the job to its end. Fills in its outputs, messages and error, and never raises."""
        self._send("execution_start", timed=True)
        known = self._around.cache.begin(self._job, set(self._keys.values()))
        cached = [node_id for node_id in self._job.prompt if self._keys.get(node_id) in known]
        self._send("execution_cached", {"nodes": cached}, timed=True)
        self._results = {node_id: known[self._keys[node_id]] for node_id in cached}
        try:
            self._run_graph()
        finally:
            self._around.cache.end(self._job)

    def _run_graph(self) -> None:
        waiting = self._plan()
        while waiting:
            node_id = next(
                (ready for ready in waiting if self._is_output(ready) and self._is_ready(ready)), None
            ) or next(ready for ready in waiting if self._is_ready(ready))
            waiting.remove(node_id)
            try:
                self._check_interrupt()
                waiting[:0] = self._run_node(node_id)
            except Interrupted:
                self._stop(node_id)
                return
            except Exception as error:  # noqa: BLE001 - whatever a node raises is the job's failure
                self._fail(node_id, error)
                return
        self._send("execution_success", timed=True)

    def _plan(self) -> list[str]:
        """The nodes to visit: the outputs and what they stand on, down to what is cached."""
        plan: list[str] = []
        for output in self._job.outputs_to_execute:
            stack = [output]
            while stack:
                node_id = stack.pop()
                if node_id not in plan:
                    plan.append(node_id)
                    stack += [source for source in self._sources(node_id) if source not in self._results]
        return plan

    def _sources(self, node_id: str) -> list[str]:
        if node_id in self._results:
            return []
        if node_id in self._expanded:
            return [inner for inner, parent in self._job.parents.items() if parent == node_id]
        return list(links(self._graph[node_id]).values())

    def _is_ready(self, node_id: str) -> bool:
        return all(source in self._results for source in self._sources(node_id))

    def _is_output(self, node_id: str) -> bool:
        return DEFINITIONS[self._graph[node_id]["class_type"]].output_node

    def _run_node(self, node_id: str) -> list[str]:
        """Run or finish one node; returns the nodes that are to be visited next."""
        cached = self._results.get(node_id)
        if cached is not None:
            if self._around.shows_cached(self._job):
                self._show(node_id, cached)
            self._report(node_id, 1, 1, "finished")
            return []
        if node_id in self._expanded:
            expanded = self._expanded.pop(node_id)
            values = tuple(self._results[source].values[slot] for source, slot in expanded.values)
            self._finish(node_id, Result(values, expanded.shown))
            return []
        self._report(node_id, 0.0, 1.0, "running")
        self._send("executing", {"node": node_id, "display_node": self._job.real_node(node_id)})
        call = _NodeCall(self, self._job, self._around, node_id)
        result = NODES[self._graph[node_id]["class_type"]].run(call, **self._inputs(node_id))
        if result.expands is not None:
            return [*self._expand(node_id, result, result.expands), node_id]
        self._finish(node_id, result)
        return []

    def _expand(self, node_id: str, result: Result, graph: Mapping[str, dict[str, Any]]) -> list[str]:
        """Put the nodes of `graph` into ours; their ids begin with that of the node that expanded."""
        names = {name: f"{node_id}.0.0.{name}" for name in graph}

        def linked(value: Any) -> Any:
            return [names[value[0]], value[1]] if isinstance(value, list) else value

        for name, node in graph.items():
            inputs = {key: linked(value) for key, value in node["inputs"].items()}
            self._graph[names[name]] = {**node, "inputs": inputs}
            self._job.parents[names[name]] = node_id
        self._expanded[node_id] = replace(result, values=tuple(linked(value) for value in result.values))
        return list(names.values())

    def _finish(self, node_id: str, result: Result) -> None:
        self._results[node_id] = result
        self._executed.append(node_id)
        if node_id in self._keys:
            self._around.cache.add(self._keys[node_id], result)
        self._show(node_id, result)
        last = self._progress[node_id]
        self._report(node_id, last["max"], last["max"], "finished")

    def _inputs(self, node_id: str) -> dict[str, Any]:
        node = self._graph[node_id]
        known = {item.name for item in DEFINITIONS[node["class_type"]].inputs}
        values: dict[str, Any] = {}
        for name, value in node["inputs"].items():
            if name in known:
                values[name] = self._results[value[0]].values[value[1]] if isinstance(value, list) else value
        return values

    def _show(self, node_id: str, result: Result) -> None:
        if result.shown is None:
            return
        self._job.outputs[node_id] = {kind: list(entries) for kind, entries in result.shown.items()}
        display, output = self._job.real_node(node_id), self._job.outputs[node_id]
        self._send("executed", {"node": node_id, "display_node": display, "output": output})

    def step(self, node_id: str, value: int, maximum: int, preview: Preview | None) -> None:
        """A node reports progress. The newer form of a preview comes before it, the older one after it."""
        self._check_interrupt()
        self._report(node_id, value, maximum, "running")
        picture: dict[str, Any] = {}
        if preview is not None:
            node = {**self._about(node_id), "prompt_id": self._job.id}
            picture = {"format": preview.format, "image": preview.image, "node": node}
            self._publish(PREVIEW_WITH_METADATA, picture)
        self._send("progress", {"value": value, "max": maximum, "node": node_id})
        if preview is not None:
            self._publish(PREVIEW, picture)

    def show_text(self, node_id: str, text: str) -> None:
        self._publish(TEXT, {"node_id": node_id, "text": text})

    def _report(self, node_id: str, value: float, maximum: float, state: str) -> None:
        self._progress[node_id] = {
            "value": value,
            "max": maximum,
            "state": state,
            "prompt_id": self._job.id,
            "class_type": self._graph[node_id]["class_type"],
            **self._about(node_id),
        }
        self._send("progress_state", {"nodes": {key: dict(entry) for key, entry in self._progress.items()}})

    def _about(self, node_id: str) -> dict[str, str | None]:
        real = self._job.real_node(node_id)
        parent = self._job.parents.get(node_id)
        return {"node_id": node_id, "display_node_id": real, "parent_node_id": parent, "real_node_id": real}

    def _check_interrupt(self) -> None:
        if self._job.interrupted.is_set():
            raise Interrupted

    def _stop(self, node_id: str) -> None:
        self._send("execution_interrupted", self._blamed(node_id), timed=True)

    def _fail(self, node_id: str, error: Exception) -> None:
        inputs = self._inputs(node_id)
        self._job.error = {
            "prompt_id": self._job.id,
            **self._blamed(node_id),
            "exception_message": f"{error}\n",
            "exception_type": _type_name(error),
            "traceback": _TRACEBACK,
            "current_inputs": {name: [_describe(value)] for name, value in inputs.items()},
            "current_outputs": list(self._job.prompt),
        }
        self._send("execution_error", self._job.error, timed=True)

    def _blamed(self, node_id: str) -> dict[str, Any]:
        real = self._job.real_node(node_id)
        return {"node_id": real, "node_type": self._graph[real]["class_type"], "executed": list(self._executed)}

    def _send(self, message_type: str, data: Mapping[str, Any] | None = None, *, timed: bool = False) -> None:
        body = {**(data or {}), "prompt_id": self._job.id}
        if timed:
            # Only these are kept in the history of a job.
            body["timestamp"] = int(time.time() * 1000)
            self._job.messages.append((message_type, body))
        self._publish(message_type, body)

    def _publish(self, message_type: str, data: dict[str, Any]) -> None:
        if not self._job.lost:
            self._around.publish(Message(message_type, data, self._job.id, self._job.client_id))


class _NodeCall:
    """What a node may ask for while it runs."""

    def __init__(self, execution: Execution, job: Job, around: Surroundings, node_id: str) -> None:
        self.files = around.files
        self._execution = execution
        self._job = job
        self._around = around
        self._node_id = node_id

    @property
    def workflow_texts(self) -> Mapping[str, str]:
        return workflow_texts(self._job.prompt, self._job.extra_data or {})

    def progress(self, value: int, maximum: int, preview: Preview | None = None) -> None:
        self._execution.step(self._node_id, value, maximum, preview)

    def show_text(self, text: str) -> None:
        self._execution.show_text(self._node_id, text)

    def sleep(self, seconds: float) -> None:
        if self._job.interrupted.wait(seconds):
            raise Interrupted

    def saved(self, file: StoredFile) -> dict[str, Any]:
        return self._around.saved(self._job, file)


def _type_name(error: Exception) -> str:
    if isinstance(error, NodeError):
        return error.type_name
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _describe(value: Any) -> Any:
    """An input as an error message shows it: images by their size, everything else as it is."""
    if isinstance(value, list):
        return f"tensor of {len(value)} x {value[0].height} x {value[0].width} x {len(value[0].getbands())}"
    return value
