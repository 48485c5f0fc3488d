# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

T = TypeVar("T", bound="SystemStatsResponseSystem")


@_attrs_define
class SystemStatsResponseSystem:
    """Software and main memory of the server.

    Attributes:
        os (str): Operating system the server runs on, for instance `linux` or `posix`.
        python_version (str): Version of the Python interpreter.
        embedded_python (bool): True when the server runs on an embedded Python.
        comfyui_version (str): Version of ComfyUI.
        pytorch_version (str): Version of PyTorch.
        argv (list[str]): Arguments the server process was started with.
        ram_total (float): Main memory of the server, in bytes.
        ram_free (float): Main memory still available, in bytes.
        comfyui_frontend_version (str | Unset): Version of the ComfyUI frontend, a tag or commit hash. Open-source
            ComfyUI does not send it.
        workflow_templates_version (str | Unset): Version of the installed workflow templates.
        cloud_version (str | Unset): Commit hash of the cloud's ingest service. Open-source ComfyUI does not send it.
    """

    os: str
    python_version: str
    embedded_python: bool
    comfyui_version: str
    pytorch_version: str
    argv: list[str]
    ram_total: float
    ram_free: float
    comfyui_frontend_version: str | Unset = UNSET
    workflow_templates_version: str | Unset = UNSET
    cloud_version: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "os": self.os,
            "python_version": self.python_version,
            "embedded_python": self.embedded_python,
            "comfyui_version": self.comfyui_version,
            "pytorch_version": self.pytorch_version,
            "argv": self.argv,
            "ram_total": self.ram_total,
            "ram_free": self.ram_free,
            "comfyui_frontend_version": self.comfyui_frontend_version,
            "workflow_templates_version": self.workflow_templates_version,
            "cloud_version": self.cloud_version,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("SystemStatsResponseSystem is read from a JSON object")
        values = dict(src_dict)
        model = cls(
            os=values.pop("os", UNSET),
            python_version=values.pop("python_version", UNSET),
            embedded_python=values.pop("embedded_python", UNSET),
            comfyui_version=values.pop("comfyui_version", UNSET),
            pytorch_version=values.pop("pytorch_version", UNSET),
            argv=_types.read(_types.list_of(_types.as_it_came), values.pop("argv", UNSET)),
            ram_total=values.pop("ram_total", UNSET),
            ram_free=values.pop("ram_free", UNSET),
            comfyui_frontend_version=values.pop("comfyui_frontend_version", UNSET),
            workflow_templates_version=values.pop("workflow_templates_version", UNSET),
            cloud_version=values.pop("cloud_version", UNSET),
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
