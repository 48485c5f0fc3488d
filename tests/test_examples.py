"""The scripts in examples/ do what they say, as a user runs them: a process each, warnings are errors."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator, Fault
from comfy_cloud.testing._dialects import DialectName

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SCRIPTS = {path.stem for path in EXAMPLES.glob("*.py")}
ORANGE = (200, 100, 40)
SLEEP = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 600.0, "steps": 1000}}}


class Examples:
    """The scripts, in a folder of their own as a user has them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(EXAMPLES, folder / "examples")
        self.orange = folder / "orange.png"
        Image.new("RGB", (40, 40), ORANGE).save(self.orange)
        self._before: Set[Path] = frozenset()

    def start(self, name: str, *arguments: str | Path) -> subprocess.Popen[str]:
        self._before = {*self.folder.rglob("*")}
        command = [sys.executable, "-W", "error", f"examples/{name}.py", *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def finish(self, script: subprocess.Popen[str]) -> list[str]:
        """The lines that it printed, once it went well and wrote nothing outside out/."""
        with script:
            try:
                printed, errors = script.communicate(timeout=60)
            finally:
                script.kill()
        assert (script.returncode, errors) == (0, "")
        out = self.folder / "out"
        assert all(path.is_relative_to(out) for path in {*self.folder.rglob("*")} - self._before)
        return printed.splitlines()

    def run(self, name: str, *arguments: str | Path) -> list[str]:
        return self.finish(self.start(name, *arguments))

    def picture(self, line: str) -> Image.Image:
        """The picture whose path was printed; it is below out/."""
        assert line.startswith("out/")
        return Image.open(io.BytesIO((self.folder / line).read_bytes())).convert("RGB")

    def workflow(self, graph: dict[str, Any]) -> Path:
        path = self.folder / "own_api.json"
        path.write_text(json.dumps(graph), encoding="utf-8")
        return path


def near(colour: object, *wanted: float) -> bool:
    """Whether two colours are the same, but for rounding."""
    return colour == pytest.approx(wanted, abs=1)


@pytest.fixture
def examples(tmp_path: Path) -> Examples:
    return Examples(tmp_path)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator() as emulator:
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.api_key)
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as cloud:
        yield cloud


def test_upload_and_run(examples: Examples, server: Emulator) -> None:
    """A quarter of the picture and three quarters of its negative come out, of the picture that was given."""
    (path,) = examples.run("upload_and_run", examples.orange)
    result = examples.picture(path)
    assert (result.size, len(server.journal.of("uploadAsset"))) == ((768, 768), 1)
    assert near(result.getpixel((400, 300)), *(0.25 * value + 0.75 * (255 - value) for value in ORANGE))
    (path,) = examples.run("upload_and_run")
    assert examples.picture(path).size == (768, 512)


def test_watch_progress(examples: Examples, server: Emulator) -> None:
    """Every node is named in its turn, although the job is a short one."""
    server.pause()
    script = examples.start("watch_progress")
    server.journal.wait_for("getJobDetail")
    server.wait_for_sockets(1)
    server.resume()
    assert examples.finish(script) == ["running", "node Colour", "node Scale", "node Save", "done"]


def test_watch_progress_of_a_workflow_of_the_users_own(examples: Examples, server: Emulator) -> None:
    """Steps and previews are shown: what a sampler tells."""
    preview = {"class_type": "EmulatorPreview", "inputs": {"seconds": 0.1, "frames": 4, "format": "PNG"}}
    printed = examples.run("watch_progress", examples.workflow({"7": preview}))
    assert printed[:2] == ["running", "node EmulatorPreview"]
    assert printed[-1] == "done"
    assert "  50%" in printed
    assert any(re.fullmatch(r"  preview: \d+ bytes of image/png", line) for line in printed)


def test_sweep_seed(examples: Examples, server: Emulator) -> None:
    """Each result is in the folder of its own seed, and no job waited for another to be submitted."""
    server.pause()
    script = examples.start("sweep_seed")
    server.journal.wait_for("executePrompt", count=4)
    server.resume()
    paths = examples.finish(script)
    seeds = [int(Path(path).parent.name) for path in paths]
    assert len(set(seeds)) == 4
    for path, seed in zip(paths, seeds, strict=True):
        assert examples.picture(path).getpixel((100, 100)) == (seed >> 16, seed >> 8 & 255, seed & 255)


def test_sweep_seed_of_a_workflow_of_the_users_own(examples: Examples, server: Emulator) -> None:
    paint = {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "own"}}
    workflow = examples.workflow({"1": {**paint, "_meta": {"title": "Paint"}}, "2": save})
    paths = examples.run("sweep_seed", workflow, "Paint")
    assert [examples.picture(path).size for path in paths] == [(8, 8)] * 4
    assert len({examples.picture(path).tobytes() for path in paths}) == 4


def test_cancel_job(examples: Examples, server: Emulator) -> None:
    """The job that was cancelled is, and the other one comes to its end."""
    server.pause()
    script = examples.start("cancel_job")
    server.journal.wait_for("manageQueue")
    server.resume()
    lines = [line.split() for line in examples.finish(script)]
    assert [status for _, status in lines] == ["completed", "cancelled"]
    assert [server.wait_for(job_id) for job_id, _ in lines] == ["completed", "cancelled"]


def test_cancel_job_leaves_a_job_alone_that_would_be_stopped_with_it(
    examples: Examples, server: Emulator, cloud: ComfyCloud
) -> None:
    """Where both run, the script says that it cannot cancel one of them, and stops neither."""
    busy = server.fail("manageQueue", Fault.status(503, retry_after=1))
    script = examples.start("cancel_job", examples.workflow(SLEEP))
    busy.wait_for(1)
    running = [job.id for job in cloud.jobs.list()]
    assert [server.wait_for(job_id, "in_progress") for job_id in running] == ["in_progress"] * 2
    server.journal.wait_for("getQueueInfo")
    cloud.queue.interrupt_all()  # the test's, so that the jobs come to an end
    said, *lines = examples.finish(script)
    assert "force=True" in said
    assert len(server.journal.of("interruptJob")) == 1
    assert {line.split()[0] for line in lines} == set(running)


def test_clean_up_assets(examples: Examples, server: Emulator, cloud: ComfyCloud) -> None:
    """Only assets of the tag go, and only when that was asked for; those of everybody are not even listed."""
    kept = cloud.assets.upload(b"kept", name="kept.bin", tags=["input"])
    gone = {str(cloud.assets.upload(name.encode(), name=name, tags=["old"]).id) for name in ("a.bin", "b.bin")}

    def listed(*arguments: str) -> set[str]:
        *lines, last = examples.run("clean_up_assets", *arguments)
        assert last == f"{'deleted' if '--delete' in arguments else 'found'}: {len(lines)}"
        return {line.split()[0] for line in lines}

    assert listed() == {str(kept.id), *gone}
    assert listed("old") == gone
    assert listed("old", "--delete") == gone
    assert [asset.id for asset in cloud.assets.list(include_public=False)] == [kept.id]
    assert listed("old") == set()


def test_clean_up_assets_never_deletes_without_a_tag(examples: Examples, server: Emulator, cloud: ComfyCloud) -> None:
    """Otherwise one word too few would empty an account."""
    kept = cloud.assets.upload(b"kept", name="kept.bin")
    with examples.start("clean_up_assets", "--delete") as script:
        _, errors = script.communicate(timeout=60)
    assert script.returncode == 2
    assert "wants a tag" in errors
    assert cloud.assets.get(kept.id).name == "kept.bin"


def test_import_model(examples: Examples, server: Emulator, cloud: ComfyCloud, httpserver: HTTPServer) -> None:
    """The model is among the assets, with its tags."""
    httpserver.expect_request("/tiny.safetensors").respond_with_data(b"weights")
    url = httpserver.url_for("/tiny.safetensors")
    *_, last = examples.run("import_model", url, "models", "vae")
    (asset,) = cloud.assets.list(name_contains="tiny", include_public=False)
    assert (asset.size, asset.tags) == (7, ["models", "vae"])
    assert last == f"tiny.safetensors {asset.asset_hash} ['models', 'vae']"
    assert examples.run("import_model", url)[0] == "completed"  # the cloud has it already


def test_use_mask(examples: Examples, server: Emulator) -> None:
    """The masked middle is what it was, and the rest is black."""
    (path,) = examples.run("use_mask", examples.orange)
    result = examples.picture(path)
    assert result.size == (40, 40)
    assert (result.getpixel((20, 20)), result.getpixel((2, 2))) == (ORANGE, (0, 0, 0))
    assert len(server.journal.of("uploadMask")) == 1
    (path,) = examples.run("use_mask")
    assert examples.picture(path).size == (1200, 800)


def test_keep_user_data(examples: Examples, server: Emulator, cloud: ComfyCloud) -> None:
    """What was written is listed and read back, and nothing of it stays."""
    assert examples.run("keep_user_data") == ["comfy-cloud-example/styles.json 55 bytes", "golden light"]
    methods = [entry.method for entry in server.journal if entry.path.startswith("/api/userdata")]
    assert methods == ["POST", "GET", "GET", "DELETE"]
    assert cloud.userdata.list() == []


def test_async_gather(examples: Examples, server: Emulator) -> None:
    """The three results are those of their blend modes; none of the jobs waited for another."""
    server.pause()
    script = examples.start("async_gather", examples.orange)
    server.journal.wait_for("executePrompt", count=3)
    server.resume()
    lines = examples.finish(script)
    blended: dict[str, list[float]] = {
        "normal": [255.0 - value for value in ORANGE],
        "multiply": [value * (255 - value) / 255 for value in ORANGE],
        "screen": [255.0 - (255 - value) * value / 255 for value in ORANGE],
    }
    assert [Path(line).parts[1] for line in lines] == list(blended)
    for line, colour in zip(lines, blended.values(), strict=True):
        wanted = [0.25 * value + 0.75 * other for value, other in zip(ORANGE, colour, strict=True)]
        assert near(examples.picture(line).getpixel((9, 9)), *wanted)


@pytest.mark.parametrize("dialect", ["comfyui", "comfyui-old"])
def test_local_comfyui(examples: Examples, dialect: DialectName) -> None:
    """No key, no setting but the address; the workflow passes the check and the result is saved."""
    with Emulator(dialect=dialect) as emulator:
        version, *paths = examples.run("local_comfyui", emulator.url)
        assert not any(entry.key_present for entry in emulator.journal)
    assert re.fullmatch(r"ComfyUI \d+\.\d+\.\d+", version)
    assert paths == ["out/blend_00001_.png"]
    assert examples.picture(paths[0]).size == (768, 512)


def test_every_script_is_run_above() -> None:
    """A script that nobody runs is wrong within a month."""
    run = re.findall(r'examples\.(?:run|start)\("(\w+)"', Path(__file__).read_text(encoding="utf-8"))
    assert set(run) == SCRIPTS


def test_the_table_lists_every_script_and_each_says_how_to_run_it() -> None:
    """What is not in the table nobody finds; a command that is wrong there is copied."""
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\w+)\.py\]\((\w+)\.py\) \| \S.* \|$", page, re.MULTILINE)
    assert sorted(rows) == sorted((name, name) for name in SCRIPTS)
    for name in SCRIPTS:
        text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        assert re.findall(r"^python examples/(\w+)\.py", text, re.MULTILINE) == [name]
        assert not re.search(r"\bEmulator|comfy_cloud\.testing|_core|_sync|_async\b", text), "a user has no such thing"
