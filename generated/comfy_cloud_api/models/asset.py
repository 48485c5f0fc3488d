# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asset_user_metadata import AssetUserMetadata


@_attrs_define
class Asset(_types.Fields[Any]):
    """A stored file, such as an image, model or job output, with its tags and metadata.

    Attributes:
        id (UUID): Id of the asset, a UUID.
        name (str): Label of the file. Stored content is named by its hash instead, so this is not the name to put into
            a workflow.
        size (int): Length of the content in bytes. Newer servers can leave it out.
        created_at (datetime.datetime): Time of the asset's creation. Open-source ComfyUI sends UTC without a time zone.
        updated_at (datetime.datetime): Time of the latest change to the asset.
        asset_hash (str | Unset): BLAKE3 hash of the content, written as `blake3:` and 64 hex digits. In the cloud this
            is the name a `LoadImage` input must hold. Newer servers call it `hash`; on open-source ComfyUI a job's output
            has none at first.
        mime_type (str | Unset): Media type of the content, such as `image/png`.
        tags (list[str] | Unset): Labels attached to the asset.
        user_metadata (AssetUserMetadata | Unset): Free-form data that the user keeps with the asset. Open-source
            ComfyUI adds a `filename` key.
        preview_url (str | Unset): Address of a preview or thumbnail. Open-source ComfyUI sends one relative to the
            server's address.
        preview_id (None | Unset | UUID): Id of the asset that serves as preview; null when there is none.
        prompt_id (None | Unset | UUID): Id of the job that produced the asset; null when none is known. Newer servers
            call it `job_id`.
        last_access_time (datetime.datetime | Unset): Time of the latest access to the asset.
        is_immutable (bool | Unset): True when the asset can be neither changed nor deleted.
    """

    id: UUID
    name: str
    size: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    asset_hash: str | Unset = UNSET
    mime_type: str | Unset = UNSET
    tags: list[str] | Unset = UNSET
    user_metadata: AssetUserMetadata | Unset = UNSET
    preview_url: str | Unset = _attrs_field(default=UNSET, repr=False)
    preview_id: None | Unset | UUID = UNSET
    prompt_id: None | Unset | UUID = UNSET
    last_access_time: datetime.datetime | Unset = UNSET
    is_immutable: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "name": "name",
        "size": "size",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "asset_hash": "asset_hash",
        "mime_type": "mime_type",
        "tags": "tags",
        "user_metadata": "user_metadata",
        "preview_url": "preview_url",
        "preview_id": "preview_id",
        "prompt_id": "prompt_id",
        "last_access_time": "last_access_time",
        "is_immutable": "is_immutable",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "id": self.id,
            "name": self.name,
            "size": self.size,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "asset_hash": self.asset_hash,
            "mime_type": self.mime_type,
            "tags": self.tags,
            "user_metadata": self.user_metadata,
            "preview_url": self.preview_url,
            "preview_id": self.preview_id,
            "prompt_id": self.prompt_id,
            "last_access_time": self.last_access_time,
            "is_immutable": self.is_immutable,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.asset_user_metadata import AssetUserMetadata

        return {
            "id": ("id", _types.uuid),
            "name": ("name", _types.as_it_came),
            "size": ("size", _types.as_it_came),
            "created_at": ("created_at", _types.date_time),
            "updated_at": ("updated_at", _types.date_time),
            "asset_hash": ("asset_hash", _types.as_it_came),
            "mime_type": ("mime_type", _types.as_it_came),
            "tags": ("tags", _types.list_of(_types.as_it_came)),
            "user_metadata": ("user_metadata", AssetUserMetadata.from_dict),
            "preview_url": ("preview_url", _types.as_it_came),
            "preview_id": ("preview_id", _types.one_of(_types.uuid, _types.as_it_came)),
            "prompt_id": ("prompt_id", _types.one_of(_types.uuid, _types.as_it_came)),
            "last_access_time": ("last_access_time", _types.date_time),
            "is_immutable": ("is_immutable", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
