"""Handle the operations that create assets: from an uploaded file, from a URL that the server fetches, from a known
hash.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from .._servers.responses import Refusal, check_fields, form_text, read_form, read_json_object, string_list
from .._state.asset_rules import ROLES
from .._state.assets import clean_tags
from .._state.blobs import Blob
from .._state.remote import ForbiddenSourceError, Source, SourceError
from .asset_making import AssetRequest, create, created, keep, refer, request_from_json, too_large
from .assets import is_uuid, known_preview
from .backend import Backend

_HASH = re.compile(r"(blake3|sha256):[0-9a-f]{64}")
_URL_FIELDS: dict[str, type | tuple[type, ...]] = {
    "url": str,
    "name": str,
    "tags": list,
    "user_metadata": dict,
    "preview_id": (str, type(None)),
}
_HASH_FIELDS: dict[str, type | tuple[type, ...]] = {
    "hash": str,
    "name": str,
    "tags": list,
    "mime_type": str,
    "user_metadata": dict,
}


async def upload_asset(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/assets`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        return await _from_form(request, backend)
    if media_type == "application/json" and backend.dialect.assets.by_url:
        return await _from_url(request, backend)
    raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Use multipart/form-data for uploads.")


async def _from_form(request: Request, backend: Backend) -> Response:
    rules = backend.dialect.assets
    async with read_form(request, strict=True, limit=rules.max_size) as form:
        file = form.get("file")
        if rules.json_tags:
            _check_order(form)
        requested = _request_from_form(form, file, backend)
        if requested.id and (known := backend.assets.get(requested.id)) is not None:
            return created(known, backend, new=False)
        blob, new = _content(form, file, backend)
    return _respond(blob, requested, backend, new=new)


def _respond(blob: Blob, requested: AssetRequest, backend: Backend, *, new: bool) -> Response:
    """Return the asset of an uploaded content: the existing one, or a new one if the server does not reuse assets."""
    rules = backend.dialect.assets
    # Public assets are left out: an upload must not return an asset that its owner cannot change.
    if rules.reuses:
        same = backend.assets.find(lambda asset: asset.blob.digest == blob.digest and not asset.public)
        return created(same[0] if same else create(blob, requested, backend), backend, new=not same)
    if not new:
        return created(refer(blob, requested, backend), backend, new=False)
    _check_role(requested.tags)
    requested.tags = [*requested.tags, *rules.upload_tags]
    return created(create(blob, requested, backend), backend, new=True)


def _request_from_form(form: FormData, file: UploadFile | str | None, backend: Backend) -> AssetRequest:
    rules = backend.dialect.assets
    chosen = form_text(form, "id")
    if chosen and not rules.chosen_ids:
        raise Refusal(400, "UNSUPPORTED_FIELD", "Client-provided 'id' is not supported.")
    if chosen and not is_uuid(chosen):
        raise Refusal(400, "INVALID_BODY", "id must be a UUID")
    sent_name, sent_type = (file.filename, file.content_type) if isinstance(file, UploadFile) else (None, None)
    return AssetRequest(
        name=form_text(form, "name") or sent_name or "",
        filename=sent_name or "",
        tags=_form_tags([value for value in form.getlist("tags") if isinstance(value, str)], only_json=rules.json_tags),
        mime_type=form_text(form, "mime_type") or sent_type or "",
        user_metadata=_metadata_field(form_text(form, "user_metadata")),
        preview_id=known_preview(form_text(form, "preview_id"), backend),
        id=chosen,
    )


def _content(form: FormData, file: UploadFile | str | None, backend: Backend) -> tuple[Blob, bool]:
    """Return the uploaded content, and whether it is new on this server."""
    rules = backend.dialect.assets
    claimed = form_text(form, "hash") if rules.roles else ""
    if claimed and not isinstance(file, UploadFile):
        return _by_hash(claimed, backend), False
    if not isinstance(file, UploadFile):
        raise Refusal(400, "MISSING_FILE", "Form must include a 'file' part")
    if file.size == 0:
        raise Refusal(400, "EMPTY_UPLOAD", "Uploaded file is empty.")
    # Content-Length covers the whole form and can be missing, so check the file itself.
    if (file.size or 0) > rules.max_size:
        raise too_large(backend)
    blob, new = keep(file.file, backend)
    if claimed and claimed != blob.hash:
        raise Refusal(400, "HASH_MISMATCH", "Uploaded file hash does not match provided hash.")
    return blob, new


def _check_order(form: FormData) -> None:
    """Refuse a form with fields after its file, as newer cloud servers do."""
    names = [name for name, _ in form.multi_items()]
    if "file" in names and names[-1] != "file":
        raise Refusal(400, "INVALID_BODY", "The file must be the last part of the form")


def _check_role(tags: list[str]) -> None:
    """Refuse tags without exactly one role. ComfyUI stores new content in the folder of its role."""
    if not tags:
        raise Refusal(400, "INVALID_BODY", "tags are required for new asset uploads")
    if len(set(tags) & set(ROLES)) != 1:
        raise Refusal(400, "INVALID_BODY", "uploads require exactly one destination role: input, models, or output")
    if "models" in tags and sum(tag.startswith("model_type:") for tag in tags) != 1:
        raise Refusal(400, "INVALID_BODY", "models uploads require exactly one model_type:<folder_name> tag")


def _metadata_field(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal(400, "INVALID_BODY", "user_metadata must be a JSON object")
    return found


def _form_tags(values: list[str], *, only_json: bool) -> list[str]:
    """Return the tags of a form: repeated fields, one field with commas, or one field with a JSON list."""
    if only_json and (len(values) > 1 or any(not value.startswith("[") for value in values)):
        raise Refusal(400, "INVALID_BODY", "tags must be one JSON list")
    tags: list[str] = []
    for value in values:
        if value.startswith("["):
            tags += _json_tags(value)
        else:
            tags += value.split(",")
    return clean_tags(tags)


def _json_tags(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(400, "INVALID_BODY", "tags is not a JSON list") from None
    return string_list({"tags": found}, "tags")


async def _from_url(request: Request, backend: Backend) -> Response:
    body = await read_json_object(request, strict=True)
    check_fields(body, _URL_FIELDS)
    if "url" not in body or not body.get("name"):
        raise Refusal(400, "INVALID_BODY", "url and name are required")
    requested = request_from_json(body, backend)

    def fetch() -> tuple[Blob, bool]:
        with backend.fetcher.open(body["url"]) as source:
            if source.info.length > backend.dialect.assets.max_size:
                raise too_large(backend)
            return keep(_SizeLimitedSource(source, backend), backend)

    with source_errors():
        # Fetching blocks. In the event loop it would stop every other request.
        blob, new = await asyncio.to_thread(fetch)
    return _respond(blob, requested, backend, new=new)


class _SizeLimitedSource:
    """A source that is refused with 413 as soon as it is larger than the server stores.

    It may not announce its length.
    """

    def __init__(self, source: Source, backend: Backend) -> None:
        self._source = source
        self._backend = backend

    def read(self, size: int, /) -> bytes:
        piece = self._source.read(size)
        if self._source.received > self._backend.dialect.assets.max_size:
            raise too_large(self._backend)
        return piece


@contextmanager
def source_errors() -> Iterator[None]:
    """Convert the errors of a source to the statuses of the contract: 400, 403, 404 or 422."""
    try:
        yield
    except ForbiddenSourceError as error:
        raise Refusal(400, "UNSUPPORTED_SOURCE", str(error)) from None
    except SourceError as error:
        status = {401: 403, 403: 403, 404: 404, 410: 404}.get(error.status or 0, 422)
        raise Refusal(status, "SOURCE_FAILED", str(error)) from None


async def create_from_hash(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/assets/from-hash`."""
    rules = backend.dialect.assets
    body = await read_json_object(request, strict=True)
    check_fields(body, _HASH_FIELDS)
    requested = request_from_json(body, backend)
    if rules.hash_needs_tags and not requested.tags:
        raise Refusal(400, "INVALID_BODY", "tags must hold at least one tag")
    blob = _by_hash(body.get("hash", ""), backend)
    requested.name = requested.name or blob.digest
    if not rules.reuses:
        return created(refer(blob, requested, backend), backend, new=False, status=rules.from_hash_repeat)
    same = backend.assets.find(
        lambda asset: asset.blob.digest == blob.digest and asset.name == requested.name and asset.tags == requested.tags
    )
    asset = same[0] if same else create(blob, requested, backend)
    return created(asset, backend, new=not same)


def _by_hash(wanted: str, backend: Backend) -> Blob:
    """Return the content of a hash. Contents are stored by blake3 only, so a sha256 never finds one."""
    kind, _, digest = wanted.partition(":")
    if not _HASH.fullmatch(wanted) or kind not in backend.dialect.assets.hashes:
        kinds = " or ".join(f"{kind}:" for kind in backend.dialect.assets.hashes)
        raise Refusal(400, "INVALID_HASH", f"hash must be {kinds} and 64 hex digits")
    blob = backend.blobs.get(digest) if kind == "blake3" else None
    if blob is None:
        raise Refusal(404, "ASSET_NOT_FOUND", "No content has this hash")
    return blob
