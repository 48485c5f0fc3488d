"""Name a file on a server: folder, name and type, in whatever form a response or an input spells them.

Servers write one file in several ways: `{"filename": "mesh/chair.glb", "subfolder": ""}` (Preview3D of ComfyUI 0.33.0),
`"mesh/chair.glb"` (0.3.64), `"chair.glb [temp]"` (an input's value). `GET /api/view` takes the parts only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from .outputs import OutputEntry

_ANNOTATION = re.compile(r"\s*\[(output|input|temp)\]$")
_DIGEST = re.compile(r"(?:blake3:)?([0-9a-f]{64})(?:\.\w+)?")


class FileRef(NamedTuple):
    """A file as `GET /api/view` takes it. `type` is output, input or temp."""

    filename: str
    subfolder: str
    type: str

    def as_input(self, *, folders: bool) -> str:
        """Return the value of a node's input that means this file.

        `folders` is False for the cloud, which names stored files by their content and has no folders.
        """
        if not folders:
            return self.filename
        path = f"{self.subfolder}/{self.filename}" if self.subfolder else self.filename
        return path if self.type == "input" else f"{path} [{self.type}]"


class FileOnServer:
    """A file that a server has and that can be an input: an output of a job, a file of the user data."""

    __slots__ = ()


class ServerOutput(FileOnServer):
    """The part of an output that both flavours share, so that inputs know an output without importing a flavour."""

    _entry: OutputEntry
    _origin: str
    _job_id: str


class UploadedFile(str):
    """A file that was uploaded: the string that a node's input holds for it, and where the server keeps the file.

    `filename`, `subfolder` and `type` (input, output or temp) are the parts that `GET /api/view` takes.
    """

    __slots__ = ("filename", "subfolder", "type")

    filename: str
    subfolder: str
    type: str

    def __new__(cls, value: str, ref: FileRef) -> UploadedFile:
        """Return the string `value` with the parts of `ref`."""
        self = super().__new__(cls, value)
        self.filename, self.subfolder, self.type = ref
        return self

    @property
    def ref(self) -> FileRef:
        """Return the parts as one value."""
        return FileRef(self.filename, self.subfolder, self.type)

    # A string is made of one argument, this one of two.
    def __getnewargs__(self) -> tuple[str, FileRef]:  # type: ignore[override]
        return str(self), self.ref


def uploaded_file(stored: object, *, folders: bool) -> UploadedFile | None:
    """Return the file in the response to an upload, or None if the response has no name."""
    fields = stored if isinstance(stored, Mapping) else {}
    # Comfy Cloud has no folders, although its response repeats the subfolder: the name alone finds the file.
    subfolder = fields.get("subfolder") if folders else ""
    ref = file_ref(fields.get("name"), subfolder, fields.get("type") or "input")
    return None if ref is None else UploadedFile(ref.as_input(folders=folders), ref)


def content_hash(filename: str) -> str | None:
    """Return the hash in the name of a file that its server names by its content, as the cloud does."""
    found = _DIGEST.fullmatch(filename)
    return found and f"blake3:{found[1]}"


def file_ref(name: object, subfolder: object = "", folder_type: object = "") -> FileRef | None:
    """Return the file that a name means, with folders and `[type]` inside the name taken apart; None for no name.

    A type inside the name wins over `folder_type`, as it does on servers; without any, a file is an output.
    """
    if not isinstance(name, str):
        return None
    told = folder_type if isinstance(folder_type, str) and folder_type else "output"
    if annotation := _ANNOTATION.search(name):
        name, told = name[: annotation.start()], annotation[1]
    *inside, filename = name.replace("\\", "/").split("/")
    outer = subfolder.strip("/") if isinstance(subfolder, str) else ""
    folders = [folder for folder in (outer, *inside) if folder]
    return FileRef(filename, "/".join(folders), told) if filename.strip() else None


def file_ref_of_url(url: str) -> FileRef | None:
    """Return the file behind an address of `GET /api/view`, relative or whole; None for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if not parts.path.endswith(("/api/view", "/view")):
        return None
    query: Mapping[str, list[Any]] = parse_qs(parts.query)
    return file_ref(*(query.get(field, [""])[0] for field in ("filename", "subfolder", "type")))
