# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, File, Unset


@_attrs_define
class UploadImageBody(_types.Fields[Any]):
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
    DECLARED: ClassVar[Mapping[str, str]] = {
        "image": "image",
        "overwrite": "overwrite",
        "subfolder": "subfolder",
        "type": "type_",
    }

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
    def _readers(cls) -> _types.Readers:
        return {
            "image": ("image", _types.File.from_bytes),
            "overwrite": ("overwrite", _types.as_it_came),
            "subfolder": ("subfolder", _types.as_it_came),
            "type_": ("type", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
