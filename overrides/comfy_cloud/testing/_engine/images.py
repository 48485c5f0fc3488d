"""Compute what ComfyUI's image nodes compute, with Pillow: scale, crop, invert, blend, load.

An image is a batch: a non-empty list of RGB images of one size with 8 bits per channel. ComfyUI uses floats, so results
can differ by one step in 255. A mask is a list of greyscale images. This module knows nothing of jobs.
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
_NO_MASK_SIZE = (64, 64)  # the size of ComfyUI's mask for an image without transparency


def empty(width: int, height: int, batch_size: int, color: int) -> Batch:
    # ComfyUI's color is one integer, 0xRRGGBB.
    image = Image.new("RGB", (width, height), (color >> 16 & 255, color >> 8 & 255, color & 255))
    return [image] * batch_size


def scale(batch: Batch, method: str, width: int, height: int, crop: str) -> Batch:
    """Scale to `width` x `height` px. If one of them is 0, keep the aspect ratio; if both are, keep the image."""
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
    """Cut out a rectangle. The part that would lie outside the image is omitted."""
    full_width, full_height = batch[0].size
    # ComfyUI moves the corner into the image, so that at least one pixel is left.
    left, top = min(x, full_width - 1), min(y, full_height - 1)
    box = (left, top, min(left + width, full_width), min(top + height, full_height))
    return [image.crop(box) for image in batch]


def invert(batch: Batch) -> Batch:
    return [ImageChops.invert(image) for image in batch]


def blend(batch1: Batch, batch2: Batch, factor: float, mode: str) -> Batch:
    """Mix the second batch into the first. The second is scaled to the size of the first and cropped at its center."""
    if mode not in tuple(_BLENDS):
        # ComfyUI 0.3.64 does not check this choice at submit, so the node has to.
        raise ValueError(f"Unsupported blend mode: {mode}")
    if batch2[0].size != batch1[0].size:
        batch2 = scale(batch2, "bicubic", *batch1[0].size, "center")
    length = max(len(batch1), len(batch2))
    # Like PyTorch, repeat a batch of one image, and refuse any other difference in length.
    if {len(batch1), len(batch2)} - {1, length}:
        # PyTorch's own message, since that is what a client gets from ComfyUI here.
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
    # A comparison results in 1 or 0 for each pixel.
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
    # ComfyUI keeps the sign here, and clips only after the mix.
    "difference": lambda _operands, a, b: a - b,
}


def load(source: BinaryIO) -> tuple[Batch, Batch]:
    """Return the frames of an image file and their masks. A mask is 255 where the image is transparent."""
    images: Batch = []
    masks: Batch = []
    with Image.open(source) as file:
        for raw in ImageSequence.Iterator(file):
            frame = upright(raw)
            if frame.mode == "I":
                # Mode I has 16 bits or more per pixel. ComfyUI scales such images by 1/255.
                frame = frame.point(lambda value: value * (1 / 255))
            image = frame.convert("RGB")
            # ComfyUI skips frames of another size, since a batch has one size.
            if images and image.size != images[0].size:
                continue
            images.append(image)
            masks.append(_mask(frame))
            # The further images of an MPO file are other views of the same scene, and ComfyUI does not load them.
            if file.format == "MPO":
                break
    return images, masks


def load_channel(source: BinaryIO, channel: str) -> Batch:
    """Return one channel of an image file as a mask. `alpha` is inverted, as masks are."""
    with Image.open(source) as file:
        frame = upright(file)
        frame = frame if frame.getbands() == ("R", "G", "B", "A") else frame.convert("RGBA")
        mask = frame.getchannel(channel[0].upper())
    return [ImageChops.invert(mask) if channel == "alpha" else mask]


def upright(image: Image.Image) -> Image.Image:
    """Return the image rotated as its EXIF orientation says."""
    return ImageOps.exif_transpose(image)


def _mask(frame: Image.Image) -> Image.Image:
    if "A" in frame.getbands():
        return ImageChops.invert(frame.getchannel("A").convert("L"))
    if frame.mode == "P" and "transparency" in frame.info:
        return ImageChops.invert(frame.convert("RGBA").getchannel("A"))
    return Image.new("L", _NO_MASK_SIZE, 0)
