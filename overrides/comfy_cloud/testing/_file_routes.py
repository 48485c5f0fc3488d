"""Operations on files by name: view and upload; and the storage origin behind signed addresses."""

import io
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ._answers import Crash, Refusal, json_answer
from ._backend import Backend
from ._downloads import blob_answer, content_type
from ._files import FOLDERS, OutsideFolderError, StoredFile, annotated, clean_subfolder


async def view(request: Request, backend: Backend) -> Response:
    stored = _viewed_by_hash(request, backend) if backend.dialect.storage.by_hash else _viewed_by_name(request, backend)
    query = request.query_params
    if backend.dialect.storage.redirects:
        channel = query.get("channel")
        if channel is not None:
            return _cloud_channel(stored, channel)
        return RedirectResponse(backend.signer.sign(stored.name), 302)
    if "preview" in query:
        return _preview(stored, query["preview"])
    if query.get("channel") in ("rgb", "a"):
        return _comfyui_channel(stored, query["channel"])
    return blob_answer(
        request, stored.blob, filename=stored.name, modified=stored.modified, heeds_if_range=False, named=True
    )


def _viewed_by_hash(request: Request, backend: Backend) -> StoredFile:
    """The cloud looks only at the name; folder and subfolder are ignored."""
    filename = request.query_params.get("filename")
    if not filename:
        raise Refusal(400, "INVALID_PARAMETER", "filename is required")
    stored = backend.files.find(request.query_params.get("type", "output"), "", filename)
    if stored is None:
        raise Refusal(404, "NOT_FOUND", "File not found")
    return stored


def _viewed_by_name(request: Request, backend: Backend) -> StoredFile:
    query = request.query_params
    if "filename" not in query:
        raise Refusal(404, "NOT_FOUND", "filename is required")
    filename, folder = annotated(query["filename"], query.get("type", "output"))
    if not filename or filename.startswith("/") or ".." in filename or folder not in FOLDERS:
        raise Refusal(400, "INVALID_PARAMETER", "Bad filename or type")
    try:
        # Only the last part of the filename counts: folders belong into `subfolder`.
        stored = backend.files.find(folder, query.get("subfolder", ""), filename.rpartition("/")[2])
    except OutsideFolderError as error:
        raise Refusal(403, "FORBIDDEN", str(error)) from None
    if stored is None:
        raise Refusal(404, "NOT_FOUND", "File not found")
    return stored


def _open_image(stored: StoredFile) -> Image.Image:
    try:
        with stored.blob.open() as source, Image.open(source) as image:
            image.load()
            return image
    except (UnidentifiedImageError, OSError) as error:
        raise Crash from error


def _cloud_channel(stored: StoredFile, channel: str) -> Response:
    try:
        image = _open_image(stored)
    except Crash:
        raise Refusal(400, "INVALID_PARAMETER", "channel needs an image") from None
    if channel == "rgb":
        return _image_answer(image.convert("RGB"), "PNG", None)
    if channel in ("a", "alpha"):
        return _image_answer(image.convert("RGBA").getchannel("A"), "PNG", None)
    raise Refusal(400, "INVALID_PARAMETER", "channel must be rgb, a or alpha")


def _comfyui_channel(stored: StoredFile, channel: str) -> Response:
    image = _open_image(stored)
    if channel == "rgb":
        return _image_answer(image.convert("RGB"), "PNG", stored.name)
    transparent = Image.new("RGBA", image.size)
    transparent.putalpha(image.convert("RGBA").getchannel("A"))
    return _image_answer(transparent, "PNG", stored.name)


def _preview(stored: StoredFile, wanted: str) -> Response:
    """`preview=webp;50` or `jpeg;90`: the image recoded. Any other value means webp."""
    parts = wanted.split(";")
    kind = "JPEG" if parts[0] == "jpeg" else "WEBP"
    quality = int(parts[-1]) if parts[-1].isdigit() else 90
    image = _open_image(stored)
    return _image_answer(image.convert("RGB") if kind == "JPEG" else image, kind, stored.name, quality=quality)


def _image_answer(image: Image.Image, kind: str, name: str | None, **options: int) -> Response:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    answer = Response(buffer.getvalue(), media_type=f"image/{kind.lower()}")
    if name is not None:
        answer.headers["content-disposition"] = f'filename="{name}"'.encode("ascii", "replace").decode()
    return answer


async def upload_image(request: Request, backend: Backend) -> Response:
    strict = backend.dialect.strict_bodies
    async with request.form() as form:
        upload = form.get("image")
        if upload is None or upload == "":
            raise Refusal(400, "INVALID_REQUEST", "Field image is missing")
        folder, subfolder = form_text(form, "type") or "input", form_text(form, "subfolder")
        # Where names are only labels no folder can be missed; ComfyUI's code raises on each of these.
        if not isinstance(upload, UploadFile) or folder not in FOLDERS or "/" in (upload.filename or ""):
            raise Refusal(400, "INVALID_REQUEST", "Bad image, type or file name") if strict else Crash()
        if not upload.filename:
            raise Refusal(400, "INVALID_REQUEST", "The file has no name")
        if backend.dialect.storage.limits is not None:
            _check_size(upload.file, upload.size or 0, backend)
        try:
            stored = backend.files.upload(
                folder,
                clean_subfolder(subfolder),
                upload.filename,
                upload.file,
                overwrite=form_text(form, "overwrite") in ("true", "1"),
            )
        except OutsideFolderError as error:
            raise Refusal(400, "INVALID_REQUEST", str(error)) from None
    if backend.dialect.storage.by_hash:
        backend.assets.add(stored.display_name, stored.blob, content_type(stored.display_name), [folder])
    return json_answer({"name": stored.name, "subfolder": stored.subfolder, "type": stored.folder})


def form_text(form: FormData, name: str) -> str:
    """A text field of a form, empty where it is absent or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


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
        return  # no image: stored as it is
    finally:
        file.seek(0)
    if max(width, height) > limits.edge or width * height > limits.pixels:
        raise too_large


async def storage_object(request: Request, backend: Backend) -> Response:
    """The storage origin: GET or HEAD of a signed address. It must never see a key."""
    texts = [value for _, value in request.headers.items()] + [request.url.query, request.url.path]
    if "x-api-key" in request.headers or backend.keys.found_in(texts):
        backend.guard.keys_seen += 1
        return _storage_error(403, "AccessDenied", "An API key was sent to the storage origin")
    name = request.path_params["object"]
    query = request.query_params
    verdict = backend.signer.check(name, query.get("expires", ""), query.get("signature", ""))
    if verdict == "forged":
        return _storage_error(403, "SignatureDoesNotMatch", "The signature does not match")
    if verdict == "expired":
        return _storage_error(400, "ExpiredToken", "The provided token has expired")
    stored = backend.files.find("output", "", name)
    if stored is None:
        return _storage_error(404, "NoSuchKey", "The specified key does not exist")
    return blob_answer(request, stored.blob, filename=name, modified=stored.modified, heeds_if_range=True, named=False)


def _storage_error(status: int, code: str, message: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, media_type="application/xml")
