"""Test that the nodes do what ComfyUI's nodes do, so that a workflow produces the same picture."""

import io
import json
import math
import re
from typing import Any

import pytest
from PIL import Image

from .conftest import Server, node, png

BLACK = node("EmptyImage", width=6, height=4, batch_size=1, color=0)


def flat(size: tuple[int, int], color: Any, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, color)


def loaded(server: Server, image: Image.Image | bytes, name: str = "in.png") -> dict[str, Any]:
    """Upload an image and return a LoadImage node for it."""
    return node("LoadImage", image=server.upload(image, name).json()["name"])


def saved(source: str) -> dict[str, Any]:
    return node("SaveImage", images=[source, 0], filename_prefix="t")


def pixel(server: Server, workflow: dict[str, Any], at: tuple[int, int] = (0, 0)) -> Any:
    return server.image(workflow).getpixel(at)


def test_empty_image_has_the_color_and_the_number_of_images(server: Server):
    workflow = {"1": node("EmptyImage", width=5, height=3, batch_size=2, color=0x102030), "9": saved("1")}
    image = server.image(workflow)
    assert (image.size, image.mode, image.getpixel((0, 0))) == ((5, 3), "RGB", (0x10, 0x20, 0x30))
    assert len(server.outputs(server.run(workflow))["9"]["images"]) == 2


@pytest.mark.parametrize(
    ("width", "height", "crop", "size"),
    [
        (12, 10, "disabled", (12, 10)),
        (12, 0, "disabled", (12, 6)),
        (0, 10, "disabled", (20, 10)),
        (0, 0, "disabled", (40, 20)),
        (10, 10, "center", (10, 10)),
    ],
)
def test_scaling_keeps_the_aspect_ratio_if_an_edge_is_zero(
    server: Server, width: int, height: int, crop: str, size: tuple[int, int]
):
    picture = flat((40, 20), "red")
    scale = node("ImageScale", image=["1", 0], upscale_method="area", width=width, height=height, crop=crop)
    assert server.image({"1": loaded(server, picture), "2": scale, "9": saved("2")}).size == size


def test_scaling_with_crop_cuts_the_sides_off(server: Server):
    picture = flat((40, 20), "red")
    picture.paste((0, 0, 255), (10, 0, 30, 20))
    scale = node("ImageScale", image=["1", 0], upscale_method="nearest-exact", width=10, height=10, crop="center")
    image = server.image({"1": loaded(server, picture), "2": scale, "9": saved("2")})
    assert image.getcolors() == [(100, (0, 0, 255))]


@pytest.mark.parametrize("method", ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"])
def test_scaling_by_a_factor_knows_every_method(server: Server, method: str):
    scale = node("ImageScaleBy", image=["1", 0], upscale_method=method, scale_by=1.5)
    assert server.image({"1": loaded(server, flat((9, 5), "green")), "2": scale, "9": saved("2")}).size == (14, 8)


def test_inverting(server: Server):
    workflow = {"1": loaded(server, flat((2, 2), (0, 100, 255))), "2": node("ImageInvert", image=["1", 0])}
    assert pixel(server, {**workflow, "9": saved("2")}) == (255, 155, 0)


@pytest.mark.parametrize(
    ("x", "y", "width", "height", "size"), [(1, 2, 3, 4, (3, 4)), (7, 7, 5, 5, (1, 1)), (99, 0, 5, 5, (1, 5))]
)
def test_cropping_stays_inside_the_image(server: Server, x: int, y: int, width: int, height: int, size: Any):
    crop = node("ImageCrop", image=["1", 0], x=x, y=y, width=width, height=height)
    assert server.image({"1": loaded(server, flat((8, 8), "red")), "2": crop, "9": saved("2")}).size == size


def blended(a: float, b: float, mode: str) -> float:
    """Compute the blend modes as formulas on 0..1."""
    if mode == "overlay":
        return 2 * a * b if a <= 0.5 else 1 - 2 * (1 - a) * (1 - b)
    if mode == "soft_light":
        lifted = ((16 * a - 12) * a + 4) * a if a <= 0.25 else math.sqrt(a)
        return a - (1 - 2 * b) * a * (1 - a) if b <= 0.5 else a + (2 * b - 1) * (lifted - a)
    return {"normal": b, "multiply": a * b, "screen": 1 - (1 - a) * (1 - b), "difference": a - b}[mode]


@pytest.mark.parametrize("mode", ["normal", "multiply", "screen", "overlay", "soft_light", "difference"])
def test_blending_follows_the_formulas(account: Server, mode: str):
    levels = [0, 30, 63, 64, 90, 127, 128, 160, 200, 255]
    first, second = Image.new("RGB", (10, 10)), Image.new("RGB", (10, 10))
    for x, low in enumerate(levels):
        for y, high in enumerate(levels):
            first.putpixel((x, y), (low, low, low))
            second.putpixel((x, y), (high, high, high))
    workflow = {
        "1": loaded(account, first),
        "2": loaded(account, second, "second.png"),
        "3": node("ImageBlend", image1=["1", 0], image2=["2", 0], blend_factor=0.7, blend_mode=mode),
        "9": saved("3"),
    }
    image = account.image(workflow)
    for x, low in enumerate(levels):
        for y, high in enumerate(levels):
            a, b = low / 255, high / 255
            exact = 255 * min(1, max(0, a * 0.3 + blended(a, b, mode) * 0.7))
            red = image.getpixel((x, y))
            assert isinstance(red, tuple)
            assert abs(red[0] - exact) <= 1, (mode, low, high)


def test_blending_fits_the_second_image_to_the_first_and_repeats_single_ones(server: Server):
    workflow = {
        "1": node("EmptyImage", width=6, height=4, batch_size=3, color=0),
        "2": loaded(server, flat((50, 50), "white")),
        "3": node("ImageBlend", image1=["1", 0], image2=["2", 0], blend_factor=1.0, blend_mode="normal"),
        "9": saved("3"),
    }
    image = server.image(workflow)
    assert (image.size, image.getpixel((3, 2))) == ((6, 4), (255, 255, 255))
    assert len(server.outputs(server.run(workflow))["9"]["images"]) == 3


def test_batches_that_do_not_fit_fail_the_job(server: Server):
    def batch(size: int) -> dict[str, Any]:
        return node("EmptyImage", width=6, height=4, batch_size=size, color=0)

    blend = node("ImageBlend", image1=["1", 0], image2=["2", 0], blend_factor=1.0, blend_mode="normal")
    job_id = server.submit({"1": batch(2), "2": batch(3), "3": blend, "9": saved("3")})
    assert server.emulator.wait_for(job_id) == "failed"


def test_loading_turns_a_photo_upright(server: Server):
    """Phones store photos rotated."""
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = io.BytesIO()
    flat((20, 10), "red").save(photo, "JPEG", exif=exif)
    assert server.image({"1": loaded(server, photo.getvalue(), "p.jpg"), "9": saved("1")}).size == (10, 20)


def test_loading_drops_transparency_and_greys_become_rgb(server: Server):
    assert pixel(server, {"1": loaded(server, flat((2, 2), (9, 8, 7, 0), "RGBA")), "9": saved("1")}) == (9, 8, 7)
    assert pixel(server, {"1": loaded(server, flat((2, 2), 77, "L"), "g.png"), "9": saved("1")}) == (77, 77, 77)


@pytest.mark.parametrize(("channel", "level"), [("alpha", 251), ("red", 1), ("green", 2), ("blue", 3)])
def test_a_mask_loads_from_each_channel(server: Server, channel: str, level: int):
    mask = loaded(server, flat((2, 2), (1, 2, 3, 4), "RGBA"))
    mask = node("LoadImageMask", **mask["inputs"], channel=channel)
    workflow = {"1": mask, "2": node("MaskToImage", mask=["1", 0]), "9": saved("2")}
    assert pixel(server, workflow) == (level, level, level)


def test_the_mask_of_an_image_is_its_transparency(server: Server):
    shown = {"2": node("MaskToImage", mask=["1", 1]), "9": saved("2")}
    assert pixel(server, {"1": loaded(server, flat((2, 2), (9, 9, 9, 55), "RGBA")), **shown}) == (200, 200, 200)
    assert server.image({"1": loaded(server, flat((2, 2), "red"), "r.png"), **shown}).size == (64, 64)


def test_a_file_that_is_not_an_image_fails_the_job_and_names_the_node(server: Server):
    job_id = server.run({"1": loaded(server, b"not a picture"), "9": saved("1")})
    assert server.emulator.wait_for(job_id) == "failed"
    if server.emulator.dialect != "comfyui-old":
        error = server.get(f"/api/jobs/{job_id}").json()["execution_error"]
        assert (error["node_id"], error["node_type"]) == ("1", "LoadImage")
        assert error["exception_type"] == "PIL.UnidentifiedImageError"


def test_saved_pictures_are_counted_in_their_folder(comfyui: Server):
    names = []
    for color in (1, 2):
        save = node("SaveImage", images=["1", 0], filename_prefix="a/b/cat_%width%x%height%")
        job_id = comfyui.run({"1": {**BLACK, "inputs": {**BLACK["inputs"], "color": color}}, "9": save})
        (entry,) = comfyui.outputs(job_id)["9"]["images"]
        assert (entry["subfolder"], entry["type"]) == ("a/b", "output")
        names.append(entry["filename"])
    assert names == ["cat_6x4_00001_.png", "cat_6x4_00002_.png"]


def test_saving_outside_the_output_folder_fails_the_job(server: Server):
    save = node("SaveImage", images=["1", 0], filename_prefix="../../etc/x")
    assert server.emulator.wait_for(server.submit({"1": BLACK, "9": save})) == "failed"


def test_previews_are_temporary_files(comfyui: Server):
    job_id = comfyui.run({"1": BLACK, "9": node("PreviewImage", images=["1", 0])})
    (entry,) = comfyui.outputs(job_id)["9"]["images"]
    assert entry["type"] == "temp"
    assert re.fullmatch(r"ComfyUI_temp_[a-z]{5}_00001_\.png", entry["filename"])


def test_the_cloud_names_outputs_by_their_content(account: Server):
    ids = [account.run({"1": BLACK, "9": saved("1")}, extra_data={"n": number}) for number in range(2)]
    names = [account.outputs(job_id)["9"]["images"][0]["filename"] for job_id in ids]
    assert re.fullmatch(r"[0-9a-f]{64}\.png", names[0])
    assert names[0] == names[1]


def test_pictures_contain_their_workflow(server: Server):
    """Dropping a picture onto ComfyUI restores its graph, and Workflow.load reads it."""
    workflow = {"1": BLACK, "9": saved("1")}
    extra = {"extra_pnginfo": {"workflow": {"id": "w", "nodes": []}}}
    entry = server.outputs(server.run(workflow, extra_data=extra))["9"]["images"][0]
    texts = Image.open(io.BytesIO(server.fetch(entry))).info
    assert json.loads(texts["prompt"]) == workflow
    assert json.loads(texts["workflow"]) == extra["extra_pnginfo"]["workflow"]


def test_an_unchanged_node_is_not_run_again(server: Server):
    """The second run reports the same file, and says that its nodes were cached."""
    workflow = {"1": BLACK, "9": saved("1")}
    first, second = server.run(workflow), server.run(workflow)
    assert server.outputs(first) == server.outputs(second)
    assert cached(server, first) == []
    assert cached(server, second) == ["1", "9"]
    third = server.run({"1": BLACK, "9": node("SaveImage", images=["1", 0], filename_prefix="other")})
    assert cached(server, third) == ["1"]


def test_a_file_with_new_content_is_loaded_again(comfyui: Server):
    workflow = {"1": loaded(comfyui, flat((2, 2), "red")), "9": saved("1")}
    assert pixel(comfyui, workflow) == (255, 0, 0)
    comfyui.upload(flat((2, 2), "blue"), overwrite="true")
    assert pixel(comfyui, workflow) == (0, 0, 255)


def test_an_old_comfyui_shows_no_cached_outputs_to_a_submit_without_client(old: Server):
    """This is why a client must always send a client_id."""
    workflow = {"1": BLACK, "9": saved("1")}
    old.run(workflow)
    job_id = old.submit(workflow)
    old.emulator.wait_for(job_id)
    assert old.outputs(job_id) == {}


def test_a_newer_comfyui_shows_cached_outputs_to_a_submit_without_client(new: Server):
    workflow = {"1": BLACK, "9": saved("1")}
    first = new.run(workflow)
    second = new.submit(workflow)
    new.emulator.wait_for(second)
    assert new.outputs(second) == new.outputs(first) != {}


def cached(server: Server, job_id: str) -> list[str]:
    if "cloud" in server.emulator.dialect:
        status = server.get(f"/api/jobs/{job_id}").json()["execution_status"]
    else:
        status = server.get(f"/api/history/{job_id}").json()[job_id]["status"]
    found: list[str] = next(data["nodes"] for name, data in status["messages"] if name == "execution_cached")
    return found


def test_unusual_outputs_for_tests(server: Server):
    """These are texts, videos as ComfyUI lists them, and an unknown kind."""
    workflow = {
        "1": node("EmulatorText", text="42"),
        "2": node("EmulatorFiles", kind="images", filename="v.mp4", content="film", animated=True),
        "3": node("EmulatorFiles", kind="hologram", filename="h.holo", content="ab", repeat=500_000),
        "4": node("EmulatorFiles", kind="audio", filename="a.flac", content="", folder="temp"),
    }
    job_id = server.run(workflow)
    outputs = server.outputs(job_id)
    assert outputs["1"] == {"text": ["42"]}
    assert outputs["2"]["animated"] == [True]
    assert outputs["2"]["images"][0]["filename"].endswith(".mp4")
    (hologram,) = outputs["3"]["hologram"]
    assert server.fetch(hologram) == b"ab" * 500_000
    assert outputs["4"]["audio"][0]["type"] == "temp"


def test_failing_on_purpose_with_any_exception(account: Server):
    workflow = {"1": BLACK, "6": node("EmulatorFail", message="boom", exception_type="OOMError", image=["1", 0])}
    job_id = account.run(workflow)
    body = account.get(f"/api/jobs/{job_id}").json()
    assert body["status"] == "failed"
    error = body["execution_error"]
    assert (error["exception_type"], error["exception_message"]) == ("OOMError", "boom\n")
    assert (error["node_id"], error["executed"]) == ("6", ["1"])
    assert error["current_inputs"]["message"] == ["boom"]
    status = account.get(f"/api/job/{job_id}/status").json()
    assert status["status"] == "error"
    assert json.loads(status["error_message"])["exception_type"] == "OOMError"


def test_a_failed_job_keeps_the_outputs_that_came_first(server: Server):
    workflow = {
        "1": BLACK,
        "2": saved("1"),
        "3": node("EmulatorSleep", seconds=0.0, image=["1", 0]),
        "6": node("EmulatorFail", message="late", image=["3", 0]),
    }
    job_id = server.run(workflow)
    assert server.emulator.wait_for(job_id) == "failed"
    assert list(server.outputs(job_id)) == ["2"]


def test_object_info_describes_every_node(server: Server):
    server.upload(png(flat((2, 2), "red")), "mine.png")
    info = server.get("/api/object_info").json()
    assert {"LoadImage", "ImageBlend", "SaveImage", "EmulatorSleep"} < set(info)
    choices, options = info["LoadImage"]["input"]["required"]["image"]
    assert len(choices) == 1
    assert options == {"image_upload": True}
    assert info["SaveImage"]["output_node"] is True
    assert info["ImageScale"]["input_order"]["required"] == ["image", "upscale_method", "width", "height", "crop"]
    assert info["EmptyImage"]["input"]["required"]["width"] == [
        "INT",
        {"default": 512, "min": 1, "max": 16384, "step": 1},
    ]
