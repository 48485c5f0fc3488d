"""Describe how servers differ in their assets: the JSON of an asset, and what uploads and changes may contain.

There is one frozen `AssetRules` for each family of servers, and the dialects refer to it. This module holds no state.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError

from .assets import Asset
from .files import StoredFile
from .times import iso_time, zoneless_time

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
    """The asset behaviour of one family of servers.

    `body` and `updated` convert an asset to JSON. They get the asset, the asset that is its preview, and the URL of the
    server. `max_size` is in bytes.

    Uploads: If `chosen_ids` is set, the caller may send an `id`. With `by_url`, the body may be JSON that contains a
    URL. With `json_tags`, the tags must be one JSON list and the file must be the last part of the form. With `roles`,
    the tags of new content must include exactly one of input, output and models, and a `hash` may replace the file.
    `upload_tags` are added to every asset that comes with a file. With `reuses`, uploading known bytes returns the
    existing asset; otherwise it creates another one.

    From-hash: `hashes` are the supported kinds of hash. `from_hash_repeat` is the status if nothing new was created.

    Other operations: A change must contain at least one of the `changeable` fields. `cursors` supports paging with
    `after`. `counts_total` reports the number of matches. `zero_counts` lists unused tags by default, and `known_tags`
    exist from the start. With `frees_content`, deleting the last asset of a content deletes the content. With
    `uuid_routes`, a path with an id that is not a UUID is an unknown route. `public` says whether assets that belong to
    everybody exist.
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
    """Return an asset in the shape of the contract."""
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
        "created_at": iso_time(asset.created),
        "updated_at": iso_time(asset.updated),
        "last_access_time": iso_time(asset.updated),
        "is_immutable": asset.public,
    }
    return _without_nulls(body)


def next_body(asset: Asset, preview: Asset | None, url: str) -> dict[str, Any]:
    """Return an asset of the newer cloud: two fields are renamed and the size is left out."""
    body = cloud_body(asset, preview, url)
    renamed = {"asset_hash": "hash", "prompt_id": "job_id"}
    return {renamed.get(name, name): value for name, value in body.items() if name != "size"}


def cloud_updated(asset: Asset, preview: Asset | None, url: str) -> dict[str, Any]:
    """Return the fields that the contract lists for the response to a change."""
    body = cloud_body(asset, preview, url)
    wanted = ("id", "name", "asset_hash", "tags", "mime_type", "user_metadata", "updated_at")
    return {name: body[name] for name in wanted}


def comfyui_body(asset: Asset, preview: Asset | None, url: str) -> dict[str, Any]:
    """Return an asset of ComfyUI: old and new field names together, times without a zone, a relative preview URL."""
    del url
    file = asset.file
    shown = preview or asset
    # ComfyUI 0.33.0 hashes the outputs of a job in a background task, long after the job has ended. Until then the
    # output's asset has no hash, and clients must cope with that.
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
        # ComfyUI has no public assets, so every asset may be changed.
        "is_immutable": False,
        "metadata": _image_metadata(asset),
        "job_id": asset.prompt_id,
        "prompt_id": asset.prompt_id,
        "created_at": zoneless_time(asset.created),
        "updated_at": zoneless_time(asset.updated),
        "last_access_time": zoneless_time(asset.created),
    }
    return _without_nulls(body)


def _path(file: StoredFile) -> str:
    return f"{file.subfolder}/{file.name}".strip("/")


def _without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    # Servers leave null fields out, so that a client must handle their absence.
    return {name: value for name, value in body.items() if value is not None}


def _cloud_preview(asset: Asset) -> str | None:
    """Return the path of a preview image, or None.

    An image is its own preview; other files have one only if it was given.
    """
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
    # ComfyUI 0.33.0 creates a new id for the same bytes each time, but with status 200 and `created_new` false.
    reuses=False,
    hashes=("blake3",),
    hash_needs_tags=False,
    # ComfyUI 0.33.0 returns 201 even if `created_new` is false.
    from_hash_repeat=201,
    # ComfyUI 0.33.0 refuses a change of only tags or the MIME type with 400.
    changeable=frozenset({"name", "preview_id", "user_metadata"}),
    cursors=True,
    counts_total=True,
    # ComfyUI includes unused tags by default; the contract's default is not to.
    zero_counts=True,
    known_tags=(*ROLES, "temp", "checkpoints", "loras", "vae", "upscale_models"),
    # On ComfyUI a deleted asset's content stays, and HEAD on its hash still returns 200.
    frees_content=False,
    uuid_routes=True,
    public=False,
)
