"""Read the texts of latents (safetensors) and 3D models (GLB): both begin with a JSON header."""

from __future__ import annotations

import json
from collections.abc import Mapping

from .bounds import MAX_TEXT_BYTES, Texts, number, part


def safetensors_texts(data: bytes) -> Texts:
    """Yield the metadata of a safetensors file."""
    yield from _texts(_header(part(data, 8, number(data, 0, 8, "little"))).get("__metadata__"))


def glb_texts(data: bytes) -> Texts:
    """Yield the extras of a GLB: of the whole, and of its asset, where ComfyUI writes them."""
    if bytes(part(data, 16, 4)) != b"JSON":
        raise ValueError("that does not begin with JSON")
    header = _header(part(data, 20, number(data, 12, 4, "little")))
    asset = header.get("asset")
    yield from _texts(header.get("extras"))
    yield from _texts(asset.get("extras") if isinstance(asset, Mapping) else None)


def _header(text: memoryview) -> Mapping[str, object]:
    if len(text) > MAX_TEXT_BYTES:
        raise ValueError(f"with a header larger than {MAX_TEXT_BYTES} bytes")
    try:
        value = json.loads(bytes(text))
    except (ValueError, RecursionError):
        raise ValueError("whose header is not JSON") from None
    return value if isinstance(value, Mapping) else {}


def _texts(metadata: object) -> Texts:
    if isinstance(metadata, Mapping):
        for name, text in metadata.items():
            yield str(name), text if isinstance(text, str) else json.dumps(text)
