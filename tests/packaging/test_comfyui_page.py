"""The table in docs/guide/comfyui.md is true: each row is called on each server of a column."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from comfy_cloud import ComfyCloud, NotSupportedError, Workflow
from comfy_cloud.testing import Emulator
from comfy_cloud.testing._servers.dialect_table import DialectName

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guide" / "comfyui.md").read_text(encoding="utf-8")
PICTURE = ROOT / "examples" / "picture.png"
COLOUR = Workflow.load(ROOT / "examples" / "workflows" / "colour_api.json")
COLUMNS: dict[str, tuple[DialectName, ...]] = {
    "Comfy Cloud": ("cloud", "cloud-next"),
    "ComfyUI 0.33 (2026)": ("comfyui",),
    "ComfyUI 0.3.64 (2025)": ("comfyui-old",),
}


def use_models(cloud: ComfyCloud) -> None:
    assert cloud.models.folders()
    assert cloud.models.list("checkpoints")
    assert cloud.models.preview("checkpoints", "harbour_v1.safetensors")


def use_userdata(cloud: ComfyCloud) -> None:
    cloud.userdata.write("a.txt", "text")
    assert [file.path for file in cloud.userdata.list()] == ["a.txt"]
    assert cloud.userdata.read("a.txt") == b"text"
    cloud.userdata.delete("a.txt")


def use_history(cloud: ComfyCloud) -> None:
    job = cloud.run(COLOUR)
    assert [entry.prompt_id for entry in cloud.history.list()] == [job.id]
    assert cloud.history.get(job.id).outputs
    cloud.history.delete(job.id)


def use_queue(cloud: ComfyCloud) -> None:
    assert cloud.queue.remaining() == len(cloud.queue.get().pending) == 0
    cloud.queue.clear()


def use_assets(cloud: ComfyCloud) -> None:
    asset = cloud.assets.upload(b"bytes", name="a.bin", tags=["input", "mine"])
    assert [found.name for found in cloud.assets.list(include_tags="mine")] == ["a.bin"]
    cloud.assets.update(asset.id, name="b.bin")
    cloud.assets.add_tags(asset.id, "new")
    assert "new" in [tag.name for tag in cloud.assets.tags(include_zero=False)]
    assert cloud.assets.tag_histogram(include_tags="mine").to_dict()
    cloud.assets.delete(asset.id)


def use_job(cloud: ComfyCloud) -> None:
    COLOUR["Colour"]["color"] = COLOUR["Colour"]["color"] + 1
    job = cloud.submit(COLOUR)
    assert [type(event).__name__ for event in cloud.job(job.id).events(timeout=60)][-1] == "JobCompleted"
    job.cancel()  # it is over, and stays what it is
    assert job.wait(timeout=60).outputs[0].read()


CALLS: dict[str, Callable[[ComfyCloud, str], Any]] = {
    "run": lambda cloud, _: cloud.run(COLOUR, timeout=60),
    "check": lambda cloud, _: cloud.check(COLOUR),
    "submit": lambda cloud, _: cloud.submit(COLOUR),
    "job": lambda cloud, _: use_job(cloud),
    "jobs.list": lambda cloud, _: list(cloud.jobs.list()),
    "jobs.get": lambda cloud, _: cloud.jobs.get(cloud.run(COLOUR).id),
    "jobs.status": lambda cloud, _: cloud.jobs.status(cloud.run(COLOUR).id),
    "history": lambda cloud, _: use_history(cloud),
    "queue": lambda cloud, _: use_queue(cloud),
    "assets": lambda cloud, _: use_assets(cloud),
    "assets.import_url": lambda cloud, url: cloud.assets.import_url(url).wait(timeout=60),
    "assets.remote_metadata": lambda cloud, url: cloud.assets.remote_metadata(url),
    "files.upload_image": lambda cloud, _: cloud.files.upload_image(PICTURE),
    "files.upload_mask": lambda cloud, _: cloud.files.upload_mask(PICTURE, cloud.files.upload_image(PICTURE)),
    "files.download": lambda cloud, _: cloud.files.download(cloud.files.upload_image(PICTURE), type="input").read(),
    "files.mask_layers": lambda cloud, _: cloud.files.mask_layers(
        cloud.files.upload_mask(PICTURE, cloud.files.upload_image(PICTURE))
    ),
    "models": lambda cloud, _: use_models(cloud),
    "nodes": lambda cloud, _: cloud.nodes.info(),
    "userdata": lambda cloud, _: use_userdata(cloud),
    "system": lambda cloud, _: [cloud.system.stats(), cloud.system.features()],
    "workflows.templates": lambda cloud, _: cloud.workflows.templates(),
    "workflows.subgraphs": lambda cloud, _: cloud.workflows.subgraphs(),
    "account": lambda cloud, _: cloud.account(),
}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def named(cell: str) -> list[str]:
    """Return the names of the client that a cell is about; those after `with` are of the value that it returns."""
    return re.findall(r"`([\w.]+)`", cell.partition(" with ")[0])


(_, *HEADINGS), _, *ROWS = [cells(line) for line in PAGE.splitlines() if line.startswith("|")]


# Each name in a row, a server of a column, and what the row says of the name there.
CASES = [
    pytest.param(name, dialect, cell, id=f"{name}-{dialect}")
    for first, *others in ROWS
    for name in named(first)
    for heading, cell in zip(HEADINGS, others, strict=True)
    for dialect in COLUMNS[heading]
]


@pytest.mark.parametrize(("name", "dialect", "cell"), CASES)
def test_a_row_says_what_a_server_has(
    name: str,
    dialect: DialectName,
    cell: str,
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Somebody who chooses a server believes it."""
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path))
    httpserver.expect_request("/a.safetensors").respond_with_data(b"weights")
    with Emulator(dialect=dialect) as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        if cell == "NotSupportedError":
            with pytest.raises(NotSupportedError):
                CALLS[name](cloud, httpserver.url_for("/a.safetensors"))
        else:
            CALLS[name](cloud, httpserver.url_for("/a.safetensors"))


def test_every_group_of_the_client_is_in_the_table() -> None:
    """What is left out nobody knows of."""
    names = {name for first, *_ in ROWS for name in named(first)}
    assert names == set(CALLS)
    with ComfyCloud("key") as cloud:
        groups = {name for name in dir(cloud) if type(getattr(cloud, name)).__module__.endswith(f"resources.{name}")}
    assert {name.partition(".")[0] for name in names} == groups | {"account", "check", "job", "run", "submit"}
