# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asset_user_metadata import AssetUserMetadata

T = TypeVar("T", bound="AssetCreated")


@_attrs_define
class AssetCreated:
    """An asset as returned by an upload, with a note on whether it is new.

    Attributes:
        id (UUID): Id of the asset, a UUID.
        name (str): Label of the file. Stored content is named by its hash instead, so this is not the name to put into
            a workflow.
        size (int): Length of the content in bytes. Newer servers can leave it out.
        created_at (datetime.datetime): Time of the asset's creation. Open-source ComfyUI sends UTC without a time zone.
        updated_at (datetime.datetime): Time of the latest change to the asset.
        created_new (bool): True when the request made a new asset, false when one with the same content was already
            there. Open-source ComfyUI gives a new id even in the latter case when a file is uploaded.
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
    created_new: bool
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

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "id": self.id,
            "name": self.name,
            "size": self.size,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "created_new": self.created_new,
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("AssetCreated is read from a JSON object")
        from ..models.asset_user_metadata import AssetUserMetadata

        values = dict(src_dict)
        model = cls(
            id=_types.read(_types.uuid, values.pop("id", UNSET)),
            name=values.pop("name", UNSET),
            size=values.pop("size", UNSET),
            created_at=_types.read(_types.date_time, values.pop("created_at", UNSET)),
            updated_at=_types.read(_types.date_time, values.pop("updated_at", UNSET)),
            created_new=values.pop("created_new", UNSET),
            asset_hash=values.pop("asset_hash", UNSET),
            mime_type=values.pop("mime_type", UNSET),
            tags=_types.read(_types.list_of(_types.as_it_came), values.pop("tags", UNSET)),
            user_metadata=_types.read(AssetUserMetadata.from_dict, values.pop("user_metadata", UNSET)),
            preview_url=values.pop("preview_url", UNSET),
            preview_id=_types.read(_types.one_of(_types.uuid, _types.as_it_came), values.pop("preview_id", UNSET)),
            prompt_id=_types.read(_types.one_of(_types.uuid, _types.as_it_came), values.pop("prompt_id", UNSET)),
            last_access_time=_types.read(_types.date_time, values.pop("last_access_time", UNSET)),
            is_immutable=values.pop("is_immutable", UNSET),
        )
        model.additional_properties = values
        return model

    @property
    def additional_keys(self) -> list[str]:
        """Names of the fields beyond the declared ones."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
