"""Operations on masks: upload one for an image, find the layers of an edit."""

import io
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ._answers import Crash, Refusal, form_text, json_answer, read_form
from ._backend import Backend
from ._files import OutsideFolderError, StoredFile
from ._masks import LAYERS, layer_of, masked
from ._upload_routes import received_image, uploaded


async def upload_mask(request: Request, backend: Backend) -> Response:
    async with read_form(request, strict=backend.dialect.strict_bodies) as form:
        upload = received_image(form, backend)
        original = _original(form_text(form, "original_ref"), backend)
        if original is None:
            # ComfyUI drops the mask and does not tell.
            return json_answer({"name": upload.filename, "subfolder": upload.subfolder, "type": upload.folder})
        content = _apply(original, upload.file, backend)
        stored = upload.store(content, backend)
    answer = uploaded(stored, backend)
    if backend.dialect.storage.by_hash:
        answer["metadata"] = _metadata(upload.filename, original, stored, backend)
    return json_answer(answer)


def _original(reference: str, backend: Backend) -> StoredFile | None:
    """The image that a mask is for; None where ComfyUI does not find it, 400 where the cloud does not."""
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
    layers = backend.masks.of(request.query_params.get("filename", ""))
    if layers is None:
        raise Refusal(404, "NOT_FOUND", "No such file, or it is no mask layer")
    return json_answer({name: layers[name].name if name in layers else None for name in LAYERS})
