"""Run the graph of one job: order, cache, progress, failure, interrupt, and the messages that ComfyUI sends.

An execution fills in the job's outputs, messages and error. The job's state and the queue belong to the engine.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..._core.declared_inputs import DYNAMIC_CHOICE
from .._state.files import FileStore, StoredFile
from .cache import NodeCache, cache_keys, is_link, links
from .comfy_nodes import workflow_texts
from .events import PREVIEW, PREVIEW_WITH_METADATA, TEXT, Message
from .jobs import Job, State
from .node import NodeError, Preview, Result
from .node_definitions import Definition
from .recorded_nodes import NodeSet
from .stand_ins import Value, is_batch

_TRACEBACK = ['  File "/comfyui/execution.py", line 545, in execute\n    output_data = get_output_data(...)\n']


class Interrupted(Exception):
    """The job was told to stop."""


class WorkerDiedError(Exception):
    """The job made ComfyUI's own code fail outside of a node, which ends the thread that runs the jobs."""


class NodeFailures(Protocol):
    """The nodes that a test makes fail, by their names."""

    def node_names(self) -> frozenset[str]:
        """Return the names of the nodes that will fail."""
        ...

    def node_exception(self, names: frozenset[str]) -> Exception | None:
        """Return the exception that a node with these names raises now, and count it. Return None for no failure."""


@dataclass(frozen=True)
class Context:
    """The things that an execution needs besides its job.

    `record_output` is called with each file that a node makes, and returns the file's entry in the outputs.
    `reports_cached` says whether cached output nodes of this job report their outputs. `failures` are the
    nodes that a test makes fail. `state_of_ring` is the state in which a job ends whose links form a ring.
    """

    files: FileStore
    known: NodeSet
    cache: NodeCache
    publish: Callable[[Message], None]
    record_output: Callable[[Job, StoredFile], dict[str, Any]]
    reports_cached: Callable[[Job], bool]
    failures: NodeFailures
    state_of_ring: State


class Execution:
    """One run of one job."""

    def __init__(self, job: Job, context: Context) -> None:
        self._job = job
        self._context = context
        self._keys: dict[str, str] = {}
        # Nodes that expand add to the graph of this run. The job's own workflow must stay as it was submitted.
        self._graph = dict(job.prompt)
        self._expanded: dict[str, Result] = {}
        self._results: dict[str, Result] = {}
        self._executed: list[str] = []
        self._progress: dict[str, dict[str, Any]] = {}

    def run(self) -> State:
        """Run the job to its end. Fill in its outputs, messages and error, and return the state in which it ends.

        Raises WorkerDiedError, and nothing else.
        """
        if self._job.extra_data is None:
            # ComfyUI 0.3.64 looks for the client in extra_data without a check.
            raise WorkerDiedError("extra_data is null")
        self._send("execution_start", timed=True)
        for node_id, node in self._job.prompt.items():
            # ComfyUI reads the inputs of every node for its cache, even of nodes that no output needs.
            if not isinstance(node.get("inputs"), dict):
                raise WorkerDiedError(f"node {node_id} has no inputs")
        self._keys = cache_keys(
            self._job.prompt, self._job.outputs_to_execute, self._context.files, self._context.known.nodes
        )
        known = self._context.cache.begin(self._job, set(self._keys.values()))
        if not self._context.failures.node_names().isdisjoint(self._all_names()):
            # A node that is taken from the cache does not run, and so it could not fail.
            known = {}
        cached = [node_id for node_id in self._job.prompt if self._keys.get(node_id) in known]
        # ComfyUI sends this message even if no node is cached.
        self._send("execution_cached", {"nodes": cached}, timed=True)
        self._results = {node_id: known[self._keys[node_id]] for node_id in cached}
        try:
            return self._run_graph()
        finally:
            self._context.cache.end(self._job)

    def _run_graph(self) -> State:
        waiting = self._nodes_to_visit()
        while waiting:
            ready = [node_id for node_id in waiting if self._is_ready(node_id)]
            if not ready:
                self._stop_at_ring(waiting[0])
                return self._context.state_of_ring
            # Like ComfyUI, run an output node as soon as it is ready, so that results appear early.
            node_id = next((node_id for node_id in ready if self._is_output(node_id)), ready[0])
            waiting.remove(node_id)
            try:
                self._check_interrupt()
                waiting[:0] = self._run_node(node_id)
            except Interrupted:
                self._stop(node_id)
                return "cancelled"
            except Exception as error:  # noqa: BLE001 - any exception of a node is a failure of the job
                self._fail(node_id, error)
                return "failed"
        self._send("execution_success", timed=True)
        return "completed"

    def _nodes_to_visit(self) -> list[str]:
        """Return the outputs and the nodes that they depend on, except for nodes below cached ones."""
        plan: list[str] = []
        for output in self._job.outputs_to_execute:
            stack = [output]
            while stack:
                node_id = stack.pop()
                if node_id not in self._graph:
                    # ComfyUI 0.3.64 and 0.33.0 look up the node outside of every `try` here. The submit was accepted,
                    # since the checks of a submit ignore undeclared inputs.
                    raise WorkerDiedError(f"Node {node_id} not found")
                if node_id not in plan:
                    plan.append(node_id)
                    stack += [source for source in self._sources(node_id) if source not in self._results]
        return plan

    def _sources(self, node_id: str) -> list[str]:
        if node_id in self._results:
            return []
        if node_id in self._expanded:
            return [inner for inner, parent in self._job.parents.items() if parent == node_id]
        return [source for source, _ in links(self._graph[node_id]).values()]

    def _is_ready(self, node_id: str) -> bool:
        return all(source in self._results for source in self._sources(node_id))

    def _is_output(self, node_id: str) -> bool:
        return self._definition(node_id).output_node

    def _all_names(self) -> set[str]:
        return {name for node_id in self._keys for name in self._names(node_id)}

    def _names(self, node_id: str) -> frozenset[str]:
        """Return the names by which a rule can mean a node: its id, its title, its class, and the one of all nodes.

        As for a workflow, a class is not meant if a node has it for its title, and no title that is a node's id.
        """
        node = self._graph[node_id]
        title, class_type = _title(node), node["class_type"]
        found = {node_id, "*"}
        if title is not None and title not in self._graph:
            found.add(title)
        if class_type not in self._graph and all(_title(other) != class_type for other in self._graph.values()):
            found.add(class_type)
        return frozenset(found)

    def _definition(self, node_id: str) -> Definition:
        return self._context.known.definitions[self._graph[node_id]["class_type"]]

    def _run_node(self, node_id: str) -> list[str]:
        """Run or finish one node. Return the nodes that must be visited next."""
        cached = self._results.get(node_id)
        if cached is not None:
            if self._context.reports_cached(self._job):
                self._show(node_id, cached)
            self._report(node_id, 1, 1, "finished")
            return []
        if node_id in self._expanded:
            expanded = self._expanded.pop(node_id)
            # The expanded nodes have finished, so the links that the node returned can be replaced by their values.
            values = tuple(self._results[source].values[slot] for source, slot in expanded.values)
            self._finish(node_id, Result(values, expanded.ui))
            return []
        self._report(node_id, 0.0, 1.0, "running")
        self._send("executing", {"node": node_id, "display_node": self._job.real_node(node_id)})
        call = _NodeCall(self, self._job, self._context, node_id)
        class_type, inputs = self._graph[node_id]["class_type"], self._inputs(node_id)
        failure = self._context.failures.node_exception(self._names(node_id))
        if failure is not None:
            raise failure
        _check_inputs(self._definition(node_id), inputs)
        result = self._context.known.nodes[class_type].run(call, **inputs)
        if result.expands is not None:
            return [*self._expand(node_id, result, result.expands), node_id]
        self._finish(node_id, result)
        return []

    def _expand(self, node_id: str, result: Result, graph: Mapping[str, dict[str, Any]]) -> list[str]:
        """Add the nodes of `graph` to the graph of the job. Their ids begin with the id of the node that expanded."""
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
            self._context.cache.add(self._keys[node_id], result)
        self._show(node_id, result)
        # ComfyUI finishes a node at the maximum that the node itself reported last.
        last = self._progress[node_id]
        self._report(node_id, last["max"], last["max"], "finished")

    def _inputs(self, node_id: str) -> dict[str, Any]:
        node = self._graph[node_id]
        known = {item.name for item in self._definition(node_id).inputs_for(node["inputs"])}
        values: dict[str, Any] = {}
        for name, value in node["inputs"].items():
            if is_link(value):
                values[name] = _at(self._results[value[0]].values, value[1])
            # Ignore other undeclared inputs, as ComfyUI does: a workflow may contain inputs of a newer version of the
            # node.
            elif name in known:
                values[name] = value
        return values

    def _show(self, node_id: str, result: Result) -> None:
        """Add the node's outputs to the job, and report them."""
        if result.ui is None:
            return
        self._job.outputs[node_id] = {kind: list(entries) for kind, entries in result.ui.items()}
        display, output = self._job.real_node(node_id), self._job.outputs[node_id]
        self._send("executed", {"node": node_id, "display_node": display, "output": output})

    def step(self, node_id: str, value: int, maximum: int, preview: Preview | None) -> None:
        """Report the progress of a node.

        ComfyUI sends a preview with metadata before the progress message, and a preview without metadata after it.
        """
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
        """Send the state of every node that has been visited so far, as ComfyUI does after each change."""
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
        self._send("execution_interrupted", self._failed_node(node_id), timed=True)

    def _fail(self, node_id: str, error: Exception) -> None:
        """End the job with the error of a node."""
        self._end_with_error(
            node_id,
            # ComfyUI ends the message with a newline.
            exception_message=f"{error}\n",
            exception_type=_type_name(error),
            traceback=_TRACEBACK,
            current_inputs={name: [_describe(value)] for name, value in self._inputs(node_id).items()},
        )

    def _stop_at_ring(self, node_id: str) -> None:
        """End the job because no node is ready. ComfyUI sends an error, but its history still calls that a success."""
        self._end_with_error(
            node_id,
            exception_message="Dependency cycle detected",
            exception_type="graph.DependencyCycleError",
            traceback=[],
            current_inputs=[],
        )

    def _end_with_error(self, node_id: str, **error: Any) -> None:
        outputs = list(self._job.prompt)
        self._job.error = {
            "prompt_id": self._job.id,
            **self._failed_node(node_id),
            **error,
            "current_outputs": outputs,
        }
        self._send("execution_error", self._job.error, timed=True)

    def _failed_node(self, node_id: str) -> dict[str, Any]:
        real = self._job.real_node(node_id)
        return {"node_id": real, "node_type": self._graph[real]["class_type"], "executed": list(self._executed)}

    def _send(self, message_type: str, data: Mapping[str, Any] | None = None, *, timed: bool = False) -> None:
        body = {**(data or {}), "prompt_id": self._job.id}
        if timed:
            # ComfyUI keeps only the messages with a timestamp in a job's history.
            body["timestamp"] = int(time.time() * 1000)
            self._job.messages.append((message_type, body))
        self._publish(message_type, body)

    def _publish(self, message_type: str, data: dict[str, Any]) -> None:
        # A job that the server has lost must leave no trace: a late message would tell the client that it still exists.
        if not self._job.lost:
            self._context.publish(Message(message_type, data, self._job.id, self._job.client_id))


class _NodeCall:
    """The implementation of `Call` for one node of a running job."""

    def __init__(self, execution: Execution, job: Job, context: Context, node_id: str) -> None:
        self.files = context.files
        self._execution = execution
        self._job = job
        self._context = context
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

    def record_output(self, file: StoredFile) -> dict[str, Any]:
        return self._context.record_output(self._job, file)


def _title(node: Mapping[str, Any]) -> str | None:
    about = node.get("_meta")
    title = about.get("title") if isinstance(about, dict) else None
    return title if isinstance(title, str) else None


def _type_name(error: Exception) -> str:
    if isinstance(error, NodeError):
        return error.type_name
    # ComfyUI sends the qualified name, but leaves out the module of built-in exceptions.
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _at(values: tuple[Any, ...], slot: float) -> Any:
    """Return the value of an output slot, or None if there is no such slot, which only an undeclared input can name."""
    try:
        return values[int(slot)]
    except (IndexError, ValueError, OverflowError):
        return None


def _check_inputs(definition: Definition, inputs: Mapping[str, Any]) -> None:
    """Raise TypeError where Python would raise it in ComfyUI's node: at an undeclared input, and at what is no image.

    A submit checks neither: undeclared inputs are ignored, and the value of an IMAGE input may be anything.
    """
    known = {item.name: item for item in definition.inputs_for(inputs)}
    for name, value in inputs.items():
        if name not in known:
            # The group of a growing input is no input itself, and servers ignore it.
            if definition.takes_undeclared or any(item.startswith(f"{name}.") for item in known):
                continue
            raise TypeError(f"{definition.name}.execute() got an unexpected keyword argument {name!r}")
        if known[name].type == DYNAMIC_CHOICE and not isinstance(value, str):
            raise TypeError(f"{type(value).__name__!r} object is not subscriptable")
        needs_image = known[name].type in ("IMAGE", "MASK") and (value is not None or known[name].required)
        if needs_image and not is_batch(value) and not isinstance(value, Value):
            raise TypeError(f"unsupported operand type(s) for -: 'float' and '{type(value).__name__}'")


def _describe(value: Any) -> Any:
    """Return an input as an error message shows it: an image as its size, everything that is not JSON as a string."""
    if is_batch(value):
        return f"tensor of {len(value)} x {value[0].height} x {value[0].width} x {len(value[0].getbands())}"
    return str(value) if isinstance(value, Value) else value
