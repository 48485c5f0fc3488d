"""`cloud.files`: uploads as a ComfyUI takes them, masks, and downloads by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from ..._core.arguments import ARGUMENTS, FolderType, drop_none
from ..._core.assets import asset_ref
from ..._core.file_refs import FileRef, ServerOutput, UploadedFile, file_ref
from ..._core.inputs import FileContent, is_asset
from ...errors import ConfigurationError, UploadError
from ...raw.api.file import get_mask_layers, upload_mask
from ...raw.models import GetMaskLayersResponse200, UploadMaskBody
from ...raw.types import File
from .. import backend
from ..outputs import AsyncOutput
from ..server_files import StoredFile, named_output, ref_of_name, stored_output
from ..uploads import Progress, send_source, source_of, stored_name, upload_image_source
from .base import AsyncResource


class AsyncFiles(AsyncResource):
    """`cloud.files`: files by name, as a ComfyUI has them."""

    async def upload_image(
        self,
        content: FileContent | StoredFile,
        *,
        subfolder: str = "",
        overwrite: bool = False,
        type: FolderType = "input",  # noqa: A002 - the server's word
        on_progress: Progress | None = None,
    ) -> str:
        """Upload a file (`POST /api/upload/image`). Returns the value for an input, such as `image` of `LoadImage`.

        - `content`: A Path, bytes, an open binary file, a PIL image, or a file that a server has (an output, an asset).
        - `subfolder`: A folder below that of the type.
        - `overwrite`: Replaces a file of the same name. Else the server renames this one if the bytes differ.
        - `type`: input, output or temp.
        - `on_progress`: Called with the bytes of the file sent so far and all of them.

        The returned string also knows its folder and type, so that `download` and `upload_mask` find the file. Raises
        UploadError.
        """
        ARGUMENTS.word("type", type, get_args(FolderType))
        ARGUMENTS.texts(subfolder=subfolder)
        ARGUMENTS.flags(overwrite=overwrite)
        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        fields = drop_none(subfolder=subfolder or None, overwrite="true" if overwrite else None, type_=type)
        source = await source_of(self._connection, content, "upload_image")
        try:
            stored = await upload_image_source(self._connection, source, on_progress=on_progress, **fields)
            return await stored_name(self._connection, stored, "uploadImage")
        finally:
            source.close()

    async def upload_mask(
        self,
        content: FileContent | StoredFile,
        original: str | Mapping[str, str] | FileContent | StoredFile,
        *,
        on_progress: Progress | None = None,
    ) -> str:
        """Upload the mask of an image (`POST /api/upload/mask`). Returns the value for an input.

        The mask is the transparency of an image of the same size. `original` is the masked image: the value of an
        input (`x.png`, `sub/x.png`, `x.png [output]`), an output, an uploaded file, an asset, or `{"filename",
        "subfolder", "type"}`. An image that is not on this server is uploaded first. A ComfyUI without that image
        stores nothing and reports no error. `on_progress` is that of `upload_image`, for the mask.
        """
        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        reference = (await self._original(original))._asdict()
        source = await source_of(self._connection, content, "upload_mask")
        try:
            image = File(source.open(), source.name, source.mime_type)
            body = UploadMaskBody(image=image, original_ref=json.dumps(reference))
            request = self._connection.request(upload_mask.operation, body=body)
            stored = await send_source(self._connection, request, source, on_progress)
            return await stored_name(self._connection, stored, "uploadMask")
        finally:
            source.close()

    async def mask_layers(self, filename: str) -> GetMaskLayersResponse200:
        """List the files of a mask edit by any of their names (`GET /api/files/mask-layers`). Raises NotFoundError."""
        ARGUMENTS.text("filename", filename)
        return await self._connection.model(get_mask_layers.operation, filename=filename)

    def download(
        self,
        filename: str | StoredFile,
        *,
        type: FolderType = "output",  # noqa: A002 - the server's word
        subfolder: str = "",
    ) -> AsyncOutput:
        """Return a file to read or save like an output of a job (`GET /api/view`). Sends nothing itself.

        `filename` is a name, also with folders and `[type]` as an input holds it (`sub/x.png [temp]`), an uploaded
        file, an asset or an output; those know where they are. `type` is output, input or temp. Uploads have type
        input. Raises ConfigurationError for what names no file.
        """
        ARGUMENTS.word("type", type, get_args(FolderType))
        ARGUMENTS.texts(subfolder=subfolder)
        if isinstance(filename, str) and (ref := ref_of_name(filename, subfolder, type)) is not None:
            return named_output(self._connection, ref)
        if (output := stored_output(self._connection, filename)) is not None:
            return output
        if isinstance(filename, str):
            raise ConfigurationError("filename is empty")
        kind = filename.__class__.__name__
        raise ConfigurationError(
            f"filename must be a name, an output, an uploaded file or an asset with a hash, not {kind}; "
            "cloud.userdata.read(path) reads a file of the user data"
        )

    async def _original(self, original: Any) -> FileRef:
        """Return where this server has the image that a mask is for."""
        if isinstance(original, str):
            ref = ref_of_name(original)
        elif isinstance(original, ServerOutput):
            entry = original._entry
            here = original._origin == self._connection.origin and entry.content is None
            ref = file_ref(entry.filename, entry.subfolder, entry.type) if here else None
        elif is_asset(original):
            asset = asset_ref(original)
            by_hash = FileRef(asset.hash, "", "input") if asset.hash else None
            ref = by_hash if await self._connection.on_cloud() else asset.path
        elif isinstance(original, Mapping):
            ref = file_ref(original.get("filename"), original.get("subfolder"), original.get("type"))
        else:
            ref = None
        if ref is not None:
            return ref
        if isinstance(original, str | Mapping) and not isinstance(original, UploadedFile) and not is_asset(original):
            raise UploadError(f"upload_mask: original must name an image, not {original!r}")
        source = await source_of(self._connection, original, "upload_mask, original")
        try:
            stored = await upload_image_source(self._connection, source, type_="input")
            return (await stored_name(self._connection, stored, "uploadImage")).ref
        finally:
            source.close()
