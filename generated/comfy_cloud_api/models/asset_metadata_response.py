# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.validation_result import ValidationResult

T = TypeVar("T", bound="AssetMetadataResponse")


@_attrs_define
class AssetMetadataResponse:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("AssetMetadataResponse is read from a JSON object")
        from ..models.validation_result import ValidationResult

        values = dict(src_dict)
        model = cls(
            content_length=values.pop("content_length", UNSET),
            content_type=values.pop("content_type", UNSET),
            filename=values.pop("filename", UNSET),
            name=values.pop("name", UNSET),
            tags=_types.read(_types.list_of(_types.as_it_came), values.pop("tags", UNSET)),
            preview_image=values.pop("preview_image", UNSET),
            validation=_types.read(ValidationResult.from_dict, values.pop("validation", UNSET)),
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
