"""`cloud.assets`: files that the server keeps with tags and metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import Any, get_args
from urllib.parse import unquote, urlsplit
from uuid import UUID

from ..._core.arguments import ARGUMENTS, AssetSort, Order, TagOrder, as_id, as_str_list, drop_none
from ..._core.assets import asset_ref
from ..._core.file_refs import UploadedFile
from ..._core.inputs import FileContent, is_asset
from ..._core.pages import Listing, TimeLike
from ...errors import BadRequestError, NotFoundError, NotSupportedError, UnprocessableEntityError, UploadError
from ...raw.api.asset import (
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
from ...raw.models import (
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
from .. import backend
from ..server_files import StoredFile
from ..uploads import Progress, source_of, upload_asset_source
from .base import AsyncResource, not_found
from .imports import AsyncAssetImport, asset_model

Tags = str | Iterable[str]
Metadata = Mapping[str, Any]
AssetId = str | UUID | Asset | AssetCreated | AssetUpdated


class AsyncAssets(AsyncResource):
    """`cloud.assets`: stored files. A field that a server calls by a newer name has the contract's name as well.

    A single tag may be a string. Ids are UUIDs, or the asset itself; NotFoundError is raised for any other id. Hashes
    are `blake3:` and 64 hex digits, or the digits alone.
    """

    def list(
        self,
        *,
        include_tags: Tags | None = None,
        exclude_tags: Tags | None = None,
        name_contains: str | None = None,
        metadata_filter: Metadata | None = None,
        sort: AssetSort | None = None,
        order: Order | None = None,
        include_public: bool | None = None,
        created_after: TimeLike | None = None,
        created_before: TimeLike | None = None,
        limit: int | None = None,
    ) -> backend.Stream[Asset]:
        """Iterate over assets, page by page (`GET /api/assets`).

        - `include_tags`: Tags that an asset must have.
        - `exclude_tags`: Tags that an asset must not have.
        - `name_contains`: A part of the name.
        - `metadata_filter`: Fields of the user's metadata and their values.
        - `sort`: name, created_at, updated_at, size or last_access_time.
        - `order`: desc or asc.
        - `include_public`: False leaves public assets out.
        - `created_after`: The earliest time, inclusive: a datetime, or a string that python-dateutil parses. The client
          filters by it.
        - `created_before`: The latest time, exclusive.
        - `limit`: The number of assets.

        No request is sent before the first asset is asked for. To delete what is listed, make a `list()` of it first.
        Raises ConfigurationError for a time that cannot be parsed.
        """
        if created_after is not None and sort in (None, "created_at") and order in (None, "desc"):
            sort, order = "created_at", "desc"
        newest_first = (sort, order) == ("created_at", "desc")
        listing = Listing(
            "assets", limit=limit, created_after=created_after, created_before=created_before, newest_first=newest_first
        )
        ARGUMENTS.word("sort", sort, get_args(AssetSort))
        ARGUMENTS.word("order", order, get_args(Order))
        wanted = _filters(include_tags, exclude_tags, name_contains, metadata_filter, include_public)
        query = wanted | drop_none(sort=sort, order=order)
        return self._items(list_assets.operation, query, listing, partial(asset_model, Asset))

    async def get(self, asset_id: AssetId) -> Asset:
        """Fetch one asset (`GET /api/assets/{id}`). Raises NotFoundError."""
        with _id(get_asset_by_id.operation.id, asset_id) as known:
            return asset_model(Asset, await self._connection.json(get_asset_by_id.operation, known))

    async def upload(
        self,
        content: FileContent | StoredFile | str,
        *,
        tags: Tags = ("input",),
        name: str | None = None,
        mime_type: str | None = None,
        user_metadata: Metadata | None = None,
        preview_id: str | UUID | None = None,
        asset_id: str | UUID | None = None,
        on_progress: Progress | None = None,
    ) -> AssetCreated:
        """Store a file (`POST /api/assets`). `created_new` is False if the server had its content.

        - `content`: A Path, bytes, an open binary file, a PIL image, or a file that a server has (an output, an
          uploaded file, an asset). A string is an http URL that the server fetches (Comfy Cloud only).
        - `tags`: The asset's tags. A ComfyUI requires one of input, output and models among them.
        - `name`: The asset's name. On a ComfyUI the stored file gets its extension.
        - `mime_type`: The media type. Default: by the name.
        - `user_metadata`: Fields of yours, kept with the asset.
        - `preview_id`: The asset that shows a preview of this one.
        - `asset_id`: The id of the asset, so that a second upload does no harm.
        - `on_progress`: Called with the bytes of the file sent so far and all of them; never for a URL, since no server
          tells.

        Raises UploadError, DownloadError for content that cannot be fetched, and the API's errors.
        """
        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        fields = _fields(user_metadata, preview_id, **drop_none(name=name, mime_type=mime_type))
        labels, known = as_str_list("tags", tags), None if asset_id is None else as_id("asset_id", asset_id)
        if isinstance(content, str) and not isinstance(content, UploadedFile):
            if not content.startswith(("http://", "https://")):
                raise UploadError(
                    "upload: a string must be an http URL; give a pathlib.Path for a file on this machine,"
                    " cloud.files.download(name) for one of the server"
                )
            fields |= {"name": name or unquote(PurePosixPath(urlsplit(content).path).name) or "download"}
            fields.pop("mime_type", None)
            address = UploadAssetJsonBody.from_dict({"url": content, "tags": labels, **fields})
            request = self._connection.request(upload_asset.operation, body=address)
            request.extensions["total_timeout"] = None  # the server answers once it has fetched the file
            response = await self._connection.http.send(request)
            return asset_model(AssetCreated, response.extensions.get("json"))
        source = await source_of(self._connection, content, "upload")
        try:
            fields |= {"name": name or source.name, "mime_type": mime_type or source.mime_type}
            fields |= drop_none(id=known, user_metadata=None if user_metadata is None else json.dumps(user_metadata))
            answer = upload_asset_source(self._connection, source, tags=labels, on_progress=on_progress, **fields)
            return asset_model(AssetCreated, await answer)
        finally:
            source.close()

    async def create_from_hash(
        self,
        asset_hash: str | Asset | AssetCreated | AssetUpdated,
        *,
        tags: Tags = ("input",),
        name: str | None = None,
        mime_type: str | None = None,
        user_metadata: Metadata | None = None,
    ) -> AssetCreated:
        """Create an asset of content that the server has (`POST /api/assets/from-hash`), else raise NotFoundError."""
        fields = _fields(user_metadata, **drop_none(name=name, mime_type=mime_type))
        labels = as_str_list("tags", tags)
        body = CreateAssetFromHashBody.from_dict({"hash": _hash(asset_hash), "tags": labels, **fields})
        return asset_model(AssetCreated, await self._connection.json(create_asset_from_hash.operation, body=body))

    async def exists(self, asset_hash: str | Asset | AssetCreated | AssetUpdated) -> bool:
        """Return True if the server has content of this hash (`HEAD /api/assets/hash/{hash}`)."""
        try:
            await self._connection.call(check_asset_by_hash.operation, _hash(asset_hash))
        except NotFoundError:
            pass
        else:
            return True
        if not await self._connection.on_cloud():
            try:  # a response to HEAD has no body that could tell a missing route from missing content
                await self._connection.call(list_assets.operation, limit=1)
            except NotSupportedError as error:
                message = "checkAssetByHash: this server has no assets"
                raise NotSupportedError(message, status=error.status, operation="checkAssetByHash") from None
        return False

    async def update(
        self,
        asset_id: AssetId,
        *,
        name: str | None = None,
        tags: Tags | None = None,
        mime_type: str | None = None,
        user_metadata: Metadata | None = None,
        preview_id: str | UUID | None = None,
    ) -> AssetUpdated:
        """Change the fields that are given (`PUT /api/assets/{id}`). `tags` and `user_metadata` replace the old ones.

        A ComfyUI refuses to change only tags or only the MIME type. Raises NotFoundError.
        """
        fields = _fields(user_metadata, preview_id, **drop_none(name=name, mime_type=mime_type))
        body = UpdateAssetBody.from_dict(fields if tags is None else {**fields, "tags": as_str_list("tags", tags)})
        with _id(update_asset.operation.id, asset_id) as known:
            return asset_model(AssetUpdated, await self._connection.json(update_asset.operation, known, body=body))

    async def delete(self, asset_id: AssetId) -> None:
        """Delete an asset (`DELETE /api/assets/{id}`). Raises NotFoundError."""
        with _id(delete_asset.operation.id, asset_id) as known:
            await self._connection.call(delete_asset.operation, known)

    async def add_tags(self, asset_id: AssetId, tags: Tags) -> TagsModificationResponse:
        """Add tags to an asset (`POST /api/assets/{id}/tags`). The result has all its tags. Raises NotFoundError."""
        body = AddAssetTagsBody(tags=as_str_list("tags", tags))
        with _id(add_asset_tags.operation.id, asset_id) as known:
            return await self._connection.model(add_asset_tags.operation, known, body=body)

    async def remove_tags(self, asset_id: AssetId, tags: Tags) -> TagsModificationResponse:
        """Remove tags from an asset (`DELETE /api/assets/{id}/tags`). The result has all its tags.

        Raises NotFoundError.
        """
        body = RemoveAssetTagsBody(tags=as_str_list("tags", tags))
        with _id(remove_asset_tags.operation.id, asset_id) as known:
            return await self._connection.model(remove_asset_tags.operation, known, body=body)

    def tags(
        self,
        *,
        prefix: str | None = None,
        order: TagOrder | None = None,
        include_zero: bool | None = None,
        include_public: bool | None = None,
        limit: int | None = None,
    ) -> backend.Stream[TagInfo]:
        """Iterate over tags with their counts, page by page (`GET /api/tags`). `order` is count_desc or name_asc.

        `include_zero` adds tags that no asset has. A ComfyUI adds them unless it is False.
        """
        ARGUMENTS.word("order", order, get_args(TagOrder))
        texts, flags = drop_none(prefix=prefix), drop_none(include_zero=include_zero, include_public=include_public)
        ARGUMENTS.texts(**texts)
        ARGUMENTS.flags(**flags)
        fields = texts | flags | drop_none(order=order)
        listing = Listing("tags", limit=limit)
        return self._items(list_tags.operation, fields, listing, TagInfo.from_dict)

    async def tag_histogram(
        self,
        *,
        include_tags: Tags | None = None,
        exclude_tags: Tags | None = None,
        name_contains: str | None = None,
        metadata_filter: Metadata | None = None,
        include_public: bool | None = None,
        limit: int | None = None,
    ) -> AssetTagHistogramResponse:
        """Count the tags of the assets that match, most frequent first (`GET /api/assets/tags/refine`).

        `limit` counts tags and is 1000 at most.
        """
        ARGUMENTS.count("limit", limit)
        wanted = _filters(include_tags, exclude_tags, name_contains, metadata_filter, include_public)
        return await self._connection.model(get_asset_tag_histogram.operation, **wanted, **drop_none(limit=limit))

    async def remote_metadata(self, url: str) -> AssetMetadataResponse:
        """Describe a file elsewhere without importing it (`GET /api/assets/remote-metadata`; Comfy Cloud only)."""
        ARGUMENTS.text("url", url)
        return await self._connection.model(get_remote_asset_metadata.operation, url_query=url)

    async def import_url(
        self,
        url: str,
        *,
        tags: Tags | None = None,
        user_metadata: Metadata | None = None,
        preview_id: str | UUID | None = None,
    ) -> AsyncAssetImport:
        """Start an import from Hugging Face or CivitAI (`POST /api/assets/download`; Comfy Cloud only).

        Returns at once. If the cloud has the file, the import is completed. Raises BadRequestError for other hosts.
        """
        ARGUMENTS.text("url", url)
        fields = _fields(user_metadata, preview_id)
        fields |= drop_none(tags=None if tags is None else as_str_list("tags", tags))
        body = CreateAssetDownloadBody.from_dict({"source_url": url, **fields})
        answer = await self._connection.json(create_asset_download.operation, body=body)
        return AsyncAssetImport(self._connection, answer)


@contextmanager
def _id(operation: str, asset: object) -> Iterator[str]:
    """Give the id of an asset to a request. Raises NotFoundError for what servers say of an id that is not a UUID.

    The cloud refuses such an id with 400, and ComfyUI answers as it does on routes that it does not have.
    """
    asset_id = asset_ref(asset).id if is_asset(asset) else as_id("asset_id", asset)
    try:
        yield asset_id
    except (BadRequestError, NotSupportedError, UnprocessableEntityError, ValueError):
        if _is_uuid(asset_id):
            raise
        raise not_found(operation, f"no asset has the id {asset_id!r}, since ids are UUIDs") from None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _hash(asset: object) -> str:
    text = asset_ref(asset).hash if is_asset(asset) else asset
    ARGUMENTS.text("asset_hash", text)
    text = str(text)
    return text if ":" in text else f"blake3:{text}"


def _filters(
    include_tags: Tags | None,
    exclude_tags: Tags | None,
    name_contains: str | None,
    metadata_filter: Metadata | None,
    include_public: bool | None,
) -> dict[str, Any]:
    texts, flags = drop_none(name_contains=name_contains), drop_none(include_public=include_public)
    ARGUMENTS.texts(**texts)
    ARGUMENTS.flags(**flags)
    tags = drop_none(include_tags=include_tags, exclude_tags=exclude_tags)
    found = {name: as_str_list(name, given) for name, given in tags.items()} | texts | flags
    if metadata_filter is not None:
        ARGUMENTS.instance("metadata_filter", metadata_filter, Mapping, "a mapping")
        found["metadata_filter"] = ARGUMENTS.as_json("metadata_filter", metadata_filter)
    return found


def _fields(user_metadata: Metadata | None, preview_id: str | UUID | None = None, **texts: str) -> dict[str, Any]:
    """Return the fields of an asset that a user gave."""
    ARGUMENTS.texts(**texts)
    fields: dict[str, Any] = dict(texts)
    if preview_id is not None:
        fields["preview_id"] = as_id("preview_id", preview_id)
    if user_metadata is not None:
        ARGUMENTS.instance("user_metadata", user_metadata, Mapping, "a mapping")
        ARGUMENTS.as_json("user_metadata", user_metadata)
        fields["user_metadata"] = user_metadata
    return fields
