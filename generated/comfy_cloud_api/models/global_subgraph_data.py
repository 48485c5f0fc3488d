# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import Unset

if TYPE_CHECKING:
    from ..models.global_subgraph_data_info import GlobalSubgraphDataInfo


@_attrs_define
class GlobalSubgraphData(_types.Fields[Any]):
    """A globally available subgraph blueprint together with its graph.

    Attributes:
        source (str): Where the blueprint comes from: `templates` for the workflow templates, `custom_node` for a
            package of custom nodes.
        name (str): Name of the blueprint as shown to users.
        info (GlobalSubgraphDataInfo): Details on the blueprint's origin.
        data (str): The subgraph as JSON text: a string that has to be parsed, not an object.
    """

    source: str
    name: str
    info: GlobalSubgraphDataInfo
    data: str
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
        from ..models.global_subgraph_data_info import GlobalSubgraphDataInfo

        return {
            "source": ("source", _types.as_it_came),
            "name": ("name", _types.as_it_came),
            "info": ("info", GlobalSubgraphDataInfo.from_dict),
            "data": ("data", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
