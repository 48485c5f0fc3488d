"""Each kind of edit of a contract gets the right verdict and names the methods that it touches.

A wrong "compatible" breaks users in a patch release; a wrong "breaking" teaches maintainers to ignore the report. The
edits are judged without the rest of a regeneration: no copy of them is formatted, imported, tested or written.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import generate
from regenerate import adopt
from regenerate.facts import dumped, facts
from regenerate.python_surface import compare_surfaces
from regenerate.report import Regeneration, render

from .conftest import Contract, copy_of_the_repo, our_contract
from .edits import BREAKING, COMPATIBLE, EDITS, NONE, Row

Judge = Callable[[Contract], Regeneration]


@pytest.fixture(scope="session")
def ours() -> Contract:
    return our_contract()


@pytest.fixture(scope="session")
def judge(ours: Contract, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    home = tmp_path_factory.mktemp("verdicts")
    tree = copy_of_the_repo(home)
    adopt.type_check(tree)
    cache, kept = tree / ".mypy_cache", home / "mypy_cache"
    cache.rename(kept)

    def checked() -> str:
        # What mypy keeps of an edit that takes a module away would make it miss that module in the next one.
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copytree(kept, cache)
        return adopt.type_check(tree)

    def write(contract: Contract, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        generate.write_client(copy.deepcopy(contract), folder, strict=False, report=generate.Report())
        (folder / "py.typed").touch()

    def judged(theirs: Contract) -> Regeneration:
        found = Regeneration("contract.yaml")
        if dumped(facts(theirs)) == dumped(facts(ours)):
            return found
        patched = adopt.patch(found, ours, theirs)
        old, new = home / "comfy_cloud_api", tree / "generated" / "comfy_cloud_api"
        if not old.exists():
            write(patched[0], old)
        write(patched[1], new)
        surface = compare_surfaces(old, new)
        adopt.judge(found, (ours, theirs), patched, surface, checked)
        return found

    return judged


def named(found: Regeneration) -> set[str]:
    return {method for method, _ in found.touched} | lost(found)


def lost(found: Regeneration) -> set[str]:
    return {use.method for use, _ in found.taken} | {name for fault in found.mistyped for name in fault.methods}


@pytest.mark.parametrize("row", EDITS, ids=lambda row: row.name.replace(" ", "-"))
def test_an_edit_gets_its_verdict_and_names_its_methods(row: Row, ours: Contract, judge: Judge) -> None:
    theirs = copy.deepcopy(ours)
    row.edit(theirs)
    assert theirs != ours
    found = judge(theirs)
    assert found.status == row.verdict, render(found)
    assert set(row.methods) <= named(found), render(found)
    assert not any("/_sync/" in one.place for one in found.mistyped)
    if row.verdict != BREAKING:
        assert lost(found) == set()
    if row.verdict != NONE:
        assert found.changes, "a difference without a name cannot be reviewed"


def test_the_table_is_large_and_has_every_verdict() -> None:
    assert len(EDITS) >= 80
    assert len({row.name for row in EDITS}) == len(EDITS)
    assert {row.verdict for row in EDITS} == {BREAKING, COMPATIBLE, NONE}
