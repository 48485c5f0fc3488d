"""Commands for workflows: check and convert."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ..errors import WorkflowError
from .exits import ExitCode
from .files import write_whole
from .inputs import read_node_info, read_workflow, set_inputs
from .jobs import WorkflowFile, WorkflowOptions
from .program import Program, command, json_text, printable, spelled
from .shapes import count


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "check portrait.json")
    def check(program: Program, workflow: WorkflowFile, read: WorkflowOptions) -> None:
        """Find what the server would refuse or misread, before you pay. Prints a line for each problem.

        With --node-info, no server is asked.
        """
        if read.node_info is not None:
            checked = read_workflow(program, None, workflow, read.node_info)
            set_inputs(checked, read.settings or [])
            problems = checked.check(read_node_info(read.node_info))
        else:
            with program.cloud() as cloud:
                checked = read_workflow(program, cloud, workflow, None)
                set_inputs(checked, read.settings or [])
                problems = cloud.check(checked)
        # A partner node is no fault.
        faults = [problem for problem in problems if problem.kind != "partner_key"]
        program.emit(
            {"problems": [asdict(problem) for problem in problems]},
            *(printable(" ".join(spelled(str(problem)).split())) for problem in problems),
        )
        if faults:
            program.fail(WorkflowError(f"{workflow}: {count(len(faults), 'problem')}"), ExitCode.WORKFLOW)

    @command(app, "convert saved_by_the_editor.json --out portrait_api.json")
    def convert(
        program: Program,
        workflow: WorkflowFile,
        read: WorkflowOptions,
        out: Annotated[
            Path | None, typer.Option("--out", "-o", metavar="FILE", help="File to write; else it is printed.")
        ] = None,
        strict: Annotated[bool, typer.Option("--strict", help="Fail if anything of the save is lost.")] = False,
    ) -> None:
        """Convert an editor's save or a saved picture to the API format. Any file that carries a workflow will do."""
        if read.node_info is not None:
            converted = read_workflow(program, None, workflow, read.node_info)
        else:
            with program.cloud() as cloud:
                converted = read_workflow(program, cloud, workflow, None)
        faults = [problem for problem in converted.conversion_problems if problem.kind != "better_than_editor"]
        if strict and faults:
            found = f"{count(len(faults), 'problem')}, such as: {faults[0]}"
            raise WorkflowError(f"{workflow} could not be converted exactly: {found}")
        set_inputs(converted, read.settings or [])
        graph = converted.to_dict()
        if out is not None:
            write_whole(out, json_text(graph, "utf-8", indent=2) + "\n")
        told = {"workflow": graph, "problems": [asdict(problem) for problem in converted.conversion_problems]}
        program.emit({**told, "file": out and str(out)}, str(out) if out else json_text(graph, indent=2))
