"""Results of nodes, kept as long as ComfyUI keeps them: an unchanged node of the next job is not run again."""

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ._definitions import DEFINITIONS
from ._files import FileStore
from ._jobs import Job
from ._node import Result
from ._nodes import NODES


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


def links(node: Mapping[str, Any]) -> dict[str, str]:
    """The nodes that a node's inputs come from, by input name. Links in unknown inputs count for nothing."""
    known = {item.name for item in DEFINITIONS[node["class_type"]].inputs}
    return {name: value[0] for name, value in node["inputs"].items() if name in known and isinstance(value, list)}


def cache_keys(prompt: Mapping[str, Any], outputs: Iterable[str], files: FileStore) -> dict[str, str]:
    """For each node that `outputs` stand on, a digest of its class, its inputs and all that it stands on itself."""
    keys: dict[str, str] = {}

    def key(node_id: str) -> str:
        if node_id not in keys:
            node = prompt[node_id]
            found = links(node)
            parts = [
                node["class_type"],
                {name: value for name, value in node["inputs"].items() if name not in found},
                {name: [key(source), node["inputs"][name][1]] for name, source in found.items()},
                NODES[node["class_type"]].fingerprint(files, node["inputs"]),
            ]
            keys[node_id] = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return keys[node_id]

    for node_id in outputs:
        key(node_id)
    return keys
