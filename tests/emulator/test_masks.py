"""Test masks: uploaded for an image, applied to it, and found again as layers of one edit."""

import io
import json
from typing import Any

from blake3 import blake3
from PIL import Image

from .conftest import Server, png

RED = png(Image.new("RGB", (4, 3), "red"))
HALF = png(Image.new("RGBA", (4, 3), (0, 0, 0, 128)))
STAMP = "1700000000000"


def upload(server: Server, mask: bytes = HALF, name: str = "mask.png", reference: Any = None, **fields: str) -> Any:
    if reference is not None:
        fields["original_ref"] = reference if isinstance(reference, str) else json.dumps(reference)
    return server.http.post("/api/upload/mask", files={"image": (name, mask, "image/png")}, data=fields)


def original(server: Server) -> dict[str, str]:
    stored = server.upload(RED).json()
    return {"filename": stored["name"], "subfolder": "", "type": "input"}


def test_the_mask_becomes_the_transparency_of_the_original(cloud: Server, new: Server, old: Server):
    for server in (cloud, new, old):
        stored = upload(server, reference=original(server), type="input", subfolder="clipspace").json()
        assert (stored["subfolder"], stored["type"]) == ("clipspace", "input")
        content = server.fetch({"filename": stored["name"], "subfolder": "clipspace", "type": "input"})
        assert Image.open(io.BytesIO(content)).getpixel((0, 0)) == (255, 0, 0, 128)
        assert ("metadata" in stored) == (server is cloud)
        assert ("asset" in stored) == (server is new)


def test_comfyui_does_not_report_a_missing_original(cloud: Server, new: Server):
    """Nothing is written, but the response looks like success."""
    reference = {"filename": "none.png", "type": "input"}
    response = upload(new, reference=reference)
    assert (response.status_code, response.json()) == (200, {"name": "mask.png", "subfolder": "", "type": "input"})
    assert new.get("/view", filename="mask.png", type="input").status_code == 404
    response = upload(cloud, reference=reference)
    assert (response.status_code, set(response.json())) == (400, {"code", "message"})


def test_bad_references_and_masks_are_refused_or_crash(cloud: Server, new: Server):
    for server, status in ((cloud, 400), (new, 500)):
        reference = original(server)
        larger = png(Image.new("RGBA", (5, 3)))
        for mask, wanted in (
            (HALF, None),
            (HALF, "{"),
            (HALF, "[]"),
            (HALF, {"type": "input"}),
            (HALF, {"filename": 1}),
            (larger, reference),
            (b"no image", reference),
        ):
            assert upload(server, mask, reference=wanted).status_code == status


def test_the_cloud_returns_what_a_mask_belongs_to(cloud: Server):
    reference = original(cloud)
    metadata = upload(cloud, reference=reference, name="painted.png").json()["metadata"]
    assert metadata == {
        "is_mask": True,
        "original_hash": f"blake3:{blake3(RED).hexdigest()}",
        "mask_type": "painted",
        "related_files": {},
    }
    final = upload(cloud, png(Image.new("RGBA", (4, 3), (0, 0, 0, 9))), reference=reference, name="x.png").json()
    assert final["metadata"]["mask_type"] == "painted_masked"
    assert list(final["metadata"]["related_files"]) == ["painted"]
    layers = cloud.get("/api/files/mask-layers", filename=final["name"]).json()
    assert (layers["mask"], layers["paint"], layers["painted_masked"]) == (None, None, final["name"])
    assert layers["painted"].endswith(".png")


def test_any_layer_of_the_editor_leads_to_all_four(cloud: Server):
    reference = original(cloud)
    names = {}
    for number, layer in enumerate(("mask", "paint", "painted", "painted-masked")):
        picture = png(Image.new("RGBA", (4, 3), (0, 0, number, 10 + number)))
        name = f"clipspace-{layer}-{STAMP}.png"
        response = cloud.upload(picture, name) if layer == "paint" else upload(cloud, picture, name, reference)
        names[layer.replace("-", "_")] = response.json()["name"]
    for name in names.values():
        assert cloud.get("/api/files/mask-layers", filename=name).json() == names


def test_a_file_that_is_not_a_layer_has_no_layers(cloud: Server):
    for query in ({"filename": original(cloud)["filename"]}, {"filename": "none.png"}, {}):
        assert cloud.get("/api/files/mask-layers", **query).status_code == 404
