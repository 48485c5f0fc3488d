"""Run stand-ins: nodes that the emulator cannot execute give outputs of the types that their definitions declare.

A stand-in computes nothing and loads nothing. It passes on how large a picture would be, how long a sound, and a hash
of everything that it depends on, so that another seed makes another picture. Definitions are read in `recorded_nodes`,
files are made in `stand_in_media`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from blake3 import blake3
from PIL import Image

from . import stand_in_media as media
from .comfy_nodes import save_file, save_images
from .images import Batch
from .node import Call, Preview, Result
from .node_definitions import Definition

_DEFAULT_EDGE = 512  # px
_MAX_EDGE = 16384  # px; ComfyUI's MAX_RESOLUTION
_MAX_COUNT = 4096  # pictures or frames
_MOST_DRAWN = 16  # pictures of a batch that differ
_MOST_PIXELS = 2**25  # of all pictures of a batch that differ
_PREVIEW_EDGE = 256  # px
_3D_TYPES = ("MESH", "VOXEL", "SPLAT", "FILE_3D")
_MODEL_TYPES = frozenset({"MODEL", "CLIP", "VAE", "LORA_MODEL"})
_COUNT_NAMES = ("length", "frames", "num_frames", "video_frames", "frame_count")
_SECONDS_NAMES = ("seconds", "duration", "seconds_total")


@dataclass(frozen=True)
class Value:
    """The value of an output slot that is no picture, mask, string or number: a size that flows through, and a hash.

    `count` is a number of pictures or frames. `steps` is that of a schedule of steps, or 0.
    """

    type: str
    digest: bytes
    width: int
    height: int
    count: int
    seconds: float
    text: str
    steps: int = 0

    def __str__(self) -> str:
        return f"{self.type} {self.digest.hex()[:8]}"


def run_stand_in(definition: Definition, seconds: float, call: Call, inputs: Mapping[str, Any]) -> Result:
    """Take `seconds`, and return values for the outputs that the definition declares."""
    seen = _seen(definition, call, inputs)
    shows_steps = seen.steps > 0 and "SIGMAS" not in definition.outputs
    _take_time(call, seconds, seen if shows_steps else None, definition)
    names = definition.output_names or definition.outputs
    slots = enumerate(zip(definition.outputs, names, strict=False))
    values = tuple(_output(definition, seen, slot, kind, name, inputs) for slot, (kind, name) in slots)
    return Result(values, _report(definition, call, inputs) if definition.output_node else None)


def _seen(definition: Definition, call: Call, whole: Mapping[str, Any]) -> Value:
    """Return what a stand-in knows of its inputs: the size, the number of pictures, the text and a hash of all."""
    # Inputs that a choice brings have its name before theirs, as in `resize_type.width`.
    inputs = {name.rpartition(".")[2]: value for name, value in whole.items()}
    found = [value for value in inputs.values() if isinstance(value, Value)]
    batches = [value for value in inputs.values() if is_batch(value)]
    width, height = _size(inputs, found, batches)
    counts = [value.count for value in found if value.count > 1] + [len(batch) for batch in batches if len(batch) > 1]
    count = (_first_number(inputs, _COUNT_NAMES) or (counts[0] if counts else 1)) * max(1, _int(inputs, "batch_size"))
    lengths = [value.seconds for value in found if value.seconds]
    own_texts = [value for name, value in _texts(definition, whole) if value.strip() and name != "filename_prefix"]
    return Value(
        definition.name,
        _digest(definition, call, whole),
        width,
        height,
        count=int(min(max(count, 1), _MAX_COUNT)),
        seconds=_first_number(inputs, _SECONDS_NAMES) or (lengths[0] if lengths else 0.0),
        text=next(iter(own_texts), "") or next((value.text for value in found if value.text), ""),
        steps=_int(inputs, "steps") or next((value.steps for value in found if value.type == "SIGMAS"), 0),
    )


def _size(inputs: Mapping[str, Any], found: list[Value], batches: list[Batch]) -> tuple[int, int]:
    """Return the size that a node's own inputs set, or the size of what it is linked to. It is 0 if there is none."""
    sizes = [(value.width, value.height) for value in found if value.width] + [batch[0].size for batch in batches]
    width, height = _own_size(inputs) or (sizes[0] if sizes else (0, 0))
    factor = inputs.get("scale_by")
    if sizes and isinstance(factor, int | float):
        width, height = round(width * factor), round(height * factor)
    return min(max(width, 0), _MAX_EDGE), min(max(height, 0), _MAX_EDGE)


def _own_size(inputs: Mapping[str, Any]) -> tuple[int, int] | None:
    width, height = _int(inputs, "width"), _int(inputs, "height")
    return (width, height) if width > 0 and height > 0 else None


def _int(inputs: Mapping[str, Any], name: str) -> int:
    value = inputs.get(name)
    return value if isinstance(value, int) else 0


def _first_number(inputs: Mapping[str, Any], names: tuple[str, ...]) -> float:
    values = (inputs.get(name) for name in names)
    return next((value for value in values if isinstance(value, int | float) and value > 0), 0)


def _texts(definition: Definition, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in definition.inputs_for(inputs):
        value = inputs.get(item.name)
        if item.type == "STRING" and isinstance(value, str):
            yield item.name, value


def _digest(definition: Definition, call: Call, inputs: Mapping[str, Any]) -> bytes:
    """Return a hash of the class and the inputs. A string that names an input file counts as the file's content."""
    found = blake3(definition.name.encode())
    for name, value in sorted(inputs.items()):
        found.update(name.encode())
        if isinstance(value, Value):
            found.update(value.digest)
        elif is_batch(value):
            for image in {id(image): image for image in value}.values():
                found.update(image.tobytes())
        else:
            file = call.files.find_input(value) if isinstance(value, str) else None
            found.update(repr(value).encode("utf-8", "backslashreplace") if file is None else file.blob.digest.encode())
    return found.digest()


def is_batch(value: Any) -> TypeGuard[Batch]:
    """Return whether a value is an image or a mask."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, Image.Image) for item in value)


def _take_time(call: Call, seconds: float, steps: Value | None, definition: Definition) -> None:
    """Sleep, with progress and a preview after each step if the node has steps."""
    if steps is None:
        call.sleep(seconds)
        return
    label = [definition.display_name, steps.text]
    width, height = _fitted(steps.width or _DEFAULT_EDGE, steps.height or _DEFAULT_EDGE)
    preview = Preview("JPEG", media.jpeg(media.picture(width, height, label, steps.digest)))
    for step in range(1, steps.steps + 1):
        call.sleep(seconds / steps.steps)
        call.progress(step, steps.steps, preview)


def _fitted(width: int, height: int) -> tuple[int, int]:
    factor = min(1.0, _PREVIEW_EDGE / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def _output(definition: Definition, seen: Value, slot: int, kind: Any, name: str, inputs: Mapping[str, Any]) -> Any:
    """Return the value of one output slot."""
    kind = kind.split(",")[0].strip() if isinstance(kind, str) else "COMBO"
    if kind in ("*", "COMFY_MATCHTYPE_V3"):
        # A switch or a reroute: pass on the first thing that is linked, if there is one.
        linked = (value for value in inputs.values() if isinstance(value, Value) or is_batch(value))
        return next(linked, seen)
    if kind == "IMAGE":
        return pictures(definition, seen)
    if kind == "MASK":
        return [media.mask(seen.width or _DEFAULT_EDGE, seen.height or _DEFAULT_EDGE, seen.digest)] * seen.count
    if kind in _PLAIN:
        return _plain_output(definition, seen, kind, name, inputs)
    digest = blake3(seen.digest + bytes([slot % 256])).digest() if slot else seen.digest
    steps = seen.steps if kind == "SIGMAS" else 0
    return Value(kind, digest, seen.width, seen.height, seen.count, seen.seconds, seen.text, steps)


def _plain_output(definition: Definition, seen: Value, kind: str, name: str, inputs: Mapping[str, Any]) -> Any:
    """Return a number, a boolean or a string: that of the input with the output's type, or one that is made up."""
    sizes: dict[str, Any] = {"width": seen.width, "height": seen.height, "batch_size": seen.count, "count": seen.count}
    if kind in ("INT", "FLOAT") and sizes.get(name.lower()):
        return _PLAIN[kind](sizes[name.lower()])
    same = [item for item in definition.inputs_for(inputs) if item.type == kind or (kind == "COMBO" and item.choices)]
    given = [inputs[item.name] for item in same if item.name in inputs]
    if given:
        return given[0]
    return f"{definition.display_name} {seen.digest.hex()[:8]}" if kind in ("STRING", "COMBO") else _PLAIN[kind](1)


_PLAIN: dict[str, Callable[[Any], Any]] = {"INT": int, "FLOAT": float, "BOOLEAN": bool, "STRING": str, "COMBO": str}


def pictures(definition: Definition, seen: Value) -> Batch:
    """Return labelled pictures of the size that flowed through. The first ones differ, and then they repeat."""
    width, height = seen.width or _DEFAULT_EDGE, seen.height or _DEFAULT_EDGE
    drawn = max(1, min(seen.count, _MOST_DRAWN, _MOST_PIXELS // (width * height)))
    images = []
    for number in range(drawn):
        place = f"{number + 1} of {seen.count}" if seen.count > 1 else ""
        label = [definition.display_name, f"{width} x {height} {place}", f"#{seen.digest.hex()[:8]}", seen.text]
        images.append(media.picture(width, height, label, seen.digest))
    return [images[number % drawn] for number in range(seen.count)]


def _report(definition: Definition, call: Call, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Save what the inputs of an output node are, and return the entries of the job's outputs by kind."""
    name = definition.name.lower()
    folder = "temp" if name.startswith("preview") else "output"
    prefix = inputs.get("filename_prefix")
    prefix = prefix if isinstance(prefix, str) and prefix else "ComfyUI"

    def file(kind: str, extension: str, content: bytes, **more: list[Any]) -> Mapping[str, Any]:
        return {kind: [save_file(call, prefix, extension, content, folder)], **more}

    for value in inputs.values():
        kind = value.type if isinstance(value, Value) else ""
        if is_batch(value):
            return _report_images(name, value, call, prefix, folder)
        if kind == "VIDEO":
            # ComfyUI 0.33.0 reports a video as an animated image. Clients tell it by its extension.
            return file("images", ".mp4", media.film(pictures(definition, value), value.count), animated=[True])
        if kind == "AUDIO":
            return file("audio", ".wav", media.tone(value.seconds or 1.0, value.digest))
        if kind.startswith(_3D_TYPES):
            return file("3d", ".glb", media.box(definition.display_name, value.digest))
        if kind == "LATENT":
            return file("latents", ".latent", media.latent(value.width, value.height, value.count))
    values = [value for value in inputs.values() if isinstance(value, Value)]
    if "save" in name and any(value.type in _MODEL_TYPES for value in values):
        return None  # ComfyUI reports nothing of the models that it saves
    shown = [str(value) for value in values]
    shown = shown or [text for name, text in _texts(definition, inputs) if name != "filename_prefix"]
    text = "\n".join(shown) or json.dumps(inputs, default=str)
    return {"text": [text]}


def _report_images(name: str, images: Batch, call: Call, prefix: str, folder: str) -> Mapping[str, Any] | None:
    distinct = list({id(image): image for image in images}.values())[:_MOST_DRAWN]
    if name.startswith("vhs_") or "webm" in name or "video" in name:
        kind = "gifs" if name.startswith("vhs_") else "images"
        content, extension = media.film(distinct, len(images)), ".mp4"
    elif "animated" in name or "webp" in name:
        kind = "images"
        file_format = "PNG" if "png" in name else "WEBP"
        content, extension = media.animation(distinct, file_format), f".{file_format.lower()}"
    else:
        return save_images(call, images, prefix, folder=folder, compress_level=1).ui
    entry = save_file(call, prefix, extension, content, folder)
    return {kind: [entry]} if kind == "gifs" else {kind: [entry], "animated": [True]}
