"""Handle the operations on existing assets: list, get, change, delete, add and count tags, look up a hash."""

import base64
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .._servers.responses import (
    NoRoute,
    Refusal,
    check_fields,
    empty_response,
    json_response,
    read_json_object,
    string_list,
)
from .._state.assets import Asset
from .backend import Backend
from .query import bool_parameter, int_parameter

_HASH = re.compile(r"blake3:[0-9a-f]{64}")
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "tags": list,
    "mime_type": str,
    "preview_id": (str, type(None)),
    "user_metadata": dict,
}
_SORT_KEYS: dict[str, Callable[[Asset], int | str]] = {
    "name": lambda asset: asset.name,
    "created_at": lambda asset: asset.created,
    "updated_at": lambda asset: asset.updated,
    "size": lambda asset: asset.blob.size,
    "last_access_time": lambda asset: asset.updated,
}
_TAG_ORDERS = ("count_desc", "name_asc")

Matches = Callable[[Asset], bool]


def asset_body(asset: Asset, backend: Backend) -> dict[str, Any]:
    """Return an asset as the dialect shows it."""
    return backend.dialect.assets.body(asset, _preview(asset, backend), backend.url)


def _preview(asset: Asset, backend: Backend) -> Asset | None:
    return backend.assets.get(asset.preview_id) if asset.preview_id else None


def _asset(request: Request, backend: Backend, *, own: bool = True) -> Asset:
    """Return the asset in the path. With `own`, public assets are unknown, because nobody may change them."""
    asset_id = request.path_params["id"]
    asset = backend.assets.get(asset_id)
    if asset is None or (own and asset.public):
        if backend.dialect.assets.uuid_routes and not is_uuid(asset_id):
            raise NoRoute
        raise Refusal(404, "ASSET_NOT_FOUND", "Asset not found")
    return asset


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


async def list_assets(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/assets`."""
    query, rules = request.query_params, backend.dialect.assets
    limit = int_parameter(query.get("limit"), "limit", default=20, low=1, high=500)
    offset = int_parameter(query.get("offset"), "offset", default=0, low=0)
    sort, order = query.get("sort", "created_at"), query.get("order", "desc")
    if sort not in _SORT_KEYS or order not in ("asc", "desc"):
        raise Refusal(400, "INVALID_QUERY", f"sort must be one of {', '.join(_SORT_KEYS)}, order asc or desc")

    def key(asset: Asset) -> tuple[int | str, int]:
        # The sequence number makes the order total: otherwise a cursor could skip or repeat assets with equal values.
        return _SORT_KEYS[sort](asset), asset.sequence

    found = sorted(backend.assets.find(_filter(request)), key=key, reverse=order == "desc")
    rest = found
    if rules.cursors and query.get("after"):
        start = _read_cursor(query["after"], sort, order)
        rest = [asset for asset in found if (key(asset) > start if order == "asc" else key(asset) < start)]
    page = rest[offset : offset + limit]
    body = {
        "assets": [asset_body(asset, backend) for asset in page],
        "total": len(found) if rules.counts_total else 0,
        "has_more": offset + len(page) < len(rest),
    }
    if rules.cursors and body["has_more"] and page:
        body["next_cursor"] = _cursor(*key(page[-1]), sort, order)
    return json_response(body)


def _cursor(value: int | str, sequence: int, sort: str, order: str) -> str:
    text = json.dumps({"s": sort, "v": value, "n": sequence, "o": order})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str, order: str) -> tuple[int | str, int]:
    """Return the position in the list that a cursor stands for. Refuse a cursor of another order with 400."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value, sequence = found["v"], found["n"]
        fits = (found["s"], found["o"]) == (sort, order) and isinstance(value, str) == (sort == "name")
        if fits and isinstance(value, int | str) and isinstance(sequence, int):
            return value, sequence
    except (ValueError, KeyError, TypeError):
        pass
    raise Refusal(400, "INVALID_CURSOR", "after is no cursor of this list")


def _filter(request: Request) -> Matches:
    """Return the filter in the query of a list or a histogram."""
    query = request.query_params
    wanted, unwanted = set(_tags(request, "include_tags")), set(_tags(request, "exclude_tags"))
    part = query.get("name_contains", "").lower()
    metadata = _metadata_filter(query.get("metadata_filter"))
    public = bool_parameter(request, "include_public", default=True)

    def matches(asset: Asset) -> bool:
        tags = set(asset.tags)
        return (
            wanted <= tags
            and not unwanted & tags
            and part in asset.name.lower()
            and all(name in asset.user_metadata and asset.user_metadata[name] == metadata[name] for name in metadata)
            and (public or not asset.public)
        )

    return matches


def _tags(request: Request, name: str) -> list[str]:
    """Return the tags in a query: separated by commas, repeated, or both."""
    return [tag.strip() for value in request.query_params.getlist(name) for tag in value.split(",") if tag.strip()]


def _metadata_filter(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal(400, "INVALID_QUERY", "metadata_filter must be a JSON object")
    return found


async def get_asset(request: Request, backend: Backend) -> Response:
    return json_response(asset_body(_asset(request, backend, own=False), backend))


async def update_asset(request: Request, backend: Backend) -> Response:
    """Handle `PUT /api/assets/{id}`."""
    rules = backend.dialect.assets
    asset = _asset(request, backend)
    body = await read_json_object(request, strict=True)
    check_fields(body, _FIELDS)
    tags = string_list(body, "tags")
    if not rules.changeable & body.keys():
        raise Refusal(400, "INVALID_BODY", f"Provide at least one of: {', '.join(sorted(rules.changeable))}")
    changes = {name: body[name] for name in rules.changeable & body.keys()}
    if "tags" in changes:
        changes["tags"] = tags
    if "preview_id" in changes:
        changes["preview_id"] = known_preview(changes["preview_id"], backend)
    backend.assets.change(asset, **changes)
    return json_response(rules.updated(asset, _preview(asset, backend), backend.url))


def known_preview(preview_id: str | None, backend: Backend) -> str | None:
    """Return the id of a preview, or None if there is no such asset. Refuse anything but a UUID with 400."""
    if preview_id and not is_uuid(preview_id):
        raise Refusal(400, "INVALID_BODY", "preview_id must be a UUID")
    return preview_id if preview_id and backend.assets.get(preview_id) is not None else None


async def delete_asset(request: Request, backend: Backend) -> Response:
    asset = _asset(request, backend)
    is_last = backend.assets.remove(asset)
    if is_last and backend.dialect.assets.frees_content:
        backend.files.forget(asset.blob)
        backend.blobs.forget(asset.blob)
    return empty_response(204)


async def add_tags(request: Request, backend: Backend) -> Response:
    asset = _asset(request, backend)
    added, present = backend.assets.add_tags(asset, await _given_tags(request))
    return json_response({"added": added, "already_present": present, "total_tags": asset.tags})


async def remove_tags(request: Request, backend: Backend) -> Response:
    asset = _asset(request, backend)
    removed, missing = backend.assets.remove_tags(asset, await _given_tags(request))
    return json_response({"removed": removed, "not_present": missing, "total_tags": asset.tags})


async def _given_tags(request: Request) -> list[str]:
    tags = string_list(await read_json_object(request, strict=True), "tags")
    if not tags:
        raise Refusal(400, "INVALID_BODY", "tags must hold at least one tag")
    return tags


async def list_tags(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/tags`."""
    query = request.query_params
    limit = int_parameter(query.get("limit"), "limit", default=100, low=1, high=1000)
    offset = int_parameter(query.get("offset"), "offset", default=0, low=0)
    order = query.get("order", "count_desc")
    if order not in _TAG_ORDERS:
        raise Refusal(400, "INVALID_QUERY", f"order must be {' or '.join(_TAG_ORDERS)}")
    zero = bool_parameter(request, "include_zero", default=backend.dialect.assets.zero_counts)
    public = bool_parameter(request, "include_public", default=True)
    counts = backend.assets.count_tags(lambda asset: public or not asset.public, include_zero=zero)
    found = [(name, count) for name, count in counts.items() if name.startswith(query.get("prefix", ""))]
    found.sort(key=lambda item: (-item[1] if order == "count_desc" else 0, item[0]))
    page = found[offset : offset + limit]
    return json_response(
        {
            "tags": [{"name": name, "count": count} for name, count in page],
            "total": len(found),
            "has_more": offset + len(page) < len(found),
        }
    )


async def tag_histogram(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/assets/tags/refine`."""
    limit = int_parameter(request.query_params.get("limit"), "limit", default=100, low=1, high=1000)
    counts = backend.assets.count_tags(_filter(request))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return json_response({"tag_counts": dict(ranked[:limit])})


async def check_hash(request: Request, backend: Backend) -> Response:
    """Handle `HEAD /api/assets/hash/{hash}`."""
    wanted = request.path_params["hash"]
    if not _HASH.fullmatch(wanted):
        raise Refusal(400, "INVALID_HASH", "The hash must be blake3: and 64 hex digits")
    response = empty_response(200 if backend.blobs.get(wanted.removeprefix("blake3:")) is not None else 404)
    del response.headers["content-length"]  # ComfyUI 0.33.0 sends no Content-Length here
    return response
