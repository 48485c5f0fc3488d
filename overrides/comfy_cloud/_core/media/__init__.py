"""Find the workflow that a picture, a sound, a film, a latent or a 3D model carries.

Each container is read by its structure, never by searching for text, and no content is decoded. Readers are pure and
small, so that no library is needed: mutagen would read the tags of sounds and MP4, but neither WebM, GIF, EXIF nor
GLB, and it reads files, not bytes. A reader yields names and texts as it meets them; whatever breaks the structure
raises ValueError, whose message follows the name of the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from .bounds import MAX_TEXT_BYTES, Texts
from .films import avif_texts, mp4_texts, webm_texts
from .models import glb_texts, safetensors_texts
from .pictures import gif_texts, jpeg_texts, webp_texts
from .png import SIGNATURE, png_texts
from .sounds import flac_texts, mp3_texts, ogg_texts

WANTED: Final = ("prompt", "workflow")
"""The graph in API format, and the editor's save; ComfyUI writes both under these names into everything it saves."""

MAX_OBJECTS: Final = 200_000
"""How many objects a comment may hold to be read as JSON."""

_Reader: TypeAlias = Callable[[bytes], Texts]


class Carried(NamedTuple):
    """The content of a file: its kind, with an article ("a PNG"), and its texts by name."""

    kind: str
    texts: dict[str, str]


def carried(data: bytes) -> Carried | None:
    """Return the texts of a file that can carry a workflow; None if it is of no such kind."""
    if (known := _reader(data)) is None:
        return None
    kind, reader = known
    texts: dict[str, str] = {}
    total = 0
    try:
        for name, text in reader(data):
            total += len(text)
            if total > MAX_TEXT_BYTES:
                raise ValueError(f"with texts larger than {MAX_TEXT_BYTES} bytes")
            # A text of that name which is no JSON object is somebody's own, such as the words of a prompt.
            texts |= {label: found for label, found in _labelled(name, text).items() if found.lstrip()[:1] == "{"}
    except EOFError:
        # Most writers put texts before the content, so that a file which was cut later is still good for its workflow.
        if not texts:
            raise ValueError(f"is {kind} that was cut off, or is damaged") from None
    except ValueError as error:
        raise ValueError(f"is {kind} {error}") from None
    return Carried(kind, texts)


def _reader(data: bytes) -> tuple[str, _Reader] | None:
    for start, kind, reader in _SIGNATURES:
        if data.startswith(start):
            return kind, reader
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "a WebP", webp_texts
    if data[4:8] == b"ftyp":
        return ("an AVIF", avif_texts) if data[8:12] in _PICTURE_BRANDS else ("an MP4", mp4_texts)
    if data[8:9] == b"{" and int.from_bytes(data[:8], "little") < 2**32:
        return "a safetensors file", safetensors_texts
    if data[:1] == b"\xff" and len(data) > 1 and data[1] & 0xE6 == 0xE2:
        return "an MP3", mp3_texts
    return None


_SIGNATURES: Final[tuple[tuple[bytes, str, _Reader], ...]] = (
    (SIGNATURE, "a PNG", png_texts),
    (b"\xff\xd8\xff", "a JPEG", jpeg_texts),
    (b"GIF87a", "a GIF", gif_texts),
    (b"GIF89a", "a GIF", gif_texts),
    (b"fLaC", "a FLAC", flac_texts),
    (b"OggS", "an Ogg", ogg_texts),
    (b"ID3", "an MP3", mp3_texts),
    (b"\x1aE\xdf\xa3", "a WebM", webm_texts),
    (b"glTF", "a GLB", glb_texts),
)


_PICTURE_BRANDS: Final = (b"avif", b"avis", b"heic", b"mif1")


def _labelled(name: str, text: str) -> dict[str, str]:
    """Return a text under its label: its name, a prefix as in EXIF, or the keys of an object as in a comment."""
    if name.lower() in WANTED:
        return {name.lower(): text}
    label, separator, _ = text[:16].partition(":")
    if separator and label.strip().lower() in WANTED:
        return {label.strip().lower(): text[len(label) + 1 :]}
    if name.lower() in ("comment", "description", "") and text[:1] == "{" and text.count("{") < MAX_OBJECTS:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        items = {key: value[key] for key in WANTED if value.get(key)}
        return {key: item if isinstance(item, str) else json.dumps(item) for key, item in items.items()}
    return {}
