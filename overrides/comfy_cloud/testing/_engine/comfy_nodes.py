"""Implement ComfyUI's nodes. Their inputs and outputs are in `node_definitions`, their arithmetic in `images`.

A node gets its inputs by name. Everything else comes from its `Call`: files, progress, sleeping, the workflow that it
writes into PNGs. A node does not know which server it runs on; `files` names what it saves.
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

from .._state.files import FileStore, OutsideFolderError, StoredFile
from . import images as image_ops
from .emulator_nodes import EMULATOR_NODES, never_same
from .images import Batch
from .node import Call, Node, NodeError, Preview, Result

_PREVIEW_LETTERS = "abcdefghijklmnopqrstupvxyz"  # ComfyUI's own list, which has p twice and no w


def _input_file(files: FileStore, value: str) -> StoredFile:
    stored = files.find_input(value)
    if stored is None:
        # The message is that of Python's `open`, because ComfyUI opens the file without checking that it exists.
        raise FileNotFoundError(f"[Errno 2] No such file or directory: {value!r}")
    return stored


def _file_fingerprint(files: FileStore, inputs: Mapping[str, Any]) -> object:
    stored = files.find_input(str(inputs.get("image")))
    return stored and stored.blob.digest


def _file_check(files: FileStore, inputs: Mapping[str, Any]) -> str | None:
    value = inputs["image"]
    if not isinstance(value, str):
        # The message is Python's own, because ComfyUI asks any value for its annotation. A linked value is None here.
        raise AttributeError(f"'{type(value).__name__}' object has no attribute 'endswith'")
    return None if files.find_input(value) is not None else f"Invalid image file: {value}"


def _load_image(call: Call, image: str) -> Result:
    with _input_file(call.files, image).blob.open() as source:
        return Result(image_ops.load(source))


def _load_image_mask(call: Call, image: str, channel: str) -> Result:
    with _input_file(call.files, image).blob.open() as source:
        return Result((image_ops.load_channel(source, channel),))


def _mask_to_image(_call: Call, mask: Batch) -> Result:
    return Result(([layer.convert("RGB") for layer in mask],))


def _empty_image(_call: Call, width: int, height: int, batch_size: int, color: int) -> Result:
    return Result((image_ops.empty(width, height, batch_size, color),))


def _image_scale(_call: Call, image: Batch, upscale_method: str, width: int, height: int, crop: str) -> Result:
    return Result((image_ops.scale(image, upscale_method, width, height, crop),))


def _image_scale_by(_call: Call, image: Batch, upscale_method: str, scale_by: float) -> Result:
    return Result((image_ops.scale_by(image, upscale_method, scale_by),))


def _image_invert(_call: Call, image: Batch) -> Result:
    return Result((image_ops.invert(image),))


def _image_blend(_call: Call, image1: Batch, image2: Batch, blend_factor: float, blend_mode: str) -> Result:
    return Result((image_ops.blend(image1, image2, blend_factor, blend_mode),))


def _image_crop(_call: Call, image: Batch, width: int, height: int, x: int, y: int) -> Result:
    return Result((image_ops.crop(image, width, height, x, y),))


def _save_image(call: Call, images: Batch, filename_prefix: str) -> Result:
    return save_images(call, images, filename_prefix, folder="output", compress_level=4)


def _preview_image(call: Call, images: Batch) -> Result:
    # ComfyUI adds five random letters to the names of temporary images.
    suffix = "".join(random.choices(_PREVIEW_LETTERS, k=5))  # noqa: S311
    return save_images(call, images, f"ComfyUI_temp_{suffix}", folder="temp", compress_level=1)


def _send_image(call: Call, images: Batch) -> Result:
    for number, image in enumerate(images):
        png = io.BytesIO()
        image.save(png, "PNG")
        call.progress(number, len(images), Preview("PNG", png.getvalue()))
    return Result()


def save_images(call: Call, images: Batch, prefix: str, *, folder: str, compress_level: int) -> Result:
    """Save each image as a PNG that carries the workflow, under names that begin with `prefix`."""
    texts = PngInfo()
    for name, text in call.workflow_texts.items():
        texts.add_text(name, text)
    prefix = _fill_in(prefix, images[0])
    entries = []
    for number, image in enumerate(images):
        png = io.BytesIO()
        image.save(png, "PNG", pnginfo=texts, compress_level=compress_level)
        entries.append(save_file(call, prefix, ".png", png.getvalue(), folder, number=number))
    return Result((images,), {"images": entries})


def save_file(
    call: Call, prefix: str, extension: str, content: bytes, folder: str, *, number: int = 0
) -> dict[str, Any]:
    """Save a content under the next free name that begins with `prefix`. Return its entry in the outputs."""
    # A prefix may contain folders: `portraits/cat` saves `cat_00001_.png` in `portraits`.
    subfolder, stem = posixpath.split(posixpath.normpath(prefix))
    try:
        counter = call.files.next_counter(folder, subfolder, stem)
        filename = f"{stem.replace('%batch_num%', str(number))}_{counter:05}_{extension}"
        blob = call.files.blobs.put_bytes(content)
        return call.record_output(call.files.save(folder, subfolder, filename, blob))
    except OutsideFolderError:
        raise NodeError("Exception", "Saving image outside the output folder is not allowed.") from None


def _primitive(_call: Call, value: Any) -> Result:
    return Result((value,))


def _preview_any(_call: Call, source: Any) -> Result:
    text = json.dumps(source) if isinstance(source, dict) else str(source)
    return Result((text,), {"text": [text]})


def _preview_3d(_call: Call, model_file: str, camera_info: Any = None) -> Result:
    # ComfyUI reports the path as it came: with its folders, perhaps with a folder type behind it, and unchecked.
    return Result((), {"result": [model_file, camera_info]})


def _fill_in(prefix: str, image: Image.Image) -> str:
    """Replace ComfyUI's variables in a file name prefix."""
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
    **dict.fromkeys(("PrimitiveInt", "PrimitiveFloat", "PrimitiveString", "PrimitiveBoolean"), Node(_primitive)),
    "PreviewAny": Node(_preview_any),
    "Preview3D": Node(_preview_3d),
    **EMULATOR_NODES,
}


def workflow_texts(prompt: Mapping[str, Any], extra_data: Mapping[str, Any]) -> dict[str, str]:
    """Return the text chunks that ComfyUI writes into PNGs: the workflow as it ran, and the submit's extra data."""
    texts = {"prompt": json.dumps(prompt)}
    extra = extra_data.get("extra_pnginfo")
    if isinstance(extra, dict):
        texts |= {str(name): json.dumps(value) for name, value in extra.items()}
    return texts
