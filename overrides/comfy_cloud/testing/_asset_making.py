"""Making assets: what a caller wants of a new one, the content behind it, the answer that tells of it."""

from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from ._answers import Refusal, json_answer, string_list
from ._asset_routes import asset_body, known_preview
from ._asset_rules import ROLES
from ._assets import Asset, clean_tags
from ._backend import Backend
from ._blobs import Blob, Readable
from ._downloads import content_type
from ._files import clean_extension


@dataclass
class Wish:
    """What a caller wants of a new asset; empty where nothing was said."""

    name: str = ""
    tags: list[str] = field(default_factory=list)
    mime_type: str = ""
    user_metadata: dict[str, Any] = field(default_factory=dict)
    preview_id: str | None = None
    id: str = ""


def wish_of(body: dict[str, Any], backend: Backend) -> Wish:
    """What a JSON body wants of its asset; its types have been checked."""
    return Wish(
        name=body.get("name", ""),
        tags=clean_tags(string_list(body, "tags")),
        mime_type=body.get("mime_type", ""),
        user_metadata=body.get("user_metadata", {}),
        preview_id=known_preview(body.get("preview_id"), backend),
    )


def keep(source: Readable, backend: Backend) -> tuple[Blob, bool]:
    """Store a content; tells whether no asset had it."""
    blob = backend.blobs.put(source)
    return blob, not backend.assets.find(lambda asset: asset.blob.digest == blob.digest)


def too_large(backend: Backend) -> Refusal:
    return Refusal(413, "TOO_LARGE", f"The file is larger than {backend.dialect.assets.max_size} bytes")


def create(blob: Blob, wish: Wish, backend: Backend) -> Asset:
    """A new asset with a file of its own, so that workflows can load it."""
    name = wish.name or blob.digest
    if backend.dialect.assets.roles:
        # ComfyUI names the file by its content, below the folder of its role; the name is a label only.
        role = next(tag for tag in wish.tags if tag in ROLES)
        folder = next((tag.partition(":")[2] for tag in wish.tags if tag.startswith("model_type:")), "")
        subfolder = folder if role == "models" else ""
        file = backend.files.save(role, subfolder, blob.digest + clean_extension(name), blob)
    else:
        file = backend.files.save("input", "", name, blob)
    return refer(blob, wish, backend, file=file)


def refer(blob: Blob, wish: Wish, backend: Backend, **more: Any) -> Asset:
    """A new asset for a content; `more` are further fields of Asset."""
    name = wish.name or blob.digest
    if wish.id:
        more["id"] = wish.id
    return backend.assets.add(
        name,
        blob,
        wish.mime_type or content_type(name),
        wish.tags,
        user_metadata=wish.user_metadata,
        preview_id=wish.preview_id,
        **more,
    )


def created(asset: Asset, backend: Backend, *, new: bool, status: int | None = None) -> Response:
    """The answer to a request for a new asset."""
    return json_answer({**asset_body(asset, backend), "created_new": new}, status or (201 if new else 200))
