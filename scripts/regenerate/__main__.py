#!/usr/bin/env python3
"""Adopt a published contract, test the result and report what changed.

    python scripts/regenerate                        the contract at its published URL
    python scripts/regenerate --spec FILE_OR_URL     another one
    python scripts/regenerate --tests "python -m pytest tests/raw" --report report.md

Exit status: 0 nothing changed, 10 a compatible change, 20 a breaking one, anything else failed and changed nothing.
With GITHUB_OUTPUT set, `status`, `tests` and `title` are appended there for later steps.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from contract import ContractError, shown
from generate import printable
from regenerate.adopt import ROOT, run
from regenerate.report import BREAKING, COMPATIBLE, FAILED, HEADINGS, UNCHANGED, Regeneration, render, render_whole

# Where the contract is published. No other place names it.
PUBLISHED = "https://raw.githubusercontent.com/Comfy-Org/docs/main/openapi-cloud.yaml"
TESTS = "python -m pytest -n auto --maxprocesses 8"
STATUSES = {UNCHANGED: 0, COMPATIBLE: 10, BREAKING: 20, FAILED: 1}


def tell(found: Regeneration, report: Path) -> None:
    """Write the report, and print the outcome for a person and for later steps in CI."""
    report.write_text(render(found), encoding="utf-8")
    whole_of(report).write_text(render_whole(found), encoding="utf-8")
    for use, change in found.taken:
        line = f"{use.method} uses {use.operation}: {change.kind} {change.name} {change.what}"
        print(f"regenerate: {printable(line)}", file=sys.stderr)
    for fault in found.mistyped:
        line = f"{', '.join(fault.methods) or 'code of users'}: {fault.place}: {fault.message}"
        print(f"regenerate: {printable(line)}", file=sys.stderr)
    if found.trouble:
        print(f"regenerate: {printable(found.trouble)}", file=sys.stderr)
    for line in found.lacking:  # the report has to fit a pull request and may be cut, so all of them are printed
        print(printable(line))
    print(f"report: {report}")
    print(f"status: {STATUSES[found.status]} {found.status}, tests {found.tests.outcome}")
    if output := os.environ.get("GITHUB_OUTPUT"):
        with Path(output).open("a", encoding="utf-8") as lines:
            lines.write(f"status={found.status}\ntests={found.tests.outcome}\ntitle={HEADINGS[found.status]}\n")


def whole_of(report: Path) -> Path:
    """Return where the whole report goes, of which a pull request may hold a part only."""
    return report.with_name(f"{report.stem}-whole.md")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--spec", metavar="FILE_OR_URL", default=PUBLISHED, help="the contract (default: published)")
    parser.add_argument("--tests", metavar="COMMAND", default=TESTS, help=f"what tests the result (default: {TESTS})")
    parser.add_argument("--report", metavar="FILE", type=Path, default=ROOT / "out" / "regenerate.md")
    arguments = parser.parse_args(argv)
    report = arguments.report.resolve()
    report.parent.mkdir(parents=True, exist_ok=True)
    for old in (report, whole_of(report)):
        old.unlink(missing_ok=True)  # if this run is killed, nobody takes the report of an earlier one for its own
    try:
        found = run(arguments.spec or PUBLISHED, arguments.tests or TESTS)
    except (ContractError, OSError) as error:
        found = Regeneration(shown(arguments.spec or PUBLISHED), FAILED, str(error))
    except BaseException as error:  # noqa: BLE001 - a bug here is reported like any other failure
        *_, where = traceback.extract_tb(error.__traceback__)
        trouble = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"
        found = Regeneration(shown(arguments.spec or PUBLISHED), FAILED, trouble)
    tell(found, report)
    return STATUSES[found.status]


if __name__ == "__main__":
    sys.exit(main())
