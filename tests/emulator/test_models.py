"""Test model folders, their files and previews, blueprints and templates, and what the server reports about itself."""

import io

import httpx
import pytest
from PIL import Image

from .conftest import Server

PREVIEW = "/api/experiment/models/preview/checkpoints"


@pytest.fixture(params=["cloud", "new", "old"])
def library(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


def test_every_folder_can_be_listed(library: Server):
    folders = library.get("/api/experiment/models").json()
    assert [folder["name"] for folder in folders] == ["checkpoints", "loras", "vae", "embeddings", "upscale_models"]
    for folder in folders[:4]:
        files = library.get(f"/api/experiment/models/{folder['name']}").json()
        assert files
        assert all(0 <= file["pathIndex"] < len(folder["folders"]) for file in files)
    assert library.get("/api/experiment/models/none").status_code == 404


def test_names_of_models_can_contain_a_slash(library: Server):
    names = [file["name"] for file in library.get("/api/experiment/models/checkpoints").json()]
    assert "sketches/charcoal.safetensors" in names
    response = library.get(f"{PREVIEW}/0/sketches%2Fcharcoal.safetensors")
    assert response.headers["content-type"] == "image/webp"


def test_an_empty_folder(cloud: Server, new: Server, old: Server):
    assert cloud.get("/api/experiment/models/upscale_models").json()["code"] == "NOT_FOUND"
    for server in (new, old):
        assert server.get("/api/experiment/models/upscale_models").json() == []


def test_embeddings_have_a_route_of_their_own_on_comfyui(cloud: Server, new: Server, old: Server):
    """Clients offer these names for use in a prompt, which has them without an extension."""
    for server in (new, old):
        assert server.get("/embeddings").json() == ["muted_colours"]
    assert cloud.get("/api/embeddings").status_code == 404


def test_what_comfyui_returns_beyond_the_contract(cloud: Server, new: Server, old: Server):
    for server, has_extensions in ((new, True), (old, False)):
        folder = server.get("/api/experiment/models").json()[0]
        assert ("extensions" in folder) == has_extensions
        assert folder["folders"][0].startswith("/")
        assert {"modified", "created", "size"} <= server.get("/api/experiment/models/vae").json()[0].keys()
    assert set(cloud.get("/api/experiment/models/vae").json()[0]) == {"name", "pathIndex"}


@pytest.mark.parametrize("name", ["harbour_v1.safetensors", "harbour_v1.webp", "harbour_v1.safetensors.webp"])
def test_a_preview_is_a_picture(library: Server, name: str):
    response = library.get(f"{PREVIEW}/0/{name}")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
    image = Image.open(io.BytesIO(response.content))
    assert (image.format, image.size) == ("WEBP", (256, 256))


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("checkpoints/0/none.safetensors", (404, 404, 404)),
        ("checkpoints/1/harbour_v1.safetensors", (404, 404, 404)),
        ("loras/0/grain.safetensors", (404, 404, 404)),
        ("checkpoints/99/harbour_v1.safetensors", (404, 404, 500)),
        ("checkpoints/x/harbour_v1.safetensors", (404, 400, 500)),
        ("none/0/x", (404, 404, 404)),
    ],
)
def test_missing_previews(cloud: Server, new: Server, old: Server, path: str, statuses: tuple[int, int, int]):
    for server, status in zip((cloud, new, old), statuses, strict=True):
        assert server.get(f"/api/experiment/models/preview/{path}").status_code == status


def test_models_need_no_key(cloud: Server):
    assert httpx.get(f"{cloud.emulator.url}/api/experiment/models").status_code == 200


def test_blueprints_are_listed_without_and_fetched_with_their_graph(cloud: Server, new: Server):
    for server in (cloud, new):
        entries = server.get("/api/global_subgraphs").json()
        blueprint_id, entry = next(iter(entries.items()))
        assert (len(blueprint_id), entry["source"], entry["info"]) == (64, "templates", {"node_pack": "comfyui"})
        assert entry.get("data", "") == ""
        full = server.get(f"/api/global_subgraphs/{blueprint_id}").json()
        assert isinstance(full["data"], str)
        assert full["name"] == entry["name"]
    assert "data" not in entry


def test_an_unknown_blueprint_is_404_or_null(cloud: Server, new: Server, old: Server):
    assert cloud.get("/api/global_subgraphs/none").json()["code"] == "NOT_FOUND"
    response = new.get("/api/global_subgraphs/none")
    assert (response.status_code, response.json()) == (200, None)
    assert old.get("/api/global_subgraphs").status_code == 404


def test_there_are_no_templates(library: Server):
    assert library.get("/api/workflow_templates").json() == {}


def test_the_only_device(cloud: Server, new: Server):
    (device,) = cloud.get("/api/system_stats").json()["devices"]
    assert device["vram_free"] <= device["vram_total"]
    assert new.get("/api/system_stats").json()["devices"][0]["index"] is None
