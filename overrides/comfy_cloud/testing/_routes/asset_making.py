"""Create assets: what the caller requests, the content, and the response with the new asset."""

from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from .._servers.responses import Refusal, json_response, string_list
from .._state.asset_rules import ROLES
from .._state.assets import Asset, clean_tags
from .._state.blobs import Blob, Readable
from .._state.files import clean_extension, content_type
from .assets import asset_body, known_preview
from .backend import Backend


@dataclass
class AssetRequest:
    """The asset that a caller requests. A field is empty if the caller did not set it.

    `filename` is the name of the file part of an upload.
    """

    name: str = ""
    filename: str = ""
    tags: list[str] = field(default_factory=list)
    mime_type: str = ""
    user_metadata: dict[str, Any] = field(default_factory=dict)
    preview_id: str | None = None
    id: str = ""


def request_from_json(body: dict[str, Any], backend: Backend) -> AssetRequest:
    """Return what a JSON body requests. The types of its fields must have been checked."""
    return AssetRequest(
        name=body.get("name", ""),
        tags=clean_tags(string_list(body, "tags")),
        mime_type=body.get("mime_type", ""),
        user_metadata=body.get("user_metadata", {}),
        preview_id=known_preview(body.get("preview_id"), backend),
    )


def keep(source: Readable, backend: Backend) -> tuple[Blob, bool]:
    """Store a content. Return it, and whether no asset had it before."""
    blob = backend.blobs.put(source)
    return blob, not backend.assets.find(lambda asset: asset.blob.digest == blob.digest)


def too_large(backend: Backend) -> Refusal:
    """Return the refusal of a file that is larger than the server stores."""
    return Refusal(413, "TOO_LARGE", f"The file is larger than {backend.dialect.assets.max_size} bytes")


def create(blob: Blob, requested: AssetRequest, backend: Backend) -> Asset:
    """Create an asset with a file of its own, so that workflows can load it."""
    name = requested.name or blob.digest
    if backend.dialect.assets.roles:
        # ComfyUI names the file by its hash and the extension of the file part, in the folder of its role. The asset's
        # name is only a label.
        role = next(tag for tag in requested.tags if tag in ROLES)
        folder = next((tag.partition(":")[2] for tag in requested.tags if tag.startswith("model_type:")), "")
        subfolder = folder if role == "models" else ""
        file = backend.files.save(role, subfolder, blob.digest + clean_extension(requested.filename or name), blob)
    else:
        file = backend.files.save("input", "", name, blob)
    return refer(blob, requested, backend, file=file)


def refer(blob: Blob, requested: AssetRequest, backend: Backend, **more: Any) -> Asset:
    """Create an asset for a content. `more` holds further fields of Asset."""
    name = requested.name or blob.digest
    if requested.id:
        more["id"] = requested.id
    return backend.assets.add(
        name,
        blob,
        requested.mime_type or content_type(name),
        requested.tags,
        user_metadata=requested.user_metadata,
        preview_id=requested.preview_id,
        **more,
    )


def created(asset: Asset, backend: Backend, *, new: bool, status: int | None = None) -> Response:
    """Return the response to a request for a new asset."""
    return json_response({**asset_body(asset, backend), "created_new": new}, status or (201 if new else 200))
