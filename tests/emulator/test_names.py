"""Test names with folders: how uploads, nodes, outputs and downloads spell them on each server."""

import json
from typing import Any

import pytest
from PIL import Image

from .conftest import Server, node, png
from .live import live

RED = Image.new("RGB", (3, 2), (255, 0, 0))
MODEL = {"1": node("EmulatorFiles", kind="3d", filename="mesh/chair.glb", content="glTF")}


def shown(path: str) -> dict[str, Any]:
    return {"12": node("Preview3D", model_file=path)}


def view(server: Server, **query: str) -> int:
    return server.get("/api/view", **query).status_code


def test_nodes_take_an_upload_with_its_subfolder_and_downloads_want_them_apart(comfyui: Server):
    entry = comfyui.upload(RED, "in.png", subfolder="a/b").json()
    assert (entry["name"], entry["subfolder"], entry["type"]) == ("in.png", "a/b", "input")
    workflow = {"1": node("LoadImage", image="a/b/in.png"), "9": node("PreviewImage", images=["1", 0])}
    assert comfyui.image(workflow).getpixel((0, 0)) == (255, 0, 0)
    assert view(comfyui, filename="in.png", subfolder="a/b", type="input") == 200
    assert view(comfyui, filename="a/b/in.png", type="input") == 404
    assert view(comfyui, filename="a/b/in.png", subfolder="a/b", type="input") == 200
    bare = {**workflow, "1": node("LoadImage", image="in.png")}
    assert comfyui.post("/api/prompt", {"prompt": bare}).status_code == 400


def test_a_name_may_carry_its_folder_type(comfyui: Server):
    comfyui.upload(RED, "t.png", type="temp", subfolder="s")
    workflow = {"1": node("LoadImage", image="s/t.png [temp]"), "9": node("PreviewImage", images=["1", 0])}
    assert comfyui.image(workflow).size == (3, 2)
    assert view(comfyui, filename="t.png [temp]", subfolder="s") == 200
    assert view(comfyui, filename="t.png", subfolder="s") == 404


def test_the_history_has_the_path_of_a_3d_model_as_a_string(comfyui: Server):
    comfyui.run(MODEL)
    with live(comfyui) as socket:
        job_id = comfyui.submit(shown("mesh/chair.glb"), client_id="tests")
        heard = socket.until("executed")["output"]
        socket.until_end()
    assert comfyui.outputs(job_id) == {"12": heard} == {"12": {"result": ["mesh/chair.glb", None]}}
    assert view(comfyui, filename="chair.glb", subfolder="mesh") == 200


def test_job_details_have_the_folders_of_a_3d_model_inside_its_name(new: Server):
    """A client must take the name apart: the entry as it is leads to a 404."""
    new.run(MODEL)
    body = new.get(f"/api/jobs/{new.run(shown('mesh/chair.glb'))}").json()
    entry = {"filename": "mesh/chair.glb", "type": "output", "subfolder": "", "mediaType": "3d"}
    assert body["outputs"] == {"12": {"result": [entry]}}
    assert (body["outputs_count"], body["previewable_outputs_count"]) == (1, 1)
    assert body["preview_output"] == {**entry, "nodeId": "12"}
    assert view(new, filename=entry["filename"], subfolder=entry["subfolder"], type=entry["type"]) == 404
    assert view(new, filename="chair.glb", subfolder="mesh", type="output") == 200


def test_a_path_with_a_folder_type_stays_a_string(new: Server):
    body = new.get(f"/api/jobs/{new.run(shown('mesh/chair.glb [temp]'))}").json()
    assert (body["outputs"], body["outputs_count"]) == ({"12": {"result": ["mesh/chair.glb [temp]"]}}, 0)


def test_the_cloud_reports_a_3d_model_as_a_file(account: Server):
    (saved,) = account.outputs(account.run(MODEL))["1"]["3d"]
    with live(account) as socket:
        job_id = account.submit(shown(saved["filename"]))
        heard = socket.until("executed")["output"]
        account.emulator.wait_for(job_id)
    (entry,) = account.outputs(job_id)["12"]["result"]
    assert heard == {"result": [entry]}
    assert (entry["filename"], entry["mediaType"]) == (saved["filename"], "3d")
    assert account.fetch(entry) == b"glTF"
    assert account.get(f"/api/history_v2/{job_id}").json()[job_id]["outputs"]["12"] == heard


def test_a_string_can_be_linked_to_the_model_of_a_newer_preview(server: Server):
    workflow = {"3": node("PrimitiveString", value="a.glb"), "12": node("Preview3D", model_file=["3", 0])}
    assert server.emulator.wait_for(server.submit(workflow)) == "completed"


@pytest.mark.parametrize("subfolder", ["", "portraits"])
def test_the_cloud_takes_an_upload_by_its_hash_whatever_its_subfolder(account: Server, subfolder: str):
    entry = account.upload(png(RED), "in.png", subfolder=subfolder).json()
    assert (len(entry["name"]), entry["subfolder"]) == (68, subfolder)
    assert view(account, filename=entry["name"], type="input") == 302
    workflow = {"1": node("LoadImage", image=entry["name"]), "9": node("PreviewImage", images=["1", 0])}
    assert account.image(workflow).size == (3, 2)


def test_outputs_of_any_shape_are_reported_as_they_are(server: Server):
    entries = [[[{"filename": "n.png", "subfolder": "", "type": "output"}]], {"url": "https://files.example/n.png"}, 5]
    job_id = server.run({"3": node("EmulatorEntries", kind="images", entries=json.dumps(entries))})
    assert server.outputs(job_id) == {"3": {"images": entries}}
    bad = server.submit({"3": node("EmulatorEntries", kind="images", entries="{")})
    assert server.emulator.wait_for(bad) == "failed"
