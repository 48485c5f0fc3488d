# Derived from overrides/comfy_cloud/_async/batch.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""A batch as a user holds it. What runs it is in `batch_run.py`, the rules are in `_core/batch.py`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import asdict
from pathlib import Path
from types import NoneType
from typing import Any, Self

from .._constants import BATCH_CONCURRENCY
from .._core.arguments import ARGUMENTS, as_str_list
from .._core.batch import RESTING, BatchPlan, BatchProgress, Item, ItemState, progress, rows_of
from .._core.contact_sheet import contact_sheet
from .._core.names import check_template
from .._core.secrets import Secret
from .._core.submission import extra_fields
from .._files import page_template, write_text
from .._ledger import Ledger
from .._settings import expanded
from ..errors import BatchError, ConfigurationError
from . import backend
from .batch_run import BatchRun
from .connection import Connection
from .jobs import Job

__all__ = ["Batch"]


class Batch:
    """Many jobs in a folder, which holds the ledger `batch.sqlite` and a folder of files for each row.

    Got by `cloud.batch(folder)`; use it as a context manager, or close it. Whatever ends the program, opening the same
    folder again goes on where it was: no row is paid twice, and none is lost.
    """

    def __init__(
        self,
        connection: Connection,
        folder: str | os.PathLike[str],
        *,
        name: str,
        sidecar: bool,
        partner_key: Secret | None,
        extra_data: Mapping[str, Any] | None,
    ) -> None:
        fields = extra_fields(extra_data, partner_key)
        self._connection = connection
        self._folder = Path(expanded(folder, BatchError)).absolute()
        check_template(name)
        self._ledger = Ledger(self._folder, connection.origin)
        self._run = BatchRun(connection, self._ledger, name, sidecar, fields)

    def add(self, rows: object) -> int:
        """Add rows that are not there yet; return how many were new. Sends nothing.

        A row is a workflow, `(key, workflow)` or `(key, workflow, params)`; `rows` is one of these, a list of them, or
        what `sweep` returns. A row without a key gets one from its content, with that of its files. Raises
        BatchConflictError for a key that is in the batch with other content, WorkflowError and UploadError.
        """
        reader, given, new = self._run.reader, rows_of(rows), 0
        while chunk := backend.in_thread(reader.read, given):
            new += backend.in_thread(self._ledger.add, chunk)
        reader.forget()
        return new

    def run(
        self,
        *,
        window: int | None = None,
        then: Callable[[Item], Any] | None = None,
        executor: Executor | None = None,
        on_progress: Callable[[BatchProgress], Any] | None = None,
        budget: float | None = None,
    ) -> backend.Stream[Item]:
        """Submit what is planned, wait, save, and yield each row as it comes to rest.

        - `window`: How many jobs may wait or run at once. Default: twice what the server runs at once. A full queue and
          a server out of reach are waited for.
        - `then`: A function that is called with each row that was saved. Its result is `item.result`.
        - `executor`: Where `then` is called. It takes picklable functions only. Default: here.
        - `on_progress`: Called with a BatchProgress when rows are submitted or come to rest.
        - `budget`: Credits that end the run before they are passed: the first row is sent alone, later ones only if
          there is room for the most that a row has cost. On a server that tells no credits it raises BatchError.

        Raises what stops the batch (PaymentRequiredError, AuthenticationError, BatchError), once all jobs that run are
        collected; run again when it is mended. Ctrl-C submits no more, collects what runs, and then raises; a second
        one leaves at once, and the next run collects.
        """
        ARGUMENTS.listener("then", then, awaits=False, takes="an Item")
        ARGUMENTS.instance("executor", executor, (Executor, NoneType), "an executor of concurrent.futures")
        ARGUMENTS.listener("on_progress", on_progress, awaits=backend.AWAITS, takes="a BatchProgress")
        ARGUMENTS.number("budget", budget, unit="credits")
        run, began, ended = self._run, time.monotonic(), 0
        run.begin(window, then, executor, budget)
        try:
            while True:
                try:
                    item = run.news.get(None)
                except KeyboardInterrupt as interrupt:
                    run.interrupt(interrupt)
                    continue
                if item is None:
                    break
                ended += isinstance(item, Item)
                try:
                    if on_progress is not None:
                        done = progress(self.counts(), ended, time.monotonic() - began)
                        backend.resolve(on_progress(done))
                except KeyboardInterrupt as interrupt:  # drawing takes longer than all else here
                    run.interrupt(interrupt)
                if isinstance(item, Item):
                    yield item
        finally:
            run.end()
        if run.stop is not None:
            raise run.stop

    def futures(self, *, window: int | None = None) -> dict[str, Future[Item]]:
        """Start to run in the background, and return a future for each row by its key.

        It has the item once the row is done, and BatchError if the row fails. Hand them to whatever takes
        `concurrent.futures`. Closing the batch ends the run.
        """
        futures = backend.in_thread(self._run.make_futures)
        self._run.begin(window)
        return futures

    def items(self, state: str | None = None) -> list[Item]:
        """Return the rows, or those in one state, in the order in which they were added."""
        ARGUMENTS.word("state", state, ItemState)
        where = "TRUE" if state is None else f"state = '{ItemState(state)}'"
        return backend.in_thread(lambda: [self._ledger.item(row) for row in self._ledger.each(where)])

    def counts(self) -> dict[ItemState, int]:
        """Return how many rows are in each state."""
        return backend.in_thread(self._ledger.counts)

    def plan(self) -> BatchPlan:
        """Return how much is to be done, and what it will take by what was measured so far. Sends nothing."""
        return backend.in_thread(self._ledger.plan)

    def retry(self, states: Iterable[str]) -> int:
        """Plan the rows that are in these states (failed, cancelled, uncertain) anew; return how many.

        A job that is complete but was not saved is not run again, and of a row whose `then` failed only that is called
        again. To retry an uncertain row can mean to pay for it twice: look first.
        """
        wanted = set(as_str_list("states", states))
        if not wanted or not wanted <= RESTING:
            raise ConfigurationError(f"states must be among {', '.join(sorted(RESTING))}, not {sorted(wanted)}")
        return backend.in_thread(self._ledger.retry, wanted)

    def cancel(self) -> None:
        """Cancel the rows that are planned, and the jobs that wait or run; `run` collects how those end.

        Raises what `job.cancel()` raises.
        """
        backend.in_thread(self._ledger.cancel_planned)
        jobs = [Job(self._connection, row["job_id"]) for row in self._ledger.rows("state = 'submitted'")]
        backend.gather([job.cancel for job in jobs], BATCH_CONCURRENCY)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the rows as JSON Lines, one object for each, and return the path."""
        lines = [json.dumps(asdict(item), default=str, ensure_ascii=False) for item in self.items()]
        return backend.in_thread(write_text, Path(expanded(path, BatchError)), "".join(f"{line}\n" for line in lines))

    def contact_sheet(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write one HTML page (default: `index.html` in the folder) with the pictures and their parameters.

        The page can be sorted and filtered, and loads nothing but the pictures beside it. Returns its path.
        """
        target = self._folder / "index.html" if path is None else Path(expanded(path, BatchError)).absolute()
        template = backend.in_thread(page_template)
        page = contact_sheet(template, self._folder.name, self.items(), target.parent)
        return backend.in_thread(write_text, target, page)

    def close(self) -> None:
        """End a run in the background and give the folder up.

        Waits for submits and calls of `then` that are under way. Downloads and uploads are broken off.
        """
        try:
            self._run.close()
        finally:
            backend.in_thread(self._ledger.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._folder}>"
