"""Cache the results of nodes as long as ComfyUI does: an unchanged node of the next job is not run again."""

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from .._state.files import FileStore
from .jobs import Job
from .node import Node, Result


class NodeCache:
    """Results of nodes, by a hash of everything that they depend on. Safe to use from any thread.

    Like ComfyUI, it holds the results that the running jobs and the last job consist of, and drops all others.
    """

    def __init__(self) -> None:
        self._results: dict[str, Result] = {}
        self._in_use: dict[Job, set[str]] = {}
        self._lock = threading.Lock()

    def begin(self, job: Job, keys: set[str]) -> dict[str, Result]:
        """Return the known results for `keys`, and drop every result that no job in progress uses."""
        with self._lock:
            self._in_use[job] = keys
            # The keys of jobs that are still running must stay: two jobs may share nodes.
            wanted = set().union(*self._in_use.values())
            self._results = {key: result for key, result in self._results.items() if key in wanted}
            return {key: self._results[key] for key in keys if key in self._results}

    def add(self, key: str, result: Result) -> None:
        with self._lock:
            self._results[key] = result

    def end(self, job: Job) -> None:
        with self._lock:
            self._in_use.pop(job, None)


def links(node: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """Return the links among a node's inputs, by input name, each as node id and slot.

    ComfyUI takes every list of a string and a number for a link, also in an input that the node class does not declare.
    """
    return {name: (value[0], value[1]) for name, value in node["inputs"].items() if is_link(value)}


def is_link(value: Any) -> bool:
    """Return whether ComfyUI takes a value for a link while a job runs. At submit, any list counts as one."""
    return (
        isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int | float)
    )


def cache_keys(
    prompt: Mapping[str, Any], outputs: Iterable[str], files: FileStore, nodes: Mapping[str, Node]
) -> dict[str, str]:
    """Return a key for each node that `outputs` depend on: a hash of its class, its inputs and its own dependencies.

    Links to missing nodes and rings of links are no error here.
    """
    return {node_id: _key(prompt, node_id, files, nodes) for node_id in _ancestors(prompt, outputs)}


def _ancestors(prompt: Mapping[str, Any], node_ids: Iterable[str]) -> list[str]:
    """Return nodes and all that they depend on, in an order that depends on nothing but the links."""
    found: dict[str, None] = {}
    waiting = list(node_ids)[::-1]
    while waiting:
        node_id = waiting.pop()
        if node_id in prompt and node_id not in found:
            found[node_id] = None
            waiting += [source for _, (source, _) in sorted(links(prompt[node_id]).items(), reverse=True)]
    return list(found)


def _key(prompt: Mapping[str, Any], node_id: str, files: FileStore, nodes: Mapping[str, Node]) -> str:
    order = {ancestor: index for index, ancestor in enumerate(_ancestors(prompt, [node_id]))}
    parts = []
    for ancestor in order:
        node = prompt[ancestor]
        found = links(node)
        parts.append(
            [
                node["class_type"],
                {name: value for name, value in node["inputs"].items() if name not in found},
                # Name a source by its place: equal graphs share results, whatever the ids of their nodes are.
                {name: [order.get(source), slot] for name, (source, slot) in found.items()},
                # A file can change while its name stays the same, so the fingerprint of the content is part of the key.
                nodes[node["class_type"]].fingerprint(files, node["inputs"]),
            ]
        )
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
