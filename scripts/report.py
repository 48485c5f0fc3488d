"""The report of a regeneration in Markdown, for a pull request. Decides nothing and reads no file.

Names and values come from a contract that nobody has looked at: they are shown as code, on one line, and cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from contract_changes import Change
from idle_patches import IdlePatch
from layer_use import Use
from python_surface import SurfaceChanges

UNCHANGED, COMPATIBLE, BREAKING, FAILED = "unchanged", "compatible", "breaking", "failed"
HEADINGS = {
    UNCHANGED: "The contract did not change",
    COMPATIBLE: "The contract changed, compatibly",
    BREAKING: "The contract changed, and breaks users",
    FAILED: "The contract was not adopted",
}
SECTIONS = (
    ("Operations", {"operation"}),
    ("Parameters", {"parameter"}),
    ("Fields", {"field", "model"}),
    ("Enum values", {"enum value"}),
    ("Bodies and answers", {"body", "answer"}),
    ("Other", {"other"}),
)
MOST_ROWS = 200


@dataclass
class Tests:
    """What became of the tests: passed, failed or not run, with the lines that say why."""

    outcome: str = "not run"
    command: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass
class Regeneration:
    """All that a run found out."""

    source: str
    status: str = UNCHANGED
    trouble: str = ""
    changes: list[Change] = field(default_factory=list)
    surface: SurfaceChanges = field(default_factory=lambda: SurfaceChanges([], []))
    taken: list[tuple[Use, Change]] = field(default_factory=list)
    touched: dict[tuple[str, str], list[Change]] = field(default_factory=dict)
    unwrapped: list[str] = field(default_factory=list)
    patches: list[IdlePatch] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    to_be_worded: list[str] = field(default_factory=list)
    tests: Tests = field(default_factory=Tests)
    version: str = ""
    next_version: str = ""
    files: list[str] = field(default_factory=list)


def render(found: Regeneration) -> str:
    """The whole report."""
    blocks = [f"# {HEADINGS[found.status]}", _summary(found)]
    if found.status in {COMPATIBLE, BREAKING}:
        blocks += [
            *_stands_on(found),
            *_lacking(found),
            *_contract(found),
            *_python(found),
            *_methods(found),
            *_chores(found),
        ]
    return "\n\n".join(blocks) + "\n"


def _summary(found: Regeneration) -> str:
    compared = f"Published: {_code(found.source)}, compared with `openapi-cloud.yaml`."
    if found.status == FAILED:
        return f"{compared}\n\nNothing was changed. What is wrong:\n\n{_fenced([found.trouble])}"
    if found.status == UNCHANGED:
        return f"{compared} Every fact is the same; no file was changed, and the tests were not run."
    rule = "before 1.0 a breaking change raises the minor number" if found.version.startswith("0.") else "by semver"
    lines = [
        compared,
        "",
        f"- Breaking: **{'yes' if found.status == BREAKING else 'no'}**",
        f"- Version: {found.version} -> **{found.next_version}** ({rule})",
        f"- Tests: **{found.tests.outcome}**",
        f"- Changed files: {len(found.files)}",
    ]
    return "\n".join(lines)


def _stands_on(found: Regeneration) -> Iterator[str]:
    if found.taken:
        yield "## Methods that lose what they stand on\n\nThese are to be adapted by hand before a release:"
        yield "\n".join(
            f"- {_code(use.method)} stands on {_code(use.operation)}: {_told(change)}" for use, change in found.taken
        )


def _lacking(found: Regeneration) -> Iterator[str]:
    if found.lacking:
        yield (
            "## What the client does not have as the contract says\n\n`make check` fails until each is dealt with, in"
            " `openapi-cloud.patches.yaml` for instance:"
        )
        yield _list(_code(line) for line in found.lacking)
    if found.faults:
        yield "## At fault in the contract, and taken all the same"
        yield _list(_code(fault) for fault in found.faults)


def _told(change: Change) -> str:
    return f"{change.kind} {_code(change.name)} {change.what}{f', {_text(change.detail)}' if change.detail else ''}"


def _contract(found: Regeneration) -> Iterator[str]:
    yield "## The contract"
    if not found.changes:
        yield "No difference that has a name of its own."
    for title, kinds in SECTIONS:
        changes = [change for change in found.changes if change.kind in kinds]
        if changes:
            yield f"### {title}"
            yield _table(
                ("", "what", "details", "breaks users"),
                (
                    (change.what, _name(change), _text(change.detail), _text(change.breaking) or "no")
                    for change in changes
                ),
            )


def _name(change: Change) -> str:
    # A model is told among the fields.
    return f"{'model ' if change.kind == 'model' else ''}{_code(change.name)}"


def _python(found: Regeneration) -> Iterator[str]:
    yield "## For Python users"
    if found.surface.breaking:
        yield "Code that uses these names of the raw client breaks:\n\n" + _list(found.surface.breaking)
    else:
        yield "No name of the raw client goes, and no call of its functions fails for its arguments."
    if found.surface.added:
        yield "New:\n\n" + _list(_code(name) for name in found.surface.added)


def _methods(found: Regeneration) -> Iterator[str]:
    yield "## Hand-written methods that touch what changed"
    if found.touched:
        rows = (
            (_code(method), _code(operation), ", ".join(dict.fromkeys(_code(change.name) for change in changes[:6])))
            for (method, operation), changes in found.touched.items()
        )
        yield _table(("method", "operation", "changed"), rows)
    else:
        yield "None."
    if found.unwrapped:
        yield (
            "New operations have no method yet, only their raw function. Give each a row in"
            " `overrides/comfy_cloud/_core/operations.py` (a test asks for it):\n\n"
            + _list(_code(name) for name in found.unwrapped)
        )


def _chores(found: Regeneration) -> Iterator[str]:
    yield "## Patches"
    if found.patches:
        yield "Taken out of `openapi-cloud.patches.yaml`:\n\n" + _list(_text(str(idle)) for idle in found.patches)
    else:
        yield "All still apply and are still needed."
    yield "## To be worded"
    if found.to_be_worded:
        yield (
            "New places have placeholders in `openapi-cloud.yaml`; put them into our own words, then"
            " `make generate`:\n\n" + _list(_code(place) for place in found.to_be_worded)
        )
    else:
        yield "Nothing."
    yield "## Tests"
    yield f"{found.tests.outcome.capitalize()}: `{found.tests.command}`" if found.tests.command else "Not run."
    if found.tests.lines:
        yield _fenced(found.tests.lines)


def _list(items: Iterable[str]) -> str:
    lines = [f"- {item}" for item in items]
    more = [f"- ... and {len(lines) - MOST_ROWS} more"] if len(lines) > MOST_ROWS else []
    return "\n".join([*lines[:MOST_ROWS], *more])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in [head, ("---",) * len(head), *rows]]
    more = [f"\n... and {len(lines) - MOST_ROWS} more"] if len(lines) > MOST_ROWS else []
    return "\n".join([*lines[:MOST_ROWS], *more])


def _plain(text: str) -> str:
    """One line without what steers a terminal, at most 400 characters."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return line if len(line) <= 400 else f"{line[:397]}..."


def _code(text: str) -> str:
    """A name as code. Ticks within are dropped: nothing in a name may become markup."""
    return f"`{_plain(text).replace('`', '').replace('|', chr(0xA6))}`"


def _text(text: str) -> str:
    """Our own sentence with names of the contract in it, in which only ticks are markup."""
    return re.sub(r"([\[\]<>|@#*_\\])", r"\\\1", _plain(text)) if text else ""


def _fenced(lines: Iterable[str]) -> str:
    return "\n".join(["```text", *(_plain(line).replace("```", "'''") for line in lines), "```"])
