"""A month of nights: the contract changes, goes back, breaks and is no contract, and maintainers push, close and merge.

Nobody's commit is lost, and there is one pull request at most. The nights run `scripts/propose.py` with a git
repository on this disk and a stand-in for gh; a contract is one file here, and its report has the real form.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from regenerate.report import BREAKING, COMPATIBLE, FAILED, UNCHANGED, Regeneration, render

from .conftest import ROOT

BOT = "noreply@github.com"


class Month:
    """A repo with its origin, the pull requests and issues, and what is published at the moment."""

    def __init__(self, home: Path) -> None:
        self.home, self.origin, self.published = home, home / "origin.git", "a: 1\n"
        self.bin = home / "bin"
        self.bin.mkdir()
        shutil.copy(Path(__file__).with_name("gh.py"), self.bin / "gh")
        (self.bin / "gh").chmod(0o755)
        self.git(home, "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        self.work = self.clone("maintainer")
        (self.work / "contract.yaml").write_text("a: 1\n")
        self.push(self.work, "main", "Start")
        self.seen: set[str] = set()

    def git(self, folder: Path, *arguments: str) -> str:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def clone(self, name: str) -> Path:
        folder = self.home / name
        shutil.rmtree(folder, ignore_errors=True)
        self.git(self.home, "clone", "--quiet", str(self.origin), name)
        return folder

    def push(self, folder: Path, branch: str, message: str) -> str:
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "--quiet", "--message", message)
        self.git(folder, "push", "--quiet", "origin", f"HEAD:{branch}")
        return self.git(folder, "rev-parse", "HEAD")

    def state(self) -> dict[str, Any]:
        path = self.home / "state.json"
        state: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"pr": [], "issue": []}
        return state

    def open(self, kind: str = "pr") -> list[dict[str, Any]]:
        return [one for one in self.state()[kind] if one["state"] == "OPEN"]

    def set(self, number: int, **values: Any) -> None:
        """Change a pull request, as people do on the site."""
        state = self.state()
        next(one for one in state["pr"] if one["number"] == number).update(values)
        (self.home / "state.json").write_text(json.dumps(state))

    def regenerate(self, folder: Path) -> bool:
        """Do what `make regenerate` and `make proposal` leave: a report, and a patch for a change."""
        shutil.rmtree(folder / "out", ignore_errors=True)
        (folder / "out").mkdir()
        found = Regeneration("https://example.com/contract.yaml", contract=f"{abs(hash(self.published)):x}")
        if self.published.startswith("<"):
            found = Regeneration("https://example.com/contract.yaml", FAILED, "must be an OpenAPI document")
        elif self.published != (folder / "contract.yaml").read_text():
            found.status = BREAKING if "breaks" in self.published else COMPATIBLE
            before = (folder / "contract.yaml").read_bytes()
            (folder / "contract.yaml").write_text(self.published)
            patch = self.git(folder, "diff", "--binary") + "\n"
            (folder / "contract.yaml").write_bytes(before)
            os.utime(folder / "contract.yaml", (1, 1))  # as where git wrote the file in another second
            (folder / "out" / "regenerate.patch").write_text(patch)
        else:
            assert found.status == UNCHANGED
        (folder / "out" / "regenerate.md").write_text(render(found))
        return found.status != FAILED

    def night(self) -> str:
        """Run the jobs of one night, and return what they said."""
        folder = self.clone("runner")
        worked = self.regenerate(folder)
        said = [self.job(folder, "pull-request")] if worked else []
        said.append(self.job(folder, "issue", RESULT="success" if worked else "failure"))
        self.check()
        return " ".join(said)

    def job(self, folder: Path, name: str, **more: str) -> str:
        environment = {**os.environ, **more, "PATH": f"{self.bin}:{os.environ['PATH']}"}
        environment |= {"GH_STATE": str(self.home / "state.json"), "GH_ORIGIN": str(self.origin), "RUN_URL": "the run"}
        command = [sys.executable, str(ROOT / "scripts" / "propose.py"), name]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def check(self) -> None:
        """Every commit of a person is still on a branch, and there is one pull request at most."""
        assert len(self.open()) <= 1
        assert len(self.open("issue")) <= 1
        log = self.git(self.origin, "log", "--all", "--format=%H %ae").splitlines()
        now = {line.split()[0] for line in log if line.split()[1] != BOT}
        assert self.seen <= now, "a commit of a person is gone"
        self.seen = now


@pytest.fixture
def month(tmp_path: Path) -> Month:
    return Month(tmp_path)


def test_a_month_in_which_nothing_is_lost(month: Month) -> None:
    assert "nothing to do" in month.night()
    # 2: a change becomes a pull request, and the next night changes nothing.
    month.published = "a: 2\n"
    assert "opened a pull request" in month.night()
    tip = month.git(month.origin, "rev-parse", "regenerate")
    assert "up to date" in month.night()
    assert month.git(month.origin, "rev-parse", "regenerate") == tip
    # 4: it breaks before anybody looked at it: the same pull request.
    month.published = "a: 2\nb: breaks\n"
    assert "renewed the pull request" in month.night()
    assert month.open()[0]["title"] == "The contract changed, and breaks users"
    # 5: main moves on, so the branch does too.
    (month.work / "other.txt").write_text("x\n")
    month.push(month.work, "main", "Something else")
    assert "renewed" in month.night()
    assert month.git(month.origin, "merge-base", "main", "regenerate") == month.git(month.origin, "rev-parse", "main")
    # 6: a web page instead of the contract: an issue, and the pull request stays as it is.
    month.published = "<!DOCTYPE html>"
    assert "opened an issue" in month.night()
    assert "renewed the issue" in month.night()
    assert "must be an OpenAPI document" in month.open("issue")[0]["body"]
    # 8: it is back, and it is no more what main lacks.
    month.published = "a: 1\n"
    assert "closed the pull request" in (said := month.night())
    assert "closed the issue" in said
    assert month.open() == []
    assert month.open("issue") == []
    # 9: a new one, to which a maintainer pushes the words; the nights leave it alone.
    month.published = "a: 3\n"
    assert "opened a pull request" in month.night()
    branch = month.clone("branch")
    month.git(branch, "switch", "--quiet", "regenerate")
    (branch / "words.txt").write_text("our own\n")
    mine = month.push(branch, "regenerate", "Word the new places")
    assert "nothing done" in month.night()
    assert month.git(month.origin, "rev-parse", "regenerate") == mine
    # 11: the contract changes once more: one comment, not one a night.
    month.published = "a: 4\n"
    assert "commented" in month.night()
    month.night()
    assert len([one for one in month.open()[0]["comments"] if "changed again" in one["body"]]) == 1
    # 13: it goes back while the maintainer works: the pull request stays open.
    month.published = "a: 1\n"
    assert "commented" in month.night()
    assert len(month.open()) == 1
    # 14: the maintainer merges, squashed; the branch is left over and may be written on.
    month.published = "a: 3\n"
    number = month.open()[0]["number"]
    month.set(number, headRefOid=mine, state="MERGED")
    month.git(month.work, "pull", "--quiet", "--rebase", "origin", "main")
    (month.work / "contract.yaml").write_text("a: 3\n")
    (month.work / "words.txt").write_text("our own\n")
    month.push(month.work, "main", "Adopt the contract")
    assert "nothing to do" in month.night()
    month.git(month.origin, "update-ref", "refs/pull/kept", mine)  # as GitHub keeps the head of each pull request
    month.published = "a: 5\n"
    assert "opened a pull request" in month.night()
    # 16: it is closed as unwanted: not opened again, but for another contract.
    month.set(month.open()[0]["number"], state="CLOSED")
    assert "was closed before" in month.night()
    assert "was closed before" in month.night()
    month.published = "a: 6\n"
    assert "opened a pull request" in month.night()
    # 19: the unwanted one is published again: the pull request of the other one goes.
    month.published = "a: 5\n"
    assert "closed the pull request" in month.night()
    # 20: a person has the branch and no pull request is open: nothing is overwritten, and it is said once.
    month.git(branch, "fetch", "--quiet", "origin")
    month.git(branch, "reset", "--quiet", "--hard", "origin/main")
    (branch / "idea.txt").write_text("x\n")
    month.git(branch, "add", "--all")
    month.git(branch, "commit", "--quiet", "--message", "Try an idea")
    month.git(branch, "push", "--quiet", "--force", "origin", "HEAD:regenerate")
    idea = month.git(month.origin, "rev-parse", "regenerate")
    month.published = "a: 7\n"
    assert "commented" in month.night()
    for _ in range(9):
        month.night()
    assert month.git(month.origin, "rev-parse", "regenerate") == idea
    assert month.open() == []
    # 30: the branch is gone, and all is well.
    month.git(month.origin, "update-ref", "refs/heads/idea", idea)
    month.git(month.origin, "update-ref", "-d", "refs/heads/regenerate")
    assert "opened a pull request" in month.night()


def test_a_push_that_comes_between_is_not_overwritten(month: Month) -> None:
    """Who pushes while the bot works would lose the commit with a plain --force."""
    month.published = "a: 2\n"
    month.night()
    month.published = "a: 3\n"
    folder = month.clone("runner")
    month.regenerate(folder)
    hook = month.origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(AssertionError, match="git push"):
        month.job(folder, "pull-request")
    assert month.git(month.origin, "show", "regenerate:contract.yaml") == "a: 2"


def test_a_branch_of_a_fork_is_not_ours(month: Month) -> None:
    month.published = "a: 2\n"
    month.night()
    month.set(1, isCrossRepository=True, state="OPEN")
    folder = month.clone("runner")
    month.regenerate(folder)
    assert "opened a pull request" in month.job(folder, "pull-request")


def test_a_run_without_a_report_is_told_too(month: Month) -> None:
    folder = month.clone("runner")
    assert "opened an issue" in month.job(folder, "issue", RESULT="failure")
    assert "before it wrote a report" in month.open("issue")[0]["body"]
    assert "the run" in month.open("issue")[0]["body"]
