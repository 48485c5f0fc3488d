# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.global_subgraph_data_info import GlobalSubgraphDataInfo

T = TypeVar("T", bound="GlobalSubgraphData")


@_attrs_define
class GlobalSubgraphData:
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
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read from a JSON object. Raises TypeError for anything else."""
        if not isinstance(src_dict, Mapping):
            raise TypeError("GlobalSubgraphData is read from a JSON object")
        from ..models.global_subgraph_data_info import GlobalSubgraphDataInfo

        values = dict(src_dict)
        model = cls(
            source=values.pop("source", UNSET),
            name=values.pop("name", UNSET),
            info=_types.read(GlobalSubgraphDataInfo.from_dict, values.pop("info", UNSET)),
            data=values.pop("data", UNSET),
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
