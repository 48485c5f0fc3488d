"""The scripts in examples/ do what they say, as a user runs them: a process each, warnings are errors.

Each script runs on every kind of server. One that needs more than every server has says so in a line `Needs ...` of its
docstring, and is shown to end in NotSupportedError elsewhere.
"""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator, Fault
from comfy_cloud.testing._servers.dialect_table import DialectName

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = {path.stem for path in EXAMPLES.glob("*.py")}
DIALECTS: tuple[DialectName, ...] = get_args(DialectName)
# Where a script runs that needs this, in the words of its docstring and of the table in examples/README.md.
NEEDS: dict[str, tuple[DialectName, ...]] = {
    "": DIALECTS,
    "Comfy Cloud": ("cloud", "cloud-next"),
    "Comfy Cloud, or a ComfyUI of 2026 with --enable-assets": ("cloud", "cloud-next", "comfyui"),
}
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
        self._started: list[subprocess.Popen[str]] = []

    def start(self, name: str, *arguments: str | Path) -> subprocess.Popen[str]:
        self._before = {*self.folder.rglob("*")}
        command = [sys.executable, "-W", "error", f"examples/{name}.py", *map(str, arguments)]
        script = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._started.append(script)
        return script

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

    def stop(self) -> None:
        """End what a test that failed has left."""
        for script in self._started:
            script.kill()
            script.communicate()

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


def docstring(script: str) -> str:
    return ast.get_docstring(ast.parse((EXAMPLES / f"{script}.py").read_text(encoding="utf-8"))) or ""


def needs(script: str) -> str:
    """Return what a script needs beyond what every server has; empty if it needs nothing."""
    found = re.search(r"^Needs (.+)\.$", docstring(script), re.MULTILINE)
    return found[1] if found else ""


TESTED: set[str] = set()


def runs(script: str) -> pytest.MarkDecorator:
    """Run a test of a script on each kind of server that has what the script needs."""
    TESTED.add(script)
    return pytest.mark.parametrize("server", NEEDS[needs(script)], indirect=True)


def near(colour: object, *wanted: float) -> bool:
    """Whether two colours are the same, but for rounding."""
    return colour == pytest.approx(wanted, abs=1)


@pytest.fixture
def examples(tmp_path: Path) -> Iterator[Examples]:
    examples = Examples(tmp_path)
    yield examples
    examples.stop()


@pytest.fixture
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A server of the kind that `runs` asks for, else the cloud."""
    with Emulator(dialect=getattr(request, "param", "cloud")) as emulator:
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.api_key)
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as cloud:
        yield cloud


@runs("upload_and_run")
def test_upload_and_run(examples: Examples, server: Emulator) -> None:
    """A quarter of the picture and three quarters of its negative come out, of the picture that was given."""
    (path,) = examples.run("upload_and_run", examples.orange)
    result = examples.picture(path)
    uploads = [*server.journal.of("uploadAsset"), *server.journal.of("uploadImage")]
    stored = [entry for entry in uploads if entry.status in {200, 201}]  # a newer cloud refuses the older form first
    assert (result.size, len(stored)) == ((768, 768), 1)
    assert near(result.getpixel((400, 300)), *(0.25 * value + 0.75 * (255 - value) for value in ORANGE))
    (path,) = examples.run("upload_and_run")
    assert examples.picture(path).size == (768, 512)


@runs("watch_progress")
def test_watch_progress(examples: Examples, server: Emulator) -> None:
    """Every node is named in its turn, although the job is a short one."""
    server.pause()
    script = examples.start("watch_progress")
    server.journal.wait_for("executePrompt")
    server.wait_for_sockets(1)
    server.resume()
    assert examples.finish(script) == ["running", "node Colour", "node Scale", "node Save", "done"]


@runs("watch_progress")
def test_watch_progress_of_a_workflow_of_the_users_own(examples: Examples, server: Emulator) -> None:
    """Steps and previews are shown: what a sampler tells."""
    preview = {"class_type": "EmulatorPreview", "inputs": {"seconds": 0.1, "frames": 4, "format": "PNG"}}
    printed = examples.run("watch_progress", examples.workflow({"7": preview}))
    assert printed[:2] == ["running", "node EmulatorPreview"]
    assert printed[-1] == "done"
    assert "  50%" in printed
    assert any(re.fullmatch(r"  preview: \d+ bytes of image/png", line) for line in printed)


@runs("sweep_seed")
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


@runs("sweep_seed")
def test_sweep_seed_of_a_workflow_of_the_users_own(examples: Examples, server: Emulator) -> None:
    paint = {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "own"}}
    workflow = examples.workflow({"1": {**paint, "_meta": {"title": "Paint"}}, "2": save})
    paths = examples.run("sweep_seed", workflow, "Paint")
    assert [examples.picture(path).size for path in paths] == [(8, 8)] * 4
    assert len({examples.picture(path).tobytes() for path in paths}) == 4


@runs("contact_sheet")
def test_contact_sheet(examples: Examples, server: Emulator) -> None:
    """All pictures are on the page; a second run pays for nothing, and only writes the page again."""
    *rows, page = examples.run("contact_sheet")
    assert [row.split()[1] for row in rows] == ["done"] * 12
    assert (examples.folder / page).read_text(encoding="utf-8").count('.png"') == 12
    assert examples.run("contact_sheet", EXAMPLES / "workflows" / "colour_api.json", "Colour.color") == [page]
    assert len(server.journal.of("executePrompt")) == 12


@runs("overnight")
def test_overnight(examples: Examples, server: Emulator) -> None:
    """Each job is followed by the function, once."""
    rows = [row.split() for row in examples.run("overnight")]
    assert len(rows) == 16
    assert all(state == "done" and int(size) > 0 for _, state, size in rows)
    assert examples.run("overnight") == []


@runs("on_dask")
def test_on_dask(examples: Examples, server: Emulator) -> None:
    """Without Dask it says what it needs; `make test-engines` runs it."""
    assert examples.run("on_dask") == ['skipped: this example needs Dask (pip install "dask[distributed]")']
    assert list(server.journal) == []


@runs("cancel_job")
def test_cancel_job(examples: Examples, server: Emulator, cloud: ComfyCloud) -> None:
    """The job that was cancelled is, and the other one comes to its end. A ComfyUI forgets the cancelled one."""
    server.pause()
    script = examples.start("cancel_job")
    server.wait_for_sockets(1)  # it waits for its jobs, and so has cancelled one
    server.resume()
    lines = [line.split() for line in examples.finish(script)]
    assert [status for _, status in lines] == ["completed", "cancelled"]
    (first, _), (second, _) = lines
    assert server.wait_for(first) == "completed"
    if server.dialect.startswith("comfyui"):
        assert [entry.prompt_id for entry in cloud.history.list()] == [first]
    else:
        assert server.wait_for(second) == "cancelled"


def test_cancel_job_leaves_a_job_alone_that_would_be_stopped_with_it(
    examples: Examples, server: Emulator, cloud: ComfyCloud
) -> None:
    """Where both run, the script says that it cannot cancel one of them, and stops neither."""
    busy = server.fail("manageQueue", Fault.status(503, retry_after=1))
    script = examples.start("cancel_job", examples.workflow(SLEEP))
    busy.wait_for(1)
    running = [job.id for job in cloud.jobs.list()]
    assert [server.wait_for(job_id, "in_progress") for job_id in running] == ["in_progress"] * 2
    server.wait_for_sockets(1)  # it waits for its jobs, and so has tried to cancel one
    cloud.queue.interrupt_all()  # the test's, so that the jobs come to an end
    said, *lines = examples.finish(script)
    assert "force=True" in said
    assert len(server.journal.of("interruptJob")) == 1
    assert {line.split()[0] for line in lines} == set(running)


@runs("clean_up_assets")
def test_clean_up_assets(examples: Examples, server: Emulator, cloud: ComfyCloud) -> None:
    """Only assets of the tag go, and only when that was asked for; those of everybody are not even listed."""
    kept = cloud.assets.upload(b"kept", name="kept.bin", tags=["input"])
    gone = {str(cloud.assets.upload(name.encode(), name=name, tags=["input", "old"]).id) for name in ("a.bin", "b.bin")}

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
    assert "needs a TAG" in errors
    assert cloud.assets.get(kept.id).name == "kept.bin"


@runs("import_model")
def test_import_model(examples: Examples, server: Emulator, cloud: ComfyCloud, httpserver: HTTPServer) -> None:
    """The model is among the assets, with its tags."""
    httpserver.expect_request("/tiny.safetensors").respond_with_data(b"weights")
    url = httpserver.url_for("/tiny.safetensors")
    *_, last = examples.run("import_model", url, "models", "vae")
    (asset,) = cloud.assets.list(name_contains="tiny", include_public=False)
    assert (asset.name, asset.tags) == ("tiny.safetensors", ["models", "vae"])
    assert last == f"tiny.safetensors {asset.asset_hash} ['models', 'vae']"
    assert examples.run("import_model", url)[0] == "completed"  # the cloud has it already


@runs("use_mask")
def test_use_mask(examples: Examples, server: Emulator) -> None:
    """The masked middle is what it was, and the rest is black."""
    (path,) = examples.run("use_mask", examples.orange)
    result = examples.picture(path)
    assert result.size == (40, 40)
    assert (result.getpixel((20, 20)), result.getpixel((2, 2))) == (ORANGE, (0, 0, 0))
    assert len(server.journal.of("uploadMask")) == 1
    (path,) = examples.run("use_mask")
    assert examples.picture(path).size == (1200, 800)


@runs("keep_user_data")
def test_keep_user_data(examples: Examples, server: Emulator, cloud: ComfyCloud) -> None:
    """What was written is listed and read back, and nothing of it stays."""
    assert examples.run("keep_user_data") == ["comfy-cloud-example/styles.json 55 bytes", "golden light"]
    methods = [entry.method for entry in server.journal if entry.path.startswith("/api/userdata")]
    assert methods == ["POST", "GET", "GET", "DELETE"]
    assert cloud.userdata.list() == []


@runs("async_gather")
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


@runs("local_comfyui")
def test_local_comfyui(examples: Examples, server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting but the address, and a key only where the server wants one; the workflow passes the check."""
    keyless = server.dialect.startswith("comfyui")
    if keyless:
        monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    monkeypatch.delenv("COMFY_CLOUD_BASE_URL")
    version, *paths = examples.run("local_comfyui", server.url)
    assert not (keyless and any(entry.key_present for entry in server.journal))
    assert re.fullmatch(r"ComfyUI \d+\.\d+\.\d+", version)
    assert [examples.picture(path).size for path in paths] == [(768, 512)]


def test_every_script_is_run_above_on_all_that_it_does_not_rule_out() -> None:
    """A script that nobody runs is wrong within a month."""
    source = Path(__file__).read_text(encoding="utf-8")
    ran = re.findall(r'^@runs\("(\w+)"\)\ndef .*?examples\.(?:run|start)\("(\w+)"', source, re.DOTALL | re.MULTILINE)
    assert all(declared == script for declared, script in ran)
    assert {script for _, script in ran} == TESTED == SCRIPTS


ELSEWHERE = [
    pytest.param(script, dialect, id=f"{script}-{dialect}")
    for script in sorted(SCRIPTS)
    for dialect in DIALECTS
    if dialect not in NEEDS[needs(script)]
]


@pytest.mark.parametrize(("script", "server"), ELSEWHERE, indirect=["server"])
def test_a_script_that_needs_more_than_a_server_has_is_told_so(
    script: str, examples: Examples, server: Emulator
) -> None:
    """Its docstring rules the server out, and it is right: the last line of the traceback says what is missing."""
    arguments = ["https://huggingface.co/acme/tiny.safetensors"] if script == "import_model" else []
    with examples.start(script, *arguments) as started:
        printed, errors = started.communicate(timeout=60)
    assert (started.returncode, printed) == (1, "")
    assert errors.splitlines()[-1].startswith("comfy_cloud.errors.NotSupportedError: ")


def test_the_table_lists_every_script_and_each_says_how_to_run_it() -> None:
    """What is not in the table nobody finds; a command that is wrong there is copied."""
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\w+)\.py\]\((\w+)\.py\) \| \S.* \| (.*?) *\|$", page.replace("`", ""), re.MULTILINE)
    assert sorted(rows) == sorted((name, name, needs(name)) for name in SCRIPTS)
    for name in SCRIPTS:
        text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        assert re.findall(r"^python examples/(\w+)\.py", text, re.MULTILINE) == [name]
        assert not re.search(r"\bEmulator|comfy_cloud\.testing|_core|_sync|_async\b", text), "a user has no such thing"
