"""Write the report of a regeneration in Markdown, for a pull request. Decides nothing and reads no file.

Names and values come from a contract that nobody has reviewed: they are shown as code, on one line, and cut.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .changes import Change
from .idle_patches import IdlePatch
from .layer_use import Fault, Use
from .python_surface import SurfaceChanges
from .words import Reworded

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
    ("Bodies and responses", {"body", "response"}),
    ("Other", {"other"}),
)
# GitHub takes 65,536 characters in a pull request.
MOST_CHARACTERS = 60_000
ROWS, ALL_ROWS = 20, 1_000_000


@dataclass
class Tests:
    """The outcome of the tests (passed, failed or not run), with the lines that explain it."""

    outcome: str = "not run"
    command: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass
class Regeneration:
    """The findings of a run."""

    source: str
    status: str = UNCHANGED
    trouble: str = ""
    changes: list[Change] = field(default_factory=list)
    surface: SurfaceChanges = field(default_factory=lambda: SurfaceChanges([], []))
    contract: str = ""
    settings: list[str] = field(default_factory=list)
    mistyped: list[Fault] = field(default_factory=list)
    reworded: list[Reworded] = field(default_factory=list)
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


def render(found: Regeneration, rows: int = ROWS) -> str:
    """Return the report, of at most MOST_CHARACTERS: a summary, then lists of at most `rows` items each."""
    while True:
        text = _rendered(found, rows)
        if len(text) <= MOST_CHARACTERS or rows <= 1:
            return text[:MOST_CHARACTERS]
        rows //= 2


def render_whole(found: Regeneration) -> str:
    """Return the report with all rows, for a file beside it."""
    return _rendered(found, ALL_ROWS)


def _rendered(found: Regeneration, rows: int) -> str:
    blocks = [f"# {HEADINGS[found.status]}", _summary(found)]
    if found.status in {COMPATIBLE, BREAKING}:
        for part in (_losses, _lacking, _contract, _python, _methods, _chores):
            blocks += part(found, Lists(rows))
    if found.contract:
        blocks.append(f"<!-- contract: {found.contract} -->")
    return "\n\n".join(blocks) + "\n"


@dataclass(frozen=True)
class Lists:
    """Writes lists and tables of at most `most` rows."""

    most: int

    def items(self, items: Iterable[str]) -> str:
        """Return a list."""
        lines = [f"- {item}" for item in items]
        return "\n".join([*lines[: self.most], *self._more(len(lines), "- ")])

    def table(self, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
        """Return a table."""
        first, *lines = [f"| {' | '.join(cells)} |" for cells in [head, *rows]]
        rule = f"| {' | '.join(('---',) * len(head))} |"
        return "\n".join([first, rule, *lines[: self.most], *self._more(len(lines), "\n")])

    def _more(self, count: int, mark: str) -> list[str]:
        return [f"{mark}... and {count - self.most} more, in the whole report"] if count > self.most else []


def _summary(found: Regeneration) -> str:
    compared = f"Published: {_code(found.source)}, compared with `openapi-cloud.yaml`."
    if found.status == FAILED:
        return f"{compared}\n\nNothing was changed. What is wrong:\n\n{_fenced(found.trouble.splitlines())}"
    if found.status == UNCHANGED:
        return f"{compared} Every fact is the same; no file was changed, and the tests were not run."
    rule = "before 1.0 a breaking change raises the minor number" if found.version.startswith("0.") else "by semver"
    counts = Counter(f"{change.kind} {change.what}" for change in found.changes)
    lines = [
        compared,
        "",
        f"- Breaking: **{'yes' if found.status == BREAKING else 'no'}**",
        f"- Version: {found.version} -> **{found.next_version}** ({rule})",
        f"- Tests: **{found.tests.outcome}**",
        f"- Changed files: {len(found.files)}",
        f"- Changes: {', '.join(f'{number} x {what}' for what, number in counts.most_common(6)) or 'only words'}",
        "",
        "To do:",
        "",
        *(f"{number}. {task}" for number, task in enumerate(_tasks(found), 1)),
    ]
    return "\n".join(lines)


def _tasks(found: Regeneration) -> Iterator[str]:
    """Yield what is left for a person."""
    lost = _methods_that_lose(found)
    if lost:
        yield f"Adapt {', '.join(map(_code, lost[:12]))}{' and others' if len(lost) > 12 else ''}, then `make derive`."
    yield from (f"Adapt `_settings.py`: {_text(one)}." for one in found.settings)
    if found.lacking:
        yield "Deal with what the generator left out."
    if found.to_be_worded:
        yield f"Word the {len(found.to_be_worded)} new places below, then `make generate`."
    if found.reworded:
        yield f"Compare our words at the {len(found.reworded)} places below with the published ones."
    if found.unwrapped:
        names = ", ".join(map(_code, found.unwrapped[:12]))
        yield f"Raw only, no method yet: {names}. Give each a method, or leave it so."
    yield f"Set the version to {found.next_version} and write `CHANGELOG.md`."
    yield "Run `make check test test-packaging`, and commit."


def _methods_that_lose(found: Regeneration) -> list[str]:
    names = [use.method for use, _ in found.taken] + [name for fault in found.mistyped for name in fault.methods]
    return sorted(set(names))


def _losses(found: Regeneration, lists: Lists) -> Iterator[str]:
    if found.taken:
        yield "## Methods that lose what they use\n\nAdapt these by hand before a release:"
        yield lists.items(f"{_code(use.method)} uses {_code(use.operation)}: {_told(one)}" for use, one in found.taken)
    if found.mistyped:
        yield "## Code that no longer type-checks"
        yield lists.items(
            f"{', '.join(map(_code, fault.methods)) or 'code of users'}: {_code(fault.place)}: {_code(fault.message)}"
            for fault in found.mistyped
        )


def _lacking(found: Regeneration, lists: Lists) -> Iterator[str]:
    if found.lacking:
        yield (
            "## What the generator left out\n\n`make check` fails until a person has dealt with each, in"
            " `openapi-cloud.patches.yaml` for instance:"
        )
        yield lists.items(_code(line) for line in found.lacking)
    if found.faults:
        yield "## Faults in the contract, taken all the same"
        yield lists.items(_code(fault) for fault in found.faults)


def _told(change: Change) -> str:
    return f"{change.kind} {_code(change.name)} {change.what}{f', {_text(change.detail)}' if change.detail else ''}"


def _contract(found: Regeneration, lists: Lists) -> Iterator[str]:
    yield "## The contract"
    if not found.changes:
        yield "No fact changed, only words."
    for title, kinds in SECTIONS:
        changes = [change for change in found.changes if change.kind in kinds]
        if changes:
            yield f"### {title}"
            yield lists.table(("", "what", "details", "breaks users"), map(_row, changes))


def _row(change: Change) -> tuple[str, ...]:
    # Models are listed among the fields.
    name = f"{'model ' if change.kind == 'model' else ''}{_code(change.name)}"
    return change.what, name, _text(change.detail), _text(change.breaking) or "no"


def _python(found: Regeneration, lists: Lists) -> Iterator[str]:
    yield "## For Python users"
    if found.surface.breaking:
        yield "Code that uses these names of the raw client breaks:"
        yield lists.items(f"{_code(one.name)}: {_text(one.why)}" for one in found.surface.breaking)
    else:
        yield "No name of the raw client is removed, and no call fails for its arguments."
    if found.surface.renamed:
        yield "Other names for classes with the same fields:"
        yield lists.items(f"{_code(old)} is {_code(new)}" for old, new in sorted(found.surface.renamed.items()))
    if found.surface.added:
        yield "New:\n\n" + lists.items(_code(name) for name in found.surface.added)


def _methods(found: Regeneration, lists: Lists) -> Iterator[str]:
    yield "## Hand-written methods that touch what changed"
    if found.touched:
        rows = (
            (_code(method), _code(operation), ", ".join(dict.fromkeys(_code(change.name) for change in changes[:6])))
            for (method, operation), changes in found.touched.items()
        )
        yield lists.table(("method", "operation", "changed"), rows)
    else:
        yield "None."
    if found.unwrapped:
        yield (
            "New operations have no method yet, only their raw function, and `docs/operations.md` says so. With a"
            " method comes a row in `overrides/comfy_cloud/_core/operations.py`:\n\n"
            + lists.items(_code(name) for name in found.unwrapped)
        )


def _chores(found: Regeneration, lists: Lists) -> Iterator[str]:
    yield "## Patches"
    if found.patches:
        yield "Removed from `openapi-cloud.patches.yaml`:\n\n" + lists.items(_text(str(idle)) for idle in found.patches)
    else:
        yield "All still apply and are still needed."
    yield "## To be worded"
    if found.to_be_worded:
        yield (
            "New places have placeholders in `openapi-cloud.yaml`; replace them with our own words, then"
            " `make generate`:\n\n" + lists.items(_code(place) for place in found.to_be_worded)
        )
    else:
        yield "Nothing."
    if found.reworded:
        yield (
            "Published words changed at these places. Ours stay as they are: compare them. They lack the figures in"
            " brackets:\n\n" + lists.items(_code(str(one)) for one in found.reworded)
        )
    yield "## Tests"
    yield f"{found.tests.outcome.capitalize()}: `{found.tests.command}`" if found.tests.command else "Not run."
    if found.tests.lines:
        yield _fenced(found.tests.lines)


def _plain(text: str) -> str:
    """Return one line of at most 400 characters, without those that steer a terminal."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return line if len(line) <= 400 else f"{line[:397]}..."


def _code(text: str) -> str:
    """Return a name as code. Ticks within it are dropped: nothing in a name may become markup."""
    return f"`{_plain(text).replace('`', '').replace('|', chr(0xA6))}`"


def _text(text: str) -> str:
    """Return a sentence of ours that holds names of the contract, with all markup but ticks escaped."""
    return re.sub(r"([\[\]<>|@#*_\\])", r"\\\1", _plain(text)) if text else ""


def _fenced(lines: Iterable[str]) -> str:
    return "\n".join(["```text", *(_plain(line).replace("```", "'''") for line in lines), "```"])
