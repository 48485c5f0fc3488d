"""Reads the `outputs` object of a job into a flat, ordered list of entries.

Takes whatever a server sent, from `GET /api/jobs/{job_id}` and from a history alike: null, lists and unknown kinds
give fewer entries, never an error. It fetches nothing, and leaves the making of safe local names to `names`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

OutputKind: TypeAlias = Literal["image", "video", "audio", "3d", "text", "file"]

_EXTENSIONS: dict[OutputKind, str] = {
    "image": "png apng jpg jpeg jfif gif webp bmp tif tiff avif heic heif jxl svg exr hdr",
    "video": "mp4 m4v webm mov mkv avi mpg mpeg ogv wmv flv",
    "audio": "flac mp3 wav ogg oga opus m4a aac aif aiff wma",
    "3d": "glb gltf obj fbx stl ply usd usda usdc usdz dae 3mf splat ksplat spz",
    # Named, so that a report or an archive listed under `images` is not taken for a picture.
    "file": "txt md json csv yaml yml xml html pdf srt vtt zip tar gz 7z latent safetensors ckpt pt pth bin npy npz",
}
_KIND_BY_EXTENSION: dict[str, OutputKind] = {
    extension: kind for kind, extensions in _EXTENSIONS.items() for extension in extensions.split()
}
_KIND_BY_KEY: dict[str, OutputKind] = {
    "image": "image",
    "images": "image",
    "gif": "image",
    "gifs": "image",
    "video": "video",
    "videos": "video",
    "audio": "audio",
    "audios": "audio",
    "3d": "3d",
    "mesh": "3d",
    "meshes": "3d",
}
_KIND_BY_MEDIA: dict[str, OutputKind] = {"image": "image", "video": "video", "audio": "audio", "model": "3d"}
_MEDIA_FIELDS = ("format", "media_type", "mediaType", "mime_type", "mimeType", "content_type")
_TEXT_FIELDS = ("text", "content")
_NODE_FIELDS = ("node_id", "nodeId")

# A list of booleans beside the files that tells which of them move: about outputs, not an output.
_FLAG_KEYS = frozenset({"animated"})

_ANNOTATION = re.compile(r"\s*\[(output|input|temp)\]$")


@dataclass(frozen=True, slots=True)
class OutputEntry:
    """One output of one node: a file on the server, or a text.

    `key` is the server's own word for the kind ("images", "gifs", ...), `kind` ours. A file has `filename`,
    `subfolder` and `type` (output, temp or input), as `GET /api/view` takes them, and `text` None. A text has `text`,
    and `filename` None. A file with text in it is of the kind "file". `raw` is the entry as it came.
    """

    node_id: str
    key: str
    kind: OutputKind
    filename: str | None
    subfolder: str
    type: str
    text: str | None
    # Out of the repr, since a server may put a signed address here; out of comparison, so that entries hash.
    raw: Any = field(default=None, repr=False, compare=False)


def read_outputs(outputs: object) -> tuple[OutputEntry, ...]:
    """All entries of `{node_id: {key: [entry, ...]}}`, in the order of the server.

    A file that a node lists twice, mostly under two keys, counts once, where it stands first. Two nodes may share a
    file: the cloud names files by their content, so equal pictures have equal names.
    """
    entries: list[OutputEntry] = []
    seen: set[tuple[str, str | None, str, str]] = set()
    for node_id, key, value in _walk(outputs):
        entry = _read_entry(node_id, key, value)
        if entry is None:
            continue
        if entry.text is None:
            identity = (node_id, entry.filename, entry.subfolder, entry.type)
            if identity in seen:
                continue
            seen.add(identity)
        entries.append(entry)
    return tuple(entries)


def _walk(outputs: object) -> Iterator[tuple[str, str, object]]:
    """Every (node id, key, value) of the object, whose levels may be lists or single values."""
    if isinstance(outputs, Mapping):
        for node_id, node in outputs.items():
            yield from _walk_node(str(node_id), node)
    elif isinstance(outputs, list | tuple):
        for node in outputs:
            yield from _walk_node(_first_text(node, _NODE_FIELDS) or "", node)


def _walk_node(node_id: str, node: object) -> Iterator[tuple[str, str, object]]:
    if not isinstance(node, Mapping):
        yield from ((node_id, "", value) for value in _flatten(node))
    elif _is_file(node):
        yield node_id, _first_text(node, ("mediaType",)) or "", node
    else:
        for key, values in node.items():
            if key not in _FLAG_KEYS and key not in _NODE_FIELDS:
                yield from ((node_id, str(key), value) for value in _flatten(values))


def _flatten(values: object) -> Iterator[object]:
    """The values of a list, of the lists directly in it, or the one value that stands in the place of a list."""
    for value in values if isinstance(values, list | tuple) else (values,):
        if isinstance(value, list | tuple):
            yield from value
        else:
            yield value


def _read_entry(node_id: str, key: str, value: object) -> OutputEntry | None:
    if isinstance(value, Mapping) and _is_file(value):
        return _read_file(node_id, key, value)
    text = _text_of(key, value)
    if text is None:
        return None
    return OutputEntry(node_id, key, "text", None, "", "output", text, value)


def _is_file(entry: Mapping[str, Any]) -> bool:
    filename = entry.get("filename")
    return isinstance(filename, str) and _ANNOTATION.sub("", filename).strip() != ""


def _read_file(node_id: str, key: str, entry: Mapping[str, Any]) -> OutputEntry:
    filename = str(entry["filename"])
    folder_type = _first_text(entry, ("type",)) or "output"
    # "x.png [temp]" names its folder itself; servers let that win over the field.
    if annotation := _ANNOTATION.search(filename):
        filename, folder_type = filename[: annotation.start()], annotation[1]
    subfolder = _first_text(entry, ("subfolder",)) or ""
    return OutputEntry(node_id, key, _kind_of(key, filename, entry), filename, subfolder, folder_type, None, entry)


def _kind_of(key: str, filename: str, entry: Mapping[str, Any]) -> OutputKind:
    for name in _MEDIA_FIELDS:
        media = entry.get(name)
        if isinstance(media, str) and "/" in media:
            kind = _KIND_BY_MEDIA.get(media.partition("/")[0].strip().lower())
            if kind is not None:
                return kind
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    return _KIND_BY_EXTENSION.get(extension) or _KIND_BY_KEY.get(key.lower(), "file")


def _text_of(key: str, value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return _first_text(value, _TEXT_FIELDS)
    # Numbers are what a text node shows, but settings and sizes elsewhere.
    if key == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def _first_text(value: object, names: tuple[str, ...]) -> str | None:
    if isinstance(value, Mapping):
        for name in names:
            if isinstance(value.get(name), str):
                return str(value[name])
    return None
