"""Commands for batches: run, status, retry, sheet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._core.arguments import ARGUMENTS
from .._core.batch import Item, ItemState
from ..errors import BatchError
from .exits import ExitCode
from .inputs import read_rows, read_sweep, read_workflow, set_inputs
from .jobs import NAME, Name, WorkflowOptions, checked
from .program import Program, command, printable
from .progress import Bars
from .shapes import count, print_table

if TYPE_CHECKING:
    from .._sync.batch import Batch


class Resting(StrEnum):
    """The states of rows that can be tried again."""

    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"


Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the batch: its ledger and its files.")]
Window = Annotated[int | None, typer.Option(min=1, metavar="N", help="How many jobs wait or run at once.")]
Budget = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="CREDITS",
        callback=checked(partial(ARGUMENTS.number, "--budget", unit="credits")),
        help="Spend no more than this.",
    ),
]
Again = Annotated[
    list[Resting] | None,
    typer.Option("--state", metavar="STATE", help="Rows that are failed (default), cancelled or uncertain."),
]
OfState = Annotated[
    ItemState | None, typer.Option("--state", metavar="STATE", help=f"Only rows in this state: {', '.join(ItemState)}.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands below `batch`."""

    @command(app, "batch run portraits portrait.json --sweep KSampler.seed=1..100")
    def run(
        program: Program,
        folder: Folder,
        read: WorkflowOptions,
        workflow: Annotated[
            str | None, typer.Argument(metavar="[WORKFLOW]", help="Rows of this workflow are added first.")
        ] = None,
        sweep: Annotated[
            list[str] | None,
            typer.Option(
                metavar="NODE.INPUT=VALUES", help="A row for each value: FIRST..LAST, or a JSON list. Several combine."
            ),
        ] = None,
        pairwise: Annotated[bool, typer.Option("--zip", help="Take the values of sweeps in pairs.")] = False,
        rows: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="CSV with a row for each job, a column NODE.INPUT for each input."),
        ] = None,
        name: Name = NAME,
        window: Window = None,
        budget: Budget = None,
    ) -> None:
        """Run what a batch has to do, and go on where it was. Prints the files of each row when it is done."""
        if workflow is None and (sweep or rows or read.settings):
            raise typer.BadParameter("--sweep, --rows and --set need a WORKFLOW")
        if sweep and rows:
            raise typer.BadParameter("--sweep and --rows cannot be used together")
        if workflow is None:
            counts(folder)
        with program.cloud() as cloud:
            added: Any = None
            if workflow is not None:
                base = read_workflow(program, cloud, workflow, read.node_info)
                set_inputs(base, read.settings or [])
                added = read_rows(base, rows) if rows else read_sweep(base, sweep or [], pairwise=pairwise)
            with cloud.batch(folder, name=name, partner_key=program.partner_key()) as batch:
                if added is not None:
                    program.note(count(batch.add(added), "new row"))
                program.note(str(batch.plan()))
                program.resume = f"to go on:  {program.command_line('batch', 'run', str(folder))}"
                report(program, batch, window, budget)

    @command(app, "batch status portraits")
    def status(program: Program, folder: Folder) -> None:
        """Tell how many rows are in each state. Asks no server, and works while the batch runs."""
        found = counts(folder)
        program.emit(found, *(f"{state:<12} {count}" for state, count in found.items() if count))

    @command(app, "batch retry portraits --state failed")
    def retry(program: Program, folder: Folder, state: Again = None) -> None:
        """Plan rows anew. The next run submits them. Prints how many.

        To retry an uncertain row can mean to pay for it twice.
        """
        with opened(program, folder) as batch:
            again = batch.retry([str(each) for each in state or [Resting.FAILED]])
        program.emit({"planned": again}, str(again))

    @command(app, "batch items portraits --state failed")
    def items(program: Program, folder: Folder, state: OfState = None) -> None:
        """List the rows of a batch."""
        with opened(program, folder) as batch:
            found = batch.items(state)
        if program.json:
            for item in found:
                program.emit(item_object(item))
            return
        print_table(
            ("KEY", "STATE", "FILES", "ERROR"),
            [(item.key, str(item.state), str(len(item.paths) or ""), item.error or "") for item in found],
        )

    @command(app, "batch sheet portraits")
    def sheet(program: Program, folder: Folder) -> None:
        """Write one page with all pictures and their parameters. Prints its path."""
        with opened(program, folder) as batch:
            page = batch.contact_sheet()
        program.emit({"file": str(page)}, str(page))


@contextmanager
def opened(program: Program, folder: Path) -> Iterator[Batch]:
    """Provide a batch that is there."""
    counts(folder)
    with program.cloud() as cloud, cloud.batch(folder) as batch:
        yield batch


def report(program: Program, batch: Batch, window: int | None, budget: float | None) -> None:
    """Run a batch and print each row as it comes to rest. Fail if a row does."""
    failed = 0
    with Bars(program) as bars:
        for item in batch.run(window=window, budget=budget, on_progress=bars.batch):
            if item.state is ItemState.DONE:
                program.emit(item_object(item), *map(str, item.paths))
                continue
            failed += 1
            program.note(f"{item.key}: {item.state}: {item.error or ''}", style="red")
            program.emit(item_object(item))
    if failed:
        program.resume = None
        program.fail(BatchError(f"not done: {count(failed, 'row')}"), ExitCode.JOB_FAILED)


def counts(folder: Path) -> dict[str, int]:
    """Return how many rows of a batch are in each state, without opening the batch, which another process may own.

    Raises BatchError if there is no batch: a typing error must not make a new one.
    """
    ledger = folder / "batch.sqlite"
    if not ledger.is_file():
        raise BatchError(f"{folder} is not the folder of a batch: it has no batch.sqlite")
    try:
        with closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)) as database:
            rows = dict(database.execute("SELECT state, count(*) FROM rows GROUP BY state").fetchall())
    except sqlite3.Error as error:
        raise BatchError(f"could not read {ledger}: {error}") from None
    return {state.value: rows.get(state.value, 0) for state in ItemState}


def item_object(item: Item) -> dict[str, Any]:
    """Return the JSON object of a row."""
    return {
        "key": item.key,
        "state": str(item.state),
        "params": dict(item.params),
        "job_id": item.job_id,
        "files": [str(path) for path in item.paths],
        "error": None if item.error is None else printable(item.error),
        "seconds": item.seconds,
        "tries": item.tries,
    }
