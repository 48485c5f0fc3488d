"""Rows of a batch as the ledger keeps them: plain JSON, with the content of every file known by its hash.

Reads files, so async code calls it in a thread. A file that is only in memory is copied into the folder of the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from ._constants import BATCH_CHUNK, BATCH_KEY_LENGTH
from ._core.batch import FILE, Row, digest, shown, stored_files, to_json
from ._core.prepared import FileInput, PreparedWorkflow
from ._files import Source, kept_copy
from .errors import NodeInputError
from .workflow import Workflow


class RowReader:
    """Reads rows for the batch in `folder`. It knows what it has read, since many rows share files and workflows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashes: dict[tuple[str, int, int], str] = {}
        # By the id of an object, which is kept with it so that the id stays its own.
        self._copies: dict[int, tuple[object, dict[str, str]]] = {}
        self._bases: dict[int, tuple[Workflow, str]] = {}

    def read(self, rows: Iterable[Row]) -> list[tuple[str, str, str, str, str]]:
        """Return the next rows: key, digest of the content, params, workflow, changes to it."""
        return [self._read(row) for row in islice(rows, BATCH_CHUNK)]

    def forget(self) -> None:
        """Let go of the objects that were read."""
        self._copies.clear()
        self._bases.clear()

    def hash_of(self, path: Path, where: str) -> str:
        """Return the blake3 hash of a file, read again only if it has changed. Raises UploadError."""
        try:
            stat = path.stat()
        except OSError:
            return Source(path, where).hash  # raises, and says why
        known = str(path), stat.st_mtime_ns, stat.st_size
        if known not in self._hashes:
            self._hashes[known] = Source(path, where).hash
        return self._hashes[known]

    def check(self, file: FileInput, wanted: str) -> None:
        """Raise NodeInputError for a file whose content has another hash: it has changed since its row was added."""
        where = place_of(file)
        assert isinstance(file.content, Path)
        if self.hash_of(file.content, where) != wanted:
            raise NodeInputError(
                f"{where}: {file.content} has changed since the row was added: add it again, under another key"
            )

    def _read(self, row: Row) -> tuple[str, str, str, str, str]:
        prepared = row.workflow._prepare()
        graph = self._graph(prepared)
        # Where a file lies is not its content.
        bare: Any = {file.key: {FILE: self._stored(file)[FILE]} for file in prepared.files}
        content = digest(to_json(prepared.graph(bare) if bare else graph))
        if id(row.base) not in self._bases:
            self._bases[id(row.base)] = row.base, to_json(self._graph(row.base._prepare()))
        changes = {node: {name: graph[node]["inputs"][name] for name in given} for node, given in row.changes.items()}
        key = row.key or content[:BATCH_KEY_LENGTH]
        return key, content, shown(row.params), self._bases[id(row.base)][1], to_json(changes)

    def _graph(self, prepared: PreparedWorkflow) -> dict[str, Any]:
        stored: Any = {file.key: self._stored(file) for file in prepared.files}
        return prepared.graph(stored)

    def _stored(self, file: FileInput) -> dict[str, str]:
        if isinstance(file.content, Path):
            return {FILE: self.hash_of(file.content, place_of(file)), "path": str(file.content.absolute())}
        if id(file.content) not in self._copies:
            hash_ = kept_copy(file.content, place_of(file), self._folder / ".inputs").name
            self._copies[id(file.content)] = file.content, {FILE: hash_, "path": f".inputs/{hash_}"}
        return self._copies[id(file.content)][1]


def files_of(graph: Mapping[str, Any], folder: Path) -> list[tuple[FileInput, str]]:
    """Return the files in a stored graph, each with the hash of its content."""
    return [
        (FileInput(node_id, node["class_type"], name, folder / stored["path"]), stored[FILE])
        for node_id, node in graph.items()
        for name, value in node["inputs"].items()
        for stored in stored_files(value)
    ]


def place_of(file: FileInput) -> str:
    """Return how messages name the input that holds a file."""
    return f"node {file.node_id} ({file.class_type}), input {file.input_name!r}"
