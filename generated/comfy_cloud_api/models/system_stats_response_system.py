# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class SystemStatsResponseSystem(_types.Fields[Any]):
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
    DECLARED: ClassVar[Mapping[str, str]] = {
        "os": "os",
        "python_version": "python_version",
        "embedded_python": "embedded_python",
        "comfyui_version": "comfyui_version",
        "pytorch_version": "pytorch_version",
        "argv": "argv",
        "ram_total": "ram_total",
        "ram_free": "ram_free",
        "comfyui_frontend_version": "comfyui_frontend_version",
        "workflow_templates_version": "workflow_templates_version",
        "cloud_version": "cloud_version",
    }

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
    def _readers(cls) -> _types.Readers:
        return {
            "os": ("os", _types.as_it_came),
            "python_version": ("python_version", _types.as_it_came),
            "embedded_python": ("embedded_python", _types.as_it_came),
            "comfyui_version": ("comfyui_version", _types.as_it_came),
            "pytorch_version": ("pytorch_version", _types.as_it_came),
            "argv": ("argv", _types.list_of(_types.as_it_came)),
            "ram_total": ("ram_total", _types.as_it_came),
            "ram_free": ("ram_free", _types.as_it_came),
            "comfyui_frontend_version": ("comfyui_frontend_version", _types.as_it_came),
            "workflow_templates_version": ("workflow_templates_version", _types.as_it_came),
            "cloud_version": ("cloud_version", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
