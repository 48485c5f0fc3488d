"""Runs the graph of one job: order, cache, progress, failure, interrupt, and the messages that ComfyUI sends.

It fills in a job's outputs, messages and error; the job's state and the queue are the engine's.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._definitions import DEFINITIONS
from ._events import Message
from ._files import FileStore, StoredFile
from ._jobs import Job
from ._nodes import NODES, NodeError, Result, workflow_texts

_TRACEBACK = ['  File "/comfyui/execution.py", line 545, in execute\n    output_data = get_output_data(...)\n']


class Interrupted(Exception):
    """The job was told to stop."""


class NodeCache:
    """Results of nodes by what went into them. Holds what the running jobs and the last one are made of, as
    ComfyUI does; all else is dropped. Safe to use from any thread."""

    def __init__(self) -> None:
        self._results: dict[str, Result] = {}
        self._in_use: dict[Job, set[str]] = {}
        self._lock = threading.Lock()

    def begin(self, job: Job, keys: set[str]) -> dict[str, Result]:
        """The results known for `keys`."""
        with self._lock:
            self._in_use[job] = keys
            wanted = set().union(*self._in_use.values())
            self._results = {key: result for key, result in self._results.items() if key in wanted}
            return {key: self._results[key] for key in keys if key in self._results}

    def add(self, key: str, result: Result) -> None:
        with self._lock:
            self._results[key] = result

    def end(self, job: Job) -> None:
        with self._lock:
            self._in_use.pop(job, None)


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
        self._keys = _cache_keys(job.prompt, job.outputs_to_execute, around.files)
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
                self._run_node(node_id)
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
        return list(_links(self._job.prompt[node_id]).values())

    def _is_ready(self, node_id: str) -> bool:
        return all(source in self._results for source in self._sources(node_id))

    def _is_output(self, node_id: str) -> bool:
        return DEFINITIONS[self._job.prompt[node_id]["class_type"]].output_node

    def _run_node(self, node_id: str) -> None:
        cached = self._results.get(node_id)
        if cached is not None:
            if self._around.shows_cached(self._job):
                self._show(node_id, cached)
            self._report(node_id, 1, 1, "finished")
            return
        self._report(node_id, 0.0, 1.0, "running")
        self._send("executing", {"node": node_id, "display_node": node_id})
        class_type = self._job.prompt[node_id]["class_type"]
        call = _NodeCall(self, self._job, self._around, node_id)
        result = NODES[class_type].run(call, **self._inputs(node_id))
        self._results[node_id] = result
        self._executed.append(node_id)
        self._around.cache.add(self._keys[node_id], result)
        self._show(node_id, result)
        last = self._progress[node_id]
        self._report(node_id, last["max"], last["max"], "finished")

    def _inputs(self, node_id: str) -> dict[str, Any]:
        node = self._job.prompt[node_id]
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
        self._send("executed", {"node": node_id, "display_node": node_id, "output": self._job.outputs[node_id]})

    def step(self, node_id: str, value: int, maximum: int) -> None:
        """A node reports progress."""
        self._check_interrupt()
        self._report(node_id, value, maximum, "running")
        self._send("progress", {"value": value, "max": maximum, "node": node_id})

    def _report(self, node_id: str, value: float, maximum: float, state: str) -> None:
        self._progress[node_id] = {
            "value": value,
            "max": maximum,
            "state": state,
            "node_id": node_id,
            "prompt_id": self._job.id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }
        self._send("progress_state", {"nodes": {key: dict(entry) for key, entry in self._progress.items()}})

    def _check_interrupt(self) -> None:
        if self._job.interrupted.is_set():
            raise Interrupted

    def _stop(self, node_id: str) -> None:
        node_type = self._job.prompt[node_id]["class_type"]
        data = {"node_id": node_id, "node_type": node_type, "executed": list(self._executed)}
        self._send("execution_interrupted", data, timed=True)

    def _fail(self, node_id: str, error: Exception) -> None:
        inputs = self._inputs(node_id)
        self._job.error = {
            "prompt_id": self._job.id,
            "node_id": node_id,
            "node_type": self._job.prompt[node_id]["class_type"],
            "executed": list(self._executed),
            "exception_message": f"{error}\n",
            "exception_type": _type_name(error),
            "traceback": _TRACEBACK,
            "current_inputs": {name: [_describe(value)] for name, value in inputs.items()},
            "current_outputs": list(self._job.prompt),
        }
        self._send("execution_error", self._job.error, timed=True)

    def _send(self, message_type: str, data: Mapping[str, Any] | None = None, *, timed: bool = False) -> None:
        body = {**(data or {}), "prompt_id": self._job.id}
        if timed:
            # Only these are kept in the history of a job.
            body["timestamp"] = int(time.time() * 1000)
            self._job.messages.append((message_type, body))
        self._around.publish(Message(message_type, body, self._job.id, self._job.client_id))


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

    def progress(self, value: int, maximum: int) -> None:
        self._execution.step(self._node_id, value, maximum)

    def sleep(self, seconds: float) -> None:
        if self._job.interrupted.wait(seconds):
            raise Interrupted

    def saved(self, file: StoredFile) -> dict[str, Any]:
        return self._around.saved(self._job, file)


def _links(node: Mapping[str, Any]) -> dict[str, str]:
    """The nodes that a node's inputs come from, by input name. Links in unknown inputs count for nothing."""
    known = {item.name for item in DEFINITIONS[node["class_type"]].inputs}
    return {name: value[0] for name, value in node["inputs"].items() if name in known and isinstance(value, list)}


def _cache_keys(prompt: Mapping[str, Any], outputs: Iterable[str], files: FileStore) -> dict[str, str]:
    """For each node that `outputs` stand on, a digest of its class, its inputs and all that it stands on itself."""
    keys: dict[str, str] = {}

    def key(node_id: str) -> str:
        if node_id not in keys:
            node = prompt[node_id]
            links = _links(node)
            parts = [
                node["class_type"],
                {name: value for name, value in node["inputs"].items() if name not in links},
                {name: [key(source), node["inputs"][name][1]] for name, source in links.items()},
                NODES[node["class_type"]].fingerprint(files, node["inputs"]),
            ]
            keys[node_id] = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return keys[node_id]

    for node_id in outputs:
        key(node_id)
    return keys


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
