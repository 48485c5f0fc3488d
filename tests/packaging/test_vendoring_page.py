"""docs/vendoring.md is true: its commands run in their order, from a clone beside a project of somebody else."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from .vendoring import ALONE, ROOT, git, has_subtree, python, repository, run

PAGE = (ROOT / "docs" / "vendoring.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


COMMANDS = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the files of the project are those git knows")
def test_the_commands_do_what_the_page_says(tmp_path: Path) -> None:
    """A maintainer of another project copies them one by one."""
    assert len(blocks("console")) + len(blocks("python")) == PAGE.count("\n```") // 2
    ours, acme = repository(tmp_path / "comfy-cloud"), tmp_path / "acme"
    (acme / "src" / "acme").mkdir(parents=True)
    (acme / "src" / "acme" / "__init__.py").touch()
    git("init", "--quiet", cwd=acme)
    git("add", "--all", cwd=acme)
    git("commit", "--quiet", "--message", "start", cwd=acme)

    home = Path(sys.executable).parent
    told = []
    for command in COMMANDS:
        if command.startswith("git subtree"):
            if has_subtree():
                git(*shlex.split(command)[1:], cwd=acme)
                assert (acme / "third_party" / "comfy-cloud" / "overrides" / "comfy_cloud" / "raw").is_symlink()
        else:
            # The environment of these tests, in place of one that make would set up first.
            surroundings = {"PATH": f"{home}{os.pathsep}{os.environ['PATH']}", "MAKEFLAGS": f"-- BIN={home}"}
            told.append(run("sh", "-c", command, cwd=ours, **surroundings))
    assert ["written" in text for text in told[:2]] == [True, True]
    assert "unedited, up to date" in told[2]

    (code,) = blocks("python")
    python(ALONE + code, acme / "src", cwd=tmp_path)
    (module,) = re.findall(r"`python -m (\S+) doctor` prints", PAGE)
    environment = {"PYTHONPATH": str(acme / "src")}
    assert run(sys.executable, "-m", module, "doctor", cwd=tmp_path, **environment).startswith(f"{module} ")
