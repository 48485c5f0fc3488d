"""Handle the download of files by name, and the storage origin behind signed URLs."""

import io
from dataclasses import replace

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .._servers.responses import Crash, Refusal
from .._state.files import FOLDERS, OutsideFolderError, StoredFile, annotated
from .backend import Backend
from .downloads import blob_response


async def view(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/view`."""
    stored = _viewed_by_hash(request, backend) if backend.dialect.storage.by_hash else _viewed_by_name(request, backend)
    query = request.query_params
    if backend.dialect.storage.redirects:
        channel = query.get("channel")
        if channel is not None:
            return _cloud_channel(stored, channel)
        # Sign for each request: signed URLs expire, and a client must not keep them.
        return RedirectResponse(backend.signer.sign(stored.name), 302)
    if "preview" in query:
        return _preview(stored, query["preview"])
    if query.get("channel") in ("rgb", "a"):
        return _comfyui_channel(stored, query["channel"])
    return blob_response(
        request, stored.blob, filename=stored.name, modified=stored.modified, heeds_if_range=False, named=True
    )


def _viewed_by_hash(request: Request, backend: Backend) -> StoredFile:
    """Return the file of a request to the cloud. Only the name counts; type and subfolder are ignored."""
    filename = request.query_params.get("filename")
    if not filename:
        raise Refusal(400, "INVALID_QUERY", "filename is required")
    stored = backend.files.find(request.query_params.get("type", "output"), "", filename)
    if stored is None:
        raise Refusal(404, "NOT_FOUND", "File not found")
    return stored


def _viewed_by_name(request: Request, backend: Backend) -> StoredFile:
    """Return the file of a request to ComfyUI, found by type, subfolder and name."""
    query = request.query_params
    if "filename" not in query:
        raise Refusal(404, "NOT_FOUND", "filename is required")
    filename, folder = annotated(query["filename"], query.get("type", "output"))
    named = _by_asset_hash(filename, backend)
    # ComfyUI 0.33.0 also serves files by the hash of their asset, whatever the folder.
    if named is not None:
        return named
    if not filename or filename.startswith("/") or ".." in filename or folder not in FOLDERS:
        raise Refusal(400, "INVALID_QUERY", "Bad filename or type")
    try:
        # ComfyUI uses only the last part of the file name. Folders must be in `subfolder`.
        stored = backend.files.find(folder, query.get("subfolder", ""), filename.rpartition("/")[2])
    except OutsideFolderError as error:
        raise Refusal(403, "FORBIDDEN", str(error)) from None
    if stored is None:
        raise Refusal(404, "NOT_FOUND", "File not found")
    return stored


def _by_asset_hash(filename: str, backend: Backend) -> StoredFile | None:
    """Return the file of an asset that the request names by its hash, `blake3:...`, under the asset's own name."""
    if not backend.dialect.storage.makes_assets or not filename.startswith("blake3:"):
        return None
    found = backend.assets.find(lambda asset: asset.file is not None and asset.blob.hash == filename)
    return replace(found[0].file, name=found[0].name) if found and found[0].file else None


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
        raise Refusal(400, "INVALID_QUERY", "channel needs an image") from None
    if channel == "rgb":
        return _image_response(image.convert("RGB"), "PNG", None)
    if channel in ("a", "alpha"):
        return _image_response(image.convert("RGBA").getchannel("A"), "PNG", None)
    raise Refusal(400, "INVALID_QUERY", "channel must be rgb, a or alpha")


def _comfyui_channel(stored: StoredFile, channel: str) -> Response:
    """Return one channel as ComfyUI does: `a` is an RGBA image that keeps the transparency, not greyscale."""
    image = _open_image(stored)
    if channel == "rgb":
        return _image_response(image.convert("RGB"), "PNG", stored.name)
    transparent = Image.new("RGBA", image.size)
    transparent.putalpha(image.convert("RGBA").getchannel("A"))
    return _image_response(transparent, "PNG", stored.name)


def _preview(stored: StoredFile, wanted: str) -> Response:
    """Return the image recoded, for `preview=webp;50` or `preview=jpeg;90`. Any other value means webp."""
    parts = wanted.split(";")
    kind = "JPEG" if parts[0] == "jpeg" else "WEBP"
    quality = int(parts[-1]) if parts[-1].isdigit() else 90
    image = _open_image(stored)
    return _image_response(image.convert("RGB") if kind == "JPEG" else image, kind, stored.name, quality=quality)


def _image_response(image: Image.Image, kind: str, name: str | None, **options: int) -> Response:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    response = Response(buffer.getvalue(), media_type=f"image/{kind.lower()}")
    if name is not None:
        response.headers["content-disposition"] = f'filename="{name}"'.encode("ascii", "replace").decode()
    return response


async def storage_object(request: Request, backend: Backend) -> Response:
    """Handle GET and HEAD of a signed URL on the storage origin. Count and refuse requests that contain an API key."""
    texts = [value for _, value in request.headers.items()] + [request.url.query, request.url.path]
    if "x-api-key" in request.headers or backend.keys.found_in(texts):
        backend.storage_keys_seen += 1
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
    return blob_response(
        request, stored.blob, filename=name, modified=stored.modified, heeds_if_range=True, named=False
    )


def _storage_error(status: int, code: str, message: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, media_type="application/xml")
