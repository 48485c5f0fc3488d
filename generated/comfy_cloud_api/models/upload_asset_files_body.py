# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, File, Unset

T = TypeVar("T", bound="UploadAssetFilesBody")


@_attrs_define
class UploadAssetFilesBody:
    """UploadAssetFilesBody of the contract.

    Attributes:
        file (File): Content of the new asset. Newer servers want this part after all others.
        tags (list[str] | Unset): Tags of any wording and in any order. Usual ones are `input`, `output`, `temp` and
            `models`. Newer servers expect them as one JSON-encoded string. Open-source ComfyUI requires exactly one of
            `input`, `output` and `models`.
        id (UUID | Unset): Id that the asset is to have, which makes a repeated upload harmless: an asset with that id
            is returned as it is. Open-source ComfyUI refuses this field with 400.
        preview_id (UUID | Unset): Id of the asset that serves as preview. An image stands for itself if left out.
        name (str | Unset): Name under which the asset is shown.
        mime_type (str | Unset): Media type of the content, for instance `image/png` or `video/mp4`.
        user_metadata (str | Unset): Free key-value data, as a JSON object encoded in a string.
    """

    file: File
    tags: list[str] | Unset = UNSET
    id: UUID | Unset = UNSET
    preview_id: UUID | Unset = UNSET
    name: str | Unset = UNSET
    mime_type: str | Unset = UNSET
    user_metadata: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "file": self.file,
            "tags": self.tags,
            "id": self.id,
            "preview_id": self.preview_id,
            "name": self.name,
            "mime_type": self.mime_type,
            "user_metadata": self.user_metadata,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    def to_multipart(self) -> _types.RequestFiles:
        """The parts of a multipart body, files last."""
        return _types.multipart(
            [
                ("file", self.file),
                ("tags", self.tags),
                ("id", self.id),
                ("preview_id", self.preview_id),
                ("name", self.name),
                ("mime_type", self.mime_type),
                ("user_metadata", self.user_metadata),
                *self.additional_properties.items(),
            ]
        )

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("UploadAssetFilesBody is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            file=_types.read(_types.File.from_bytes, values.pop("file", UNSET)),
            tags=_types.read(_types.list_of(_types.as_it_came), values.pop("tags", UNSET)),
            id=_types.read(_types.uuid, values.pop("id", UNSET)),
            preview_id=_types.read(_types.uuid, values.pop("preview_id", UNSET)),
            name=values.pop("name", UNSET),
            mime_type=values.pop("mime_type", UNSET),
            user_metadata=values.pop("user_metadata", UNSET),
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
