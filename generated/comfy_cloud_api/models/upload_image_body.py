# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, File, Unset

T = TypeVar("T", bound="UploadImageBody")


@_attrs_define
class UploadImageBody:
    """UploadImageBody of the contract.

    Attributes:
        image (File): Content of the image, sent as a file part.
        overwrite (str | Unset): Has no effect in the cloud: content is stored by its hash, so sending the same bytes
            again changes nothing. On open-source ComfyUI, `true` or `1` replaces a file of the same name; otherwise
            different bytes are stored under a changed name.
        subfolder (str | Unset): Has no effect on where the cloud stores the image, since content is kept by hash alone.
            The value comes back in the answer, for callers that organise their files by it.
        type_ (str | Unset): Kind of storage, such as `input`, `output` or `temp`. The cloud keeps uploads as tagged
            assets and has no directories; the contract gives `output` as default, open-source ComfyUI uses `input`.
    """

    image: File
    overwrite: str | Unset = UNSET
    subfolder: str | Unset = UNSET
    type_: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "image": self.image,
            "overwrite": self.overwrite,
            "subfolder": self.subfolder,
            "type": self.type_,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    def to_multipart(self) -> _types.RequestFiles:
        """The parts of a multipart body, files last."""
        return _types.multipart(
            [
                ("image", self.image),
                ("overwrite", self.overwrite),
                ("subfolder", self.subfolder),
                ("type", self.type_),
                *self.additional_properties.items(),
            ]
        )

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("UploadImageBody is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            image=_types.read(_types.File.from_bytes, values.pop("image", UNSET)),
            overwrite=values.pop("overwrite", UNSET),
            subfolder=values.pop("subfolder", UNSET),
            type_=values.pop("type", UNSET),
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
