# Derived from overrides/comfy_cloud/_async/files.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""`cloud.files`: uploads as a ComfyUI takes them, masks, and downloads by name."""

from __future__ import annotations

import json
from collections.abc import Mapping

from .._core.inputs import FileContent, input_value, is_file
from .._core.records import given, input_name, original_ref
from .._files import Source
from ..errors import ConfigurationError, NodeInputError, UnexpectedResponseError, UploadError
from ..raw.api.file import get_mask_layers, upload_mask
from ..raw.models import GetMaskLayersResponse200, UploadMaskBody
from ..raw.types import File
from . import backend
from .groups import Group
from .outputs import Output, Outputs
from .uploads import Progress, send_source, upload_image_source


class Files(Group):
    """`cloud.files`: files by name, as a ComfyUI has them."""

    def upload_image(
        self,
        content: FileContent,
        *,
        subfolder: str = "",
        overwrite: bool = False,
        type: str = "input",  # noqa: A002 - the server's word
        on_progress: Progress | None = None,
    ) -> str:
        """Upload a file (`POST /api/upload/image`); returns what an input is to hold, e.g. of `LoadImage`.

        `content` is a Path, bytes, an open binary file or a PIL image. `type` is input, output or temp. A file of
        the same name with other bytes is kept, and this one renamed, unless `overwrite`. `on_progress` is called with
        the bytes of the file sent so far and all of them. Raises UploadError.
        """
        fields = given(subfolder=subfolder or None, overwrite="true" if overwrite else None, type_=type)
        source = source_of(content, "upload_image")
        try:
            stored = upload_image_source(self._connection, source, on_progress=on_progress, **fields)
            return self._name_of(stored, "uploadImage")
        finally:
            source.close()

    def upload_mask(self, content: FileContent, original: str | Mapping[str, str] | Output) -> str:
        """Upload the mask of an image (`POST /api/upload/mask`); returns what an input is to hold.

        The mask is an image of the same size whose transparency is the mask. `original` is that image: what an input
        holds (`x.png`, `sub/x.png`, `x.png [output]`), an output, or `{"filename", "subfolder", "type"}`. A ComfyUI
        that has no such image stores nothing, and does not tell.
        """
        if isinstance(original, Output):
            original = {"filename": original.filename or "", "subfolder": original.subfolder, "type": original.type}
        reference = original_ref(original) if isinstance(original, str) else dict(original)
        source = source_of(content, "upload_mask")
        try:
            image = File(source.open(), source.name, source.mime_type)
            body = UploadMaskBody(image=image, original_ref=json.dumps(reference))
            stored = send_source(self._connection, upload_mask._get_kwargs(body=body), source, None)
            return self._name_of(stored, "uploadMask")
        finally:
            source.close()

    def _name_of(self, stored: object, operation: str) -> str:
        # The cloud repeats a subfolder and has none: there a name is all.
        name = input_name(stored, folders=not self._connection.on_cloud())
        if name is None:
            message = f"{operation}: the answer has no name"
            raise UnexpectedResponseError(message, operation=operation, status=200)
        return name

    def mask_layers(self, filename: str) -> GetMaskLayersResponse200:
        """The files of one mask edit, by any one of them (`GET /api/files/mask-layers`). Raises NotFoundError."""
        return get_mask_layers.sync(client=self._raw, filename=filename)

    def download(self, filename: str, *, type: str = "output", subfolder: str = "") -> Output:  # noqa: A002
        """A file to read or save like an output of a job (`GET /api/view`). Sends nothing before that.

        `type` is output, input or temp: uploads are of type input.
        """
        named = {"filename": filename, "subfolder": subfolder, "type": type}
        found = Outputs._of(self._connection.http, "", {"": {"files": [named]}})
        if not found:
            raise ConfigurationError("filename is empty")
        return found[0]


def source_of(content: object, where: str) -> Source:
    """The content to upload, hashed. Raises UploadError for what is no file, or cannot be read."""
    try:
        kept = input_value(content, where)
    except NodeInputError as error:
        raise UploadError(error.message) from None
    if isinstance(kept, dict | list) or not is_file(kept):
        kinds = "a pathlib.Path, bytes, an open binary file or a PIL image"
        raise UploadError(f"{where}: a {type(content).__name__} is no file; give {kinds}")
    return backend.in_thread(Source, kept, where)
