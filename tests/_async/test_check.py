"""`cloud.check`: will this workflow run there? Asked before a credit is spent, and quickly the second time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, Workflow
from comfy_cloud.testing import Emulator

from .conftest import connect

pytestmark = pytest.mark.anyio


def graph(image: str) -> dict[str, Any]:
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": image}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as server:
        yield server


@pytest.fixture
async def cloud(emulator: Emulator) -> AsyncIterator[AsyncComfyCloud]:
    async with connect(emulator.url, emulator.api_key, live=False) as client:
        yield client


def fetches(emulator: Emulator) -> int:
    return sum(1 for seen in emulator.journal if seen.operation == "getNodeInfo")


async def test_definitions_are_fetched_once_and_kept(cloud: AsyncComfyCloud, emulator: Emulator, cache: Path) -> None:
    right = {"1": {"class_type": "EmulatorText", "inputs": {"text": "hi"}}}
    for _ in range(3):
        assert await cloud.check(right) == []
    assert fetches(emulator) == 1
    assert await cloud.check(Workflow(right), cache=False) == []
    assert fetches(emulator) == 2
    assert emulator.api_key not in "".join(path.read_text() for path in cache.iterdir())


async def test_what_is_missing_is_looked_for_anew(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    """A file that was uploaded a moment ago is not in the definitions of this morning."""
    await cloud.files.upload_image(b"a picture")  # a class without any choice tells nothing of missing ones
    await cloud.check({"1": {"class_type": "EmulatorText", "inputs": {"text": "hi"}}})
    problems = await cloud.check(graph("gone.png"))
    assert [(problem.node_id, problem.kind) for problem in problems] == [("1", "not_offered")]
    assert fetches(emulator) == 2


async def test_a_model_that_is_missing_is_named_with_its_source(cloud: AsyncComfyCloud) -> None:
    await cloud.files.upload_image(b"another picture")
    url = "https://huggingface.co/acme/harbour/resolve/main/harbour.png"
    save = {
        "nodes": [
            {
                "id": 1,
                "type": "LoadImage",
                "widgets_values": ["harbour.png", "image"],
                "properties": {"models": [{"name": "harbour.png", "url": url, "directory": "input"}]},
                "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
            },
            {
                "id": 2,
                "type": "SaveImage",
                "widgets_values": ["x"],
                "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
            },
        ],
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
        "version": 0.4,
    }
    workflow = Workflow.from_ui(save, await cloud.nodes.info())
    (problem,) = [each for each in await cloud.check(workflow.copy()) if each.kind == "not_offered"]
    assert f"cloud.assets.import_url({url!r})" in problem.message


async def test_a_cache_that_cannot_be_written_is_no_error(
    cloud: AsyncComfyCloud, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write_text("a file where a folder should be")
    assert await cloud.check({"1": {"class_type": "EmulatorText", "inputs": {"text": "hi"}}}) == []
