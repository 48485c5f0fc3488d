"""Test the commands for what a server has, and for checking a workflow against it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator
from comfy_cloud.testing._servers.dialect_table import DialectName

from .conftest import CLI


@pytest.mark.parametrize("dialect", get_args(DialectName))
def test_nodes_and_models_are_listed_on_every_server(
    dialect: DialectName, start: Callable[..., Emulator], cli: CLI
) -> None:
    start(dialect=dialect)
    assert "SaveImage" in cli("nodes", "saveim").out
    (told,) = cli("nodes", "saveim", "--json").objects
    assert {"name": "SaveImage", "category": "image"} in told["nodes"]
    folders = cli("models").out.split()
    assert "checkpoints" in folders
    (listed,) = cli("models", "checkpoints", "--json").objects
    assert listed["folder"] == "checkpoints"
    assert cli("models", "checkpoints").out.splitlines() == listed["models"]


def test_nodes_are_recorded_as_the_server_sends_them(server: Emulator, cli: CLI) -> None:
    """For `--node-info` here, and for whatever else reads an `object_info`."""
    (told,) = cli("nodes", "--save", "nodes.json", "--json").objects
    info = json.loads(Path("nodes.json").read_text(encoding="utf-8"))
    assert told == {"file": "nodes.json", "nodes": len(info)}
    assert info["SaveImage"]["output_node"] is True
    assert info["SaveImage"]["input"]["required"]["images"]


def test_typed_nodes_are_written(server: Emulator, cli: CLI) -> None:
    assert cli("stubs", "--out", "nodes.py").out == "nodes.py\n"
    assert "class SaveImage" in Path("nodes.py").read_text(encoding="utf-8")


def test_a_check_tells_each_problem_and_fails(server: Emulator, cli: CLI) -> None:
    workflow = "examples/workflows/blend_api.json"
    bad = cli("check", workflow, "--set", "Scale.width=-5", "--set", "Picture.image=@examples/picture.png")
    assert bad.code == 4
    assert bad.out.startswith("node '2' (ImageScale, 'Scale'), input 'width' ")
    assert bad.err == f"Error: {workflow}: 1 problem\n"
    (told,) = cli("check", workflow, "--set", "Scale.width=-5", "--json").objects
    assert list(told["problems"][0]) == ["node_id", "class_type", "input_name", "kind", "message"]
    good = cli("check", workflow, "--set", "Picture.image=@examples/picture.png")
    assert (good.code, good.out, good.err) == (0, "", "")


@pytest.mark.parametrize("dialect", get_args(DialectName))
def test_a_check_and_a_run_agree_on_the_servers_files(
    dialect: DialectName, start: Callable[..., Emulator], cli: CLI, folder: Path
) -> None:
    """Whoever heeds a check pays for no refusal, and changes nothing that would have run."""
    start(dialect=dialect)
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "mine.png"}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    (folder / "mine.json").write_text(json.dumps(graph), encoding="utf-8")
    with ComfyCloud() as cloud:
        stored = cloud.files.upload_image((folder / "examples" / "picture.png").rename(folder / "mine.png"))
    codes = {}
    for image in ("mine.png", stored, f"{stored} [input]", "elsewhere.png"):
        arguments = ("mine.json", "--set", f"1.image={image}")
        codes[image] = cli("check", *arguments).code
        assert codes[image] == cli("run", *arguments, "--no-save").code
    by_hash = dialect.startswith("cloud")
    assert codes == {"mine.png": 4 if by_hash else 0, stored: 0, f"{stored} [input]": 0, "elsewhere.png": 4}


def test_a_file_that_carries_a_workflow_is_converted(server: Emulator, cli: CLI) -> None:
    """The picture that somebody sent is enough to make it again."""
    made = cli("run", "examples/workflows/blend_api.json", "--set", "Picture.image=@examples/picture.png").out.strip()
    graph = json.loads(cli("convert", made).out)
    assert graph["2"]["class_type"] == "ImageScale"
    (told,) = cli("convert", made, "--set", "Scale.width=5", "--json").objects
    assert told["workflow"]["2"]["inputs"]["width"] == 5
    assert (told["problems"], told["file"]) == ([], None)


def test_assets_are_stored_listed_and_deleted(server: Emulator, cli: CLI) -> None:
    asset_id = cli("assets", "upload", "examples/picture.png", "--tag", "input", "--name", "mine.png").out.strip()
    listed = cli("assets", "list", "--name", "mine")
    assert listed.out.splitlines()[1].split() == [asset_id, "mine.png", "65.1", "kB"]
    (told,) = cli("assets", "list", "--tag", "input", "--limit", "1", "--json").objects
    assert list(told) == ["id", "name", "asset_hash", "size", "mime_type", "tags", "created_at"]
    assert cli("assets", "delete", asset_id).out == f"{asset_id}\n"
    assert cli("assets", "delete", asset_id).code == 8
    assert cli("assets", "list", "--json").out == ""
    assert cli("assets", "upload", "nowhere.png").code == 2


def test_a_server_without_the_operation_is_told(start: Callable[..., Emulator], cli: CLI) -> None:
    start(dialect="comfyui-old")
    done = cli("assets", "list")
    assert (done.code, done.out) == (8, "")
    assert "this server does not have the operation" in done.err
