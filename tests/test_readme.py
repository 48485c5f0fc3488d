"""The README's code runs as it stands: a new user copies it first."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_of_the_readme_runs_as_it_stands(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who copies it with a key in the environment gets a picture; only the server is another one here."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    with Emulator() as server:
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", server.api_key)
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", server.url)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    if ".save(" in code:
        assert list((tmp_path / "out").glob("*.png")), "no picture came out"


def test_the_make_targets_of_the_readme_exist() -> None:
    """The two commands of the first paragraph are real targets."""
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"\$ make (\w+)", README)
    assert named[:2] == ["demo", "test"]
    assert all(re.search(rf"^{name}:", targets, re.MULTILINE) for name in named)


def test_the_demo_ends_with_a_picture(tmp_path: Path) -> None:
    """`make demo` is the first thing a stranger runs: it says how far it is, and where the picture went."""
    for folder in ("examples", "scripts"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "overrides").symlink_to(ROOT / "overrides")
    demo = [sys.executable, "-W", "error", "scripts/demo.py"]
    done = subprocess.run(demo, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "done" in done.stdout
    assert "saved  out/picture-blend.png (768 x 512" in done.stdout
    assert (tmp_path / "out" / "picture-blend.png").is_file()


@pytest.mark.parametrize(("picture", "says"), [("nowhere.jpg", "nowhere.jpg"), ("README.md", "not a picture")])
def test_the_demo_tells_what_is_wrong_with_a_picture(picture: str, says: str) -> None:
    """A typo in IMAGE= is answered in one line, not with a traceback."""
    demo = [sys.executable, "scripts/demo.py", picture]
    done = subprocess.run(demo, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
