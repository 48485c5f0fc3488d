"""Read what is typed: workflows and their inputs, and the rows of a batch."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from .._core.batch import Row, input_place, sweep
from .._core.links import read_link
from .._settings import expanded
from ..errors import UIFormatError, WorkflowError
from ..workflow import Workflow
from .program import Program

if TYPE_CHECKING:
    from .._sync.client import ComfyCloud

_RANGE = re.compile(r"(-?\d{1,18})\.\.(-?\d{1,18})")


def read_workflow(program: Program, cloud: ComfyCloud | None, source: str, node_info: Path | None) -> Workflow:
    """Return the workflow in a file, or in stdin for `-`. An editor's save is converted.

    The node definitions for that come from a file, else from the server.
    """
    # Without a stdin, as under some supervisors, there is no object for it.
    data = (sys.stdin.buffer.read() if sys.stdin else b"") if source == "-" else None

    def load(**options: Any) -> Workflow:
        return Workflow.load(source, **options) if data is None else Workflow.loads(data, **options)

    if node_info is not None:
        workflow = load(node_info=read_node_info(node_info))
    else:
        try:
            return load()
        except UIFormatError:
            if cloud is None:
                raise
        program.note(f"{source} is an editor's save; it is converted with the server's node definitions")
        workflow = load(node_info=cloud.nodes.info())
    for problem in workflow.conversion_problems:
        program.note(f"Warning: {problem}", style="yellow")
    return workflow


def read_node_info(path: Path) -> Any:
    """Return node definitions from a file that `nodes --save` wrote. Raises WorkflowError."""
    try:
        info = json.loads(path.read_bytes())
    except ValueError as error:
        raise WorkflowError(f"{path} must be JSON, as 'nodes --save' writes it: {error}") from None
    if not isinstance(info, dict):
        raise WorkflowError(f"{path} must be an object with node definitions by class, not {type(info).__name__}")
    return info


def read_value(text: str) -> Any:
    """Return the value that is typed for an input: a file for `@PATH`, JSON where it parses, else the text.

    `@@` stands for a text that begins with `@`.
    """
    if text.startswith("@@"):
        return text[1:]
    if text.startswith("@"):
        return Path(expanded(text[1:], WorkflowError))
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return text


def _no_constant(word: str) -> Any:
    raise ValueError(word)  # `NaN` and the like are no JSON, and no number that a server takes


def set_inputs(workflow: Workflow, settings: list[str]) -> None:
    """Set inputs of a workflow as `--set` has them, `NODE.INPUT=VALUE`. Raises WorkflowError."""
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise typer.BadParameter(f"--set must be NODE.INPUT=VALUE, such as KSampler.seed=42, not {setting!r}")
        node_id, given = _place(workflow, name, "--set")
        workflow[node_id][given] = read_value(text)


def _place(workflow: Workflow, name: str, option: str) -> tuple[str, str]:
    """Return the place of an input, which must not be linked. Raises WorkflowError."""
    try:
        node_id, given = input_place(workflow, name.strip())
    except WorkflowError as error:
        # What follows is how to do it in Python.
        raise type(error)(f"{option} {name}: {error.message.partition('. To give it one more')[0]}") from None
    if link := read_link(workflow[node_id][given]):
        raise WorkflowError(
            f"{option} {name}: the input is linked to node {link.node_id!r}"
            f" ({workflow[link.node_id].title}); set an input of that node"
        )
    return node_id, given


def _new_place(workflow: Workflow, name: str, option: str, places: set[tuple[str, str]]) -> str:
    """Add the place of an input to those that are known, and return its name. Raises WorkflowError."""
    place = _place(workflow, name, option)
    if place in places:  # one of the two would be dropped without a word
        raise WorkflowError(f"{option} {name}: the input is given twice")
    places.add(place)
    return name.strip()


def read_sweep(workflow: Workflow, sweeps: list[str], *, pairwise: bool) -> Iterator[Row]:
    """Return the rows of a batch for `--sweep NODE.INPUT=VALUES`. Raises WorkflowError."""
    params: dict[str, Any] = {}
    places: set[tuple[str, str]] = set()
    for each in sweeps:
        name, _, text = each.partition("=")
        if span := _RANGE.fullmatch(text.strip()):
            first, last = int(span[1]), int(span[2])
            values: Any = range(first, last + 1)
        else:
            values = read_value(text)
        if isinstance(values, str | Path) or not isinstance(values, list | range) or not values:
            raise typer.BadParameter(
                f"--sweep must be NODE.INPUT=VALUES, where VALUES is FIRST..LAST or a JSON list, such as"
                f" KSampler.seed=1..10, not {each!r}"
            )
        params[_new_place(workflow, name, "--sweep", places)] = values
    if pairwise and len({len(values) for values in params.values()}) > 1:
        sizes = ", ".join(f"{name} has {len(values)}" for name, values in params.items())
        raise typer.BadParameter(f"--zip needs as many values for each input: {sizes}")
    return sweep(workflow, params, zip=pairwise)


def read_rows(workflow: Workflow, path: Path) -> Iterator[Row]:
    """Yield the rows of a batch in a CSV file: a column for each input, `NODE.INPUT`, and maybe one named `key`.

    Raises WorkflowError, which names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = [name for name in reader.fieldnames or () if name != "key"]
            if not reader.fieldnames:
                raise WorkflowError(f"{path} is empty: its first line must have a column NODE.INPUT for each input")
            places: set[tuple[str, str]] = set()
            for name in names:
                _new_place(workflow, name, f"{path}, column", places)
            for cells in reader:
                if None in cells or None in cells.values():
                    count = len(reader.fieldnames or ())
                    raise WorkflowError(f"{path}, line {reader.line_num}: a row must have {count} cells")
                yield _row(workflow, cells, names)
    except (UnicodeDecodeError, csv.Error) as error:
        raise WorkflowError(f"{path} must be CSV in UTF-8: {error}") from None


def _row(workflow: Workflow, cells: Mapping[str, str], names: list[str]) -> Row:
    (row,) = sweep(workflow, {name: [read_value(cells[name])] for name in names})
    return replace(row, key=cells.get("key", "").strip() or None)
