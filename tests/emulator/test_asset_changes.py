"""Test existing assets: change, delete, tag, count and page them, on the cloud and on ComfyUI with assets."""

import io
import json
import uuid
from typing import Any

import pytest
from blake3 import blake3
from PIL import Image

from comfy_cloud.testing import Emulator

from .conftest import Server, node, png

RED = png(Image.new("RGB", (4, 3), "red"))
BLUE = png(Image.new("RGB", (4, 3), "blue"))
HASH = f"blake3:{blake3(RED).hexdigest()}"
HEX_NAME = f"{blake3(RED).hexdigest()}.png"


def upload(server: Server, content: bytes = RED, name: str = "in.png", **fields: Any) -> Any:
    response = server.http.post("/api/assets", files={"file": (name, content, "image/png")}, data=fields)
    assert response.status_code in (200, 201), response.text
    return response.json()


def refused(response: Any, status: int, code: str) -> bool:
    """Return whether a refusal has the shape of its server: flat on the cloud, nested on ComfyUI."""
    body = response.json()
    body = body.get("error", body)
    return (response.status_code, body["code"], bool(body["message"])) == (status, code, True)


@pytest.fixture(params=["cloud", "new"])
def keeper(request: pytest.FixtureRequest) -> Server:
    """Provide each server that has assets."""
    server: Server = request.getfixturevalue(request.param)
    return server


def test_a_change_is_visible_when_the_asset_is_read_again(cloud: Server):
    asset, cover = upload(cloud, tags="input"), upload(cloud, BLUE, "cover.png")
    change = {
        "name": "new.png",
        "tags": ["b", " a "],
        "mime_type": "image/webp",
        "preview_id": cover["id"],
        "user_metadata": {"x": [1]},
    }
    response = cloud.http.put(f"/api/assets/{asset['id']}", json=change)
    assert response.status_code == 200
    assert {name: response.json()[name] for name in ("id", "name", "tags", "mime_type", "user_metadata")} == {
        "id": asset["id"],
        "name": "new.png",
        "tags": ["a", "b"],
        "mime_type": "image/webp",
        "user_metadata": {"x": [1]},
    }
    body = cloud.get(f"/api/assets/{asset['id']}").json()
    assert (body["name"], body["tags"], body["preview_id"]) == ("new.png", ["a", "b"], cover["id"])
    assert body["preview_url"] == cover["preview_url"]
    assert body["updated_at"] > asset["updated_at"]


@pytest.mark.parametrize("body", [{}, {"name": 1}, {"tags": [1]}, {"other": 1}, {"preview_id": "no"}, []])
def test_a_change_without_content_or_of_another_type_is_refused(keeper: Server, body: Any):
    asset = upload(keeper, tags="input")
    assert refused(keeper.http.put(f"/api/assets/{asset['id']}", json=body), 400, "INVALID_BODY")


def test_comfyui_changes_neither_tags_nor_type_and_returns_the_whole_asset(new: Server):
    asset = upload(new, tags="input")
    for body in ({"tags": ["x"]}, {"mime_type": "image/webp"}):
        assert refused(new.http.put(f"/api/assets/{asset['id']}", json=body), 400, "INVALID_BODY")
    body = new.http.put(f"/api/assets/{asset['id']}", json={"name": "label.png"}).json()
    assert (body["name"], body["size"], body["hash"]) == ("label.png", len(RED), HASH)


def test_a_deleted_asset_is_gone(keeper: Server):
    asset = upload(keeper, tags="input")
    path = f"/api/assets/{asset['id']}"
    response = keeper.http.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert refused(keeper.http.delete(path), 404, "ASSET_NOT_FOUND")
    assert refused(keeper.get(path), 404, "ASSET_NOT_FOUND")
    assert refused(keeper.http.put(path, json={"name": "x"}), 404, "ASSET_NOT_FOUND")


def test_the_cloud_drops_the_content_with_its_last_asset(cloud: Server):
    first = upload(cloud, tags="input")
    second = cloud.post("/api/assets/from-hash", {"hash": HASH, "tags": ["x"]}).json()
    for asset, status in ((first, 200), (second, 404)):
        cloud.http.delete(f"/api/assets/{asset['id']}")
        assert cloud.http.head(f"/api/assets/hash/{HASH}").status_code == status
        assert cloud.get("/api/view", filename=HEX_NAME).status_code == (302 if status == 200 else 404)


def test_comfyui_keeps_the_content_of_a_deleted_asset(new: Server):
    asset = upload(new, tags="input")
    new.http.delete(f"/api/assets/{asset['id']}")
    response = new.http.head(f"/api/assets/hash/{HASH}")
    assert response.status_code == 200
    assert not {"content-type", "content-length"} & response.headers.keys()


def test_tags_are_attached_and_detached(keeper: Server):
    asset = upload(keeper, tags="input")
    path, had = f"/api/assets/{asset['id']}/tags", asset["tags"]
    added = keeper.post(path, {"tags": ["new", "input", "New", " sp ace "]}).json()
    assert added == {
        "added": ["New", "new", "sp ace"],
        "already_present": ["input"],
        "total_tags": sorted([*had, "New", "new", "sp ace"]),
    }
    removed = keeper.http.request("DELETE", path, json={"tags": ["new", "absent"]}).json()
    assert removed == {
        "removed": ["new"],
        "not_present": ["absent"],
        "total_tags": sorted([*had, "New", "sp ace"]),
    }
    assert keeper.get(f"/api/assets/{asset['id']}").json()["tags"] == removed["total_tags"]


def test_tags_that_cannot_be_attached(keeper: Server):
    asset = upload(keeper, tags="input")
    for method in ("POST", "DELETE"):
        for body in ({"tags": []}, {"tags": [1]}, {}, {"tags": "x"}):
            response = keeper.http.request(method, f"/api/assets/{asset['id']}/tags", json=body)
            assert refused(response, 400, "INVALID_BODY")
        response = keeper.http.request(method, f"/api/assets/{uuid.uuid4()}/tags", json={"tags": ["a"]})
        assert refused(response, 404, "ASSET_NOT_FOUND")


def test_tags_are_listed_by_use_or_by_name(cloud: Server):
    upload(cloud, tags="input,a")
    gone = upload(cloud, BLUE, tags="input,b")
    cloud.http.delete(f"/api/assets/{gone['id']}")

    def tags(**query: Any) -> list[tuple[str, int]]:
        found = cloud.get("/api/tags", include_public="false", **query).json()["tags"]
        return [(tag["name"], tag["count"]) for tag in found]

    assert tags() == [("a", 1), ("input", 1)]
    assert ("b", 0) in tags(include_zero="true")
    assert tags(prefix="in") == [("input", 1)]
    upload(cloud, BLUE, tags="input")
    assert tags() == [("input", 2), ("a", 1)]
    assert tags(order="name_asc") == [("a", 1), ("input", 2)]
    page = cloud.get("/api/tags", include_public="false", limit=1, offset=1).json()
    assert page == {"tags": [{"name": "a", "count": 1}], "total": 2, "has_more": False}
    assert ("checkpoints", 3) in [(tag["name"], tag["count"]) for tag in cloud.get("/api/tags").json()["tags"]]


def test_comfyui_lists_unused_tags_unless_told_not_to(new: Server):
    assert {"name": "vae", "count": 0} in new.get("/api/tags").json()["tags"]
    assert new.get("/api/tags", include_zero="false").json() == {"tags": [], "total": 0, "has_more": False}


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"order": "x"}, {"include_zero": 2}])
def test_bad_tag_lists_are_refused(keeper: Server, query: dict[str, Any]):
    assert refused(keeper.get("/api/tags", **query), 400, "INVALID_QUERY")


def test_the_histogram_counts_the_tags_of_matching_assets(cloud: Server):
    upload(cloud, RED, "a.png", tags="input,x", user_metadata=json.dumps({"n": 1}))
    upload(cloud, BLUE, "b.png", tags="input,y")

    def counts(**query: Any) -> dict[str, int]:
        found: dict[str, int] = cloud.get("/api/assets/tags/refine", include_public="false", **query).json()[
            "tag_counts"
        ]
        return found

    assert counts() == {"input": 2, "x": 1, "y": 1}
    assert counts(include_tags="x") == {"input": 1, "x": 1}
    assert counts(exclude_tags="x") == {"input": 1, "y": 1}
    assert counts(name_contains="B.") == {"input": 1, "y": 1}
    assert counts(metadata_filter='{"n": 1}') == {"input": 1, "x": 1}
    assert counts(limit=1) == {"input": 2}
    assert refused(cloud.get("/api/assets/tags/refine", limit=0), 400, "INVALID_QUERY")


def test_public_assets_are_listed_and_belong_to_nobody(cloud: Server):
    """A client that deletes what it lists must not believe that it can delete these."""
    assert cloud.get("/api/assets", include_public="false").json()["assets"] == []
    listed = cloud.get("/api/assets", include_tags="models").json()["assets"]
    assert {asset["is_immutable"] for asset in listed} == {True}
    path = f"/api/assets/{listed[0]['id']}"
    assert cloud.get(path).json() == listed[0]
    assert refused(cloud.http.delete(path), 404, "ASSET_NOT_FOUND")
    assert refused(cloud.http.put(path, json={"name": "x"}), 404, "ASSET_NOT_FOUND")


def test_a_file_beyond_the_limit_is_refused(cloud: Server):
    content = bytes(cloud.get("/api/features").json()["max_upload_size"] + 1)
    response = cloud.http.post("/api/assets", files={"file": ("big.bin", content)})
    assert refused(response, 413, "TOO_LARGE")


def test_a_malformed_form_is_refused(keeper: Server):
    headers = {"Content-Type": "multipart/form-data"}
    response = keeper.http.post("/api/assets", content=b"no form", headers=headers)
    assert refused(response, 400, "INVALID_BODY")


def test_the_shape_of_an_asset_on_comfyui(new: Server):
    """Clients have failed on relative URLs, on times without a zone and on the two names of the hash."""
    body = upload(new, tags="input,mine", name="label.png", user_metadata='{"a": 1}')
    assert (body["name"], body["hash"], body["asset_hash"]) == ("label.png", HASH, HASH)
    assert body["tags"] == ["input", "mine", "uploaded"]
    assert body["user_metadata"] == {"a": 1, "filename": HEX_NAME}
    assert body["preview_url"] == f"/api/view?type=input&filename={HEX_NAME}"
    assert (body["loader_path"], body["metadata"]) == (HEX_NAME, {"kind": "image", "width": 4, "height": 3})
    assert body["created_at"][-1].isdigit()
    assert "prompt_id" not in body
    assert new.http.get(body["preview_url"]).content == RED
    named = new.get("/api/view", filename=HASH)
    assert (named.content, named.headers["content-disposition"]) == (RED, 'filename="label.png"')


def test_comfyui_creates_a_new_asset_for_the_same_bytes(new: Server):
    first = upload(new, tags="input")
    response = new.http.post("/api/assets", files={"file": ("b.png", RED)}, data={"tags": "input"})
    again = response.json()
    assert (response.status_code, again["created_new"], again["name"]) == (200, False, "b.png")
    assert again["id"] != first["id"]
    assert not {"preview_url", "loader_path"} & again.keys()
    reference = new.post("/api/assets/from-hash", {"hash": HASH, "name": "c.png"})
    assert (reference.status_code, reference.json()["created_new"], reference.json()["tags"]) == (201, False, [])
    known = new.http.post("/api/assets", files={"tags": (None, "input"), "hash": (None, HASH)})
    assert (known.status_code, known.json()["asset_hash"]) == (200, HASH)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "INVALID_BODY"),
        ({"tags": "mine"}, "INVALID_BODY"),
        ({"tags": "input,output"}, "INVALID_BODY"),
        ({"tags": "models"}, "INVALID_BODY"),
        ({"tags": "input", "id": str(uuid.UUID(int=1))}, "UNSUPPORTED_FIELD"),
        ({"tags": "input", "hash": f"blake3:{'0' * 64}"}, "HASH_MISMATCH"),
        ({"tags": "input", "user_metadata": "{"}, "INVALID_BODY"),
    ],
)
def test_uploads_that_comfyui_refuses(new: Server, fields: dict[str, str], code: str):
    response = new.http.post("/api/assets", files={"file": ("a.png", RED)}, data=fields)
    assert refused(response, 400, code)


def test_other_uploads_that_comfyui_refuses(new: Server):
    assert refused(new.post("/api/assets", {"url": "http://127.0.0.1/x"}), 415, "UNSUPPORTED_MEDIA_TYPE")
    body = {"hash": f"sha256:{'0' * 64}", "tags": ["input"]}
    assert refused(new.post("/api/assets/from-hash", body), 400, "INVALID_HASH")
    body["hash"] = f"blake3:{'0' * 64}"
    assert refused(new.post("/api/assets/from-hash", body), 404, "ASSET_NOT_FOUND")


def test_a_model_is_filed_by_its_folder_on_comfyui(new: Server):
    body = upload(new, b"weights", "m.safetensors", tags="models,model_type:vae")
    name = f"{blake3(b'weights').hexdigest()}.safetensors"
    assert (body["loader_path"], body["display_name"]) == (name, f"vae/{name}")
    assert "preview_url" not in body


def test_ids_that_are_not_uuids_have_no_route_on_comfyui(new: Server):
    response = new.get("/api/assets/nope")
    assert (response.status_code, response.content) == (404, b"")
    assert response.headers["content-type"] == "application/octet-stream"
    assert new.http.delete("/api/assets/nope").status_code == 405


def test_cursors_reach_every_asset_once(new: Server):
    names = ["c.png", "a.png", "b.png"]
    for number, name in enumerate(names):
        upload(new, png(Image.new("RGB", (4 + number, 3))), name, tags="input")
    for query, expected in (({}, names[::-1]), ({"sort": "name", "order": "asc"}, sorted(names))):
        found, cursor = [], None
        while True:
            page = new.get("/api/assets", limit=1, **query, **({"after": cursor} if cursor else {})).json()
            found += [asset["name"] for asset in page["assets"]]
            assert ("next_cursor" in page) == page["has_more"]
            if not page["has_more"]:
                break
            cursor = page["next_cursor"]
        assert found == expected
    assert refused(new.get("/api/assets", after="junk"), 400, "INVALID_CURSOR")
    assert refused(new.get("/api/assets", after=cursor, sort="size"), 400, "INVALID_CURSOR")


def test_outputs_and_uploads_name_their_assets_on_comfyui(new: Server):
    uploaded = new.upload(RED).json()
    assert uploaded["asset"]["tags"] == ["input", "uploaded"]
    job_id = new.run(
        {"1": node("LoadImage", image="in.png"), "2": node("SaveImage", images=["1", 0], filename_prefix="x")}
    )
    (entry,) = new.outputs(job_id)["2"]["images"]
    asset = new.get(f"/api/assets/{entry['id']}").json()
    assert (asset["job_id"], asset["prompt_id"], asset["name"]) == (job_id, job_id, entry["filename"])
    assert "asset_hash" not in asset  # it is hashed in the background, later


def test_an_upload_of_known_bytes_creates_no_second_asset_on_the_cloud(cloud: Server):
    cloud.upload(RED)
    cloud.upload(RED, "other.png")
    assert len(cloud.get("/api/assets", include_public="false").json()["assets"]) == 1


def test_the_newer_cloud_wants_tags_as_one_json_list_before_the_file():
    """A client that sends the file first, or one field a tag, is refused there."""
    with Emulator(dialect="cloud-next") as emulator:
        server = Server(emulator)
        tags = ("tags", (None, '["a", "b"]'))
        file = ("file", ("x.png", RED, "image/png"))
        good = server.http.post("/api/assets", files=[tags, file])
        assert (good.status_code, good.json()["tags"], good.json()["hash"]) == (201, ["a", "b"], HASH)
        assert not {"asset_hash", "prompt_id", "size"} & good.json().keys()
        for parts in ([file, tags], [("tags", (None, "a,b")), file], [tags, tags, file]):
            assert server.http.post("/api/assets", files=parts).status_code == 400
        listed = server.get("/api/assets", limit=1).json()
        assert (listed["total"], listed["has_more"], bool(listed["next_cursor"])) == (0, True, True)
        server.http.close()


def test_a_picture_uploaded_as_asset_is_its_own_preview_on_the_cloud(cloud: Server):
    asset = upload(cloud)
    assert cloud.http.get(asset["preview_url"]).status_code == 302
    content = cloud.fetch({"filename": HEX_NAME, "subfolder": "", "type": "input"})
    assert Image.open(io.BytesIO(content)).size == (4, 3)
