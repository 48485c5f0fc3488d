# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.validation_result import ValidationResult


@_attrs_define
class AssetMetadataResponse(_types.Fields[Any]):
    """What a remote source tells about a file before it is downloaded.

    Attributes:
        content_length (int): Length of the remote file in bytes, or -1 when the source does not tell. Example: 4915200.
        content_type (str | Unset): Media type of the remote file. Example: application/x-safetensors.
        filename (str | Unset): File name that the source proposes. Example: taesd_encoder.safetensors.
        name (str | Unset): Title that the source gives to the file. Example: TAESD encoder.
        tags (list[str] | Unset): Tags proposed from what the source tells about the file. Example: ['models', 'vae'].
        preview_image (str | Unset): Preview as a `data:` URL in base64. Example: data:image/png;base64,iVBORw0KGgo=.
        validation (ValidationResult | Unset): Outcome of the checks on a remote file.
    """

    content_length: int
    content_type: str | Unset = UNSET
    filename: str | Unset = UNSET
    name: str | Unset = UNSET
    tags: list[str] | Unset = UNSET
    preview_image: str | Unset = UNSET
    validation: ValidationResult | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "content_length": "content_length",
        "content_type": "content_type",
        "filename": "filename",
        "name": "name",
        "tags": "tags",
        "preview_image": "preview_image",
        "validation": "validation",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "content_length": self.content_length,
            "content_type": self.content_type,
            "filename": self.filename,
            "name": self.name,
            "tags": self.tags,
            "preview_image": self.preview_image,
            "validation": self.validation,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.validation_result import ValidationResult

        return {
            "content_length": ("content_length", _types.as_it_came),
            "content_type": ("content_type", _types.as_it_came),
            "filename": ("filename", _types.as_it_came),
            "name": ("name", _types.as_it_came),
            "tags": ("tags", _types.list_of(_types.as_it_came)),
            "preview_image": ("preview_image", _types.as_it_came),
            "validation": ("validation", ValidationResult.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
