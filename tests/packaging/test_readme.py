"""The README's code runs as it stands: a new user copies it first."""

from __future__ import annotations

import functools
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import get_args

import pytest

import demo
from comfy_cloud.testing import Emulator
from comfy_cloud.testing._servers.dialect_table import DialectName

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
DIALECTS: tuple[DialectName, ...] = get_args(DialectName)


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


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("code", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_of_the_readme_runs_on_every_kind_of_server(
    code: str, dialect: DialectName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user may have a newer cloud, or a ComfyUI, without a key."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    with Emulator(dialect=dialect) as server:
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", server.url)
        if not dialect.startswith("comfyui"):
            monkeypatch.setenv("COMFY_CLOUD_API_KEY", server.api_key)
        exec(compile(code.replace("Emulator()", f'Emulator(dialect="{dialect}")'), "README.md", "exec"), {})
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


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_demo_runs_on_every_kind_of_server(
    dialect: DialectName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its lines are those that a user writes, for the cloud and for a ComfyUI."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "Emulator", functools.partial(Emulator, dialect=dialect))
    assert demo.main([]) == 0
    assert "picture-blend.png (768 x 512" in capsys.readouterr().out


@pytest.mark.parametrize(("picture", "says"), [("nowhere.jpg", "nowhere.jpg"), ("README.md", "must be an image")])
def test_the_demo_tells_what_is_wrong_with_a_picture(picture: str, says: str) -> None:
    """A typo in IMAGE= is answered in one line, not with a traceback."""
    demo = [sys.executable, "scripts/demo.py", picture]
    done = subprocess.run(demo, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("edge", [8_100, 9_500, 20_000], ids=["too large to upload", "nearly a bomb", "a bomb"])
def test_the_demo_tells_that_a_picture_is_too_large(edge: int, tmp_path: Path) -> None:
    """A scan has so many pixels. Pillow refuses it as an attack, and the server refuses a smaller one."""
    picture = tmp_path / "scan.png"
    picture.write_bytes(png_of(edge))
    demo = [sys.executable, "scripts/demo.py", str(picture)]
    done = subprocess.run(demo, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("demo: ")
    assert done.stderr.count("\n") == 1
    assert "pixels" in done.stderr


def png_of(edge: int) -> bytes:
    """A white picture of that width and height, as a file of a few bytes for each megapixel."""
    packed = zlib.compressobj(1)
    row = b"\0" + b"\xff" * ((edge + 7) // 8)
    data = b"".join(packed.compress(row) for _ in range(edge)) + packed.flush()
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")]
    parts = (
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part)) for kind, part in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
