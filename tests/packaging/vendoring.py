"""What the tests of vendored copies share: checkouts of any version, projects that hold a copy, programs there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("scripts/vendor.py", "overrides", "generated", "pyproject.toml", "LICENSE")

# Where the installed package cannot hide that a copy leads to it.
ALONE = """
import sys, warnings
warnings.simplefilter("error")
assert not [name for name in sys.modules if name.partition(".")[0] == "comfy_cloud"]
class Guard:
    def find_spec(self, name, path=None, target=None):
        assert name.partition(".")[0] != "comfy_cloud", "the copy leads to an installed package"
sys.meta_path.insert(0, Guard())
"""


def checkout(folder: Path, version: str) -> Path:
    """The part of this project that vendoring needs, as it would stand at another version."""
    for name in PARTS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    module = folder / "overrides" / "comfy_cloud" / "_version.py"
    lines = module.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [f'__version__ = "{version}"\n' if line.startswith("__version__ = ") else line for line in lines]
    assert changed != lines
    module.write_text("".join(changed), encoding="utf-8")
    return folder


def vendor(dest: Path, *arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run scripts/vendor.py of a checkout as its users do: with any Python, and without our packages."""
    command = [sys.executable, "-I", "-S", str(root / "scripts" / "vendor.py"), str(dest), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def project(folder: Path, name: str = "acme", copy: str = "comfy_cloud", *options: str, root: Path = ROOT) -> Path:
    """A package with a copy in its `_vendor`; returns the folder that it stands in."""
    home = folder / name / "_vendor"
    home.mkdir(parents=True)
    for package in (home, home.parent):
        (package / "__init__.py").touch()
    done = vendor(home, "--name", copy, *options, root=root)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def python(code: str, *path: Path, cwd: Path, prefix: tuple[str, ...] = (), **environment: str) -> str:
    """What a program prints, run with these entries of sys.path. Any warning or error output is a failure."""
    done = subprocess.run(
        [*prefix, sys.executable, "-W", "error", "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(entry) for entry in path), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command prints; a failure shows all of it."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def git(*arguments: str | Path, cwd: Path) -> str:
    """git as somebody, on a branch `main`, without the settings of who runs the tests."""
    someone = ("-c", "user.name=someone", "-c", "user.email=someone@example.com", "-c", "init.defaultBranch=main")
    plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return run("git", *someone, *arguments, cwd=cwd, **plain)


def has_subtree() -> bool:
    """Whether this git has its subtree command, which some systems package by itself."""
    return (Path(git("--exec-path", cwd=ROOT).strip()) / "git-subtree").exists()


def repository(folder: Path) -> Path:
    """This project as a repo of one commit: the files that git knows here, as they stand."""
    folder.mkdir()
    for name in git("ls-files", "-coz", "--exclude-standard", cwd=ROOT).split("\0"):
        source = ROOT / name
        if name and (source.is_file() or source.is_symlink()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name, follow_symlinks=False)
    git("init", "--quiet", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message", "the project", cwd=folder)
    return folder
