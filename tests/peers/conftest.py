"""Fixtures for clients that others wrote: the emulator as each ComfyUI in turn, a picture and a workflow for it.

`make test` leaves this folder out: these clients live in an environment of their own, see `make test-peers`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image, ImageChops

from comfy_cloud.testing import Emulator

T = TypeVar("T")


@pytest.fixture(params=["comfyui", "comfyui-old"])
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Each ComfyUI in turn, which no proxy of this machine stands before."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Emulator(dialect=request.param) as running:
        yield running


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A PNG in which no two pixels are alike."""
    image = Image.new("RGB", (5, 3))
    image.putdata([(number * 16, 255 - number * 16, number) for number in range(15)])
    path = tmp_path / "picture.png"
    image.save(path)
    return path


def node(title: str, class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs, "_meta": {"title": title}}


def inverting() -> dict[str, dict[str, Any]]:
    """A picture in, its inverse out; the picture is still to be named."""
    return {
        "1": node("Load Image", "LoadImage", image=""),
        "2": node("Invert", "ImageInvert", image=["1", 0]),
        "3": node("Save Image", "SaveImage", images=["2", 0], filename_prefix="peers"),
    }


def failing() -> dict[str, dict[str, Any]]:
    return {"7": node("Fail", "EmulatorFail", message="no memory", exception_type="OOMError")}


def refused() -> dict[str, dict[str, Any]]:
    return {"3": node("Save Image", "SaveImage", filename_prefix="peers")}


def is_inverse(content: bytes, picture: Path) -> bool:
    """Whether these bytes are a PNG of the picture's inverse, pixel by pixel."""
    with Image.open(io.BytesIO(content)) as found, Image.open(picture) as given:
        inverse = ImageChops.invert(given)
        return (found.format, found.size, found.tobytes()) == ("PNG", inverse.size, inverse.tobytes())


def while_listening(emulator: Emulator, call: Callable[..., T], *arguments: Any) -> T:
    """What `call` gives, with its jobs held back until it has a socket open: instant ones would be over by then."""
    emulator.pause()
    with ThreadPoolExecutor(1) as pool:
        try:
            result = pool.submit(call, *arguments)
            emulator.wait_for_sockets(1)
        finally:
            emulator.resume()
        return result.result(timeout=30)
