"""Define a node: how it is run, what it can use while it runs, and what it returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .._state.files import FileStore, StoredFile


class NodeError(Exception):
    """A failure of a node with a chosen exception type name."""

    def __init__(self, type_name: str, message: str) -> None:
        super().__init__(message)
        self.type_name = type_name


@dataclass(frozen=True)
class Preview:
    """A picture of unfinished work. `format` is JPEG or PNG."""

    format: str
    image: bytes


class Call(Protocol):
    """The things that a running node can use."""

    @property
    def files(self) -> FileStore: ...

    @property
    def workflow_texts(self) -> Mapping[str, str]:
        """Return the text chunks that saved PNGs contain, as name and JSON."""
        ...

    def progress(self, value: int, maximum: int, preview: Preview | None = None) -> None:
        """Report a step, with or without a preview. Raise if the job was interrupted."""

    def show_text(self, text: str) -> None:
        """Show a string at the node while the job runs."""

    def sleep(self, seconds: float) -> None:
        """Wait. Raise at once if the job is interrupted."""

    def record_output(self, file: StoredFile) -> dict[str, Any]:
        """Tell the job about a file that the node created. Return the file's entry in the outputs."""
        ...


@dataclass(frozen=True)
class Result:
    """The result of a node: the values of its output slots, and `ui`, the entries of the job's outputs by kind.

    If `expands` is set, this workflow runs in place of the node, with ids of its own. The values are then links into
    it.
    """

    values: tuple[Any, ...] = ()
    ui: Mapping[str, list[Any]] | None = None
    expands: Mapping[str, dict[str, Any]] | None = None


def _always_same(_files: FileStore, _inputs: Mapping[str, Any]) -> object:
    return None


def _no_check(_files: FileStore, _inputs: Mapping[str, Any]) -> str | None:
    return None


@dataclass(frozen=True)
class Node:
    """The implementation of a node class.

    `fingerprint` is compared between runs in addition to the inputs; if it differs, the node runs again. `check` checks
    the inputs in `checked` at submit, instead of the usual checks, and returns what is wrong or None.
    """

    run: Callable[..., Result]
    fingerprint: Callable[[FileStore, Mapping[str, Any]], object] = _always_same
    check: Callable[[FileStore, Mapping[str, Any]], str | None] = _no_check
    checked: frozenset[str] = field(default_factory=frozenset)
