"""How servers differ around assets: their shapes in answers, and what an upload or a change may hold.

One frozen `AssetRules` per family of servers; the dialects refer to them. Nothing here holds state.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError

from . import _shapes
from ._assets import Asset
from ._files import StoredFile

MiB = 1024 * 1024
OPERATIONS: tuple[str, ...] = (
    "listAssets",
    "uploadAsset",
    "createAssetFromHash",
    "getAssetById",
    "updateAsset",
    "deleteAsset",
    "addAssetTags",
    "removeAssetTags",
    "listTags",
    "getAssetTagHistogram",
    "checkAssetByHash",
)
ROLES: tuple[str, ...] = ("input", "output", "models")

Body = Callable[[Asset, Asset | None, str], dict[str, Any]]


@dataclass(frozen=True)
class AssetRules:
    """One family's ways.

    `body` and `updated` make an asset into JSON, given the asset, the asset that serves as its preview, and the
    address of the server. `max_size` is in bytes. Uploads: `chosen_ids` takes the caller's `id`; `by_url` takes a
    JSON body with an address; `json_tags` wants the tags as one JSON list and every field before the file; `roles`
    wants exactly one of input, output and models among the tags of new content and takes a `hash` for the file;
    `upload_tags` are added to what comes with a file. The same bytes again are the same asset where `reuses`,
    otherwise a new one. `hashes` are the kinds of hash that from-hash reads; `from_hash_repeat` is its status where
    nothing new is made. A change must hold one of `changeable`. Lists: `cursors` pages with `after`; `counts_total`
    tells how many there are. `zero_counts` lists unused tags by default, `known_tags` from the start. A delete drops
    the content with its last asset where `frees_content`. Ids that are no UUID have no route where `uuid_routes`.
    `public` assets exist.
    """

    body: Body
    updated: Body
    max_size: int
    chosen_ids: bool
    by_url: bool
    json_tags: bool
    roles: bool
    upload_tags: tuple[str, ...]
    reuses: bool
    hashes: tuple[str, ...]
    hash_needs_tags: bool
    from_hash_repeat: int
    changeable: frozenset[str]
    cursors: bool
    counts_total: bool
    zero_counts: bool
    known_tags: tuple[str, ...]
    frees_content: bool
    uuid_routes: bool
    public: bool


def cloud_body(asset: Asset, preview: Asset | None, url: str) -> dict[str, Any]:
    """An asset in the contract's shape."""
    path = _cloud_preview(preview or asset)
    body: dict[str, Any] = {
        "id": asset.id,
        "name": asset.name,
        "asset_hash": asset.blob.hash,
        "size": asset.blob.size,
        "mime_type": asset.mime_type,
        "tags": asset.tags,
        "user_metadata": asset.user_metadata,
        "preview_url": None if path is None else url + path,
        "preview_id": asset.preview_id,
        "prompt_id": asset.prompt_id,
        "created_at": _shapes.iso_time(asset.created),
        "updated_at": _shapes.iso_time(asset.updated),
        "last_access_time": _shapes.iso_time(asset.updated),
        "is_immutable": asset.public,
    }
    return _without_nulls(body)


def next_body(asset: Asset, preview: Asset | None, url: str) -> dict[str, Any]:
    """The newer field names; the size is left out."""
    body = cloud_body(asset, preview, url)
    renamed = {"asset_hash": "hash", "prompt_id": "job_id"}
    return {renamed.get(name, name): value for name, value in body.items() if name != "size"}


def cloud_updated(asset: Asset, preview: Asset | None, url: str) -> dict[str, Any]:
    """What the contract's answer to a change holds."""
    body = cloud_body(asset, preview, url)
    wanted = ("id", "name", "asset_hash", "tags", "mime_type", "user_metadata", "updated_at")
    return {name: body[name] for name in wanted}


def comfyui_body(asset: Asset, preview: Asset | None, url: str) -> dict[str, Any]:
    """An asset of ComfyUI: old and new names side by side, times without a zone, a relative preview."""
    del url
    file = asset.file
    shown = preview or asset
    # The hash of a job's output comes from a background task, long after the job.
    digest = None if asset.prompt_id is not None else asset.blob.hash
    body: dict[str, Any] = {
        "id": asset.id,
        "name": asset.name,
        "hash": digest,
        "loader_path": file and (file.name if file.folder == "models" else _path(file)),
        "display_name": file and _path(file),
        "asset_hash": digest,
        "size": asset.blob.size,
        "mime_type": asset.mime_type,
        "tags": asset.tags,
        "preview_url": _comfyui_preview(shown),
        "preview_id": asset.preview_id if preview else None,
        "user_metadata": asset.user_metadata | ({"filename": file.name} if file else {}),
        "is_immutable": False,
        "metadata": _image_metadata(asset),
        "job_id": asset.prompt_id,
        "prompt_id": asset.prompt_id,
        "created_at": _zoneless(asset.created),
        "updated_at": _zoneless(asset.updated),
        "last_access_time": _zoneless(asset.created),
    }
    return _without_nulls(body)


def _path(file: StoredFile) -> str:
    return f"{file.subfolder}/{file.name}".strip("/")


def _without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _cloud_preview(asset: Asset) -> str | None:
    """An image stands for itself; anything else has a preview only where one was given."""
    if asset.file is None or not asset.mime_type.startswith("image/"):
        return None
    return f"/api/view?type=input&filename={quote(asset.file.name)}"


def _comfyui_preview(asset: Asset) -> str | None:
    file = asset.file
    if file is None or file.folder not in ("input", "output") or not asset.mime_type.startswith("image/"):
        return None
    subfolder = f"&subfolder={quote(file.subfolder)}" if file.subfolder else ""
    return f"/api/view?type={file.folder}&filename={quote(file.name)}{subfolder}"


def _image_metadata(asset: Asset) -> dict[str, Any] | None:
    try:
        with asset.blob.open() as source, Image.open(source) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    return {"kind": "image", "width": width, "height": height}


def _zoneless(milliseconds: int) -> str:
    time = datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
    return time.isoformat(timespec="microseconds")


CLOUD_ASSETS = AssetRules(
    body=cloud_body,
    updated=cloud_updated,
    max_size=50 * MiB,
    chosen_ids=True,
    by_url=True,
    json_tags=False,
    roles=False,
    upload_tags=(),
    reuses=True,
    hashes=("blake3", "sha256"),
    hash_needs_tags=True,
    from_hash_repeat=200,
    changeable=frozenset({"name", "tags", "mime_type", "preview_id", "user_metadata"}),
    cursors=False,
    counts_total=True,
    zero_counts=False,
    known_tags=(),
    frees_content=True,
    uuid_routes=False,
    public=True,
)
CLOUD_NEXT_ASSETS = replace(
    CLOUD_ASSETS, body=next_body, updated=next_body, json_tags=True, cursors=True, counts_total=False
)
COMFYUI_ASSETS = AssetRules(
    body=comfyui_body,
    updated=comfyui_body,
    max_size=100 * MiB,
    chosen_ids=False,
    by_url=False,
    json_tags=False,
    roles=True,
    upload_tags=("uploaded",),
    reuses=False,
    hashes=("blake3",),
    hash_needs_tags=False,
    from_hash_repeat=201,
    changeable=frozenset({"name", "preview_id", "user_metadata"}),
    cursors=True,
    counts_total=True,
    zero_counts=True,
    known_tags=(*ROLES, "temp", "checkpoints", "loras", "vae", "upscale_models"),
    frees_content=False,
    uuid_routes=True,
    public=False,
)
