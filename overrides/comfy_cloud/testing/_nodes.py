"""What the nodes do when they run. Their inputs and outputs are in `_definitions`, their pixels in `_images`.

A node gets its inputs by name and a `Call` for everything else: files, progress, sleeping, the workflow that it
writes into PNGs. It does not know which server it runs on; `_files` names what it saves.
"""

import io
import json
import os.path
import posixpath
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from . import _images
from ._files import FileStore, OutsideFolderError, StoredFile
from ._images import Batch

_PREVIEW_LETTERS = "abcdefghijklmnopqrstupvxyz"


class NodeError(Exception):
    """A node fails with an exception of a chosen type name."""

    def __init__(self, type_name: str, message: str) -> None:
        super().__init__(message)
        self.type_name = type_name


class Call(Protocol):
    """What a running node may ask of its surroundings."""

    @property
    def files(self) -> FileStore: ...

    @property
    def workflow_texts(self) -> Mapping[str, str]:
        """The text chunks that saved PNGs carry: name to JSON."""
        ...

    def progress(self, value: int, maximum: int) -> None:
        """Report a step; raises where the job was interrupted."""

    def sleep(self, seconds: float) -> None:
        """Let time pass; raises at once where the job is interrupted."""

    def saved(self, file: StoredFile) -> dict[str, Any]:
        """Tell the job about a file it made, and get the entry that its outputs list."""
        ...


@dataclass(frozen=True)
class Result:
    """The values of a node's output slots, and what it shows: the entries of a job's outputs, by kind."""

    values: tuple[Any, ...] = ()
    shown: Mapping[str, list[Any]] | None = None


def _always_same(_files: FileStore, _inputs: Mapping[str, Any]) -> object:
    return None


def _no_check(_files: FileStore, _inputs: Mapping[str, Any]) -> str | None:
    return None


@dataclass(frozen=True)
class Node:
    """`fingerprint` is compared between runs beside the inputs: another value runs the node again.
    `check` judges `checked` inputs at submit, in place of the usual checks, and returns what is wrong."""

    run: Callable[..., Result]
    fingerprint: Callable[[FileStore, Mapping[str, Any]], object] = _always_same
    check: Callable[[FileStore, Mapping[str, Any]], str | None] = _no_check
    checked: frozenset[str] = field(default_factory=frozenset)


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


def _sleep(call: Call, seconds: float, steps: int = 1, image: Batch | None = None) -> Result:
    for step in range(1, steps + 1):
        call.sleep(seconds / steps)
        call.progress(step, steps)
    return Result((_passed_on(image),))


def _fail(_call: Call, message: str, exception_type: str = "RuntimeError", image: Batch | None = None) -> Result:
    del image
    raise NodeError(exception_type, message)


def _text(_call: Call, text: str, image: Batch | None = None) -> Result:
    return Result((_passed_on(image),), {"text": [text]})


def _write_files(
    call: Call,
    kind: str,
    filename: str,
    content: str,
    repeat: int = 1,
    folder: str = "output",
    animated: bool = False,
    image: Batch | None = None,
) -> Result:
    blob = call.files.blobs.put(_Repeated(content.encode(), repeat))
    entry = call.saved(call.files.save(folder, os.path.dirname(filename), os.path.basename(filename), blob))
    shown: dict[str, list[Any]] = {kind: [entry]}
    if animated:
        shown["animated"] = [True]
    return Result((_passed_on(image),), shown)


class _Repeated:
    """The same bytes over and over, so that a large file needs no memory."""

    def __init__(self, content: bytes, repeat: int) -> None:
        self._content = content
        self._left = repeat if content else 0
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        if not self._rest and self._left:
            count = min(self._left, max(1, size // len(self._content)))
            self._rest = self._content * count
            self._left -= count
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def _passed_on(image: Batch | None) -> Batch:
    return _images.empty(64, 64, 1, 0) if image is None else image


def _never_same(_files: FileStore, _inputs: Mapping[str, Any]) -> object:
    return str(uuid.uuid4())


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
    "EmulatorSleep": Node(_sleep, fingerprint=_never_same),
    "EmulatorFail": Node(_fail),
    "EmulatorText": Node(_text),
    "EmulatorFiles": Node(_write_files),
}


def workflow_texts(prompt: Mapping[str, Any], extra_data: Mapping[str, Any]) -> dict[str, str]:
    """The text chunks that ComfyUI writes into PNGs: the workflow as it ran, and what the submit sent along."""
    texts = {"prompt": json.dumps(prompt)}
    extra = extra_data.get("extra_pnginfo")
    if isinstance(extra, dict):
        texts |= {str(name): json.dumps(value) for name, value in extra.items()}
    return texts
