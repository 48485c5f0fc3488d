"""What a node is: how it is run, what it may ask for while it runs, and what it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ._files import FileStore, StoredFile


class NodeError(Exception):
    """A node fails with an exception of a chosen type name."""

    def __init__(self, type_name: str, message: str) -> None:
        super().__init__(message)
        self.type_name = type_name


@dataclass(frozen=True)
class Preview:
    """A picture of work under way: `format` is JPEG or PNG."""

    format: str
    image: bytes


class Call(Protocol):
    """What a running node may ask of its surroundings."""

    @property
    def files(self) -> FileStore: ...

    @property
    def workflow_texts(self) -> Mapping[str, str]:
        """The text chunks that saved PNGs carry: name to JSON."""
        ...

    def progress(self, value: int, maximum: int, preview: Preview | None = None) -> None:
        """Report a step, with or without a picture; raises where the job was interrupted."""

    def show_text(self, text: str) -> None:
        """Show a text beside the node while the job runs."""

    def sleep(self, seconds: float) -> None:
        """Let time pass; raises at once where the job is interrupted."""

    def saved(self, file: StoredFile) -> dict[str, Any]:
        """Tell the job about a file it made, and get the entry that its outputs list."""
        ...


@dataclass(frozen=True)
class Result:
    """The values of a node's output slots, and what it shows: the entries of a job's outputs, by kind.

    A node that `expands` gives a workflow that is to run in its place, with ids of its own; its values are then links
    into that workflow.
    """

    values: tuple[Any, ...] = ()
    shown: Mapping[str, list[Any]] | None = None
    expands: Mapping[str, dict[str, Any]] | None = None


def _always_same(_files: FileStore, _inputs: Mapping[str, Any]) -> object:
    return None


def _no_check(_files: FileStore, _inputs: Mapping[str, Any]) -> str | None:
    return None


@dataclass(frozen=True)
class Node:
    """`fingerprint` is compared between runs beside the inputs: another value runs the node again.
    `check` judges `checked` inputs at submit, in place of the usual checks, and returns what is wrong."""

    run: Callable[..., Result]
    fingerprint: Callable[[FileStore, Mapping[str, Any]], object] = _always_same
    check: Callable[[FileStore, Mapping[str, Any]], str | None] = _no_check
    checked: frozenset[str] = field(default_factory=frozenset)
