"""What ComfyUI's nodes do when they run. Their inputs and outputs are in `_definitions`, their pixels in `_images`.

A node gets its inputs by name and a `Call` for everything else: files, progress, sleeping, the workflow that it
writes into PNGs. It does not know which server it runs on; `_files` names what it saves.
"""

import io
import json
import posixpath
import random
import time
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from . import _images
from ._files import FileStore, OutsideFolderError, StoredFile
from ._images import Batch
from ._node import Call, Node, NodeError, Preview, Result
from ._test_nodes import TEST_NODES, never_same

_PREVIEW_LETTERS = "abcdefghijklmnopqrstupvxyz"


def _input_file(files: FileStore, value: str) -> StoredFile:
    stored = files.find_input(value)
    if stored is None:
        raise FileNotFoundError(f"[Errno 2] No such file or directory: {value!r}")
    return stored


def _file_fingerprint(files: FileStore, inputs: Mapping[str, Any]) -> object:
    stored = files.find_input(str(inputs.get("image")))
    return stored and stored.blob.digest


def _file_check(files: FileStore, inputs: Mapping[str, Any]) -> str | None:
    value = inputs.get("image")
    known = isinstance(value, str) and files.find_input(value) is not None
    return None if known else f"Invalid image file: {value}"


def _load_image(call: Call, image: str) -> Result:
    with _input_file(call.files, image).blob.open() as source:
        return Result(_images.load(source))


def _load_image_mask(call: Call, image: str, channel: str) -> Result:
    with _input_file(call.files, image).blob.open() as source:
        return Result((_images.load_channel(source, channel),))


def _mask_to_image(_call: Call, mask: Batch) -> Result:
    return Result(([layer.convert("RGB") for layer in mask],))


def _empty_image(_call: Call, width: int, height: int, batch_size: int, color: int) -> Result:
    return Result((_images.empty(width, height, batch_size, color),))


def _image_scale(_call: Call, image: Batch, upscale_method: str, width: int, height: int, crop: str) -> Result:
    return Result((_images.scale(image, upscale_method, width, height, crop),))


def _image_scale_by(_call: Call, image: Batch, upscale_method: str, scale_by: float) -> Result:
    return Result((_images.scale_by(image, upscale_method, scale_by),))


def _image_invert(_call: Call, image: Batch) -> Result:
    return Result((_images.invert(image),))


def _image_blend(_call: Call, image1: Batch, image2: Batch, blend_factor: float, blend_mode: str) -> Result:
    return Result((_images.blend(image1, image2, blend_factor, blend_mode),))


def _image_crop(_call: Call, image: Batch, width: int, height: int, x: int, y: int) -> Result:
    return Result((_images.crop(image, width, height, x, y),))


def _save_image(call: Call, images: Batch, filename_prefix: str) -> Result:
    return _save(call, images, filename_prefix, folder="output", compress_level=4)


def _preview_image(call: Call, images: Batch) -> Result:
    suffix = "".join(random.choices(_PREVIEW_LETTERS, k=5))  # noqa: S311
    return _save(call, images, f"ComfyUI_temp_{suffix}", folder="temp", compress_level=1)


def _send_image(call: Call, images: Batch) -> Result:
    for number, image in enumerate(images):
        png = io.BytesIO()
        image.save(png, "PNG")
        call.progress(number, len(images), Preview("PNG", png.getvalue()))
    return Result()


def _save(call: Call, images: Batch, prefix: str, *, folder: str, compress_level: int) -> Result:
    subfolder, stem = posixpath.split(posixpath.normpath(_fill_in(prefix, images[0])))
    texts = PngInfo()
    for name, text in call.workflow_texts.items():
        texts.add_text(name, text)
    entries = []
    for number, image in enumerate(images):
        png = io.BytesIO()
        image.save(png, "PNG", pnginfo=texts, compress_level=compress_level)
        try:
            counter = call.files.next_counter(folder, subfolder, stem)
            filename = f"{stem.replace('%batch_num%', str(number))}_{counter:05}_.png"
            blob = call.files.blobs.put_bytes(png.getvalue())
            entries.append(call.saved(call.files.save(folder, subfolder, filename, blob)))
        except OutsideFolderError:
            raise NodeError("Exception", "Saving image outside the output folder is not allowed.") from None
    return Result((images,), {"images": entries})


def _fill_in(prefix: str, image: Image.Image) -> str:
    """Replace ComfyUI's variables in a filename prefix."""
    if "%" not in prefix:
        return prefix
    now = time.localtime()
    values = {
        "width": str(image.width),
        "height": str(image.height),
        "year": str(now.tm_year),
        "month": f"{now.tm_mon:02}",
        "day": f"{now.tm_mday:02}",
        "hour": f"{now.tm_hour:02}",
        "minute": f"{now.tm_min:02}",
        "second": f"{now.tm_sec:02}",
    }
    for name, value in values.items():
        prefix = prefix.replace(f"%{name}%", value)
    return prefix


_READS_FILE: dict[str, Any] = {"fingerprint": _file_fingerprint, "check": _file_check, "checked": frozenset({"image"})}

NODES: dict[str, Node] = {
    "LoadImage": Node(_load_image, **_READS_FILE),
    "LoadImageMask": Node(_load_image_mask, **_READS_FILE),
    "MaskToImage": Node(_mask_to_image),
    "EmptyImage": Node(_empty_image),
    "ImageScale": Node(_image_scale),
    "ImageScaleBy": Node(_image_scale_by),
    "ImageInvert": Node(_image_invert),
    "ImageBlend": Node(_image_blend),
    "ImageCrop": Node(_image_crop),
    "SaveImage": Node(_save_image),
    "PreviewImage": Node(_preview_image),
    "SaveImageWebsocket": Node(_send_image, fingerprint=never_same),
    **TEST_NODES,
}


def workflow_texts(prompt: Mapping[str, Any], extra_data: Mapping[str, Any]) -> dict[str, str]:
    """The text chunks that ComfyUI writes into PNGs: the workflow as it ran, and what the submit sent along."""
    texts = {"prompt": json.dumps(prompt)}
    extra = extra_data.get("extra_pnginfo")
    if isinstance(extra, dict):
        texts |= {str(name): json.dumps(value) for name, value in extra.items()}
    return texts
