"""A notebook as people run it: cells in a real kernel, and what each of them shows."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64decode
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guide" / "in-a-notebook.md").read_text(encoding="utf-8")

BEGIN = """
from comfy_cloud import AsyncComfyCloud, ComfyCloud, Workflow, show_progress
cloud = ComfyCloud()
def node(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}
def files(kind, filename):
    return node("EmulatorFiles", kind=kind, filename=filename, content="x")
workflow = Workflow({
    "1": node("EmptyImage", width=64, height=48, batch_size=1, color=0x3366FF),
    "2": {**node("EmulatorPreview", seconds=0.1, frames=3, image=["1", 0]), "_meta": {"title": "Look"}},
    "3": node("SaveImage", images=["2", 0], filename_prefix="blue"),
    "4": node("EmulatorText", text="<b>words</b>"),
    "5": files("video", "film.mp4"),
    "6": files("audio", "sound.mp3"),
    "7": files("mesh", "chair.glb"),
    "8": node("ImageInvert", image=["1", 0]),
    "9": node("SaveImage", images=["8", 0], filename_prefix="yellow"),
})
"""
RUN = "job = cloud.run(workflow, on_event=show_progress(previews=True))"
FAIL = """
failed = cloud.submit({"7": node("EmulatorFail", message="no <memory>", exception_type="OOMError")})
failed.wait(check=False)
"""
ASYNC = """
async with AsyncComfyCloud() as other:
    theirs = await other.run(workflow)
    await theirs.outputs.images[0].read()
theirs.outputs
"""
CELLS = [
    BEGIN,
    RUN,
    "job",
    "job.outputs",
    "job.outputs.images[0]",
    "job.outputs.texts[0]",
    FAIL,
    ASYNC,
    "cloud.job('new')",
]


def run(folder: Path, sources: list[str]) -> list[list[dict[str, Any]]]:
    """Run cells in a kernel, in this folder, and return the outputs of each. A cell that raises fails the test."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    with Emulator() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMFY_CLOUD_API_KEY", server.api_key)
        patch.setenv("COMFY_CLOUD_BASE_URL", server.url)
        patch.setenv("IPYTHONDIR", str(folder))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        client = NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": folder}})
        client.execute()
        text = nbformat.writes(notebook)
        assert server.api_key not in text
        assert "signature=" not in text
    (folder / "shown.ipynb").write_text(text, encoding="utf-8")
    return [cell["outputs"] for cell in json.loads(text)["cells"]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[list[dict[str, Any]]]:
    """The outputs of each cell."""
    return run(tmp_path_factory.mktemp("notebook"), CELLS)


def html_of(outputs: list[dict[str, Any]]) -> str:
    """The HTML of a cell's only output, which fetches nothing."""
    (output,) = outputs
    html = "".join(output["data"]["text/html"])
    assert not re.search(r"""(?:src|href)=["'](?!data:)|https?:|url\(""", html)
    return html


def test_progress_is_one_live_block(shown: list[list[dict[str, Any]]]) -> None:
    """What is left of it in the file is the end, without the previews."""
    html = html_of(shown[CELLS.index(RUN)])
    assert re.search(r"<progress .*100% 9/9 done, 0:0\d</div>", html)
    assert "<img" not in html


def test_a_job_is_a_card(shown: list[list[dict[str, Any]]]) -> None:
    html = html_of(shown[CELLS.index("job")])
    assert "<b>completed</b>" in html
    for kind in ("2x image", "1x text", "1x video", "1x audio", "1x 3d"):
        assert kind in html
    failed = html_of(shown[CELLS.index(FAIL)])
    assert "<b>failed</b>" in failed
    assert "OOMError: no &lt;memory&gt;" in failed
    assert "not asked yet" in html_of(shown[-1])


def test_outputs_are_a_gallery(shown: list[list[dict[str, Any]]]) -> None:
    html = html_of(shown[CELLS.index("job.outputs")])
    assert html.count('<img src="data:image/png;base64,') == 2
    assert "<video controls" in html
    assert "<audio controls" in html
    assert "EmulatorFiles, node 5: video" in html
    assert "&lt;b&gt;words&lt;/b&gt;" in html
    assert "EmulatorFiles, node 7: 3d" in html


def test_one_output_shows_itself(shown: list[list[dict[str, Any]]]) -> None:
    (picture,) = shown[CELLS.index("job.outputs.images[0]")]
    assert b64decode(picture["data"]["image/png"]).startswith(b"\x89PNG")
    assert "&lt;b&gt;words" in html_of(shown[CELLS.index("job.outputs.texts[0]")])


def test_the_async_client_shows_what_was_read(shown: list[list[dict[str, Any]]]) -> None:
    html = html_of(shown[CELLS.index(ASYNC)])
    assert html.count("<img ") == 1
    assert "SaveImage, node 9: image" in html
    assert html.count("(shown once it was read, up to 5 MB)") == 3


def test_the_page_runs_in_a_notebook(tmp_path: Path) -> None:
    """Its blocks are run as a program elsewhere; here each is a cell, and its last line shows itself."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    cells = re.findall(r"^```python\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)
    outputs = run(tmp_path, [cell.replace("asyncio.run(main())", "await main()") for cell in cells])
    shown = dict(zip(cells, outputs, strict=True))
    assert "<b>completed</b>" in html_of(shown["job"])
    assert "<img " in html_of(shown["job.outputs"])
    assert "<img " in html_of(shown["outputs"])
