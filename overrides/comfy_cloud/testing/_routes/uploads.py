"""Handle the upload of images by name, and what all uploads by name have in common."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from .._servers.responses import Crash, Refusal, form_text, json_response, read_form
from .._state.files import FOLDERS, OutsideFolderError, StoredFile, clean_subfolder
from .._state.masks import layer_of
from .backend import Backend


async def upload_image(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/upload/image`."""
    async with read_form(request, strict=backend.dialect.strict_bodies, limit=backend.dialect.storage.max_body) as form:
        upload = received_image(form, backend)
        stored = upload.store(upload.file, backend)
    return json_response(uploaded(stored, backend))


@dataclass(frozen=True)
class ReceivedImage:
    """The file of an upload form, and where to store it."""

    filename: str
    folder: str
    subfolder: str
    file: BinaryIO
    overwrite: bool

    def store(self, content: BinaryIO, backend: Backend) -> StoredFile:
        return backend.files.upload(self.folder, self.subfolder, self.filename, content, overwrite=self.overwrite)


def received_image(form: FormData, backend: Backend) -> ReceivedImage:
    """Return the image of an upload form, and refuse what the server refuses."""
    strict = backend.dialect.strict_bodies
    upload = form.get("image")
    if upload is None or upload == "":
        raise Refusal(400, "INVALID_BODY", "Field image is missing")
    folder = form_text(form, "type") or "input"
    # On the cloud, names are only labels, so a bad one is refused. The code of ComfyUI raises on each of these.
    if not isinstance(upload, UploadFile) or folder not in FOLDERS or "/" in (upload.filename or ""):
        raise Refusal(400, "INVALID_BODY", "Bad image, type or file name") if strict else Crash()
    if not upload.filename:
        raise Refusal(400, "INVALID_BODY", "The file has no name")
    if backend.dialect.storage.limits is not None:
        _check_size(upload.file, upload.size or 0, backend)
    try:
        subfolder = clean_subfolder(form_text(form, "subfolder"))
    except OutsideFolderError as error:
        raise Refusal(400, "INVALID_BODY", str(error)) from None
    # ComfyUI accepts exactly these two strings; "True" has no effect.
    overwrite = form_text(form, "overwrite") in ("true", "1")
    return ReceivedImage(upload.filename, folder, subfolder, upload.file, overwrite)


def uploaded(stored: StoredFile, backend: Backend) -> dict[str, Any]:
    """Return the response to an upload.

    The file also becomes an asset and a layer of its edit, if the server has these.
    """
    response: dict[str, Any] = {"name": stored.name, "subfolder": stored.subfolder, "type": stored.folder}
    layer, stamp = layer_of(stored.display_name)
    if layer is not None and stamp is not None:
        backend.masks.add(stamp, layer, stored)
    if not backend.dialect.storage.makes_assets:
        return response
    asset = backend.asset_of_upload(stored)
    if not backend.dialect.storage.names_assets:
        return response
    shown = backend.dialect.assets.body(asset, None, backend.url)
    return response | {
        "asset": {name: shown[name] for name in ("id", "name", "asset_hash", "size", "mime_type", "tags")}
    }


def _check_size(file: BinaryIO, size: int, backend: Backend) -> None:
    limits = backend.dialect.storage.limits
    assert limits is not None
    if size > limits.size:
        raise Refusal(400, "FILE_TOO_LARGE", f"The image is larger than {limits.size} bytes")
    too_large = Refusal(400, "IMAGE_TOO_LARGE", f"The limits are {limits.edge} px an edge and {limits.pixels} pixels")
    try:
        with Image.open(file) as image:
            width, height = image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_large from None
    except (UnidentifiedImageError, OSError):
        return  # not an image: stored as it is
    finally:
        file.seek(0)
    if max(width, height) > limits.edge or width * height > limits.pixels:
        raise too_large
