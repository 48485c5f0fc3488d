# Derived from overrides/comfy_cloud/_async/outputs.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The outputs of a job: a sequence, found by node, by kind or by number, and saved as a whole."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any, overload

from .._constants import SAVE_CONCURRENCY, SHOWN_COUNT_MAX, SHOWN_FILE_MAX, SHOWN_TIMEOUT, SHOWN_TOTAL_MAX
from .._core.arguments import ARGUMENTS
from .._core.display import gallery
from .._core.names import check_template, fill_template, unique_names
from .._core.outputs import Nodes, names_of_nodes, read_outputs, submitted_nodes, unknown_node, unknown_number
from .._core.sidecars import told_parameters
from .._files import part_files, target_paths, write_json
from ..errors import APIStatusError, DownloadError, NodeNotFoundError
from . import backend
from .connection import Connection
from .deadline import until
from .single_output import Output, Progress

# Both names stay here: handles that were pickled by 0.1 name this module.
__all__ = ["Output", "Outputs"]


class Outputs(Sequence[Output]):
    """The outputs of a job in their order; a slice has a part.

    `outputs["9"]`, `outputs["Save Image"]` has those of a node, by its id, else its title, else its class in the
    workflow that was submitted: of every node that matches, and empty for a node that made nothing. Raises
    NodeNotFoundError (a KeyError), which names what there is.
    """

    def __init__(self, outputs: Iterable[Output], nodes: Nodes | None = None) -> None:
        self._outputs = tuple(outputs)
        self._nodes = nodes or {}
        # Where the outputs of each node are, and which nodes go by a title or a class: looked up by each `[name]`.
        self._places: dict[str, list[int]] = {}
        for place, output in enumerate(self._outputs):
            self._places.setdefault(output.node_id, []).append(place)
        self._made: Collection[str] = self._places
        self._names: Mapping[str, Iterable[str]] | None = None
        self._about: dict[str, Any] = {}  # what a sidecar tells of the job

    @classmethod
    def _of(
        cls, connection: Connection, job_id: str, raw: object, nodes: Nodes | None = None, answer: object = None
    ) -> Outputs:
        """Read the outputs in an answer. `nodes` are those of the workflow, else they are read from the `answer`."""
        read = (Output(connection, job_id, entry) for entry in read_outputs(raw))
        outputs = cls(read, nodes or submitted_nodes(answer))
        outputs._about = told_parameters(job_id, answer)
        return outputs

    def _part(self, outputs: Iterable[Output]) -> Outputs:
        """Return some of the outputs, with the names of all nodes."""
        part = Outputs(outputs, self._nodes)
        part._made, part._about, part._names = self._made, self._about, self._names
        return part

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_outputs": tuple(map(copy, self._outputs))}

    @overload
    def __getitem__(self, which: int) -> Output: ...
    @overload
    def __getitem__(self, which: slice | str) -> Outputs: ...
    def __getitem__(self, which: int | slice | str) -> Output | Outputs:
        if isinstance(which, str):
            places = sorted(place for node_id in self._ids(which) for place in self._places.get(node_id, ()))
            return self._part(self._outputs[place] for place in places)
        if isinstance(which, slice):
            return self._part(self._outputs[which])
        with contextlib.suppress(IndexError):
            return self._outputs[which]
        raise unknown_number(which, [output.kind for output in self._outputs], self._made)

    def __contains__(self, item: object) -> bool:
        """Return True for an output that is here, and for the id, title or class of a node that made one of them."""
        if not isinstance(item, str):
            return item in self._outputs
        with contextlib.suppress(NodeNotFoundError):
            return len(self[item]) > 0
        return False

    def _ids(self, name: str) -> Iterable[str]:
        """Return the ids of the nodes with this id, else this title, else this class. Raises NodeNotFoundError."""
        if name in self._made or name in self._nodes:
            return (name,)
        if self._names is None:
            self._names = names_of_nodes(self._nodes)
        if name not in self._names:
            raise unknown_node(name, self._nodes, self._made)
        return self._names[name]

    def __len__(self) -> int:
        return len(self._outputs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {list(self._outputs)}>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return what a notebook shows: all outputs side by side.

        `Outputs` fetches the first 24, up to 5 MB each and 20 MB in all, in 10 s at most; the async client, which
        cannot wait here, shows what was read before.
        """
        backend.at_once(self._fetch_shown)
        nobody = (None, None)
        shown = (each._shown_output(self._nodes.get(each.node_id, nobody)) for each in self._outputs)
        return {"text/plain": repr(self), "text/html": gallery(shown)}

    def _fetch_shown(self) -> None:
        left = SHOWN_TOTAL_MAX

        def fetch(output: Output) -> None:
            nonlocal left
            if left > 0:
                left -= output._fetch_shown(min(left, SHOWN_FILE_MAX))

        with until(time.monotonic() + SHOWN_TIMEOUT):
            backend.gather([partial(fetch, each) for each in self._outputs[:SHOWN_COUNT_MAX]], SAVE_CONCURRENCY)

    def _kinds(self, *kinds: str) -> Outputs:
        return self._part(output for output in self._outputs if output.kind in kinds)

    @property
    def images(self) -> Outputs:
        """Those of kind image."""
        return self._kinds("image")

    @property
    def videos(self) -> Outputs:
        """Those of kind video."""
        return self._kinds("video")

    @property
    def audios(self) -> Outputs:
        """Those of kind audio."""
        return self._kinds("audio")

    @property
    def texts(self) -> Outputs:
        """Those of kind text."""
        return self._kinds("text")

    @property
    def files(self) -> Outputs:
        """All that are files, of whatever kind."""
        return self._part(output for output in self._outputs if output.filename is not None)

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        name: str = "{filename}",
        overwrite: bool = False,
        sidecar: bool = False,
        concurrency: int = SAVE_CONCURRENCY,
        on_progress: Progress | None = None,
    ) -> list[Path]:
        """Save every output into `folder` (made if need be), several at a time; texts as `.txt`.

        - `folder`: The folder, or a file such as `result.png` if there is one output. `~` is expanded.
        - `name`: A template of file names: `{filename}` and its parts `{stem}` and `{suffix}`, `{node}` (its id),
          `{index}` (among the outputs of that node, from 1), `{kind}`, `{job}`, and `{key}` (of a batch; else the job's
          id). Outputs of different content never share a name.
        - `overwrite`: Replaces existing files. Else the same bytes count as saved, and other bytes get the next free
          name (`name-1.png`).
        - `sidecar`: Writes a JSON file beside each one (`NAME.json`), with the id, graph, seeds and times of the job as
          the server tells them.
        - `concurrency`: How many are fetched at once.
        - `on_progress`: Called with the number saved so far and the number of all.

        Returns the paths in the order of the outputs.

        Raises DownloadError. If single outputs cannot be fetched, all others are saved first, and it names those; what
        was saved stays in any case. Raises ValueError for a template with unknown fields.
        """
        ARGUMENTS.flags(overwrite=overwrite, sidecar=sidecar)
        ARGUMENTS.count("concurrency", concurrency, least=1, unlimited=False)
        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        about = self._about if sidecar else None
        return self._save(folder, check_template(name), None, about, overwrite, concurrency, on_progress)

    def _local_names(self, template: str, key: str | None) -> Iterator[str]:
        index: Counter[str] = Counter()
        for output in self._outputs:
            index[output.node_id] += 1
            fields = {"filename": output._local_name(), "node": output.node_id, "index": index[output.node_id]}
            fields |= {"kind": output.kind, "job": output._job_id, "key": key or output._job_id}
            yield fill_template(template, fields)

    def _save(
        self,
        folder: str | os.PathLike[str],
        template: str,
        key: str | None,
        about: Mapping[str, Any] | None,
        overwrite: bool = True,
        concurrency: int = SAVE_CONCURRENCY,
        on_progress: Progress | None = None,
    ) -> list[Path]:
        # Names are made when their files are begun, since 10,000 names at once would hold up an event loop.
        place, names = target_paths(folder, unique_names(self._local_names(template, key)), len(self))
        parts = backend.in_thread(part_files, place)
        failed: list[DownloadError] = []
        done = 0

        def one(output: Output, name: str) -> Path:
            nonlocal done
            try:
                path = output._save_to(place / name, overwrite, parts)
            except DownloadError as error:
                # What the server refuses for one file says nothing about the others. A full disk or a server out of
                # reach does.
                if output.fault is None and not isinstance(error.__cause__, APIStatusError):
                    raise
                failed.append(error)
                return place / name
            if about is not None:
                told = {**about, "file": path.name, "node": output.node_id, "kind": output.kind}
                try:
                    backend.in_thread(write_json, path.with_name(f"{path.name}.json"), told)
                except OSError as error:
                    raise output._error(f"its sidecar cannot be written: {error.strerror or error}") from error
            done += 1
            if on_progress is not None:
                backend.resolve(on_progress(done, len(self)))
            return path

        calls = (partial(one, output, name) for output, name in zip(self._outputs, names, strict=True))
        paths = backend.gather(calls, concurrency)
        if failed:
            told = "; ".join(error.message for error in failed)
            message = told if len(paths) == 1 else f"{len(failed)} of {len(paths)} outputs could not be fetched: {told}"
            raise DownloadError(message, job_id=failed[0].job_id) from failed[0].__cause__
        return paths
