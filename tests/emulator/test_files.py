"""Test uploads, views and the storage origin."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from comfy_cloud.testing import Emulator
from comfy_cloud.testing._state.blobs import IN_MEMORY

from .conftest import Server, png, refusal

RED = png(Image.new("RGB", (4, 3), "red"))
BLUE = png(Image.new("RGB", (4, 3), "blue"))
SEE_THROUGH = png(Image.new("RGBA", (4, 3), (1, 2, 3, 77)))


def location(cloud: Server, content: bytes = RED, name: str = "in.png") -> str:
    """Upload a file and return a signed URL of it."""
    stored = cloud.upload(content, name).json()["name"]
    response = cloud.get("/api/view", filename=stored, type="input")
    assert response.status_code == 302
    return response.headers["location"]


def test_an_old_comfyui_returns_only_the_name_of_an_upload(old: Server):
    assert old.upload(RED).json() == {"name": "in.png", "subfolder": "", "type": "input"}


def test_comfyui_keeps_the_name_and_renames_other_content(comfyui: Server):
    """A client that uses the name that it sent, not the returned one, loads another person's picture."""
    assert comfyui.upload(RED).json()["name"] == "in.png"
    assert comfyui.upload(BLUE).json()["name"] == "in (1).png"
    assert comfyui.upload(BLUE, overwrite="True").json()["name"] == "in (1).png"
    assert comfyui.upload(BLUE, overwrite="true").json()["name"] == "in.png"
    assert comfyui.get("/view", filename="in.png", type="input").content == BLUE


def test_the_cloud_names_uploads_by_their_content(account: Server):
    first = account.upload(RED, "Mine.PNG", subfolder="a/b").json()
    assert first["name"].endswith(".png")
    assert len(first["name"]) == 68
    assert (first["subfolder"], first["type"]) == ("a/b", "input")
    assert account.upload(RED, "other.png").json()["name"] == first["name"]


def test_comfyui_refuses_uploads_in_its_own_ways(comfyui: Server):
    def status(**files: Any) -> int:
        return comfyui.http.post("/upload/image", files=files).status_code

    assert status(other=("x.png", RED)) == 400
    assert status(image=(None, "text")) == 500
    assert status(image=("a/b.png", RED)) == 500
    assert comfyui.upload(RED, type="bogus").status_code == 500
    traversal = comfyui.upload(RED, subfolder="../../x")
    assert (traversal.status_code, traversal.content) == (400, b"")


def test_the_cloud_refuses_uploads_with_a_message(account: Server):
    for files in ({"other": ("x.png", RED)}, {"image": (None, "text")}):
        response = account.http.post("/api/upload/image", files=files)
        assert (response.status_code, refusal(response)["code"]) == (400, "INVALID_BODY")


def test_a_body_beyond_comfyuis_limit_is_refused_in_plain_text(new: Server):
    limit = new.get("/features").json()["max_upload_size"]
    content = bytes(limit + 1024 * 1024)
    response = new.upload(content)
    assert (response.status_code, response.headers["content-type"]) == (413, "text/plain; charset=utf-8")


def test_the_cloud_limits_images(account: Server):
    for size in ((16385, 1), (8100, 8000)):
        assert account.upload(png(Image.new("1", size))).status_code == 400
    assert account.upload(b"no image at all").status_code == 200


def test_the_cloud_redirects_to_a_url_that_needs_no_key(account: Server):
    url = location(account)
    assert url.startswith(account.emulator.storage_url)
    response = httpx.get(url)
    assert (response.content, response.headers["content-type"]) == (RED, "image/png")
    assert account.emulator.storage_keys_seen == 0


@pytest.mark.parametrize("header", ["X-API-Key", "Authorization", "X-Other"])
def test_a_key_that_reaches_the_storage_is_refused_and_counted(account: Server, header: str):
    url = location(account)
    assert httpx.get(url, headers={header: f"Bearer {account.emulator.api_key}"}).status_code == 403
    assert httpx.get(f"{url}&token={account.emulator.api_key}").status_code == 403
    assert account.emulator.storage_keys_seen == 2


def test_a_foreign_key_in_the_key_header_is_counted(account: Server):
    assert httpx.get(location(account), headers={"X-API-Key": "another"}).status_code == 403
    assert account.emulator.storage_keys_seen == 1


def test_a_forged_url_and_a_url_of_another_emulator_are_refused(account: Server):
    url = location(account)
    assert httpx.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403
    with Emulator() as other:
        assert httpx.get(url.replace(account.emulator.storage_url, other.storage_url)).status_code == 403
    assert httpx.post(url).status_code == 405


@pytest.mark.parametrize(
    ("header", "status", "piece", "content_range"),
    [
        ("bytes=0-9", 206, slice(0, 10), "bytes 0-9/{}"),
        ("bytes=10-", 206, slice(10, None), "bytes 10-{last}/{}"),
        ("bytes=-5", 206, slice(-5, None), "bytes {tail}-{last}/{}"),
        ("bytes=0-999999", 206, slice(0, None), "bytes 0-{last}/{}"),
        ("bytes=999999-", 416, slice(0, 0), "bytes */{}"),
        ("bytes=0-1,4-5", 416, slice(0, 0), "bytes */{}"),
    ],
)
def test_ranges(account: Server, comfyui: Server, header: str, status: int, piece: slice, content_range: str):
    comfyui.upload(RED)
    urls = [location(account), f"{comfyui.emulator.url}/view?filename=in.png&type=input"]
    expected = content_range.format(len(RED), last=len(RED) - 1, tail=len(RED) - 5)
    for url in urls:
        response = httpx.get(url, headers={"Range": header})
        assert (response.status_code, response.content) == (status, RED[piece])
        assert response.headers["content-range"] == expected


def test_a_changed_file_is_sent_whole_by_the_storage_and_not_by_comfyui(account: Server, comfyui: Server):
    """If-Range prevents a resumed download from combining two files."""
    comfyui.upload(RED)
    changed = {"Range": "bytes=0-9", "If-Range": '"other"'}
    url = location(account)
    assert httpx.get(url, headers=changed).status_code == 200
    etag = httpx.head(url).headers["etag"]
    assert httpx.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert comfyui.http.get("/view?filename=in.png&type=input", headers=changed).status_code == 206


def test_validators(comfyui: Server):
    comfyui.upload(RED)
    first = comfyui.get("/view", filename="in.png", type="input")
    for name, value in (
        ("If-None-Match", first.headers["etag"]),
        ("If-Modified-Since", first.headers["last-modified"]),
    ):
        response = comfyui.http.get("/view?filename=in.png&type=input", headers={name: value})
        assert (response.status_code, response.content) == (304, b"")
    head = comfyui.http.head("/view?filename=in.png&type=input")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(RED)), b"")


def test_comfyuis_view_defaults_to_output_and_sends_errors_without_a_body(comfyui: Server):
    """A client that passes only the uploaded name gets a 404, so it must send the type."""
    comfyui.upload(RED)
    comfyui.upload(RED, "deep.png", subfolder="a/b", type="output")
    statuses = {
        "filename=in.png": 404,
        "filename=in.png&type=input": 200,
        "filename=in.png+%5Binput%5D": 200,
        "filename=a%2Fb%2Fdeep.png": 404,
        "filename=deep.png&subfolder=a%2Fb": 200,
        "": 404,
        "filename=": 400,
        "filename=x.png&type=bogus": 400,
        "filename=..%2Fx.png": 400,
        "filename=x.png&subfolder=..%2F..": 403,
    }
    for query, status in statuses.items():
        response = comfyui.http.get(f"/api/view?{query}")
        assert response.status_code == status, query
        assert status == 200 or response.content == b""
    named = comfyui.get("/view", filename="in.png", type="input")
    assert named.headers["content-disposition"] == 'filename="in.png"'


def test_the_clouds_view_finds_a_content_by_its_hash_alone(account: Server):
    """A program that asks for the name which it uploaded works here only if it works on the cloud."""
    stored = account.upload(RED, "mine.png").json()["name"]
    for filename in (stored, stored.removesuffix(".png"), f"blake3:{stored.removesuffix('.png')}"):
        assert account.get("/api/view", filename=filename).status_code == 302
    assert account.get("/api/view").status_code == 400
    for filename in ("nope.png", "mine.png"):
        assert account.get("/api/view", filename=filename).status_code == 404


def opened(response: httpx.Response) -> Image.Image:
    assert response.status_code == 200
    return Image.open(io.BytesIO(response.content))


def test_channels_of_the_cloud_are_not_redirected(account: Server):
    name = account.upload(SEE_THROUGH).json()["name"]
    rgb = opened(account.get("/api/view", filename=name, channel="rgb"))
    assert (rgb.mode, rgb.getpixel((0, 0))) == ("RGB", (1, 2, 3))
    for channel in ("a", "alpha"):
        alpha = opened(account.get("/api/view", filename=name, channel=channel))
        assert (alpha.mode, alpha.getpixel((0, 0))) == ("L", 77)
    assert account.get("/api/view", filename=name, channel="x").status_code == 400
    junk = account.upload(b"junk", "junk.png").json()["name"]
    assert account.get("/api/view", filename=junk, channel="rgb").status_code == 400


def test_channels_and_previews_of_comfyui(comfyui: Server):
    comfyui.upload(SEE_THROUGH)
    comfyui.upload(b"junk", "junk.png")
    query = {"filename": "in.png", "type": "input"}
    assert opened(comfyui.get("/view", **query, channel="rgb")).mode == "RGB"
    alpha = opened(comfyui.get("/view", **query, channel="a"))
    assert (alpha.mode, alpha.getpixel((0, 0))) == ("RGBA", (0, 0, 0, 77))
    assert comfyui.get("/view", **query, channel="alpha").content == SEE_THROUGH
    for preview, kind in (("webp;50", "WEBP"), ("jpeg;90", "JPEG"), ("png", "WEBP"), ("", "WEBP")):
        assert opened(comfyui.get("/view", **query, preview=preview)).format == kind
    assert comfyui.get("/view", filename="junk.png", type="input", preview="webp").status_code == 500


def test_a_large_file_goes_to_disk_and_comes_back_whole(account: Server):
    content = bytes(range(256)) * 20_000
    url = location(account, content, "big.bin")
    assert httpx.get(url).content == content
    assert httpx.get(url, headers={"Range": "bytes=5000000-"}).content == content[5_000_000:]


def test_an_image_on_disk_can_be_viewed_by_channel(account: Server):
    """A file that stays open would cause a warning in the user's tests."""
    content = png(Image.effect_noise((800, 800), 90).convert("RGB"), compress_level=0)
    assert len(content) > IN_MEMORY
    name = account.upload(content).json()["name"]
    assert opened(account.get("/api/view", filename=name, channel="rgb")).size == (800, 800)
