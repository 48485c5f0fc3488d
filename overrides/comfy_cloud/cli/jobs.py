"""Commands for jobs: run, submit, wait, cancel, jobs, queue."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._core.arguments import ARGUMENTS
from .._core.job_state import JobStatus
from .._core.names import check_template
from .._core.times import parse_time
from .._settings import expanded
from ..errors import ComfyCloudError, ConfigurationError, DownloadError, JobError
from .inputs import read_workflow, set_inputs
from .program import Program, command
from .progress import Bars
from .shapes import count, created, event_object, job_object, print_table, queue_object, queue_status

if TYPE_CHECKING:
    from .._sync.client import ComfyCloud
    from .._sync.jobs import Job
    from ..events import JobEvent
    from ..workflow import Workflow


def checked(check: Callable[[Any], object]) -> Callable[[Any], Any]:
    """Return a callback for an option. It checks at once what is used only when the job is submitted and paid."""

    def callback(value: Any) -> Any:
        try:
            check(value)
        except (TypeError, ValueError) as error:
            raise typer.BadParameter(str(error)) from None
        return value

    return callback


def _time(text: str | None) -> None:
    if text is not None and parse_time(text) is None:
        raise ValueError(f"--since must be a time, such as '2026-11-23 18:00', not {text!r}")


WorkflowFile = Annotated[
    str, typer.Argument(metavar="WORKFLOW", help="File with a workflow: JSON or a saved picture; - is stdin.")
]
NodeInfo = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Node definitions for an editor's save, as 'nodes --save' writes.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NODE.INPUT=VALUE",
        help="Set an input; the node by title, class or id. VALUE is JSON, text, or @FILE to upload.",
    ),
]
Seeds = Annotated[bool, typer.Option("--random-seeds", help="Give every seed a new value.")]
Outputs = Annotated[list[str] | None, typer.Option("--output", metavar="NODE", help="Run only this output node.")]
Key = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Name of the job: the same name again returns the job, and pays nothing."),
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the files.")]
Save = Annotated[bool, typer.Option("--save/--no-save", help="Save the files of the outputs.")]
Name = Annotated[
    str,
    typer.Option(
        "--name",
        metavar="TEMPLATE",
        callback=checked(check_template),
        help="Names of the files, with {job}, {node}, {index}, {stem}, {suffix}.",
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="SECONDS",
        callback=checked(partial(ARGUMENTS.number, "--timeout")),
        help="Stop waiting; the job goes on.",
    ),
]
CancelOnExit = Annotated[
    bool, typer.Option("--cancel-on-exit", help="Cancel the job if the wait ends early. One job only.")
]
Events = Annotated[
    bool, typer.Option("--events", help="Print each event of the job as well, as a line of JSON. One job only.")
]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of jobs.")]
States = Annotated[
    list[JobStatus] | None,
    typer.Option("--status", metavar="STATUS", help=f"Only jobs in this state: {', '.join(JobStatus)}."),
]
Since = Annotated[
    str | None, typer.Option(metavar="TIME", callback=checked(_time), help="Only jobs submitted since then.")
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=0, metavar="N", help="How many at most; 0 shows all.")]

NAME = "{filename}"


@dataclass(frozen=True)
class WorkflowOptions:
    """Options for reading a workflow."""

    settings: Set = None
    node_info: NodeInfo = None


@dataclass(frozen=True)
class SubmitOptions:
    """Options for submitting a workflow."""

    key: Key = None
    output: Outputs = None
    random_seeds: Seeds = False


@dataclass(frozen=True)
class WaitOptions:
    """Options for waiting for a job."""

    timeout: Timeout = None
    cancel_on_exit: CancelOnExit = False
    events: Events = False


@dataclass(frozen=True)
class SaveOptions:
    """Options for saving the files of a job."""

    out: Out = Path("out")
    save: Save = True
    name: Name = NAME
    overwrite: Overwrite = False

    def __post_init__(self) -> None:
        """Check the folder before a job is paid whose files it could not take."""
        try:
            place = Path(expanded(self.out, ConfigurationError))
        except ConfigurationError as error:
            raise typer.BadParameter(f"--out: {error}") from None
        there = next(each for each in (place, *place.parents) if os.path.exists(each))
        if there == place and "." in place.name and not there.is_dir():
            there = there.parent  # a file of this name stays, and the new one gets the next free name
        if self.save and not (there.is_dir() and os.access(there, os.W_OK)):
            why = "cannot be written" if there.is_dir() else "is a file"
            raise typer.BadParameter(f"--out must be a folder that can be made and written, but {there} {why}")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, 'run portrait.json --set KSampler.seed=42 --set "Load Image.image=@me.jpg"')
    def run(
        program: Program,
        workflow: WorkflowFile,
        read: WorkflowOptions,
        submit: SubmitOptions,
        wait: WaitOptions,
        save: SaveOptions,
    ) -> None:
        """Run a workflow, wait, and save its files. Prints their paths."""
        with program.cloud() as cloud:
            prepared = prepare(program, cloud, workflow, read, submit)
            with Bars(program, {node.id: node.title for node in prepared}) as bars:
                job = submitted(program, cloud, prepared, bars, submit)
                program.job_id, program.cancels = job.id, wait.cancel_on_exit
                listen = listener(program, bars, wait)
                job.wait(wait.timeout, on_event=listen, cancel_on_exit=wait.cancel_on_exit)
                bars.close("job")
                files = saved(program, job, bars, save)
            program.job_id, program.resume = None, None if files else fetching(program, job)
            print_job(program, job, files)

    @command(app, "submit portrait.json --set KSampler.seed=42")
    def submit(program: Program, workflow: WorkflowFile, read: WorkflowOptions, submit: SubmitOptions) -> None:
        """Submit a workflow and return at once. Prints the id of the job."""
        with program.cloud() as cloud, Bars(program) as bars:
            job = submitted(program, cloud, prepare(program, cloud, workflow, read, submit), bars, submit)
        program.job_id = job.id
        program.emit(job_object(job), job.id)

    @command(app, "wait 0f3c8a52-5d6e-4b7f-9a80-1b2c3d4e5f60 --out portraits")
    def wait(program: Program, ids: Ids, wait: WaitOptions, save: SaveOptions) -> None:
        """Wait for jobs, and save their files. Prints the paths of each job when it ends."""
        for option, chosen in (("--events", wait.events), ("--cancel-on-exit", wait.cancel_on_exit)):
            if chosen and len(ids) > 1:
                raise typer.BadParameter(f"{option} takes one ID")
        with program.cloud() as cloud, Bars(program) as bars:
            if len(ids) > 1:
                program.resume = f"to go on:  {program.command_line('wait', *ids)}"
            program.job_id, program.cancels = ids[0], wait.cancel_on_exit
            for job in ended(cloud, ids, bars, wait, listener(program, bars, wait)):
                files = program.job_id = None
                try:
                    job.wait()  # is over, so it only raises if the job failed
                    files = saved(program, job, bars, save)
                except JobError as error:
                    program.fail(error)
                except DownloadError as error:
                    program.fail(error, hint=fetching(program, job))
                print_job(program, job, files)

    @command(app, "cancel 0f3c8a52-5d6e-4b7f-9a80-1b2c3d4e5f60")
    def cancel(
        program: Program,
        ids: Ids,
        force: Annotated[
            bool, typer.Option("--force", help="Also where the server would stop other running jobs with it.")
        ] = False,
    ) -> None:
        """Take jobs out of the queue, or stop them. Prints what became of each."""
        with program.cloud() as cloud:
            for job_id in ids:
                try:
                    job = cloud.jobs.get(job_id).cancel(force)  # a server says nothing of an id that it does not know
                except ComfyCloudError as error:
                    program.fail(error)
                    continue
                program.emit(job_object(job), f"{job.id} {job.status}")

    @command(app, "jobs --status failed --limit 100")
    def jobs(
        program: Program,
        ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Show these jobs only.")] = None,
        status: States = None,
        limit: Limit = 20,
        since: Since = None,
    ) -> None:
        """List the jobs of the account, newest first."""
        with program.cloud() as cloud:
            listed: Iterable[Job] = (
                map(cloud.jobs.get, ids)
                if ids
                else cloud.jobs.list(status=status or None, limit=limit or None, created_after=since)
            )
            if program.json:
                for job in listed:
                    program.emit(job_object(job))
                return
            rows = [(job.id, job.status or "", created(job), str(job.error or "")) for job in listed]
        # The reason of a failure is long: it is shown for jobs that were asked for.
        columns = ("JOB", "STATUS", "SUBMITTED", "ERROR")[: 4 if ids else 3]
        print_table(columns, [row[: len(columns)] for row in rows])

    @command(app, "queue --json")
    def queue(program: Program) -> None:
        """Show the jobs that run or wait, in the order in which they run."""
        with program.cloud() as cloud:
            state = cloud.queue.get()
        running, pending = list(state.running), list(state.pending)
        if program.json:
            program.emit({"running": [*map(queue_object, running)], "pending": [*map(queue_object, pending)]})
            return
        rows = [
            (item.job_id, queue_status(item), str(item.position or ""), count(len(item.workflow), "node"))
            for item in (*running, *pending)
        ]
        print_table(("JOB", "STATUS", "PLACE", "WORKFLOW"), rows)


def prepare(program: Program, cloud: ComfyCloud, source: str, read: WorkflowOptions, submit: SubmitOptions) -> Workflow:
    """Return the workflow in a file with its inputs set."""
    workflow = read_workflow(program, cloud, source, read.node_info)
    if submit.random_seeds:
        workflow.randomize_seeds()
    set_inputs(workflow, read.settings or [])
    return workflow


def submitted(program: Program, cloud: ComfyCloud, workflow: Workflow, bars: Bars, submit: SubmitOptions) -> Job:
    """Upload the files of a workflow, submit it and return the job."""
    bars.show("job", "submitting")
    job = cloud.submit(
        workflow, key=submit.key, outputs=submit.output, partner_key=program.partner_key(), on_progress=bars.sent
    )
    bars.close("send")
    return job


def listener(program: Program, bars: Bars, wait: WaitOptions) -> Callable[[JobEvent], None]:
    """Return the function for `on_event`: it moves the bars, and prints each event if the events are asked for."""

    def listen(event: JobEvent) -> None:
        bars.event(event)
        if wait.events:
            program.emit(event_object(event))

    program.json = program.json or wait.events
    return listen


def ended(
    cloud: ComfyCloud, ids: list[str], bars: Bars, wait: WaitOptions, listen: Callable[[JobEvent], None]
) -> Iterable[Job]:
    """Yield jobs as they end, however they end."""
    if len(ids) == 1:
        job = cloud.job(ids[0])
        job.wait(wait.timeout, on_event=listen, check=False, cancel_on_exit=wait.cancel_on_exit)
        bars.close("job")
        yield job
        return
    bars.show("jobs", f"0 of {len(ids)} jobs ended", 0, len(ids))
    for number, job in enumerate(cloud.as_completed(ids, wait.timeout), 1):
        bars.show("jobs", f"{number} of {len(ids)} jobs ended", number, len(ids))
        yield job


def saved(program: Program, job: Job, bars: Bars, save: SaveOptions) -> list[Path] | None:
    """Save the outputs of a job and return their paths; None if no files are to be saved."""
    if not save.save:
        return None
    before, program.resume = program.resume, fetching(program, job)
    paths = job.outputs.save(save.out, name=save.name, overwrite=save.overwrite, on_progress=bars.saved)
    program.resume = before
    bars.close("save")
    return paths


def fetching(program: Program, job: Job) -> str:
    """Return how to save the outputs of a job that is over."""
    return f"to fetch its files:  {program.command_line('wait', job.id)}"


def print_job(program: Program, job: Job, files: list[Path] | None) -> None:
    """Print a job that is over: the paths of its files, or its id and status."""
    if files is None:
        program.emit(job_object(job), f"{job.id} {job.status}")
    else:
        program.emit(job_object(job, files), *map(str, files))
