"""Handle the operations on masks: upload a mask for an image, find the layers of an edit."""

import io
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .._servers.responses import Crash, Refusal, form_text, json_response, read_form
from .._state.files import OutsideFolderError, StoredFile
from .._state.masks import LAYERS, layer_of, masked
from .backend import Backend
from .uploads import received_image, uploaded


async def upload_mask(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/upload/mask`."""
    async with read_form(request, strict=backend.dialect.strict_bodies) as form:
        upload = received_image(form, backend)
        original = _original(form_text(form, "original_ref"), backend)
        if original is None:
            # ComfyUI responds with success here, but writes nothing.
            return json_response({"name": upload.filename, "subfolder": upload.subfolder, "type": upload.folder})
        content = _apply(original, upload.file, backend)
        stored = upload.store(content, backend)
    response = uploaded(stored, backend)
    if backend.dialect.storage.by_hash:
        response["metadata"] = _metadata(upload.filename, original, stored, backend)
    return json_response(response)


def _original(reference: str, backend: Backend) -> StoredFile | None:
    """Return the image that a mask is for.

    If it is not found, return None on ComfyUI, and refuse with 400 on the cloud.
    """
    strict = backend.dialect.strict_bodies
    try:
        wanted = json.loads(reference)
        if not isinstance(wanted, dict) or not isinstance(wanted.get("filename"), str):
            raise ValueError("no filename")
        place = (wanted.get("type") or "output", wanted.get("subfolder") or "", wanted["filename"])
        if not all(isinstance(part, str) for part in place):
            raise ValueError("no text")
        found = backend.files.find(*place)
    except (ValueError, RecursionError, OutsideFolderError) as error:
        if strict:
            raise Refusal(400, "INVALID_BODY", f"original_ref must name an image: {error}") from None
        raise Crash from error
    if found is None and strict:
        raise Refusal(400, "INVALID_BODY", "original_ref names no stored image")
    return found


def _apply(original: StoredFile, mask: Any, backend: Backend) -> io.BytesIO:
    try:
        with original.blob.open() as image:
            return masked(image, mask)
    except (ValueError, OSError) as error:
        if backend.dialect.strict_bodies:
            raise Refusal(400, "INVALID_BODY", f"The mask does not fit: {error}") from None
        raise Crash from error


def _metadata(filename: str, original: StoredFile, stored: StoredFile, backend: Backend) -> dict[str, Any]:
    layer, stamp = layer_of(filename)
    # A name without a layer stands for the masked image itself.
    layer = layer or "painted_masked"
    layers = backend.masks.add(stamp or original.blob.digest, layer, stored)
    related = {name: file.blob.hash for name, file in layers.items() if name not in (layer, "painted_masked")}
    return {
        "is_mask": True,
        "original_hash": original.blob.hash,
        "mask_type": layer,
        "related_files": related,
    }


async def mask_layers(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/files/mask-layers`."""
    layers = backend.masks.of(request.query_params.get("filename", ""))
    if layers is None:
        raise Refusal(404, "NOT_FOUND", "No such file, or it is no mask layer")
    return json_response({name: layers[name].name if name in layers else None for name in LAYERS})
