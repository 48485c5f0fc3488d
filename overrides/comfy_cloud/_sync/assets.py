# Derived from overrides/comfy_cloud/_async/assets.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""`cloud.assets`: files that the server keeps with tags and metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from uuid import UUID

from .._constants import PAGE_SIZE
from .._core.inputs import FileContent
from .._core.pages import Listing, Moment
from .._core.records import given, texts
from ..errors import NotFoundError, NotSupportedError, UploadError
from ..raw.api.asset import (
    add_asset_tags,
    check_asset_by_hash,
    create_asset_download,
    create_asset_from_hash,
    delete_asset,
    get_asset_by_id,
    get_asset_tag_histogram,
    get_remote_asset_metadata,
    list_assets,
    list_tags,
    remove_asset_tags,
    update_asset,
    upload_asset,
)
from ..raw.models import (
    AddAssetTagsBody,
    Asset,
    AssetCreated,
    AssetMetadataResponse,
    AssetTagHistogramResponse,
    AssetUpdated,
    CreateAssetDownloadBody,
    CreateAssetFromHashBody,
    RemoveAssetTagsBody,
    TagInfo,
    TagsModificationResponse,
    UpdateAssetBody,
    UploadAssetJsonBody,
)
from . import backend
from .files import source_of
from .groups import Group
from .imports import AssetImport, asset_model
from .uploads import Progress, upload_asset_source

Tags = str | Iterable[str]
Metadata = Mapping[str, Any]


class Assets(Group):
    """`cloud.assets`: stored files. Where a server calls a field by a newer name, it is there by the contract's too.

    A tag may be given for a list of one. Ids are UUIDs; hashes are `blake3:` and 64 hex digits, or the digits alone.
    """

    def list(
        self,
        *,
        include_tags: Tags | None = None,
        exclude_tags: Tags | None = None,
        name_contains: str | None = None,
        metadata_filter: Metadata | None = None,
        sort: str | None = None,
        order: str | None = None,
        include_public: bool | None = None,
        created_after: Moment | None = None,
        created_before: Moment | None = None,
        limit: int | None = None,
    ) -> backend.Stream[Asset]:
        """Assets page by page (`GET /api/assets`), those of everybody too unless `include_public` is False.

        `sort` is name, created_at, updated_at, size or last_access_time; `order` desc or asc. `created_after`
        (inclusive) and `created_before` (exclusive) are datetimes, or text that python-dateutil reads; they filter on
        this side. `limit` counts assets. Nothing is asked before the first one is; to delete what is listed, make a
        `list()` of it first. Raises ConfigurationError for an unreadable time.
        """
        if created_after is not None and sort in (None, "created_at") and order in (None, "desc"):
            sort, order = "created_at", "desc"
        listing = Listing(
            "assets",
            PAGE_SIZE,
            limit=limit,
            created_after=created_after,
            created_before=created_before,
            newest_first=(sort, order) == ("created_at", "desc"),
        )
        wanted = _filters(include_tags, exclude_tags, name_contains, metadata_filter, include_public)
        kwargs = list_assets._get_kwargs(**wanted, **given(sort=sort, order=order))
        return self._items(kwargs, listing, partial(asset_model, Asset))

    def get(self, asset_id: str | UUID) -> Asset:
        """One asset (`GET /api/assets/{id}`). Raises NotFoundError."""
        return asset_model(Asset, self._connection.answer(get_asset_by_id._get_kwargs(cast(UUID, asset_id))))

    def upload(
        self,
        content: FileContent | str,
        *,
        tags: Tags = ("input",),
        name: str | None = None,
        mime_type: str | None = None,
        user_metadata: Metadata | None = None,
        preview_id: str | UUID | None = None,
        asset_id: str | UUID | None = None,
        on_progress: Progress | None = None,
    ) -> AssetCreated:
        """Store a file (`POST /api/assets`); `created_new` is False where its content was there already.

        `content` is a Path, bytes, an open binary file or a PIL image; a text is an http address that the server
        fetches (the cloud does). `asset_id` chooses the id, so that a second upload does no harm. A ComfyUI wants one
        of input, output and models among the tags. `on_progress` is called with the bytes of the file sent so far and
        all of them. Raises UploadError and the API's errors.
        """
        fields = given(preview_id=preview_id)
        if isinstance(content, str):
            if not content.startswith(("http://", "https://")):
                raise UploadError("upload: a text is an http address; give a pathlib.Path for a file on this machine")
            fields |= {"name": name or unquote(PurePosixPath(urlsplit(content).path).name) or "download"}
            fields |= given(user_metadata=user_metadata)
            address = UploadAssetJsonBody.from_dict({"url": content, "tags": texts(tags), **fields})
            kwargs = upload_asset._get_kwargs(body=address)
            return asset_model(AssetCreated, self._connection.answer(kwargs, total_timeout=None))
        source = source_of(content, "upload")
        try:
            fields |= given(id=asset_id, user_metadata=None if user_metadata is None else json.dumps(user_metadata))
            fields |= {"name": name or source.name, "mime_type": mime_type or source.mime_type}
            answer = upload_asset_source(self._connection, source, tags=texts(tags), on_progress=on_progress, **fields)
            return asset_model(AssetCreated, answer)
        finally:
            source.close()

    def create_from_hash(
        self,
        asset_hash: str,
        *,
        tags: Tags = ("input",),
        name: str | None = None,
        mime_type: str | None = None,
        user_metadata: Metadata | None = None,
    ) -> AssetCreated:
        """An asset of content that is there (`POST /api/assets/from-hash`). Raises NotFoundError where it is not."""
        fields = given(name=name, mime_type=mime_type, user_metadata=user_metadata)
        body = CreateAssetFromHashBody.from_dict({"hash": _hash(asset_hash), "tags": texts(tags), **fields})
        return asset_model(AssetCreated, self._connection.answer(create_asset_from_hash._get_kwargs(body=body)))

    def exists(self, asset_hash: str) -> bool:
        """Whether the server has content of this hash (`HEAD /api/assets/hash/{hash}`)."""
        try:
            check_asset_by_hash.sync_detailed(_hash(asset_hash), client=self._raw)
        except NotFoundError:
            pass
        else:
            return True
        if not self._connection.on_cloud():
            try:  # the answer to HEAD has no body to tell a missing route from missing content
                list_assets.sync_detailed(client=self._raw, limit=1)
            except NotSupportedError as error:
                message = "checkAssetByHash: this server has no assets"
                raise NotSupportedError(message, status=error.status, operation="checkAssetByHash") from None
        return False

    def update(
        self,
        asset_id: str | UUID,
        *,
        name: str | None = None,
        tags: Tags | None = None,
        mime_type: str | None = None,
        user_metadata: Metadata | None = None,
        preview_id: str | UUID | None = None,
    ) -> AssetUpdated:
        """Change what is given (`PUT /api/assets/{id}`); `tags` and `user_metadata` replace what was there.

        A ComfyUI refuses a change of nothing but tags or MIME type. Raises NotFoundError.
        """
        fields = given(name=name, mime_type=mime_type, user_metadata=user_metadata, preview_id=preview_id)
        body = UpdateAssetBody.from_dict(fields if tags is None else {**fields, "tags": texts(tags)})
        kwargs = update_asset._get_kwargs(cast(UUID, asset_id), body=body)
        return asset_model(AssetUpdated, self._connection.answer(kwargs))

    def delete(self, asset_id: str | UUID) -> None:
        """Remove an asset (`DELETE /api/assets/{id}`). Raises NotFoundError."""
        delete_asset.sync_detailed(cast(UUID, asset_id), client=self._raw)

    def add_tags(self, asset_id: str | UUID, tags: Tags) -> TagsModificationResponse:
        """Attach tags (`POST /api/assets/{id}/tags`); the answer has all that the asset has then."""
        body = AddAssetTagsBody(tags=texts(tags))
        return add_asset_tags.sync(cast(UUID, asset_id), client=self._raw, body=body)

    def remove_tags(self, asset_id: str | UUID, tags: Tags) -> TagsModificationResponse:
        """Detach tags (`DELETE /api/assets/{id}/tags`); the answer has all that the asset has then."""
        body = RemoveAssetTagsBody(tags=texts(tags))
        return remove_asset_tags.sync(cast(UUID, asset_id), client=self._raw, body=body)

    def tags(
        self,
        *,
        prefix: str | None = None,
        order: str | None = None,
        include_zero: bool | None = None,
        include_public: bool | None = None,
        limit: int | None = None,
    ) -> backend.Stream[TagInfo]:
        """Tags in use with their counts, page by page (`GET /api/tags`). `order` is count_desc or name_asc.

        `include_zero` adds tags that no asset has; a ComfyUI does so unless it is False.
        """
        fields = given(prefix=prefix, order=order, include_zero=include_zero, include_public=include_public)
        return self._items(list_tags._get_kwargs(**fields), Listing("tags", PAGE_SIZE, limit=limit), TagInfo.from_dict)

    def tag_histogram(
        self,
        *,
        include_tags: Tags | None = None,
        exclude_tags: Tags | None = None,
        name_contains: str | None = None,
        metadata_filter: Metadata | None = None,
        include_public: bool | None = None,
        limit: int | None = None,
    ) -> AssetTagHistogramResponse:
        """How often each tag occurs among the assets that match (`GET /api/assets/tags/refine`), the most used first.

        `limit` counts tags, 1000 at most.
        """
        wanted = _filters(include_tags, exclude_tags, name_contains, metadata_filter, include_public)
        return get_asset_tag_histogram.sync(client=self._raw, **wanted, **given(limit=limit))

    def remote_metadata(self, url: str) -> AssetMetadataResponse:
        """What a file elsewhere is, without importing it (`GET /api/assets/remote-metadata`; the cloud only)."""
        return get_remote_asset_metadata.sync(client=self._raw, url_query=url)

    def import_url(
        self,
        url: str,
        *,
        tags: Tags | None = None,
        user_metadata: Metadata | None = None,
        preview_id: str | UUID | None = None,
    ) -> AssetImport:
        """Let the cloud fetch a file from Hugging Face or CivitAI (`POST /api/assets/download`); returns at once.

        The import is over already where the cloud has the file. Raises BadRequestError for other hosts.
        """
        fields = given(tags=None if tags is None else texts(tags), user_metadata=user_metadata, preview_id=preview_id)
        body = CreateAssetDownloadBody.from_dict({"source_url": url, **fields})
        answer = self._connection.answer(create_asset_download._get_kwargs(body=body))
        return AssetImport(self._connection, answer)


def _hash(text: str) -> str:
    return text if ":" in text else f"blake3:{text}"


def _filters(
    include_tags: Tags | None,
    exclude_tags: Tags | None,
    name_contains: str | None,
    metadata_filter: Metadata | None,
    include_public: bool | None,
) -> dict[str, Any]:
    return given(
        include_tags=None if include_tags is None else texts(include_tags),
        exclude_tags=None if exclude_tags is None else texts(exclude_tags),
        name_contains=name_contains,
        metadata_filter=None if metadata_filter is None else json.dumps(metadata_filter),
        include_public=include_public,
    )
