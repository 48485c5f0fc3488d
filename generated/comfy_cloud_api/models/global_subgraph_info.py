# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.global_subgraph_info_info import GlobalSubgraphInfoInfo


@_attrs_define
class GlobalSubgraphInfo(_types.Fields[Any]):
    """Listing entry of a globally available subgraph blueprint, normally without its graph.

    Attributes:
        source (str): Where the blueprint comes from: `templates` for the workflow templates, `custom_node` for a
            package of custom nodes.
        name (str): Name of the blueprint as shown to users.
        info (GlobalSubgraphInfoInfo): Details on the blueprint's origin.
        data (str | Unset): JSON text of the subgraph. In listings it may be empty, and open-source ComfyUI leaves it
            out.
    """

    source: str
    name: str
    info: GlobalSubgraphInfoInfo
    data: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "source": "source",
        "name": "name",
        "info": "info",
        "data": "data",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "source": self.source,
            "name": self.name,
            "info": self.info,
            "data": self.data,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.global_subgraph_info_info import GlobalSubgraphInfoInfo

        return {
            "source": ("source", _types.as_it_came),
            "name": ("name", _types.as_it_came),
            "info": ("info", GlobalSubgraphInfoInfo.from_dict),
            "data": ("data", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
