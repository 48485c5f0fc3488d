"""Typed nodes are read by type checkers: a right program passes, and each mistake is found."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guide" / "typed-nodes.md").read_text(encoding="utf-8")

RIGHT = """
from pathlib import Path
from nodes import EmptyImage, ImageBlend, ImageInvert, LoadImage, PrimitiveInt, SaveImage, workflow

picture = LoadImage(image=Path("a.png"))
width = PrimitiveInt(value=64)
empty = EmptyImage(width=width.INT, height=64, batch_size=1, color=0)
blend = ImageBlend(image1=picture.IMAGE, image2=empty.IMAGE, blend_factor=1, blend_mode="normal")
graph = workflow(SaveImage(images=ImageInvert(image=blend.IMAGE).IMAGE, filename_prefix="x", title="Saved"))
graph["Saved"]["filename_prefix"] = "y"
"""
MISTAKES = """
SaveImage(images=picture.MASK, filename_prefix="x")
SaveImage(images=picture, filename_prefix="x")
SaveImage(images="a.png", filename_prefix="x")
SaveImage(images=None, filename_prefix="x")
SaveImage(images=picture.IMAGE, filename_prefix=5)
SaveImage(images=picture.IMAGE, filename_prefix=picture.IMAGE)
SaveImage(image=picture.IMAGE, filename_prefix="x")
SaveImage(filename_prefix="x")
ImageInvert()
ImageInvert(picture.IMAGE)
EmptyImage(width=1.5, height=64, batch_size=1, color=0)
EmptyImage(width="64", height=64, batch_size=1, color=0)
EmptyImage(width=picture.IMAGE, height=64, batch_size=1, color=0)
ImageBlend(image1=picture.IMAGE, image2=picture.IMAGE, blend_factor=1, blend_mode="norml")
ImageBlend(image1=picture.IMAGE, image2=picture.IMAGE, blend_factor="1", blend_mode="normal")
ImageBlend(image1=picture.IMAGE, image2=[picture.IMAGE, 0], blend_factor=1, blend_mode="normal")
picture.LATENT
NoSuchNode()
workflow(picture.IMAGE)
workflow(SaveImage(images=empty.IMAGE, filename_prefix="x", title=5))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typed")
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        (folder / "nodes.py").write_text(cloud.nodes.stubs(), encoding="utf-8")
    return folder


def errors_of(folder: Path, source: str) -> list[int]:
    """Return the lines of a program that mypy in strict mode finds wrong."""
    (folder / "program.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "program.py"]
    environment = {"MYPYPATH": f"{ROOT / 'overrides'}:{folder}", "PATH": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    found = re.findall(r"^(\S+):(\d+): error", done.stdout, re.MULTILINE)
    assert {file for file, _ in found} <= {"program.py"}, done.stdout
    return sorted({int(line) for _, line in found})


def test_a_right_program_passes_and_twenty_mistakes_are_found(folder: Path) -> None:
    right, mistakes = RIGHT.count("\n"), MISTAKES.count("\n") - 1
    assert mistakes == 20
    assert errors_of(folder, RIGHT + MISTAKES) == list(range(right + 2, right + 2 + mistakes))


def test_the_mistakes_that_the_page_shows_are_found(folder: Path) -> None:
    shown = re.search(r'mistakes = """\n(.*?)"""', PAGE, re.DOTALL)
    assert shown is not None
    source = shown[1].replace("my_nodes", "nodes")
    wrong = [number for number, line in enumerate(source.splitlines(), 1) if "#" in line]
    assert len(wrong) == 6
    assert errors_of(folder, source) == wrong
