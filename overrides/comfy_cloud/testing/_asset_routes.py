"""Operations on assets: list, get, upload, make from a hash, ask for a hash."""

import json
import os.path
import re
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from . import _shapes
from ._answers import Refusal, check_fields, empty_answer, json_answer, read_json_object, string_list
from ._assets import Asset
from ._backend import Backend
from ._blobs import Blob
from ._downloads import content_type
from ._file_routes import form_text
from ._job_routes import whole_number

_HASH = re.compile(r"(blake3|sha256):[0-9a-f]{64}")
_SORT_KEYS = {
    "name": lambda asset: asset.name,
    "created_at": lambda asset: asset.created,
    "updated_at": lambda asset: asset.updated,
    "size": lambda asset: asset.blob.size,
    "last_access_time": lambda asset: asset.updated,
}


def asset_body(asset: Asset, backend: Backend) -> dict[str, Any]:
    """An asset in the contract's shape."""
    name = _stored_name(asset)
    body: dict[str, Any] = {
        "id": asset.id,
        "name": asset.name,
        "asset_hash": asset.blob.hash,
        "size": asset.blob.size,
        "mime_type": asset.mime_type,
        "tags": asset.tags,
        "user_metadata": asset.user_metadata,
        "preview_url": f"{backend.url}/api/view?type=input&filename={name}",
        "preview_id": asset.preview_id,
        "prompt_id": asset.prompt_id,
        "created_at": _shapes.iso_time(asset.created),
        "updated_at": _shapes.iso_time(asset.updated),
        "last_access_time": _shapes.iso_time(asset.updated),
        "is_immutable": False,
    }
    return {name: value for name, value in body.items() if value is not None}


def _stored_name(asset: Asset) -> str:
    return asset.blob.digest + os.path.splitext(asset.name)[1].lower()


async def list_assets(request: Request, backend: Backend) -> Response:
    query = request.query_params
    limit = whole_number(query.get("limit"), "limit", default=20, low=1, high=500)
    offset = whole_number(query.get("offset"), "offset", default=0, low=0)
    sort, order = query.get("sort", "created_at"), query.get("order", "desc")
    if sort not in _SORT_KEYS or order not in ("asc", "desc"):
        raise Refusal(400, "INVALID_PARAMETER", "Unknown sort or order")
    wanted, unwanted = set(_tags(request, "include_tags")), set(_tags(request, "exclude_tags"))
    part = query.get("name_contains", "").lower()
    metadata = _metadata_filter(query.get("metadata_filter"))

    def matches(asset: Asset) -> bool:
        tags = set(asset.tags)
        return (
            wanted <= tags
            and not unwanted & tags
            and part in asset.name.lower()
            and all(asset.user_metadata.get(name) == value for name, value in metadata.items())
        )

    found = backend.assets.find(matches)
    # Oldest first at equal keys, or newest first where the order is turned round.
    found = sorted(found if order == "asc" else found[::-1], key=_SORT_KEYS[sort], reverse=order == "desc")
    page = found[offset : offset + limit]
    return json_answer(
        {
            "assets": [asset_body(asset, backend) for asset in page],
            "total": len(found),
            "has_more": offset + len(page) < len(found),
        }
    )


def _tags(request: Request, name: str) -> list[str]:
    """Tags in a query: separated by commas, repeated, or both."""
    return [tag for value in request.query_params.getlist(name) for tag in value.split(",") if tag]


def _metadata_filter(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal(400, "INVALID_PARAMETER", "metadata_filter must be a JSON object")
    return found


async def get_asset(request: Request, backend: Backend) -> Response:
    asset = backend.assets.get(request.path_params["id"])
    if asset is None:
        raise Refusal(404, "NOT_FOUND", "Asset not found")
    return json_answer(asset_body(asset, backend))


async def check_hash(request: Request, backend: Backend) -> Response:
    wanted = request.path_params["hash"]
    if not _HASH.fullmatch(wanted):
        raise Refusal(400, "INVALID_HASH", "The hash must be blake3: and 64 hex digits")
    return empty_answer(200 if _content(wanted, backend) is not None else 404)


def _content(wanted: str, backend: Backend) -> Blob | None:
    """The content of a hash. Contents are known by blake3 only, so that a sha256 finds none."""
    kind, _, digest = wanted.partition(":")
    return backend.blobs.get(digest) if kind == "blake3" else None


async def create_from_hash(request: Request, backend: Backend) -> Response:
    body = await read_json_object(request, strict=True)
    check_fields(body, {"hash": str, "name": str, "tags": list, "mime_type": str, "user_metadata": dict})
    tags = string_list(body, "tags")
    if not tags:
        raise Refusal(400, "INVALID_REQUEST", "tags must hold at least one tag")
    if not _HASH.fullmatch(body.get("hash", "")):
        raise Refusal(400, "INVALID_HASH", "hash must be blake3: or sha256: and 64 hex digits")
    blob = _content(body["hash"], backend)
    if blob is None:
        raise Refusal(404, "NOT_FOUND", "No content has this hash")
    name = body.get("name") or blob.digest
    same = backend.assets.find(
        lambda asset: asset.blob is blob and asset.name == name and asset.tags == sorted(set(tags))
    )
    asset = same[0] if same else _create(backend, blob, name, tags, body)
    return _created(asset, backend, new=not same)


async def upload_asset(request: Request, backend: Backend) -> Response:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Send the file as multipart/form-data")
    async with request.form() as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Refusal(400, "INVALID_REQUEST", "Field file is missing")
        if file.size == 0:
            raise Refusal(400, "EMPTY_UPLOAD", "The file is empty")
        fields: dict[str, Any] = {
            "id": form_text(form, "id"),
            "preview_id": form_text(form, "preview_id"),
            "mime_type": form_text(form, "mime_type") or file.content_type,
            "user_metadata": _metadata_field(form_text(form, "user_metadata")),
        }
        tags = _form_tags([value for value in form.getlist("tags") if isinstance(value, str)])
        known = backend.assets.get(fields["id"]) if fields["id"] else None
        if known is not None:
            return _created(known, backend, new=False)
        blob = backend.blobs.put(file.file)
        same = backend.assets.find(lambda asset: asset.blob is blob)
        name = form_text(form, "name") or file.filename or blob.digest
    asset = same[0] if same else _create(backend, blob, name, tags, fields)
    return _created(asset, backend, new=not same)


def _metadata_field(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal(400, "INVALID_REQUEST", "user_metadata must be a JSON object")
    return found


def _form_tags(values: list[str]) -> list[str]:
    """Tags of a form: repeated fields, one field with commas, or one field with a JSON list."""
    tags: list[str] = []
    for value in values:
        if value.startswith("["):
            try:
                tags += [str(tag) for tag in json.loads(value)]
                continue
            except ValueError:
                raise Refusal(400, "INVALID_REQUEST", "tags is not a JSON list") from None
        tags += [tag.strip() for tag in value.split(",") if tag.strip()]
    return tags


def _create(backend: Backend, blob: Blob, name: str, tags: list[str], fields: dict[str, Any]) -> Asset:
    more = {field: fields[field] for field in ("id", "preview_id", "user_metadata") if fields.get(field)}
    # The name is what a LoadImage input may hold beside the hash.
    backend.files.save("input", "", name, blob)
    return backend.assets.add(name, blob, fields.get("mime_type") or content_type(name), tags, **more)


def _created(asset: Asset, backend: Backend, *, new: bool) -> Response:
    return json_answer({**asset_body(asset, backend), "created_new": new}, 201 if new else 200)
