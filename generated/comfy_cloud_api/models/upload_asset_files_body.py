# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, File, Unset


@_attrs_define
class UploadAssetFilesBody(_types.Fields[Any]):
    """UploadAssetFilesBody of the contract.

    Attributes:
        file (File): Content of the new asset. Newer servers want this part after all others.
        tags (list[str] | Unset): Tags of any wording and in any order. Usual ones are `input`, `output`, `temp` and
            `models`. Newer servers expect them as one JSON-encoded string. Open-source ComfyUI requires exactly one of
            `input`, `output` and `models`.
        id (str | Unset): Id that the asset is to have, which makes a repeated upload harmless: an asset with that id is
            returned as it is. Open-source ComfyUI refuses this field with 400.
        preview_id (str | Unset): Id of the asset that serves as preview. An image stands for itself if left out.
        name (str | Unset): Name under which the asset is shown.
        mime_type (str | Unset): Media type of the content, for instance `image/png` or `video/mp4`.
        user_metadata (str | Unset): Free key-value data, as a JSON object encoded in a string.
    """

    file: File
    tags: list[str] | Unset = UNSET
    id: str | Unset = UNSET
    preview_id: str | Unset = UNSET
    name: str | Unset = UNSET
    mime_type: str | Unset = UNSET
    user_metadata: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "file": "file",
        "tags": "tags",
        "id": "id",
        "preview_id": "preview_id",
        "name": "name",
        "mime_type": "mime_type",
        "user_metadata": "user_metadata",
    }

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
    def _readers(cls) -> _types.Readers:
        return {
            "file": ("file", _types.File.from_bytes),
            "tags": ("tags", _types.list_of(_types.as_it_came)),
            "id": ("id", _types.as_it_came),
            "preview_id": ("preview_id", _types.as_it_came),
            "name": ("name", _types.as_it_came),
            "mime_type": ("mime_type", _types.as_it_came),
            "user_metadata": ("user_metadata", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
