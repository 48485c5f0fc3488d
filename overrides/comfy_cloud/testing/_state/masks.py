"""Apply masks to images, and group the layers that a mask editor stores for one edit.

The editor stores four layers of an edit. Their file names tell them apart. The editor's own names have a stamp that all
four layers share (`clipspace-painted-1700000000000.png`). Layers without a stamp belong together if they were made for
the same original.
"""

import io
import re
import threading
from typing import BinaryIO

from PIL import Image, PngImagePlugin

from .files import StoredFile

LAYERS = ("mask", "paint", "painted", "painted_masked")
_LAYER_NAME = re.compile(r"(?:clipspace-)?(mask|painted[-_]masked|painted|paint)(?:-(\d+))?\.\w+")


def layer_of(filename: str) -> tuple[str | None, str | None]:
    """Return the layer that a file name stands for and the stamp of its edit. Each is None if the name has none."""
    found = _LAYER_NAME.fullmatch(filename)
    return (found.group(1).replace("-", "_"), found.group(2)) if found else (None, None)


class MaskLayers:
    """The layers of every edit, found by the stored name of any of them. Safe to use from any thread."""

    def __init__(self) -> None:
        self._edits: dict[str, dict[str, StoredFile]] = {}
        self._edit_of: dict[str, str] = {}
        self._lock = threading.Lock()

    def add(self, edit: str, layer: str, file: StoredFile) -> dict[str, StoredFile]:
        """Add a layer to an edit. Return all layers of that edit."""
        with self._lock:
            layers = self._edits.setdefault(edit, {})
            layers[layer] = file
            self._edit_of[file.name] = edit
            return dict(layers)

    def of(self, stored_name: str) -> dict[str, StoredFile] | None:
        """Return the layers of the edit that a file belongs to, or None if the file is not a layer."""
        with self._lock:
            edit = self._edit_of.get(stored_name)
            return None if edit is None else dict(self._edits[edit])


def masked(original: BinaryIO, mask: BinaryIO) -> io.BytesIO:
    """Return the original with the transparency of the mask, as PNG with the original's text chunks.

    Raises ValueError if the sizes differ, and OSError (UnidentifiedImageError is one) if either file is not an image.
    """
    with Image.open(original) as image, Image.open(mask) as cover:
        texts = PngImagePlugin.PngInfo()
        for name, value in image.info.items():
            # Keep the workflow that ComfyUI wrote into the original, so that the masked image still contains it.
            if isinstance(name, str) and isinstance(value, str):
                texts.add_text(name, value)
        if image.size != cover.size:
            raise ValueError(f"the mask has {cover.size} pixels, the image {image.size}")
        result = image.convert("RGBA")
        result.putalpha(cover.convert("RGBA").getchannel("A"))
    buffer = io.BytesIO()
    result.save(buffer, "PNG", pnginfo=texts)
    buffer.seek(0)
    return buffer
