"""Provide the models of every emulated server: a few folders of made-up files, some with preview pictures.

The files are valid safetensors files without tensors, and they never change. How servers list them is in `ModelRules`.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

EXTENSIONS = (".bin", ".ckpt", ".pt", ".pth", ".safetensors", ".sft")
MODIFIED = 1_760_000_000.25  # epoch s, for every file; servers send floats here
_PREVIEW_SIZE = (256, 256)  # px


@dataclass(frozen=True)
class ModelRules:
    """The model lists of one family of servers.

    `root` is a prefix of the folders' paths. `extensions` adds the file extensions to folders, `details` adds times and
    sizes to files. `empty_status` is the status for an empty folder. `no_path` and `no_number` are the statuses of a
    preview whose path index is too large or not a number; 500 means that the server's own code fails.
    """

    root: str
    extensions: bool
    details: bool
    empty_status: int
    no_path: int
    no_number: int


@dataclass(frozen=True)
class ModelFile:
    """One file. `name` may contain `/`. `color` is the color of the preview, or None if there is no preview."""

    name: str
    color: tuple[int, int, int] | None = None
    path_index: int = 0

    @property
    def content(self) -> bytes:
        """Return the bytes of the file: the length of its header and the header."""
        header = json.dumps({"__metadata__": {"title": self.name}}).encode()
        return len(header).to_bytes(8, "little") + header

    def preview(self) -> bytes | None:
        """Return a picture of the model as WebP, or None."""
        if self.color is None:
            return None
        image = Image.new("RGB", _PREVIEW_SIZE, self.color)
        ImageDraw.Draw(image).ellipse((32, 32, 224, 224), outline="white", width=8)
        buffer = io.BytesIO()
        image.save(buffer, "WEBP")
        return buffer.getvalue()


@dataclass(frozen=True)
class ModelFolder:
    """One kind of model, with the paths that contain its files."""

    name: str
    paths: tuple[str, ...]
    files: tuple[ModelFile, ...] = ()

    def preview(self, path_index: int, filename: str) -> bytes | None:
        """Return the preview of a file, or None. A request names the file with its own extension, or with `.webp` added
        or substituted.
        """
        for file in self.files:
            stem = file.name.rpartition(".")[0]
            if file.path_index == path_index and filename in (file.name, f"{file.name}.webp", f"{stem}.webp"):
                return file.preview()
        return None


FOLDERS: dict[str, ModelFolder] = {
    folder.name: folder
    for folder in (
        ModelFolder(
            "checkpoints",
            ("checkpoints", "shared/checkpoints"),
            (
                ModelFile("harbour_v1.safetensors", (28, 84, 120)),
                ModelFile("sketches/charcoal.safetensors", (70, 70, 74)),
                ModelFile("meadow.safetensors", (60, 130, 60), path_index=1),
            ),
        ),
        ModelFolder("loras", ("loras",), (ModelFile("grain.safetensors"),)),
        ModelFolder("vae", ("vae",), (ModelFile("plain_vae.safetensors"),)),
        ModelFolder("embeddings", ("embeddings",), (ModelFile("muted_colours.safetensors"),)),
        ModelFolder("upscale_models", ("upscale_models",)),
    )
}


def all_files() -> Iterator[tuple[str, ModelFile]]:
    """Yield every file with the name of its folder."""
    for folder in FOLDERS.values():
        for file in folder.files:
            yield folder.name, file


CLOUD_MODELS = ModelRules(root="", extensions=False, details=False, empty_status=404, no_path=404, no_number=404)
# ComfyUI returns absolute paths of its machine. A client must not take them for paths of its own.
COMFYUI_MODELS = ModelRules(
    root="/comfyui/models/", extensions=True, details=True, empty_status=200, no_path=404, no_number=400
)
COMFYUI_OLD_MODELS = ModelRules(
    root="/comfyui/models/", extensions=False, details=True, empty_status=200, no_path=500, no_number=500
)
