"""Implement the nodes named `Emulator...`: slow, failing and unusual jobs for tests.

Their inputs and outputs are in `node_definitions`.
"""

import io
import json
import os.path
import uuid
from collections.abc import Mapping
from typing import Any

from .._state.files import FileStore
from . import images as image_ops
from .images import Batch
from .node import Call, Node, NodeError, Preview, Result


def _sleep(call: Call, seconds: float, steps: int = 1, image: Batch | None = None) -> Result:
    for step in range(1, steps + 1):
        call.sleep(seconds / steps)
        call.progress(step, steps)
    return Result((_image_or_default(image),))


def _fail(_call: Call, message: str, exception_type: str = "RuntimeError", image: Batch | None = None) -> Result:
    del image
    raise NodeError(exception_type, message)


def _preview(
    call: Call,
    seconds: float,
    frames: int,
    format: str = "JPEG",  # noqa: A002 - the name of the input
    image: Batch | None = None,
) -> Result:
    picture = io.BytesIO()
    _image_or_default(image)[0].save(picture, format)
    for frame in range(1, frames + 1):
        call.sleep(seconds / frames)
        call.progress(frame, frames, Preview(format, picture.getvalue()))
    return Result((_image_or_default(image),))


def _expand(_call: Call, text: str = "", image: Batch | None = None) -> Result:
    del image
    inner = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    }
    if text:
        inner["3"] = {"class_type": "EmulatorText", "inputs": {"text": text, "image": ["2", 0]}}
    return Result((["2", 0],), expands=inner)


def _text(call: Call, text: str, image: Batch | None = None) -> Result:
    call.show_text(text)
    return Result((_image_or_default(image),), {"text": [text]})


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
    blob = call.files.blobs.put(_RepeatedBytes(content.encode(), repeat))
    entry = call.record_output(call.files.save(folder, os.path.dirname(filename), os.path.basename(filename), blob))
    ui: dict[str, list[Any]] = {kind: [entry]}
    if animated:
        ui["animated"] = [True]
    return Result((_image_or_default(image),), ui)


def _report_entries(_call: Call, kind: str, entries: str, image: Batch | None = None) -> Result:
    # ComfyUI makes a list of whatever stands under a kind, so an object leaves only its names.
    return Result((_image_or_default(image),), {kind: list(json.loads(entries))})


class _RepeatedBytes:
    """A source that repeats the same bytes, so that a large file needs no memory."""

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


def _image_or_default(image: Batch | None) -> Batch:
    return image_ops.empty(64, 64, 1, 0) if image is None else image


def never_same(_files: FileStore, _inputs: Mapping[str, Any]) -> object:
    """Return a new fingerprint each time, so that the node is never taken from the cache."""
    return str(uuid.uuid4())


EMULATOR_NODES: dict[str, Node] = {
    "EmulatorSleep": Node(_sleep, fingerprint=never_same),
    "EmulatorFail": Node(_fail),
    "EmulatorText": Node(_text),
    "EmulatorFiles": Node(_write_files),
    "EmulatorEntries": Node(_report_entries),
    "EmulatorPreview": Node(_preview, fingerprint=never_same),
    "EmulatorExpand": Node(_expand),
}
