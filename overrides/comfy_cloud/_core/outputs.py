"""Read the `outputs` object of a job into a flat, ordered list of entries.

Takes whatever a server sent, from `GET /api/jobs/{job_id}` and from a history alike. Null and junk give fewer entries,
never an error, but nothing that may be a file is dropped: a file that cannot be fetched is an entry that says so. It
fetches nothing, and leaves the making of safe local names to `names`.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from mimetypes import MimeTypes
from typing import Any, Literal, TypeAlias

from ..errors import NodeNotFoundError
from .file_refs import FileRef, content_hash, file_ref, file_ref_of_url
from .images import extension_of, image_type

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
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_MEDIA_TYPES = MimeTypes()
# Those that Python does not know, or that a system's own table spells in another way.
for _extension, _media in {
    ".avif": "image/avif",
    ".flac": "audio/flac",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".jxl": "image/jxl",
    ".m4a": "audio/mp4",
    ".mkv": "video/x-matroska",
    ".obj": "model/obj",
    ".opus": "audio/ogg",
    ".ply": "model/ply",
    ".stl": "model/stl",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
}.items():
    _MEDIA_TYPES.add_type(_media, _extension)
_MEDIA_FIELDS = ("format", "media_type", "mediaType", "mime_type", "mimeType", "content_type")
_TEXT_FIELDS = ("text", "content")
_NODE_FIELDS = ("node_id", "nodeId")
_URL_FIELDS = ("url", "src", "href", "preview_url")
_DATA_FIELDS = ("data", "base64", "b64_json", "image")

# A list of booleans beside the files that tells which of them move: about outputs, not an output.
_FLAG_KEYS = frozenset({"animated"})

# ComfyUI 0.3.64 lists a 3D file by its bare path there.
_PATH_KEYS = frozenset({"result", *_KIND_BY_KEY})
_DEEPEST = 8  # lists and objects inside each other; real ones are three deep


@dataclass(frozen=True, slots=True)
class OutputEntry:
    """One output of one node: a file on the server, a file that came with the answer, or a text.

    `key` is the server's own word for the kind ("images", "gifs", ...), `kind` ours. A file has `filename`,
    `subfolder` and `type` (output, temp or input), as `GET /api/view` takes them, and `text` None. A text has `text`,
    and `filename` None. A file with text in it is of the kind "file". `content` holds the bytes that the answer
    itself carried; `fault` says why a file cannot be fetched. `raw` is the entry as it came.
    """

    node_id: str
    key: str
    kind: OutputKind
    filename: str | None
    subfolder: str
    type: str
    text: str | None
    content: bytes | None = field(default=None, repr=False)
    fault: str | None = None
    # Out of the repr, since a server may put a signed address here; out of comparison, so that entries hash.
    raw: Any = field(default=None, repr=False, compare=False)


Nodes: TypeAlias = Mapping[str, tuple[str | None, str]]
"""Title and class of the nodes of a workflow, by id."""


def submitted_nodes(answer: object) -> Nodes:
    """Return the nodes of a workflow, or of the one that a job's answer repeats; empty if the answer does not tell."""
    for graph in _graphs_in(answer):
        nodes = {str(node_id): node for node_id, node in graph.items()} if isinstance(graph, Mapping) else {}
        found = {
            node_id: (_first_text(node.get("_meta"), ("title",)), str(node["class_type"]))
            for node_id, node in nodes.items()
            if isinstance(node, Mapping) and "class_type" in node
        }
        if found:
            return found
    return {}


def _graphs_in(answer: object) -> Iterator[object]:
    """Yield what may be the workflow: in a job's details, an entry of a history, an item of a queue, or by itself."""
    holders = [answer]
    if isinstance(answer, Mapping):
        holders += [answer.get("workflow"), answer.get("prompt")]
    for holder in holders:
        if isinstance(holder, Mapping):
            yield from (holder, holder.get("prompt"))
        elif isinstance(holder, list | tuple):
            yield from holder[2:3]


def names_of_nodes(nodes: Nodes) -> dict[str, list[str]]:
    """Return the ids of the nodes that a title means, or a class that is nobody's title."""
    levels: tuple[dict[str, list[str]], ...] = ({}, {})
    for node_id, names in nodes.items():
        for level, name in zip(levels, names, strict=True):
            if name is not None:
                level.setdefault(name, []).append(node_id)
    titles, classes = levels
    return classes | titles


def unknown_node(name: str, nodes: Nodes, made: Iterable[str]) -> NodeNotFoundError:
    """Return the error for a name that is no id, title or class. It names the nodes with outputs, `made`."""
    told = [", ".join(filter(None, [repr(node_id), *nodes.get(node_id, ())])) for node_id in made]
    there = f"there are outputs of {'; '.join(told)}" if told else "there are no outputs"
    return NodeNotFoundError(f"no node of this job has the id, title or class {name!r}: {there}")


def unknown_number(number: int, kinds: Iterable[str], made: Iterable[str]) -> IndexError:
    """Return the error for the number of an output that is not there. It counts those that are, by kind."""
    there = ", ".join(f"{count} {kind}" for kind, count in Counter(kinds).items()) or "none"
    nodes = ", ".join(made)
    all_of = f"; the job has outputs of node {nodes}" if nodes else ""
    return IndexError(f"there is no output number {number}, counted from 0: there are {there}{all_of}")


def media_type_of(entry: OutputEntry) -> str:
    """Return the media type of an output: by its content, else its extension, else what the server says of it."""
    if entry.text is not None:
        return "text/plain"
    told = [entry.raw[name] for name in _MEDIA_FIELDS if name in entry.raw] if isinstance(entry.raw, Mapping) else []
    by_server = next((media for media in told if isinstance(media, str) and _MEDIA_TYPE.fullmatch(media)), None)
    by_name = media_type_of_name(entry.filename or "")
    return image_type(entry.content or b"") or by_name or by_server or "application/octet-stream"


def media_type_of_name(filename: str) -> str | None:
    """Return the media type that a file's extension stands for, or None for an unknown one."""
    return _MEDIA_TYPES.guess_type(filename)[0]


def names_a_file(name: str, filenames: Iterable[str]) -> bool:
    """Return whether a path is meant as a file, not as a folder: its extension is a file's, or that of an output."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return extension in _KIND_BY_EXTENSION or extension in {
        filename.rpartition(".")[2].lower() for filename in filenames if "." in filename
    }


def read_outputs(outputs: object) -> tuple[OutputEntry, ...]:
    """Return all entries of `{node_id: {key: [entry, ...]}}`, in the order of the server.

    A file that a node lists twice, mostly under two keys, counts once, where it comes first. Two nodes may share a
    file: the cloud names files by their content, so equal pictures have equal names.
    """
    entries: dict[object, OutputEntry] = {}
    for node_id, key, value in _walk(outputs):
        entry = _read_entry(node_id, key, value)
        if entry is not None:
            same = entry.text is None and (entry.node_id, entry.filename, entry.subfolder, entry.type, entry.content)
            entries.setdefault(same or len(entries), entry)
    return tuple(entries.values())


def _walk(outputs: object) -> Iterator[tuple[str, str, object]]:
    """Yield every (node id, key, value) of the object, whose levels may be lists or single values."""
    if isinstance(outputs, Mapping):
        for node_id, node in outputs.items():
            yield from _walk_node(str(node_id), node)
    elif isinstance(outputs, list | tuple):
        for node in outputs:
            yield from _walk_node(_first_text(node, _NODE_FIELDS) or "", node)


def _walk_node(node_id: str, node: object) -> Iterator[tuple[str, str, object]]:
    if not isinstance(node, Mapping):
        yield from ((node_id, "", value) for value in _flatten(node))
    elif file_ref(node.get("filename")):
        yield node_id, _first_text(node, ("mediaType",)) or "", node
    else:
        for key, values in node.items():
            if key not in _FLAG_KEYS and key not in _NODE_FIELDS:
                yield from ((node_id, str(key), value) for value in _flatten(values))


def _flatten(values: object, depth: int = _DEEPEST) -> Iterator[object]:
    """Yield the values of lists inside lists, and of objects that take the place of lists."""
    if isinstance(values, Mapping) and not _is_entry(values):
        values = [value for value in values.values() if isinstance(value, Mapping | list | tuple)]
    if isinstance(values, list | tuple) and depth:
        for value in values:
            yield from _flatten(value, depth - 1)
    else:
        yield values


def _is_entry(value: Mapping[str, Any]) -> bool:
    """Return whether an object is an output itself, and no list of them."""
    fields = ("filename", *_TEXT_FIELDS, *_URL_FIELDS, *_DATA_FIELDS)
    return any(isinstance(value.get(name), str | int) for name in fields)


def _read_entry(node_id: str, key: str, value: object) -> OutputEntry | None:
    fields: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    if ref := file_ref(fields.get("filename"), fields.get("subfolder"), fields.get("type")):
        return _file(node_id, key, ref, value)
    text = value if isinstance(value, str) else None
    media_key = key in _PATH_KEYS
    for data in (_first_text(fields, _DATA_FIELDS), text if media_key or _is_data_url(text) else None):
        content = _content_of(data)
        # A bare string may be base64 by chance: then its content is no known kind of file.
        if content and (data is not text or _is_data_url(text) or extension_of(content) != ".bin"):
            return _inline(node_id, key, content, data or "", value)
    address = _first_text(fields, _URL_FIELDS) or (text if media_key and text and "://" in text else None)
    if address is not None:
        return _addressed(node_id, key, address, value)
    path = file_ref(text) if media_key else None
    if path and (_extension_kind(path.filename) or content_hash(path.filename)):
        return _file(node_id, key, path, value)
    shown = _text_of(key, value)
    return None if shown is None else OutputEntry(node_id, key, "text", None, "", "output", shown, raw=value)


def _file(node_id: str, key: str, ref: FileRef, value: object, fault: str | None = None) -> OutputEntry:
    kind = "file" if fault else _kind_of(key, ref.filename, value)
    return OutputEntry(node_id, key, kind, *ref, None, fault=fault, raw=value)


def _addressed(node_id: str, key: str, address: str, value: object) -> OutputEntry:
    """Read an entry that has an address and no name. An address elsewhere is not fetched: it may be anybody's."""
    if ref := file_ref_of_url(address):
        return _file(node_id, key, ref, value)
    named = file_ref(address.partition("?")[0].partition("#")[0].rpartition("/")[2])
    ref = FileRef(named.filename if named else f"{node_id}_{key}", "", "output")
    return _file(node_id, key, ref, value, "the server gives only an address for it, which is in `raw`; fetch it there")


def _inline(node_id: str, key: str, content: bytes, data: str, value: object) -> OutputEntry:
    media = data[5:].partition(";")[0] if _is_data_url(data) else image_type(content) or ""
    extension = media.rpartition("/")[2].partition("+")[0] or "bin"
    kind = _KIND_BY_MEDIA.get(media.partition("/")[0]) or _kind_of(key, f"x.{extension}", value)
    name = _first_text(value, ("name",)) or f"{node_id}_{key}.{'jpg' if extension == 'jpeg' else extension}"
    return OutputEntry(node_id, key, kind, name, "", "output", None, content, raw=value)


def _is_data_url(text: str | None) -> bool:
    return text is not None and text.startswith("data:") and ";base64," in text[:200]


def _content_of(text: str | None) -> bytes:
    """Return the bytes that a `data:` URL or a base64 string holds; none for anything else."""
    if text is None:
        return b""
    try:
        return b64decode(text.partition(",")[2] if _is_data_url(text) else text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _kind_of(key: str, filename: str, entry: object) -> OutputKind:
    for name in _MEDIA_FIELDS:
        media = entry.get(name) if isinstance(entry, Mapping) else None
        if isinstance(media, str) and "/" in media:
            kind = _KIND_BY_MEDIA.get(media.partition("/")[0].strip().lower())
            if kind is not None:
                return kind
    if key == "result" and content_hash(filename):
        return "3d"  # Preview3D on the cloud, which names files by their content
    return _extension_kind(filename) or _KIND_BY_KEY.get(key.lower(), "file")


def _extension_kind(filename: str) -> OutputKind | None:
    return _KIND_BY_EXTENSION.get(filename.rpartition(".")[2].lower()) if "." in filename else None


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
