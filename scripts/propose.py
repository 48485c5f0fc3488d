#!/usr/bin/env python3
"""Bring what a regeneration found to GitHub: a pull request, or an issue if it failed. Needs git and gh.

    python scripts/propose.py pull-request      from out/regenerate.md and out/regenerate.patch
    python scripts/propose.py issue             RESULT=success or failure: closes or opens the issue about failures

Nobody's work is destroyed. The branch is pushed only onto a tip that this script wrote; where a person has pushed, it
comments. There is one pull request at most. One that was closed is not opened again for the same contract, and one
whose contract went back is closed. This script runs on a bare Python, before anything is installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REPORT, PATCH = Path("out/regenerate.md"), Path("out/regenerate.patch")
BRANCH, REF = "regenerate", "refs/heads/regenerate"
NAME, EMAIL = "comfy-cloud regeneration", "noreply@github.com"
UNCHANGED = "The contract did not change"
FAILURE_MARK = "<!-- a failed regeneration -->"
FAILURE_TITLE = "The published contract could not be adopted"
BACK_MARK = "<!-- contract: back -->"


def run(*command: str, check: bool = True) -> str:
    """Run a command and return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and check:
        raise SystemExit(f"{' '.join(command[:4])} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip() if done.returncode == 0 else ""


def told(*command: str) -> Any:
    """Return the JSON that a command of gh prints."""
    return json.loads(run("gh", *command) or "[]")


def contract_in(text: str) -> str:
    """Return the fingerprint of the contract that a report is about, or an empty string."""
    found = re.search(r"<!-- contract: (\w+) -->", text)
    return found[1] if found else ""


def pull_requests() -> list[dict[str, Any]]:
    """Return the pull requests from our branch, newest first; a fork may have a branch of the same name."""
    fields = "number,state,body,headRefOid,isCrossRepository"
    found = told("pr", "list", "--head", BRANCH, "--state", "all", "--limit", "200", "--json", fields)
    return sorted((one for one in found if not one["isCrossRepository"]), key=lambda one: -int(one["number"]))


def is_of_a_person(tip: str) -> bool:
    """Return whether a commit on the branch, and not in HEAD, is by anybody but this script."""
    run("git", "fetch", "--quiet", "origin", REF)
    return bool(set(run("git", "log", "--format=%ae%n%ce", f"HEAD..{tip}").split()) - {EMAIL})


def say(number: int, text: str, mark: str) -> None:
    """Comment on a pull request, once for each mark."""
    comments = told("pr", "view", str(number), "--json", "comments")["comments"]
    if not any(mark in comment["body"] for comment in comments):
        run("gh", "pr", "comment", str(number), "--body", f"{text}\n\n{mark}")


def pull_request() -> str:
    """Open, renew, comment or close the pull request, and return what was done."""
    run("gh", "auth", "setup-git")
    report = REPORT.read_text(encoding="utf-8")
    title, contract = report.partition("\n")[0].removeprefix("# "), contract_in(report)
    mark = f"<!-- contract: {contract} -->"
    known = pull_requests()
    opened = next((one for one in known if one["state"] == "OPEN"), None)
    tip = run("git", "ls-remote", "origin", REF).partition("\t")[0]
    # What was merged is in the main branch, also where its commits were squashed into one.
    merged = any(one["state"] == "MERGED" and one["headRefOid"] == tip for one in known)
    taken = bool(tip) and not merged and is_of_a_person(tip)
    unwanted = any(one["state"] == "CLOSED" and contract_in(one["body"]) == contract for one in known)
    if title == UNCHANGED or unwanted:
        why = "was closed before" if title != UNCHANGED else "is the one that is in the main branch"
        if opened is None or (unwanted and contract_in(opened["body"]) == contract):
            return f"nothing to do: the published contract {why}"
        if taken:
            say(opened["number"], f"The published contract {why}. Close this if it is no longer needed.", BACK_MARK)
            return "commented, since a person has pushed"
        run("gh", "pr", "close", str(opened["number"]), "--comment", f"The published contract {why}.")
        return "closed the pull request"
    if taken:
        last = opened or (known[0] if known else None)
        if last is None or (opened and contract_in(opened["body"]) == contract):
            return f"nothing done: a person has pushed to {BRANCH}"
        head = report.partition("\n## ")[0]
        how = f"It is not pushed, since a person has pushed to `{BRANCH}`. Delete the branch for a new pull request."
        say(last["number"], f"The published contract changed again. {how}\n\n{head}", mark)
        return "commented, since a person has pushed"
    return renew(title, opened, tip)


def renew(title: str, opened: dict[str, Any] | None, tip: str) -> str:
    """Push the branch and open or renew the pull request."""
    run("git", "switch", "--quiet", "--force-create", BRANCH)
    run("git", "update-index", "-q", "--refresh", check=False)  # git apply takes a file with another date for changed
    run("git", "apply", "--index", str(PATCH))
    identity = ("-c", f"user.name={NAME}", "-c", f"user.email={EMAIL}")
    run("git", *identity, "commit", "--quiet", "--message", title)
    fresh = run("git", "rev-parse", "HEAD~1", "HEAD^{tree}")
    if opened is not None and fresh == run("git", "rev-parse", f"{tip}~1", f"{tip}^{{tree}}", check=False):
        return "nothing to do: the pull request is up to date"
    # Only onto the tip that was looked at: somebody may push at this moment.
    run("git", "push", "--quiet", f"--force-with-lease={REF}:{tip}", "origin", f"HEAD:{REF}")
    if opened is None:
        run("gh", "pr", "create", "--head", BRANCH, "--title", title, "--body-file", str(REPORT))
        return "opened a pull request"
    run("gh", "pr", "edit", str(opened["number"]), "--title", title, "--body-file", str(REPORT))
    return "renewed the pull request"


def issue() -> str:
    """Open, renew or close the one issue about failures, and return what was done."""
    known = told("issue", "list", "--state", "open", "--limit", "500", "--json", "number,body")
    number = next((str(one["number"]) for one in known if FAILURE_MARK in one["body"]), "")
    if os.environ.get("RESULT") == "success":
        if number:
            run("gh", "issue", "close", number, "--comment", "The regeneration works again.")
        return "closed the issue" if number else "nothing to do: the regeneration works"
    said = REPORT.read_text(encoding="utf-8") if REPORT.exists() else "The run failed before it wrote a report.\n"
    body = f"{said}\nThe run: {os.environ.get('RUN_URL', 'unknown')}\n\n{FAILURE_MARK}\n"
    if number:
        run("gh", "issue", "edit", number, "--body", body)
        return "renewed the issue"
    run("gh", "issue", "create", "--title", FAILURE_TITLE, "--body", body)
    return "opened an issue"


if __name__ == "__main__":
    print(f"propose: {issue() if sys.argv[1:] == ['issue'] else pull_request()}")
