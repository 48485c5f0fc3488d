"""The rules of a batch: what its rows are, how they go from state to state, and what a crash leaves to be found out.

A row is *submitting* before a byte is sent, so that no crash can hide a submit. What became of such a row is looked up,
never guessed: a second submit would be paid a second time. No I/O, no clock.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from blake3 import blake3

from .. import errors
from .._constants import BATCH_SUBMITS_MAX
from ..workflow import Workflow
from .arguments import ARGUMENTS
from .names import safe_name

__all__ = ["BatchPlan", "BatchProgress", "Item", "ItemState", "sweep"]


class ItemState(StrEnum):
    """The state of a row of a batch. PLANNED, SUBMITTING and SUBMITTED are worked on by `run`, the others rest.

    UNCERTAIN: a submit was lost, and nobody can tell whether the job exists. Only `retry({"uncertain"})` sends it
    again.
    """

    PLANNED = "planned"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"


RESTING = frozenset({ItemState.FAILED, ItemState.CANCELLED, ItemState.UNCERTAIN})
"""Rows in these states wait for the user."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a batch as the ledger has it. It pickles.

    - `key`: the caller's, else made of the content of the workflow
    - `params`: what a sweep set, or what was given beside the workflow
    - `paths`: the files that were saved, in the order of the outputs
    - `error`: why the row failed or is uncertain, or that its job was cancelled, or why `then` failed; else None
    - `seconds`: from the submit to the end of the job
    - `tries`: how often a job was submitted for it
    - `result`: what `then` returned, as JSON keeps it
    """

    key: str
    params: Mapping[str, Any]
    state: ItemState
    job_id: str | None
    submission_id: str | None
    paths: tuple[Path, ...]
    error: str | None
    seconds: float | None
    tries: int
    result: Any = None


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The work that is left: rows `to_do` of `total`, and the `seconds` it takes by what was measured (else None).

    `credits` is what the rows to do will cost by what the server told of other jobs; None if it does not tell.
    """

    to_do: int
    total: int
    seconds: float | None
    credits: float | None

    def __str__(self) -> str:
        cost = "" if self.credits is None else f", about {self.credits:g} credits"
        return f"{self.to_do} of {self.total} to do{_left(self.seconds)}{cost}"


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """The progress of a batch: numbers of rows, rows ended per minute in this run, and the seconds left by that.

    `left` rows are to be done, of which some are `running`; `failed` counts uncertain ones as well.
    """

    total: int
    left: int
    done: int
    failed: int
    running: int
    per_minute: float
    seconds: float | None

    @property
    def fraction(self) -> float:
        """The share of the rows that is not to be done any more, from 0.0 to 1.0."""
        return 1.0 - self.left / self.total if self.total else 1.0

    def __str__(self) -> str:
        failed = f", {self.failed} failed" if self.failed else ""
        rate = f", {self.per_minute:.1f} a minute" if self.per_minute else ""
        return f"{self.done} of {self.total} done{failed}, {self.running} running{rate}{_left(self.seconds)}"


def _left(seconds: float | None) -> str:
    return "" if seconds is None else f", about {timedelta(seconds=round(seconds))} left"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is added: its `workflow` is `base` with `changes`, `{node id: {input: value}}`."""

    key: str | None
    workflow: Workflow
    base: Workflow
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


def sweep(
    workflow: Workflow | Mapping[str, Any],
    params: Mapping[str, Iterable[Any]],
    *,
    zip: bool = False,  # noqa: A002 - the word for it
) -> Iterator[Row]:
    """Return the rows of a sweep for `batch.add`: the workflow with each combination of values.

    `params` maps "NODE.INPUT" (the node by its id, title or class) to the values. With `zip`, the first values of all
    make the first row, and so on. Raises WorkflowError for inputs that are not there, ValueError for an input
    without values or named twice, and for values of unequal number with `zip`.

        batch.add(sweep(workflow, {"KSampler.seed": range(100), "Prompt.text": ["a cat", "a dog"]}))
    """
    ARGUMENTS.flags(zip=zip)
    ARGUMENTS.instance("params", params, Mapping, "a mapping of inputs to lists of values")
    base = workflow if isinstance(workflow, Workflow) else Workflow(workflow)
    places, names = dict[str, tuple[str, str]](), dict[tuple[str, str], str]()
    for name in params:
        places[name] = place = input_place(base, name)
        if (other := names.setdefault(place, name)) != name:  # one of the two would be dropped without a word
            raise ValueError(f"params has one input under two names, {other!r} and {name!r}")
    for name, given in params.items():
        if isinstance(given, str | bytes) or not isinstance(given, Iterable):
            raise errors.ConfigurationError(f"params[{name!r}] must be a list of values, not {type(given).__name__}")
    values = [given if isinstance(given, Sequence) else tuple(given) for given in params.values()]
    for name, given in _zip(params, values):
        if not given:
            raise ValueError(f"params[{name!r}] must have a value; without one the sweep has no rows")
    if zip and len({len(given) for given in values}) > 1:
        raise ValueError(f"zip=True takes as many values for each input, not {[len(given) for given in values]}")
    rows = _zip(*values) if zip else itertools.product(*values)
    return (_swept(base, places, dict(_zip(params, row))) for row in rows)


_zip = zip


def input_place(workflow: Workflow, name: str) -> tuple[str, str]:
    """Return the node's id and the name of the input that "NODE.INPUT" means. Raises WorkflowError.

    Names of nodes and of inputs may have dots in them.
    """
    ARGUMENTS.instance("the name of an input", name, str, "a string")
    parts = name.split(".")
    splits = [(".".join(parts[:cut]), ".".join(parts[cut:])) for cut in range(1, len(parts))]
    for node, given in splits:
        if node in workflow and given in workflow[node]:
            return workflow[node].id, given
    if not splits:
        raise errors.WorkflowError(f"an input must be named as 'NODE.INPUT', not {name!r}")
    node, given = splits[-1]
    workflow[node][given]  # raises, and names what there is
    raise errors.WorkflowError(f"no input {name!r}")


def _swept(base: Workflow, places: Mapping[str, tuple[str, str]], params: Mapping[str, Any]) -> Row:
    workflow, changes = base.copy(), dict[str, dict[str, Any]]()
    for name, value in params.items():
        node, given = places[name]
        workflow[node][given] = value
        changes.setdefault(node, {})[given] = workflow[node][given]
    return Row(None, workflow, base, changes, params)


def rows_of(given: object) -> Iterator[Row]:
    """Return the rows in what `batch.add` takes. Raises ConfigurationError for anything else."""
    one = isinstance(given, Row | Workflow | Mapping) or (isinstance(given, tuple) and _is_row(given))
    for entry in [given] if one or isinstance(given, str | bytes) or not isinstance(given, Iterable) else given:
        if isinstance(entry, Row):
            yield entry
            continue
        parts: tuple[Any, ...] = entry if isinstance(entry, tuple) else (None, entry)
        if not _is_row(parts):
            kind = type(entry).__name__
            raise errors.ConfigurationError(
                f"a row must be a workflow, (key, workflow) or (key, workflow, params), not {kind}"
            )
        key, workflow, *params = parts
        whole = workflow if isinstance(workflow, Workflow) else Workflow(workflow)
        yield Row(key, whole, whole, {}, params[0] if params else {})


def _is_row(parts: tuple[Any, ...]) -> bool:
    if len(parts) not in {2, 3} or not isinstance(parts[0], str | None):
        return False
    if parts[0] is not None and not parts[0].strip():
        raise errors.ConfigurationError("key must not be empty")
    return isinstance(parts[1], Workflow | Mapping) and all(isinstance(params, Mapping) for params in parts[2:])


FILE = "comfy_cloud_file"
"""The field of a JSON object that stands for a file: the blake3 hash of its content. `path` says where it lies."""


def to_json(value: object) -> str:
    """Return canonical JSON: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stored_files(value: object) -> Iterator[dict[str, str]]:
    """Yield the objects that stand for files in stored JSON."""
    if isinstance(value, dict) and FILE in value:
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from stored_files(part)


def with_names(value: Any, names: Mapping[str, str]) -> Any:
    """Return stored JSON with what the server calls the files, by their hashes."""
    if isinstance(value, dict):
        if FILE in value:
            return names[value[FILE]]
        return {name: with_names(part, names) for name, part in value.items()}
    return [with_names(part, names) for part in value] if isinstance(value, list) else value


def shown(params: Mapping[str, Any]) -> str:
    """Return params as JSON to read: files by their names."""

    def plain(leaf: object) -> Any:
        return leaf.name if isinstance(leaf, Path) else f"<{type(leaf).__name__}>"

    return json.dumps(params, default=plain, ensure_ascii=False)


def encoded(text: str) -> bytes:
    """Return a text as the ledger and servers store it. Raises ValueError for one that is not Unicode."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        half = repr(error.object[error.start])
    raise ValueError(f"a row cannot hold {half}: half of a surrogate pair is not a character")


def digest(text: str) -> str:
    """Return the hash of a text."""
    return blake3(encoded(text)).hexdigest()


def folder_name(key: str, *, taken: bool = False) -> str:
    """Return the name of a row's folder: its key if that can be a name and nobody has it, else with a digest."""
    safe = safe_name(key.replace("/", "_").replace("\\", "_"), "row")
    return safe if safe == key and not taken else f"{safe[:100]}-{digest(key)[:8]}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of an error for a row: its next `state`, and whether a try is `counted`.

    With `fresh`, the next submit has a new id. `pauses` says that no row can be submitted now, `stops` that none will
    be without the user.
    """

    state: ItemState
    counted: bool = False
    fresh: bool = False
    pauses: bool = False
    stops: bool = False


_STOPPING = (
    errors.PaymentRequiredError,
    errors.AuthenticationError,
    errors.PermissionDeniedError,
    errors.ConfigurationError,
    errors.BatchError,
)


def after_submit(error: errors.ComfyCloudError, *, tries: int, keeps_ids: bool) -> Verdict:
    """Return what a submit that raised means. `keeps_ids`: this server has been seen to keep the ids that we choose."""
    if isinstance(error, errors.SubmissionUncertainError):
        return after_lookup(error, keeps_ids=keeps_ids)
    if isinstance(error, _STOPPING):
        return Verdict(ItemState.PLANNED, stops=True)
    if isinstance(error, errors.RateLimitError | errors.APIConnectionError):
        # Nothing was begun: a full queue, or no connection, from which `submit_graph` raises only if nothing was sent.
        return Verdict(ItemState.PLANNED, pauses=True)
    if is_of_the_service(error) and tries < BATCH_SUBMITS_MAX:
        return Verdict(ItemState.PLANNED, counted=True, fresh=True, pauses=True)
    return Verdict(ItemState.FAILED, counted=True)


def after_lookup(error: errors.ComfyCloudError, *, keeps_ids: bool) -> Verdict:
    """Return what it means that the search for the job of a lost submit raised.

    SubmissionUncertainError says that there was no such job. Any other error says nothing about it, so that the row is
    looked up again by the next run.
    """
    if not isinstance(error, errors.SubmissionUncertainError):
        return Verdict(ItemState.SUBMITTING, stops=True)
    return Verdict(ItemState.PLANNED) if keeps_ids else Verdict(ItemState.UNCERTAIN, counted=True)


def after_end(error: errors.ComfyCloudError, *, tries: int, saves: int = 0) -> Verdict:
    """Return what it means that a job failed or is lost, or that it could not be asked for or saved.

    A job that was paid for stays *submitted* unless it is over for good. `saves` counts the tries to save its files.
    """
    if isinstance(error, errors.JobFailedError) and is_of_the_service(error) and tries < BATCH_SUBMITS_MAX:
        return Verdict(ItemState.PLANNED, fresh=True)
    if isinstance(error, errors.JobError):
        return Verdict(ItemState.CANCELLED if isinstance(error, errors.JobCancelledError) else ItemState.FAILED)
    cause = error.__cause__ if isinstance(error, errors.DownloadError) else error
    if isinstance(cause, errors.APIConnectionError) or is_of_the_service(cause):
        return Verdict(ItemState.SUBMITTED if saves < BATCH_SUBMITS_MAX else ItemState.FAILED)
    # A refusal, such as of a key that was revoked; or the disk is full.
    refused = isinstance(cause, (OSError, *_STOPPING)) or not isinstance(error, errors.DownloadError)
    return Verdict(ItemState.SUBMITTED, stops=True) if refused else Verdict(ItemState.FAILED)


def is_of_the_service(error: BaseException | None) -> bool:
    """Return whether the same workflow may go well another time. A failure that names a node is the workflow's."""
    if isinstance(error, errors.JobFailedError):
        return error.node_id is None and error.exception_type is None
    return isinstance(error, errors.ServerError | errors.UnexpectedResponseError) or (
        isinstance(error, errors.APIStatusError) and error.retryable
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """The credits that the server told so far: their sum, the `most` and the `mean` of a job, and the `done` rows.

    `most` and `mean` are None if it told none.
    """

    spent: float
    most: float | None
    mean: float | None
    done: int

    def room(self, budget: float, running: int) -> float:
        """Return how many rows more than those that run can be submitted within the budget, at the most a job cost.

        Raises BatchError if no row can be, and none runs whose end could tell more.
        """
        if self.most is None and self.done:
            raise errors.BatchError("this server tells no credits, so that no budget can be kept: run without one")
        # The first row is sent alone, and tells.
        room = 1 if self.most is None else math.inf if not self.most else (budget - self.spent) // self.most
        if room < 1 and not running:
            raise errors.BatchError(f"the next row would pass the budget: {self.spent:g} of {budget:g} are spent")
        return max(0, room - running)


def open_rows(counts: Mapping[ItemState, int]) -> int:
    """Return how many rows `run` works on."""
    return counts[ItemState.PLANNED] + counts[ItemState.SUBMITTING] + counts[ItemState.SUBMITTED]


def progress(counts: Mapping[ItemState, int], ended: int, seconds: float) -> BatchProgress:
    """Return how far a batch is, after `ended` rows in `seconds`."""
    rate = 60 * ended / seconds if seconds > 0 else 0.0
    return BatchProgress(
        total=sum(counts.values()),
        left=open_rows(counts),
        done=counts[ItemState.DONE],
        failed=counts[ItemState.FAILED] + counts[ItemState.UNCERTAIN],
        running=counts[ItemState.SUBMITTING] + counts[ItemState.SUBMITTED],
        per_minute=rate,
        seconds=60 * open_rows(counts) / rate if rate else None,
    )


def following(then: Any, item: Item) -> tuple[bool, str]:
    """Call what follows a job, in whichever process. Return whether it returned, and its result or failure as JSON.

    An error of the function becomes a value, so that whatever the executor raises is the executor's: a lost worker.
    """
    try:
        return True, json.dumps(then(item), default=str)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the function's error, whatever it is
        return False, json.dumps(f"{type(error).__name__}: {error}")
