"""The arithmetic of ComfyUI's image nodes on Pillow images: scale, crop, invert, blend, load.

An image here is a batch: a non-empty list of RGB images of one size, 8 bits a channel, where ComfyUI has floats;
results can differ from it by one step in 255. A mask is a list of greyscale images. Nothing here knows of jobs.
"""

from collections.abc import Callable
from typing import Any, BinaryIO

from PIL import Image, ImageChops, ImageMath, ImageOps, ImageSequence

Batch = list[Image.Image]

RESAMPLING = {
    "nearest-exact": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_NO_MASK_SIZE = (64, 64)  # ComfyUI's mask of an image that has no transparency


def empty(width: int, height: int, batch_size: int, color: int) -> Batch:
    image = Image.new("RGB", (width, height), (color >> 16 & 255, color >> 8 & 255, color & 255))
    return [image] * batch_size


def scale(batch: Batch, method: str, width: int, height: int, crop: str) -> Batch:
    """Scale to `width` x `height` px; one of them 0 keeps the aspect, both 0 keep the image."""
    old_width, old_height = batch[0].size
    if width == 0 and height == 0:
        return batch
    if width == 0:
        width = max(1, round(old_width * height / old_height))
    elif height == 0:
        height = max(1, round(old_height * width / old_width))
    x = y = 0
    if crop == "center":
        old_aspect, new_aspect = old_width / old_height, width / height
        if old_aspect > new_aspect:
            x = round((old_width - old_width * (new_aspect / old_aspect)) / 2)
        elif old_aspect < new_aspect:
            y = round((old_height - old_height * (old_aspect / new_aspect)) / 2)
    box = (x, y, old_width - x, old_height - y)
    return [image.crop(box).resize((width, height), RESAMPLING[method]) for image in batch]


def scale_by(batch: Batch, method: str, factor: float) -> Batch:
    width, height = (round(edge * factor) for edge in batch[0].size)
    return [image.resize((width, height), RESAMPLING[method]) for image in batch]


def crop(batch: Batch, width: int, height: int, x: int, y: int) -> Batch:
    """Cut out a rectangle; what would lie outside the image is left off."""
    full_width, full_height = batch[0].size
    left, top = min(x, full_width - 1), min(y, full_height - 1)
    box = (left, top, min(left + width, full_width), min(top + height, full_height))
    return [image.crop(box) for image in batch]


def invert(batch: Batch) -> Batch:
    return [ImageChops.invert(image) for image in batch]


def blend(batch1: Batch, batch2: Batch, factor: float, mode: str) -> Batch:
    """Mix the second batch into the first; the second is scaled to the first's size and cut at its centre."""
    if batch2[0].size != batch1[0].size:
        batch2 = scale(batch2, "bicubic", *batch1[0].size, "center")
    length = max(len(batch1), len(batch2))
    if {len(batch1), len(batch2)} - {1, length}:
        raise RuntimeError(
            f"The size of tensor a ({len(batch1)}) must match the size of tensor b ({len(batch2)}) "
            "at non-singleton dimension 0"
        )
    pairs = zip(batch1 * (length // len(batch1)), batch2 * (length // len(batch2)), strict=True)
    return [_blend_pair(first, second, factor, mode) for first, second in pairs]


def _blend_pair(first: Image.Image, second: Image.Image, factor: float, mode: str) -> Image.Image:
    def mix(operands: dict[str, Any]) -> Any:
        a, b = operands["a"] / 255.0, operands["b"] / 255.0
        mixed = a * (1.0 - factor) + _BLENDS[mode](operands, a, b) * factor
        return operands["convert"](operands["min"](operands["max"](mixed * 255.0 + 0.5, 0.0), 255.0), "L")

    channels = []
    for a, b in zip(first.split(), second.split(), strict=True):
        channel: Image.Image = ImageMath.lambda_eval(mix, a=a.convert("F"), b=b.convert("F"))
        channels.append(channel)
    return Image.merge("RGB", channels)


def _choose(operands: dict[str, Any], condition: Any, yes: Any, no: Any) -> Any:
    # A comparison gives 1 or 0 for each pixel.
    mask = operands["float"](condition)
    return yes * mask + no * (1.0 - mask)


def _overlay(operands: dict[str, Any], a: Any, b: Any) -> Any:
    return _choose(operands, a <= 0.5, a * b * 2.0, 1.0 - (1.0 - a) * (1.0 - b) * 2.0)


def _soft_light(operands: dict[str, Any], a: Any, b: Any) -> Any:
    lifted = _choose(operands, a <= 0.25, ((a * 16.0 - 12.0) * a + 4.0) * a, a**0.5)
    return _choose(operands, b <= 0.5, a - (1.0 - b * 2.0) * a * (1.0 - a), a + (b * 2.0 - 1.0) * (lifted - a))


_BLENDS: dict[str, Callable[[dict[str, Any], Any, Any], Any]] = {
    "normal": lambda _operands, _a, b: b,
    "multiply": lambda _operands, a, b: a * b,
    "screen": lambda _operands, a, b: 1.0 - (1.0 - a) * (1.0 - b),
    "overlay": _overlay,
    "soft_light": _soft_light,
    # The sign is kept here, as in ComfyUI, and cut off only after the mix.
    "difference": lambda _operands, a, b: a - b,
}


def load(source: BinaryIO) -> tuple[Batch, Batch]:
    """The frames of an image file and their masks, 255 where the image is transparent."""
    images: Batch = []
    masks: Batch = []
    with Image.open(source) as file:
        for raw in ImageSequence.Iterator(file):
            frame = upright(raw)
            if frame.mode == "I":
                frame = frame.point(lambda value: value * (1 / 255))
            image = frame.convert("RGB")
            if images and image.size != images[0].size:
                continue
            images.append(image)
            masks.append(_mask(frame))
            if file.format == "MPO":
                break
    return images, masks


def load_channel(source: BinaryIO, channel: str) -> Batch:
    """One channel of an image file as a mask; `alpha` is inverted, as masks are."""
    with Image.open(source) as file:
        frame = upright(file)
        frame = frame if frame.getbands() == ("R", "G", "B", "A") else frame.convert("RGBA")
        mask = frame.getchannel(channel[0].upper())
    return [ImageChops.invert(mask) if channel == "alpha" else mask]


def upright(image: Image.Image) -> Image.Image:
    """The image as its EXIF orientation wants it shown."""
    return ImageOps.exif_transpose(image)


def _mask(frame: Image.Image) -> Image.Image:
    if "A" in frame.getbands():
        return ImageChops.invert(frame.getchannel("A").convert("L"))
    if frame.mode == "P" and "transparency" in frame.info:
        return ImageChops.invert(frame.convert("RGBA").getchannel("A"))
    return Image.new("L", _NO_MASK_SIZE, 0)
