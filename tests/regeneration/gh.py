#!/usr/bin/env python3
"""Stands in for gh: keeps pull requests and issues in a file, as far as scripts/propose.py asks for them.

The heads of pull requests come from the bare repository that the tests use as origin, as on GitHub.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

STATE = Path(os.environ["GH_STATE"])
VALUES = ("--head", "--state", "--limit", "--json", "--title", "--body", "--body-file", "--comment")


def head() -> str:
    command = ["git", "ls-remote", os.environ["GH_ORIGIN"], "refs/heads/regenerate"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\t")[0]


def main(kind: str, verb: str, *rest: str) -> None:
    state = json.loads(STATE.read_text()) if STATE.exists() else {"pr": [], "issue": [], "calls": []}
    state["calls"].append(f"{kind} {verb}")
    values = {rest[index]: rest[index + 1] for index in range(len(rest) - 1) if rest[index] in VALUES}
    body = Path(values["--body-file"]).read_text() if "--body-file" in values else values.get("--body", "")
    items = state.get(kind, [])
    for item in items:
        if kind == "pr" and item["state"] == "OPEN":
            item["headRefOid"] = head()
    one = next((item for item in items if str(item["number"]) == rest[0]), {}) if rest else {}
    if verb == "list":
        print(json.dumps([item for item in items if values["--state"] in ("all", item["state"].lower())]))
    elif verb == "create":
        if len(body) > 65_536:
            raise SystemExit("body is too long")
        number = len(state["pr"]) + len(state["issue"]) + 1
        made = {"number": number, "state": "OPEN", "title": values["--title"], "body": body, "comments": []}
        items.append({**made, "headRefOid": head(), "isCrossRepository": False})
    elif verb == "edit":
        one.update(body=body, title=values.get("--title", one["title"]))
    elif verb == "view":
        print(json.dumps({"comments": one["comments"]}))
    elif verb in ("comment", "close"):
        one["comments"].append({"body": values.get("--comment", body)})
        one["state"] = "CLOSED" if verb == "close" else one["state"]
    STATE.write_text(json.dumps(state))


if __name__ == "__main__":
    main(*sys.argv[1:])
