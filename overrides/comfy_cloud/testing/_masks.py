"""Masks: an image made transparent by another one, and which of the mask editor's layers belong together.

The editor stores four layers of one edit. They are told apart by file name: its own names carry a stamp that the
four share (`clipspace-painted-1700000000000.png`); layers without a stamp belong together where they were made for
the same original.
"""

import io
import re
import threading
from typing import BinaryIO

from PIL import Image, PngImagePlugin

from ._files import StoredFile

LAYERS = ("mask", "paint", "painted", "painted_masked")
_LAYER_NAME = re.compile(r"(?:clipspace-)?(mask|painted[-_]masked|painted|paint)(?:-(\d+))?\.\w+")


def layer_of(filename: str) -> tuple[str | None, str | None]:
    """The layer that a file name stands for and the stamp of its edit; None where it has none."""
    found = _LAYER_NAME.fullmatch(filename)
    return (found.group(1).replace("-", "_"), found.group(2)) if found else (None, None)


class MaskLayers:
    """The layers of every edit, found by the stored name of any of them. Safe to use from any thread."""

    def __init__(self) -> None:
        self._edits: dict[str, dict[str, StoredFile]] = {}
        self._edit_of: dict[str, str] = {}
        self._lock = threading.Lock()

    def add(self, edit: str, layer: str, file: StoredFile) -> dict[str, StoredFile]:
        """Note a layer of an edit; returns all layers of that edit."""
        with self._lock:
            layers = self._edits.setdefault(edit, {})
            layers[layer] = file
            self._edit_of[file.name] = edit
            return dict(layers)

    def of(self, stored_name: str) -> dict[str, StoredFile] | None:
        """The layers of the edit that a file belongs to; None where it is no layer."""
        with self._lock:
            edit = self._edit_of.get(stored_name)
            return None if edit is None else dict(self._edits[edit])


def masked(original: BinaryIO, mask: BinaryIO) -> io.BytesIO:
    """The original with the transparency of the mask, as PNG with the original's texts. Raises ValueError where
    the sizes differ, OSError (which UnidentifiedImageError is) where one of the two is no image."""
    with Image.open(original) as image, Image.open(mask) as cover:
        texts = PngImagePlugin.PngInfo()
        for name, value in image.info.items():
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
