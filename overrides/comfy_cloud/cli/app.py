"""The program `comfy-cloud`: all commands in one place."""

from __future__ import annotations

from typing import Annotated

import typer

from .._version import __version__
from . import batches, jobs, server, workflows
from . import doctor as doctor_report
from .exits import ExitCode
from .program import Program, command, group
from .shapes import count

# No pretty tracebacks: typer's can show what a frame holds, and that may be a key.
# The help is plain text: in boxes, a narrow terminal cuts the names of options.
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"comfy-cloud {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run ComfyUI workflows on Comfy Cloud, or on a ComfyUI of yours.

    The API key comes from COMFY_CLOUD_API_KEY or from a profile of the settings file.
    """


jobs.add_to(app)
batches.add_to(
    group(app, "batch", "Run many jobs that survive anything.", "run out portrait.json --sweep KSampler.seed=1..100")
)
workflows.add_to(app)
server.add_to(app)


@app.command(
    short_help="Run a server to try things on.",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def emulator(context: typer.Context) -> None:
    """Run a server to try things on. Takes the options of the emulator; see --help."""
    from ..testing.__main__ import main

    # 1 is what the emulator's own command has for all that it says in words: a port that is taken, a missing file.
    raise typer.Exit(main(context.args, prog=context.command_path) and int(ExitCode.SETTINGS))


@command(app, "doctor --connect")
def doctor(
    program: Program,
    connect: Annotated[bool, typer.Option("--connect", help="Also ask the server.")] = False,
) -> None:
    """Print versions and settings, for a bug report. Prints no API key."""
    told = dict(doctor_report.report(program.profile, program.base_url))
    program.emit(told, *doctor_report.lines(program.profile, program.base_url))
    if connect:
        with program.cloud() as cloud:
            waiting = cloud.queue.remaining()
        program.note(f"the server answers: {count(waiting, 'job')} in its queue")
