# Derived from overrides/comfy_cloud/_async/batch_run.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Run a batch: rows are submitted a window at a time, waited for together, saved, and recorded at each step.

One pump decides what comes next and is the only one to write the ledger. Each row goes through the steps below. They
run beside the pump and report to it how they ended:

    UPLOAD -> SUBMIT -> WAIT -> SAVE -> CALL (of `then`)
    LOOKUP -----------> WAIT (of rows whose submit an earlier process began)

What is recorded is on disk before the next step begins. When a run is left, submits and calls under way are finished
and recorded by the next run or by `aclose`. All other steps are broken off, since the next run can repeat them freely.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from functools import partial
from typing import Any, Final

from .._batch_rows import RowReader, files_of
from .._constants import BATCH_CALLS_MAX, BATCH_CONCURRENCY, BATCH_LINGER, BATCH_PAUSE_FIRST, BATCH_PAUSE_LONGEST
from .._core import batch as rules
from .._core.arguments import ARGUMENTS
from .._core.batch import RESTING, Item, ItemState
from .._core.prepared import FileInput
from .._core.sidecars import credits_of, parameters, seconds_of
from .._files import are_whole, clear_parts, seal
from .._ledger import Changes, Ledger, Record
from .._logging import logger
from ..errors import BatchError, ComfyCloudError, ConfigurationError, SubmissionUncertainError
from ..raw.api.node import get_features
from . import backend
from .connection import Connection
from .jobs import Job
from .submit import look_up, submit_row
from .uploads import upload_files
from .watch import Wait


class Step(Enum):
    """A step of a row. A row is at one step at a time."""

    UPLOAD = auto()
    SUBMIT = auto()
    LOOKUP = auto()
    WAIT = auto()
    SAVE = auto()
    CALL = auto()


_NEXT: Final = {Step.UPLOAD: Step.SUBMIT, Step.WAIT: Step.SAVE}  # after steps that have no result
_FINISHED: Final = (Step.SUBMIT, Step.CALL)  # steps that are not broken off


@dataclass(slots=True, eq=False)
class Flight:
    """A row that is being worked on, and the step that runs or comes next; None if it comes to rest."""

    row: Record
    step: Step | None
    sent_at: float | None = None  # by the monotonic clock; None if an earlier process sent it
    job: Job | None = None
    failures: int = 0  # how often the job could not be asked for or saved


class BatchRun:
    """The pump of a batch, and what it knows from one run to the next.

    `news` has the rows that came to rest, a word when others were submitted, and None at the end; `stop` is why nothing
    more is submitted.
    """

    def __init__(
        self, connection: Connection, ledger: Ledger, name: str, sidecar: bool, fields: Mapping[str, Any]
    ) -> None:
        # A server that is out of reach is waited for, however long that takes: the rows are safe.
        timing = replace(connection.timing, unreachable=math.inf, list_spacing=2 * connection.timing.list_spacing)
        self._connection = replace(connection, timing=timing)
        self._ledger, self._name, self._sidecar, self._fields = ledger, name, sidecar, fields
        self.reader = RowReader(ledger.folder)
        self.stop: BaseException | None = None
        self._uploaded: dict[str, str] = {}
        self._flights: dict[int, Flight] = {}
        self._ready: list[Flight] = []  # those whose next step is to begin
        self._crews: dict[Step, backend.Crew] = {}
        self._done: backend.Channel[tuple[Flight | None, Any]] = backend.Channel()
        self._futures: dict[str, Future[Item]] = {}
        self._pump: backend.Crew | None = None

    def begin(
        self,
        window: int | None = None,
        then: Callable[[Item], Any] | None = None,
        executor: Executor | None = None,
        budget: float | None = None,
    ) -> None:
        """Start the pump."""
        ARGUMENTS.count("window", window, least=1)
        if self._pump is not None:
            raise ConfigurationError("this batch is running already: end that run first")
        self._window, self._then, self._executor, self._budget = window, then, executor, budget
        self._calls_max = BATCH_CONCURRENCY if executor is None else BATCH_CALLS_MAX
        self.stop, self._leaving = None, False
        self._pause, self._hold_until, self._told = BATCH_PAUSE_FIRST, 0.0, set[str]()
        self._wait = Wait(self._connection, (), None, listens=False, open=True)
        self.news: backend.Channel[Item | str | None] = backend.Channel()
        self._pump = backend.Crew(1)
        self._pump.put(self._run)

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Submit no more after the first Ctrl-C, and raise the second."""
        if self.stop is not None:
            raise interrupt
        self.stop = interrupt
        self._done.put((None, None))
        # Whoever pressed it looks at the terminal, and not at a log.
        sys.stderr.write("collecting the jobs that run; Ctrl-C again leaves them to the next run\n")

    def end(self) -> None:
        """Leave the run."""
        if self._pump is not None:
            self._leaving = True
            self._done.put((None, None))
            self._pump.stop(finish=True)
            self._pump = None

    def close(self) -> None:
        """End the run, and finish what cannot be broken off."""
        self.end()
        self._finish()

    def make_futures(self) -> dict[str, Future[Item]]:
        """Return a future for each row by its key; those of rows that rest have their result."""
        items = [self._ledger.item(row) for row in self._ledger.each()]
        self._futures = {item.key: Future() for item in items}
        for item in items:
            self._resolve(item)
        return dict(self._futures)

    # The pump.

    def _run(self) -> None:
        try:
            self._take_up()
            changes: Changes = {}
            while not self._leaving:
                planned = self.stop is None and backend.in_thread(self._ledger.has_planned)
                if changes or planned:
                    self._record(changes)
                self._follow()
                for flight in self._ready:
                    self._advance(flight)
                self._ready.clear()
                busy = planned or self._flights
                if not (busy or changes):  # a change may have planned a row anew
                    break
                changes = self._drain(BATCH_PAUSE_FIRST if busy else 0)
            if changes:
                self._record(changes)
        except BaseException as error:  # noqa: BLE001 - raised by `run`, where somebody reads it
            self.stop = error
        finally:
            self._wait.end()
            for step, crew in self._crews.items():
                if step not in _FINISHED:
                    crew.stop()
            for future in self._futures.values():
                if self._leaving:
                    future.cancel()  # leaves a future that has its result alone
                elif not future.done():
                    future.set_exception(self.stop or BatchError("the row was not run"))
            self.news.put(None)

    def _take_up(self) -> None:
        """Take up what earlier runs left: first those of this process, then what the ledger has."""
        self._finish()
        sizes = {Step.UPLOAD: 1, Step.WAIT: 1, Step.CALL: self._calls_max}
        self._crews = {step: backend.Crew(sizes.get(step, BATCH_CONCURRENCY)) for step in Step}
        self._crews[Step.WAIT].put(partial(self._work, None, lambda _: self._wait.run(None)))
        backend.in_thread(lambda: self._ledger.record(self._gone()))
        if self._window is None:
            self._window = self._default_window()
        self._ledger.remember("window", str(self._window))
        self._keeps_ids = self._ledger.fact("keeps_ids") is not None
        for row in self._ledger.rows("state IN ('submitting', 'submitted')"):
            flight = Flight(row, Step.LOOKUP)
            if row["state"] == ItemState.SUBMITTED:
                clear_parts(self._ledger.folder / row["folder"])
                flight.step, flight.job = Step.WAIT, Job(self._connection, row["job_id"])
            self._take(flight)

    def _take(self, flight: Flight) -> None:
        self._flights[flight.row["number"]] = flight
        self._ready.append(flight)

    def _files(self, row: Record) -> list[tuple[FileInput, str]]:
        return files_of(self._ledger.graph(row), self._ledger.folder)

    def _finish(self) -> None:
        """Wait for the submits and the calls that an earlier run left, and record them."""
        for step in _FINISHED:
            if step in self._crews:
                self._crews[step].stop(finish=True)
        changes = self._drain(0)
        # Of these nothing was sent. A submit that was cancelled may have been, and is looked up by the next run.
        uploading = (flight for flight in self._flights.values() if flight.step is Step.UPLOAD)
        for flight in [*uploading, *(flight for flight in self._ready if flight.step is Step.SUBMIT)]:
            changes[flight.row["number"]] = {"state": ItemState.PLANNED}
        self._crews.clear()
        if changes:
            self._record(changes)
        self._flights.clear()
        self._ready.clear()

    def _gone(self) -> Changes:
        """Return how the rows change whose files are not all there: they are downloaded again."""
        done, folder = self._ledger.each("state = 'done'"), self._ledger.folder
        gone = (row for row in done if not are_whole(folder / row["folder"], json.loads(row["files"])))
        return {row["number"]: {"state": ItemState.SUBMITTED} for row in gone}

    def _default_window(self) -> int:
        try:
            features = self._connection.json(get_features.operation)
        except ComfyCloudError as error:
            if rules.after_submit(error, tries=0, keeps_ids=False).stops:
                raise
            features = None
        most = features.get("max_concurrent_jobs") if isinstance(features, Mapping) else None
        return 2 * (most if isinstance(most, int) and most > 0 else 1)

    def _record(self, changes: Changes) -> None:
        """Write what has changed and make planned rows *submitting*; tell of the rows that rest.

        That is on disk before a byte of a submit is sent.
        """
        items, flights = backend.in_thread(self._write, changes)
        for item in items:
            self._resolve(item)
            self.news.put(item)
        for flight in flights:
            self._take(flight)
        if flights:
            self.news.put("submitted")

    def _write(self, changes: Changes) -> tuple[list[Item], list[Flight]]:
        changed, claimed = self._ledger.record(changes, self._room, _now())
        steps = [Step.UPLOAD if self._files(row) else Step.SUBMIT for row in claimed]
        flights = [Flight(row, step, time.monotonic()) for row, step in zip(claimed, steps, strict=True)]
        return [self._ledger.item(row) for row in changed if self._is_rest(row)], flights

    def _room(self) -> int:
        """Return how many planned rows can be submitted now. Called once all changes are in the ledger."""
        running = Counter(flight.step for flight in self._flights.values())
        # Other submits would push a lost job out of the newest ones, among which it is looked for.
        looking = running[Step.LOOKUP] and not self._keeps_ids
        over = self._leaving or not self._crews or self.stop is not None
        if over or looking or time.monotonic() < self._hold_until:
            return 0
        submitting = running[Step.UPLOAD] + running[Step.SUBMIT]
        jobs = len(self._flights) - running[Step.CALL]
        room = min((self._window or 1) - jobs, BATCH_CONCURRENCY - submitting)
        if self._budget is None or room < 1:
            return room
        try:
            return int(min(room, self._ledger.cost().room(self._budget, jobs)))
        except BatchError as error:
            self.stop = error
            return 0

    def _is_rest(self, row: Record) -> bool:
        return row["state"] in RESTING or (
            row["state"] == ItemState.DONE and (self._then is None or row["followed"] is not None)
        )

    def _advance(self, flight: Flight) -> None:
        """Begin the next step of a row."""
        works = {
            Step.UPLOAD: self._upload,
            Step.SUBMIT: self._submit,
            Step.LOOKUP: self._look_up,
            Step.SAVE: self._save,
            Step.CALL: self._call,
        }
        if flight.step is Step.WAIT:
            assert flight.job is not None
            self._wait.add(flight.job, lambda error: self._done.put((flight, error)))
        elif flight.step is not None:
            self._crews[flight.step].put(partial(self._work, flight, works[flight.step]))

    def _work(self, flight: Flight | None, work: Callable[..., Any]) -> None:
        try:
            result = work(flight)
        except Exception as error:  # noqa: BLE001 - judged by the pump
            result = error
        self._done.put((flight, result))

    def _follow(self) -> None:
        """Take up calls of `then`. The ledger has which rows it was called for, so a lost call is made again."""
        called = [str(number) for number, flight in self._flights.items() if flight.step is Step.CALL]
        room = self._calls_max - len(called)
        if self._then is not None and room > 0:
            where = f"state = 'done' AND followed IS NULL AND number NOT IN ({', '.join(called)})"
            for row in backend.in_thread(self._ledger.rows, where, limit=room):
                self._take(Flight(row, Step.CALL))

    def _drain(self, timeout: float) -> Changes:
        """Take the results that are there, waiting up to `timeout` seconds for the first; return what they change."""
        changes: Changes = {}
        message = self._done.get(timeout)
        if message is not None and timeout > 0:
            # A commit for each result would take more time than all else here.
            backend.sleep(BATCH_LINGER)
        while message is not None:
            flight, result = message
            if flight is None:
                if result is not None:  # what broke the wait itself
                    raise result
            elif self._flights.get(number := flight.row["number"]) is flight:  # and not of a run that was left
                if columns := self._next(flight, result):
                    changes[number] = changes.get(number, {}) | columns
                if flight.step is None:
                    del self._flights[number]
                else:
                    self._ready.append(flight)
            message = self._done.get(0)
        return changes

    # How a step ended, and what comes next.

    def _next(self, flight: Flight, result: Any) -> dict[str, Any]:
        """Set the next step of a row by the result of the last one; return how the row changes."""
        step, flight.step = flight.step, None
        if step is Step.CALL:
            if isinstance(result, BaseException):
                self._calls_max = 0
                error = BatchError(f"the executor lost a call: {result!r}; the next run makes it again")
                self.stop = self.stop or error
                return {}
            return {"followed": int(result[0]), "result": result[1]}
        if isinstance(result, Exception) and not isinstance(result, ComfyCloudError):
            raise result
        if step is Step.WAIT:
            self._hold_until = 0.0  # a place in the queue is free
        if isinstance(result, ComfyCloudError):
            return self._judge(flight, step, result)
        if step in _NEXT:
            flight.step = _NEXT[step]
            return {}
        if isinstance(result, Job):  # of a submit or a lookup
            flight.job, flight.step = result, Step.WAIT
            self._pause = BATCH_PAUSE_FIRST
            if result.id == flight.row["submission_id"] and not self._keeps_ids:
                self._keeps_ids = True
                self._ledger.remember("keeps_ids", "1")
            return {"state": ItemState.SUBMITTED, "job_id": result.id, "tries": flight.row["tries"] + 1}
        # Of a save.
        return {"state": ItemState.DONE, "error": None, "error_type": None, "ended_at": _now(), **result}

    def _judge(self, flight: Flight, step: Step | None, error: ComfyCloudError) -> dict[str, Any]:
        """Do what an error means for a row, and for all of them."""
        # The row is as it was before the submit, unless an earlier process submitted it.
        tries = flight.row["tries"] + (flight.row["job_id"] is None)
        if step is Step.LOOKUP:
            verdict = rules.after_lookup(error, keeps_ids=self._keeps_ids)
        elif flight.job is not None:
            flight.failures += 1
            verdict = rules.after_end(error, tries=tries, saves=flight.failures)
        else:
            verdict = rules.after_submit(error, tries=tries, keeps_ids=self._keeps_ids)
        if verdict.stops:
            self.stop = self.stop or error
        elif verdict.state is ItemState.SUBMITTED:
            flight.step = step
        if verdict.pauses:
            self._hold_until = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, BATCH_PAUSE_LONGEST)
            # Said once: a queue may be full, and found to be, for as long as the batch runs.
            if type(error).__name__ not in self._told:
                logger.warning("nothing can be submitted now, the batch waits: %s", error)
            self._told.add(type(error).__name__)
        columns: dict[str, Any] = {"state": verdict.state}
        if flight.job is not None:
            columns["credits"] = credits_of(flight.job.raw)
        if verdict.counted:
            columns["tries"] = tries
        if verdict.fresh:
            columns |= {"submission_id": None, "job_id": None}
        if verdict.state in RESTING:
            columns |= {"error_type": type(error).__name__, "error": error.message, "ended_at": _now()}
        return columns

    def _resolve(self, item: Item) -> None:
        future = self._futures.get(item.key)
        if future is None or future.done():
            return
        if item.state is ItemState.DONE:
            future.set_result(item)
        elif item.state in RESTING:
            future.set_exception(BatchError(f"row {item.key!r} is {item.state}: {item.error}", job_id=item.job_id))

    # What runs beside the pump.

    def _upload(self, flight: Flight) -> None:
        """Upload the files of a row, each once for all rows. Raises NodeInputError for one that has changed."""
        for file, wanted in backend.in_thread(self._files, flight.row):
            backend.in_thread(self.reader.check, file, wanted)
            if wanted not in self._uploaded:
                (self._uploaded[wanted],) = (upload_files(self._connection, [file])).values()

    def _submit(self, flight: Flight) -> Job:
        graph = backend.in_thread(self._ledger.graph, flight.row)
        return submit_row(
            self._connection,
            rules.with_names(graph, self._uploaded) if self._uploaded else graph,
            flight.row["submission_id"],
            extra_data=self._fields,
            fields={},
            targets=(),
            queue_timeout=0.0,  # the pump waits itself
        )

    def _look_up(self, flight: Flight) -> Job:
        since = datetime.fromisoformat(flight.row["submitted_at"])
        job = look_up(self._connection, flight.row["submission_id"], since)
        if job is None:
            raise SubmissionUncertainError("a submit was lost, and no job of it could be found")
        return job

    def _save(self, flight: Flight) -> dict[str, Any]:
        """Save the files of a job; return what the ledger keeps. Raises JobFailedError and JobCancelledError."""
        job, row, about = flight.job, flight.row, None
        assert job is not None
        job._raise_unless_completed()
        # Never by the clock on the wall, which may be set in between.
        seconds = seconds_of(job.raw) if flight.sent_at is None else time.monotonic() - flight.sent_at
        if self._sidecar:
            times = {"submitted_at": row["submitted_at"], "ended_at": _now()}
            graph, params = self._ledger.graph(row), json.loads(row["params"])
            about = parameters(graph, job.id, times, key=row["key"], params=params)
        paths = job.outputs._save(f"{self._ledger.folder / row['folder']}/", self._name, row["key"], about)
        files = json.dumps(backend.in_thread(seal, paths))
        return {"files": files, "seconds": seconds, "credits": credits_of(job.raw)}

    def _call(self, flight: Flight) -> tuple[bool, str]:
        call = partial(rules.following, self._then, self._ledger.item(flight.row))
        if self._executor is None:
            return backend.in_thread(call)
        return backend.result_of(self._executor.submit(call))


def _now() -> str:
    return datetime.now(UTC).isoformat()
