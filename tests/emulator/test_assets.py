"""Test assets on the cloud: contents by hash, and references with names and tags."""

import json
import uuid
from typing import Any

import pytest
from blake3 import blake3
from PIL import Image

from .conftest import Server, node, png

RED = png(Image.new("RGB", (4, 3), "red"))
HASH = f"blake3:{blake3(RED).hexdigest()}"


def upload(cloud: Server, content: bytes = RED, name: str = "in.png", **fields: Any) -> Any:
    return cloud.http.post("/api/assets", files={"file": (name, content, "image/png")}, data=fields)


def test_an_upload_creates_an_asset_and_its_hash_is_then_known(cloud: Server):
    assert cloud.http.head(f"/api/assets/hash/{HASH}").status_code == 404
    response = upload(cloud, tags=["input", "mine"], user_metadata=json.dumps({"a": 1}), name="label.png")
    body = response.json()
    assert (response.status_code, body["created_new"]) == (201, True)
    assert (body["asset_hash"], body["size"], body["name"]) == (HASH, len(RED), "label.png")
    assert (body["tags"], body["user_metadata"], body["mime_type"]) == (["input", "mine"], {"a": 1}, "image/png")
    head = cloud.http.head(f"/api/assets/hash/{HASH}")
    assert (head.status_code, head.content) == (200, b"")
    assert cloud.get(f"/api/assets/{body['id']}").json() == {
        name: value for name, value in body.items() if name != "created_new"
    }


def test_the_same_bytes_again_are_the_same_asset(cloud: Server):
    first = upload(cloud, tags="input").json()
    again = upload(cloud, name="other.png", tags="input")
    assert (again.status_code, again.json()["created_new"], again.json()["id"]) == (200, False, first["id"])


def test_a_chosen_id_makes_an_upload_repeatable(cloud: Server):
    mine = str(uuid.uuid4())
    assert upload(cloud, id=mine).json()["id"] == mine
    again = upload(cloud, b"other bytes", id=mine)
    assert (again.status_code, again.json()["asset_hash"]) == (200, HASH)


@pytest.mark.parametrize("tags", [["a", "b"], "a,b", '["a", "b"]'])
def test_tags_are_accepted_in_every_form_that_clients_send(cloud: Server, tags: Any):
    assert upload(cloud, tags=tags).json()["tags"] == ["a", "b"]


@pytest.mark.parametrize(
    "fields", [{"user_metadata": "{"}, {"user_metadata": "[]"}, {"tags": "[1"}], ids=["cut", "list", "tags"]
)
def test_bad_fields_are_refused(cloud: Server, fields: dict[str, str]):
    response = upload(cloud, **fields)
    assert (response.status_code, set(response.json())) == (400, {"code", "message"})


def test_uploads_without_content_or_in_another_form_are_refused(cloud: Server):
    assert upload(cloud, b"").status_code == 400
    assert cloud.http.post("/api/assets", files={"other": ("x", b"x")}).status_code == 400
    assert cloud.http.post("/api/assets", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_reference_from_a_known_hash_needs_no_bytes(cloud: Server):
    upload(cloud)
    body = {"hash": HASH, "tags": ["input"], "name": "again.png"}
    response = cloud.post("/api/assets/from-hash", body)
    assert (response.status_code, response.json()["created_new"], response.json()["asset_hash"]) == (201, True, HASH)
    again = cloud.post("/api/assets/from-hash", body)
    assert (again.status_code, again.json()["created_new"], again.json()["id"]) == (200, False, response.json()["id"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"hash": HASH, "tags": ["input"]}, 404),
        ({"hash": f"sha256:{'0' * 64}", "tags": ["input"]}, 404),
        ({"hash": "md5:1", "tags": ["input"]}, 400),
        ({"hash": HASH, "tags": []}, 400),
        ({"hash": HASH}, 400),
        ({"hash": HASH, "tags": ["input"], "name": 1}, 400),
    ],
)
def test_references_that_cannot_be_created(cloud: Server, body: dict[str, Any], status: int):
    response = cloud.post("/api/assets/from-hash", body)
    assert (response.status_code, set(response.json())) == (status, {"code", "message"})


def test_a_malformed_hash_and_unknown_ids(cloud: Server):
    assert cloud.http.head("/api/assets/hash/abc").status_code == 400
    for asset_id in (uuid.uuid4(), "no-uuid"):
        assert cloud.get(f"/api/assets/{asset_id}").status_code == 404


def test_load_image_takes_the_hash_of_an_asset_and_not_its_label(cloud: Server):
    """This is what our client does: look up the hash, create a reference, and put the asset_hash into the input."""
    asset = upload(cloud, name="label.png").json()
    hex_name = f"{HASH.removeprefix('blake3:')}.png"
    labelled = {"1": node("LoadImage", image="label.png"), "9": node("PreviewImage", images=["1", 0])}
    assert cloud.post("/api/prompt", {"prompt": labelled}).status_code == 400
    for image in (asset["asset_hash"], hex_name, f"{hex_name} [input]"):
        workflow = {
            "1": node("LoadImage", image=image),
            "9": node("SaveImage", images=["1", 0], filename_prefix=image[:3]),
        }
        assert cloud.image(workflow).getpixel((0, 0)) == (255, 0, 0)


def test_comfyui_does_not_know_hashes(old: Server):
    old.upload(RED)
    workflow = {"1": node("LoadImage", image=HASH), "9": node("SaveImage", images=["1", 0], filename_prefix="x")}
    assert old.post("/api/prompt", {"prompt": workflow}).status_code == 400


def test_outputs_become_assets_of_their_job(cloud: Server):
    job_id = cloud.run({"1": node("EmulatorFiles", kind="files", filename="out.txt", content="hello")})
    (asset,) = cloud.get("/api/assets", include_tags="output").json()["assets"]
    assert (asset["prompt_id"], asset["name"], asset["mime_type"]) == (job_id, "out.txt", "text/plain")


def test_listing_filters_sorts_and_pages(cloud: Server):
    for number, name in enumerate(("b.png", "a.png", "c.txt")):
        upload(cloud, RED * (number + 1), name, tags=["input", name[0]], user_metadata=json.dumps({"n": number}))

    def names(**query: Any) -> list[str]:
        page = cloud.get("/api/assets", include_public="false", **query).json()
        return [asset["name"] for asset in page["assets"]]

    assert names() == ["c.txt", "a.png", "b.png"]
    assert names(order="asc") == ["b.png", "a.png", "c.txt"]
    assert names(sort="name", order="asc") == ["a.png", "b.png", "c.txt"]
    assert names(sort="size") == ["c.txt", "a.png", "b.png"]
    assert names(include_tags="input,a") == ["a.png"]
    assert names(exclude_tags=["a", "b"]) == ["c.txt"]
    assert names(name_contains="PNG") == ["a.png", "b.png"]
    assert names(metadata_filter='{"n": 2}') == ["c.txt"]
    pages = [cloud.get("/api/assets", include_public="false", limit=2, offset=offset).json() for offset in (0, 2)]
    assert [page["has_more"] for page in pages] == [True, False]
    assert [len(page["assets"]) for page in pages] == [2, 1]
    assert pages[0]["total"] == 3


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 501}, {"sort": "color"}, {"order": "up"}, {"metadata_filter": "{"}]
)
def test_bad_listings_are_refused(cloud: Server, query: dict[str, Any]):
    assert cloud.get("/api/assets", **query).status_code == 400
